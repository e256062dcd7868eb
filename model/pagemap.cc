// SPDX-License-Identifier: Apache-2.0
#include "model/pagemap.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "model/device_memory.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"

namespace restree {
namespace {

// The struct pages of a whole section fill a page table entry of 2 MiB; those
// of a subsection are mapped page by page.
constexpr uint64_t kSectionBlock =
    kSectionPages * kStructPageBytes >> kPageShift;
constexpr uint64_t kSubsectionBlocks =
    kSubsectionPages * kStructPageBytes >> kPageShift;
static_assert(kSectionBlock == 512 && kSubsectionBlocks == 8);

}  // namespace

bool IsAddressable(const Range& range) {
  const uint64_t behind = range.start + range.size();
  return range.start < behind && behind - 1 <= kPhysmemEnd;
}

uint64_t OffsetOf(const Altmap& altmap) {
  return altmap.valid ? altmap.reserve + altmap.free : 0;
}

bool FitsInto(const Altmap& altmap, const Range& range) {
  return altmap.base_pfn == range.start >> kPageShift &&
         OffsetOf(altmap) <= range.size() >> kPageShift;
}

uint64_t FirstPfn(const Pagemap& map, uint32_t index) {
  const uint64_t pfn = map.ranges[index].start >> kPageShift;
  return index == 0 ? pfn + OffsetOf(map.altmap) : pfn;
}

uint64_t PageRefs(const Pagemap& map, uint32_t index) {
  if (PagesStartFree(map)) return 0;
  const Range& range = map.ranges[index];
  const uint64_t behind = (range.start + range.size()) >> kPageShift;
  return (behind - FirstPfn(map, index)) >> map.shift;
}

uint64_t PageRefs(const Pagemap& map) {
  uint64_t refs = 0;
  for (uint32_t i = 0; i < map.nr_range; ++i) refs += PageRefs(map, i);
  return refs;
}

bool IsValidPfn(const Pagemap& map, uint64_t pfn) {
  for (uint32_t i = 0; i < map.nr_range; ++i) {
    if (LookupPfns(map.ranges[i]).Contains(pfn)) return pfn >= FirstPfn(map, i);
  }
  return false;
}

std::optional<Range> TakeBlocks(Altmap* altmap, uint64_t pages,
                                uint64_t count) {
  const uint64_t spent = altmap->alloc + altmap->align;
  const uint64_t left = altmap->free - std::min(altmap->free, spent);
  const uint64_t next = altmap->base_pfn + altmap->reserve + spent;
  // A block is aligned to the lowest bit of its size, so only the first of
  // several has to be moved.
  const uint64_t skipped = -next & ((pages & -pages) - 1);
  if (skipped + pages > left) return std::nullopt;
  const uint64_t fit = std::min(count, (left - skipped) / pages);
  altmap->alloc += fit * pages;
  altmap->align += skipped;
  if (fit < count) return std::nullopt;
  return Range::OfSize(next + skipped, count * pages);
}

bool Populate(const Range& pfns, Altmap* altmap, Observation* seen) {
  const auto take = [altmap, seen](uint64_t pages, uint64_t count) {
    if (count == 0) return true;
    const auto blocks = TakeBlocks(altmap, pages, count);
    if (!blocks.has_value()) {
      altmap->alloc = 0;
      seen->visits.clear();
      return false;
    }
    if (!seen->visits.empty() &&
        seen->visits.back().range.end + 1 == blocks->start) {
      seen->visits.back().range.end = blocks->end;
    } else {
      seen->visits.push_back({.range = *blocks});
    }
    return true;
  };
  const auto take_part = [&take](uint64_t part) {
    return take(1, part / kSubsectionPages * kSubsectionBlocks);
  };
  uint64_t pages = pfns.size();
  const uint64_t head = std::min(-pfns.start % kSectionPages, pages);
  pages -= head;
  return take_part(head) && take(kSectionBlock, pages / kSectionPages) &&
         take_part(pages % kSectionPages);
}

}  // namespace restree

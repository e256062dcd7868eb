// SPDX-License-Identifier: Apache-2.0

// What an Oracle knows of drivers' memory: their pagemaps, the altmaps in them,
// references to pagemaps and uses of pages.
#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <optional>
#include <utility>

#include "model/device_memory.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// The two pages before the struct pages: where an info block lies.
constexpr uint64_t kInfoBytes = 2 * kPageBytes;

Observation PageSeen(uint64_t pfn) {
  Observation seen;
  seen.visits.push_back({.range = {pfn, pfn}});
  return seen;
}

}  // namespace

Observation Oracle::PerformOnMemory(const Op& op) {
  switch (op.verb) {
    case Verb::kPagemap:
      return DefinePagemap(op);
    case Verb::kAddRange: {
      Pagemap& map = *FindPagemap(op.slot);
      map.ranges[map.nr_range++] = op.range;
      return {};
    }
    case Verb::kAltmap:
      return DefineAltmap(op);
    case Verb::kSetupPfn:
      return SetupPfn(op);
    case Verb::kMemremap:
      return Memremap(op.slot);
    case Verb::kMemunmap:
      return {.outcome = UnmapPages(op.slot)};
    case Verb::kDevmMemremap:
      return DevmMemremap(op);
    case Verb::kDevmMemunmap:
      return DevmMemunmap(op);
    case Verb::kGetPagemap:
      return GetPagemap(op);
    case Verb::kPutPagemap:
      --FindPagemap(op.slot)->gets;
      return {};
    case Verb::kPfnValid: {
      const bool valid = IsValidPfn(*FindPagemap(op.slot), op.range.start);
      return {.value = valid ? uint64_t{1} : uint64_t{0}};
    }
    case Verb::kPageInit:
      return PageInit(op);
    case Verb::kPageFree:
      return PageFree(op);
    case Verb::kPageGet:
      return PageGet(op);
    case Verb::kPagePut:
      return PagePut(op);
    case Verb::kAltmapOffset:
      return {.value = OffsetOf(FindPagemap(op.slot)->altmap)};
    case Verb::kAltmapAlloc:
      return AltmapAlloc(op);
    case Verb::kAltmapFree:
      FindPagemap(op.slot)->altmap.alloc -= op.size;
      return {};
    case Verb::kFailStep:
      ledger_.fail_step_nth = op.number;
      ledger_.fail_step =
          op.number == 0 ? MapStep() : static_cast<MapStep>(op.desc);
      return {};
    case Verb::kDumpable:
      return Dumpable(op);
    default:
      assert(false);
      return {};
  }
}

const Pagemap* Oracle::FindPagemap(uint32_t number) const {
  for (const Pagemap& map : ledger_.pagemaps) {
    if (map.number == number) return &map;
  }
  return nullptr;
}

Pagemap* Oracle::FindPagemap(uint32_t number) {
  return const_cast<Pagemap*>(std::as_const(*this).FindPagemap(number));
}

void Oracle::PutPagemap(const Pagemap& map) {
  std::erase_if(ledger_.pagemaps,
                [&map](const Pagemap& it) { return it.number == map.number; });
  ledger_.pagemaps.push_back(map);
  std::sort(
      ledger_.pagemaps.begin(), ledger_.pagemaps.end(),
      [](const Pagemap& a, const Pagemap& b) { return a.number < b.number; });
}

uint64_t Oracle::OffsetOf(const Altmap& altmap) {
  return altmap.valid ? altmap.reserve + altmap.free : 0;
}

bool Oracle::IsOnDemand(const Pagemap& map) {
  return map.type == kMemoryPrivate || map.type == kMemoryCoherent;
}

// The first range with the pfn decides, and only the first of all has an
// altmap's pages at its head.
bool Oracle::IsValidPfn(const Pagemap& map, uint64_t pfn) {
  for (uint32_t i = 0; i < map.nr_range; ++i) {
    const uint64_t first = map.ranges[i].start / kPageBytes;
    const uint64_t last = map.ranges[i].end / kPageBytes;
    if (pfn < first || pfn > last) continue;
    return i > 0 || pfn - first >= OffsetOf(map.altmap);
  }
  return false;
}

const Pagemap* Oracle::OwnerOf(uint64_t pfn) const {
  for (const Pagemap& map : ledger_.pagemaps) {
    if (map.phase == Pagemap::Phase::kIdle) continue;
    for (uint32_t i = 0; i < map.nr_range; ++i) {
      if (map.ranges[i].start / kPageBytes > pfn) continue;
      if (map.ranges[i].end / kPageBytes >= pfn) return &map;
    }
  }
  return nullptr;
}

const PageUse* Oracle::FindPage(uint64_t pfn) const {
  for (const PageUse& page : ledger_.pages) {
    if (page.pfn == pfn) return &page;
  }
  return nullptr;
}

void Oracle::PutPage(const PageUse& page) {
  DropPage(page.pfn);
  ledger_.pages.push_back(page);
  std::sort(ledger_.pages.begin(), ledger_.pages.end(),
            [](const PageUse& a, const PageUse& b) { return a.pfn < b.pfn; });
}

void Oracle::DropPage(uint64_t pfn) {
  std::erase_if(ledger_.pages,
                [pfn](const PageUse& page) { return page.pfn == pfn; });
}

Observation Oracle::DefinePagemap(const Op& op) {
  Pagemap map;
  map.number = op.slot;
  map.type = static_cast<uint32_t>(op.desc);
  map.shift = static_cast<uint32_t>(op.align);
  map.lacks = static_cast<uint32_t>(op.flags);
  if ((map.lacks & kLacksRange) == 0) {
    map.nr_range = 1;
    map.ranges[0] = op.range;
  }
  PutPagemap(map);
  return {};
}

Observation Oracle::DefineAltmap(const Op& op) {
  FindPagemap(op.slot)->altmap = {.valid = true,
                                  .base_pfn = op.range.start,
                                  .end_pfn = op.range.end,
                                  .reserve = op.align,
                                  .free = op.size,
                                  .parent = op.parent};
  return {};
}

// Behind the info block stand the struct pages, and behind them, aligned, what
// they are for.
Observation Oracle::SetupPfn(const Op& op) {
  if (!std::has_single_bit(op.align)) return {.outcome = Outcome::kInval};
  const Range& range = op.range;
  const uint64_t size = range.size();
  const bool whole = range.start % kPageBytes == 0 && size % kPageBytes == 0;
  if (!whole || range.inverted() || range.end > kPhysmemEnd ||
      size <= kInfoBytes) {
    return {.outcome = Outcome::kNxIo};
  }
  const uint64_t pages = (size - kInfoBytes) / kPageBytes;
  const uint64_t head = range.start + kInfoBytes + pages * kStructPageBytes;
  const uint64_t align = std::max(op.align, kSubsectionBytes);
  const uint64_t data = (head + align - 1) / align * align - range.start;
  if (data >= size) return {.outcome = Outcome::kNxIo};
  Pagemap map;
  map.number = op.slot;
  map.type = static_cast<uint32_t>(op.desc);
  map.nr_range = 1;
  map.ranges[0] = range;
  map.altmap = {.valid = true,
                .base_pfn = range.start / kPageBytes,
                .end_pfn = range.end / kPageBytes,
                .reserve = kInfoBytes / kPageBytes,
                .free = (data - kInfoBytes) / kPageBytes,
                .parent = op.parent};
  PutPagemap(map);
  return {.value = data};
}

// A cached pagemap covers an address of its first range, and no other.
Observation Oracle::GetPagemap(const Op& op) {
  const uint64_t address = op.range.start * kPageBytes;
  if (op.slot != 0) {
    Pagemap& cached = *FindPagemap(op.slot - 1);
    if (cached.ranges[0].Contains(address)) return {.pagemap = cached.number};
    --cached.gets;
  }
  const Pagemap* found = LivePagemap(address / kPageBytes);
  if (found == nullptr) return {.outcome = Outcome::kNull};
  ++FindPagemap(found->number)->gets;
  return {.pagemap = found->number};
}

Observation Oracle::PageInit(const Op& op) {
  const uint64_t pfn = op.range.start;
  const bool live = LivePagemap(pfn) != nullptr;
  PutPage({.pfn = pfn, .count = 1, .holds_ref = live});
  if (!live) return {.warnings = kWarnOn};
  return {};
}

// Pages that are always there go back to the one reference that they have.
Observation Oracle::PageFree(const Op& op) {
  const uint64_t pfn = op.range.start;
  if (OwnerOf(pfn)->lacks & (kLacksOps | kLacksPageFree)) {
    return {.warnings = kWarnOn};
  }
  DropPage(pfn);
  return PageSeen(pfn);
}

Observation Oracle::PageGet(const Op& op) {
  const uint64_t pfn = op.range.start;
  const PageUse* page = FindPage(pfn);
  PutPage({.pfn = pfn, .count = page == nullptr ? 2 : page->count + 1});
  return {};
}

Observation Oracle::PagePut(const Op& op) {
  const uint64_t pfn = op.range.start;
  if (OwnerOf(pfn)->type != kMemoryFsDax) return {};
  const uint64_t count = FindPage(pfn)->count - op.size;
  Observation seen;
  if (count == 1) {
    DropPage(pfn);
    seen = PageSeen(pfn);
  } else {
    PutPage({.pfn = pfn, .count = count});
  }
  seen.value = 1;
  return seen;
}

// A block begins at a multiple of its size, or of the largest power of two that
// divides that, and ends inside the altmap's pages. They are handed out in
// ascending order, and what lies before a block is spent.
std::optional<Range> Oracle::TakeBlock(uint64_t pages, Altmap* altmap) {
  const uint64_t storage = altmap->base_pfn + altmap->reserve;
  const uint64_t next = storage + altmap->alloc + altmap->align;
  const uint64_t unit = pages & (~pages + 1);
  const uint64_t first = (next + unit - 1) / unit * unit;
  if (first + pages > storage + altmap->free) return std::nullopt;
  altmap->align += first - next;
  altmap->alloc += pages;
  return Range{first, first + pages - 1};
}

Observation Oracle::AltmapAlloc(const Op& op) {
  if (op.size % kPageBytes != 0) {
    return {.outcome = Outcome::kNull, .warnings = kWarnOther};
  }
  const std::optional<Range> block =
      TakeBlock(op.size / kPageBytes, &FindPagemap(op.slot)->altmap);
  if (!block.has_value()) return {.outcome = Outcome::kNull};
  Observation seen;
  seen.visits.push_back({.range = *block});
  return seen;
}

}  // namespace restree

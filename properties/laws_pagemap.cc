// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/law_functions.h"
#include "properties/laws.h"
#include "properties/pagemaps.h"
#include "properties/row_text.h"

namespace restree {
namespace {

using enum Verb;

// What nvdimm's info block takes at the start of its memory.
constexpr uint64_t kInfoBlockBytes = 0x2000;

// What the driver's structure is to be after `op`; `was` is what it was.
Pagemap DescribedBy(const Op& op, const Observation& seen, const Pagemap& was) {
  Pagemap due;
  due.number = op.slot;
  due.type = static_cast<uint32_t>(op.desc);
  if (op.verb == kAddRange || op.verb == kAltmap) due = was;
  if (op.verb == kPagemap) {
    due.shift = static_cast<uint32_t>(op.align);
    due.lacks = static_cast<uint32_t>(op.flags);
  }
  const bool has_range = (due.lacks & kLacksRange) == 0;
  if (op.verb == kAddRange || op.verb == kSetupPfn ||
      (op.verb == kPagemap && has_range)) {
    if (due.nr_range < kPagemapRanges) due.ranges[due.nr_range++] = op.range;
  }
  if (op.verb == kAltmap) {
    due.altmap = {.valid = true,
                  .base_pfn = op.range.start,
                  .end_pfn = op.range.end,
                  .reserve = op.align,
                  .free = op.size,
                  .parent = op.parent};
  } else if (op.verb == kSetupPfn) {
    due.altmap = {.valid = true,
                  .base_pfn = op.range.start >> kPageShift,
                  .end_pfn = op.range.end >> kPageShift,
                  .reserve = kInfoBlockBytes / kPageBytes,
                  .free = (seen.value - kInfoBlockBytes) / kPageBytes,
                  .parent = op.parent};
  }
  return due;
}

// Returns where nvdimm puts its data, from the start of the memory; what is
// wrong with the memory, instead, if there is anything.
Outcome DataOffset(const Op& op, uint64_t* offset) {
  if (!std::has_single_bit(op.align)) return Outcome::kInval;
  const uint64_t size = op.range.size();
  if (op.range.inverted() || op.range.end > kPhysmemEnd ||
      op.range.start % kPageBytes != 0 || size % kPageBytes != 0 ||
      size <= kInfoBlockBytes) {
    return Outcome::kNxIo;
  }
  const uint64_t pages = (size - kInfoBlockBytes) / kPageBytes;
  const uint64_t align = std::max(op.align, kSubsectionBytes);
  const uint64_t least =
      op.range.start + kInfoBlockBytes + pages * kStructPageBytes;
  *offset = (least + align - 1) / align * align - op.range.start;
  return *offset < size ? Outcome::kOk : Outcome::kNxIo;
}

}  // namespace

Verdict OtherPagemapsDiffer(const Played& played, uint32_t own) {
  const auto& before = played.before.ledger.pagemaps;
  const auto& after = played.after.ledger.pagemaps;
  size_t i = 0;
  size_t j = 0;
  for (;; ++i, ++j) {
    if (i < before.size() && before[i].number == own) ++i;
    if (j < after.size() && after[j].number == own) ++j;
    if (i == before.size() && j == after.size()) return std::nullopt;
    if (i < before.size() && j < after.size() && before[i] == after[j]) {
      continue;
    }
    const Pagemap& other = i < before.size() ? before[i] : after[j];
    return absl::StrCat(Says(played), " of ", PagemapText(own), ", and ",
                        PagemapText(other.number), " changes");
  }
}

Verdict PagemapIsOtherThanSaid(const Played& played) {
  const Op& op = played.op;
  if (played.seen.outcome == Outcome::kMisuse) return std::nullopt;
  if (op.verb == kSetupPfn) {
    uint64_t offset = 0;
    const Outcome due = DataOffset(op, &offset);
    if (played.seen.outcome != due ||
        (due == Outcome::kOk && played.seen.value != offset)) {
      return absl::StrCat(Says(played), " 0x", absl::Hex(played.seen.value),
                          ", and should say ", OutcomeText(due), " 0x",
                          absl::Hex(offset));
    }
    if (due != Outcome::kOk) return std::nullopt;
  }
  const Pagemap* const was = FindPagemap(played.before, op.slot);
  const Pagemap* const is = FindPagemap(played.after, op.slot);
  if (is == nullptr ||
      *is != DescribedBy(op, played.seen, was == nullptr ? Pagemap() : *was)) {
    return absl::StrCat(Says(played), ", and ", PagemapText(op.slot),
                        " is not what the driver said");
  }
  if (played.before.rows != played.after.rows) {
    return absl::StrCat(Says(played), ", and ",
                        FirstDifference(played.before, played.after));
  }
  return OtherPagemapsDiffer(played, op.slot);
}

Verdict AltmapGivesOutAmiss(const Played& played) {
  const Op& op = played.op;
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Pagemap* const was = FindPagemap(played.before, op.slot);
  const Pagemap* const is = FindPagemap(played.after, op.slot);
  if (was == nullptr || is == nullptr) return std::nullopt;
  const Altmap& altmap = is->altmap;
  uint64_t due = was->altmap.alloc;
  uint64_t visited = 0;
  if (op.verb == kAltmapFree) due -= op.size;
  if (op.verb == kAltmapAlloc) due += op.size / kPageBytes;
  if (IsIn(op.verb, kMaps)) {
    const uint64_t pages = is->ranges[0].size() / kPageBytes;
    due = altmap.valid ? pages * kStructPageBytes / kPageBytes : due;
  }
  uint64_t next = altmap.base_pfn + altmap.reserve;
  const uint64_t end = next + altmap.free;
  const size_t size = played.seen.visits.size();
  for (size_t i = 0; i < size; ++i) {
    const Visit& visit = played.seen.visits[i];
    // The separate resource may have revoked a mapping of /dev/mem.
    if (i + 1 == size && played.variant != AltmapVariant::kNone &&
        visit.range == AltmapBytes(altmap)) {
      break;
    }
    if (!altmap.valid || visit.range.inverted() || visit.range.start < next ||
        visit.range.end >= end) {
      return absl::StrCat(Says(played), " with pages ", RangeText(visit.range),
                          ", which are not free in ", PagemapText(op.slot));
    }
    visited += visit.range.size();
    next = visit.range.end + 1;
  }
  const uint64_t before = op.verb == kAltmapAlloc ? was->altmap.alloc : 0;
  if (altmap.alloc != due ||
      (op.verb != kAltmapFree && altmap.valid && before + visited != due)) {
    return absl::StrCat(Says(played), " with ", visited, " pages, and ",
                        PagemapText(op.slot), " has given out ", altmap.alloc,
                        ", not ", due);
  }
  const uint64_t left =
      altmap.base_pfn + altmap.reserve + altmap.align + altmap.alloc;
  if (visited == 0 || next == left) return std::nullopt;
  return absl::StrCat(Says(played), " with pages up to 0x", absl::Hex(next - 1),
                      ", and the next ones of ", PagemapText(op.slot),
                      " start at 0x", absl::Hex(left));
}

}  // namespace restree

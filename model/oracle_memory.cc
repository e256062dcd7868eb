// SPDX-License-Identifier: Apache-2.0

// Memory that an Oracle reserves around what is there, unplugs and merges.
#include <algorithm>
#include <cstdint>

#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr uint64_t kRamBusy = kResourceSystemRam | kResourceBusy;

}  // namespace

Slot Oracle::EmptySlotFrom(Slot first) const {
  Slot slot = first;
  while (Find(slot) != nullptr || IsSpokenFor(slot)) {
    slot = slot + 1 == kFirstVmemmap ? kFirstSlot : slot + 1;
  }
  return slot;
}

// The pieces are the gaps: each begins at the start of the range or behind a
// child, and ends before the next child or at the end of the range.
//
// A piece before a child that ends inside the range is what the kernel splits
// off, and the rest of the range is allocated before the piece is placed.
Observation Oracle::Reserve(const Op& op) {
  Observation seen;
  const Row& parent = *Find(op.parent);
  const Range& bounds = parent.range;
  Range range = op.range;
  if (range.start < bounds.start || range.end > bounds.end) {
    seen.warnings |= kWarnOutside;
    if (range.start > bounds.end || range.end < bounds.start) return seen;
    range = range.Intersection(bounds);
  }
  if (Fails() || range.inverted()) return seen;

  Row piece;
  piece.parent = op.parent;
  piece.region = true;
  piece.flags = (parent.flags & kResourceTypeBits) | kResourceBusy;
  const NameId name = FullName(op.name, op.slot);
  for (uint64_t start = range.start;;) {
    const Row* next = FirstChild(op.parent, [start](const Row& child) {
      return child.range.end >= start;
    });
    const bool last = next == nullptr || next->range.start > range.end;
    const Range rest = last ? Range{range.end, range.end} : next->range;
    if (last || rest.start > start) {
      if (!last && rest.end < range.end && Fails()) return seen;
      piece.slot = EmptySlotFrom(op.slot);
      piece.name = OwnName(name, piece.slot);
      piece.range = {start, last ? range.end : rest.start - 1};
      Put(piece);
    }
    if (rest.end >= range.end) return seen;
    start = rest.end + 1;
  }
}

// Nothing contains an inverted range here, and one byte is a range like any
// other. The kernel may cut the former, and misses some of the latter.
const Row* Oracle::AdjustTarget(const Range& range) const {
  if (range.inverted()) return nullptr;
  for (Slot parent = kIomem;;) {
    const Row* row = FirstChild(parent, [&range](const Row& child) {
      return child.range.Contains(range);
    });
    if (row == nullptr || !(row->flags & kResourceMem)) return nullptr;
    if (row->flags & kResourceBusy) return row;
    parent = row->slot;
  }
}

Observation Oracle::ReleaseAdjustable(const Op& op) {
  const Range& range = op.range;
  const Range& iomem = Find(kIomem)->range;
  if (range.start < iomem.start || range.end > iomem.end) {
    return {.warnings = kWarnOn};
  }
  const bool spare = !Fails();
  const Row* target = AdjustTarget(range);
  if (target == nullptr) return {};
  if (target->range == range) {
    Forget(target->slot);
    return {};
  }
  Row lower = *target;
  Row upper = *target;
  lower.range.end = range.start - 1;
  upper.range.start = range.end + 1;
  const bool has_lower = target->range.start < range.start;
  const bool has_upper = range.end < target->range.end;
  if (has_lower && has_upper) {
    // The third attempt counts but cannot fail.
    if (!spare && Fails()) Fails();
    upper.slot = op.slot;
    upper.name = OwnName(FullName(target->name, target->slot), op.slot);
    upper.region = true;
  }
  // All children stay in the lower part, if there is one.
  const Range& kept = has_lower ? lower.range : upper.range;
  for (const Row& row : rows_) {
    if (row.parent != target->slot || kept.Contains(row.range)) continue;
    return {.warnings = kWarnOn};
  }
  if (has_lower) Put(lower);
  if (has_upper) Put(upper);
  return {};
}

// REQUIRES: row is marked mergeable.
Slot Oracle::MergePartner(const Row& row, Side side) const {
  if (HasChildren(row.slot)) return kNoSlot;
  for (const Row& other : rows_) {
    if (other.parent != row.parent) continue;
    const Range& lower = side == Side::kAbove ? row.range : other.range;
    const Range& upper = side == Side::kAbove ? other.range : row.range;
    if (lower.end >= upper.start || lower.end + 1 != upper.start) continue;
    const bool alike =
        other.flags == row.flags && other.desc == row.desc &&
        FullName(other.name, other.slot) == FullName(row.name, row.slot);
    return alike && !HasChildren(other.slot) ? other.slot : kNoSlot;
  }
  return kNoSlot;
}

Observation Oracle::Merge(const Op& op) {
  Row row = *Find(op.slot);
  if ((row.flags & kRamBusy) != kRamBusy) return {.warnings = kWarnOn};
  row.flags |= kResourceSysramMergeable;
  const Slot above = MergePartner(row, Side::kAbove);
  const Slot below = MergePartner(row, Side::kBelow);
  if (above != kNoSlot) {
    row.range.end = Find(above)->range.end;
    Forget(above);
  }
  Put(row);
  if (below != kNoSlot) {
    Find(below)->range.end = row.range.end;
    Forget(op.slot);
  }
  return {};
}

}  // namespace restree

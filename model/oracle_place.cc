// SPDX-License-Identifier: Apache-2.0

// The resources that an Oracle's caller places, moves and takes away.
#include <algorithm>
#include <cstdint>
#include <optional>

#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

Observation Busy(Slot in_the_way = kNoSlot) {
  return {.outcome = Outcome::kBusy, .found = in_the_way};
}

// Returns the first address from `start` on that ISA cards, which decode ten
// bits alone, leave to others: pcibios_align_resource() of x86. Wraps to 0.
uint64_t IsaAligned(uint64_t start) {
  return (start & 0x300) == 0 ? start : (start + 0x3ff) & ~uint64_t{0x3ff};
}

// Returns the lowest range in `gap` that allocate_resource() would take, or
// nothing. An alignment that is no power of two aligns to nothing in particular
// but means what the kernel's ALIGN() makes of it.
// REQUIRES: gap is not inverted.
std::optional<Range> LowestFit(Range gap, const Op& op) {
  gap.start = std::max(gap.start, op.range.start);
  gap.end = std::min(gap.end, op.range.end);
  const uint64_t mask = op.align - 1;
  const uint64_t aligned = (gap.start + mask) & ~mask;
  if (aligned < gap.start) return std::nullopt;
  const uint64_t start = op.number == 0 ? aligned : IsaAligned(aligned);
  if (start < aligned) return std::nullopt;
  const Range fit = Range::OfSize(start, op.size);
  if (fit.inverted() || fit.end > gap.end) return std::nullopt;
  return fit;
}

}  // namespace

Observation Oracle::Root(const Op& op) {
  Put(Subject(op));
  return {};
}

Observation Oracle::Request(const Op& op) {
  Row row = Subject(op);
  const Slot in_the_way = InTheWay(op.parent, row.range);
  if (in_the_way != kNoSlot) return Busy(in_the_way);
  row.parent = op.parent;
  Put(row);
  return {};
}

Observation Oracle::Insert(const Op& op) {
  const Slot in_the_way = InsertBelow(op.parent, Subject(op));
  if (in_the_way != kNoSlot) return Busy(in_the_way);
  return {};
}

// A parent that the range does not fit into ends the search, and nothing else
// does: whatever else is in the way lies inside that parent, and the range
// grows to take it in.
Observation Oracle::InsertExpand(const Op& op) {
  Row row = Subject(op);
  if (row.parent != kNoSlot) return {};
  for (;;) {
    const Slot in_the_way = InsertBelow(op.parent, row);
    if (in_the_way == kNoSlot) return {};
    if (in_the_way == op.parent) return {.outcome = Outcome::kNull};
    const Range& other = Find(in_the_way)->range;
    row.range.start = std::min(row.range.start, other.start);
    row.range.end = std::max(row.range.end, other.end);
  }
}

// The new row goes below the lowest resource that is larger and contains it, as
// a parent of what it contains there. Of equal ranges the new one is the upper.
Slot Oracle::InsertBelow(Slot parent, Row row) {
  for (;;) {
    const Slot first = InTheWay(parent, row.range);
    if (first == kNoSlot) break;
    if (first == parent) return parent;
    const Range& range = Find(first)->range;
    if (!range.Contains(row.range) || range == row.range) break;
    parent = first;
  }
  const Row* cut = FirstChild(parent, [&row](const Row& child) {
    return child.range.Overlaps(row.range) && !row.range.Contains(child.range);
  });
  if (cut != nullptr) return cut->slot;
  for (Row& child : rows_) {
    if (child.parent != parent || !row.range.Contains(child.range)) continue;
    child.parent = row.slot;
  }
  row.parent = parent;
  Put(row);
  return kNoSlot;
}

std::optional<Range> Oracle::SpaceFor(const Row& row, const Op& op) const {
  const Range& bounds = Find(op.parent)->range;
  uint64_t start = bounds.start;
  for (;;) {
    const Row* next = FirstChild(op.parent, [&](const Row& child) {
      return child.slot != row.slot && child.range.start >= start;
    });
    // With `next` at `start` there is no gap, and at 0 nothing to subtract.
    if (next == nullptr || next->range.start > start) {
      const Range gap = {start, next ? next->range.start - 1 : bounds.end};
      const std::optional<Range> fit = LowestFit(gap, op);
      if (fit.has_value()) return fit;
    }
    if (next == nullptr || next->range.end >= bounds.end) return std::nullopt;
    start = next->range.end + 1;
  }
}

// AllocateFailureMovesTheResource: where the kernel takes the wrap behind a
// child that ends at 2^64 - 1 for a gap, there is none here.
Observation Oracle::Allocate(const Op& op) {
  Row row = Subject(op);
  const std::optional<Range> space = SpaceFor(row, op);
  if (!space.has_value()) return Busy();
  if (row.parent != kNoSlot && HasChildren(row.slot)) {
    const bool moves = !space->Contains(row.range);
    if (moves || (row.flags & kResourceUnset)) return Busy();
  }
  row.parent = op.parent;
  row.range = *space;
  Put(row);
  return {};
}

// The kernel's answer may be the wrap behind a child that ends at 2^64 - 1.
Observation Oracle::FindSpace(const Op& op) {
  Row& row = *Find(op.slot);
  const std::optional<Range> space = SpaceFor(row, op);
  if (!space.has_value()) return Busy();
  row.range = *space;
  return {};
}

Observation Oracle::Release(const Op& op) {
  Find(op.slot)->parent = kNoSlot;
  return {};
}

// RemoveLeavesAStaleChild: the kernel's resource goes on pointing at a child
// that has moved up.
Observation Oracle::Remove(const Op& op) {
  Row* removed = Find(op.slot);
  for (Row& row : rows_) {
    if (row.parent == op.slot) row.parent = removed->parent;
  }
  removed->parent = kNoSlot;
  return {};
}

// AdjustAcceptsAnInvertedRange: not in a tree, here.
Observation Oracle::Adjust(const Op& op) {
  Row& row = *Find(op.slot);
  const Range& range = op.range;
  if (row.parent != kNoSlot) {
    const Range& bounds = Find(row.parent)->range;
    if (range.inverted() || !bounds.Contains(range)) return Busy();
  }
  for (const Row& other : rows_) {
    if (other.parent == op.slot) {
      const Range& child = other.range;
      if (child.start < range.start || child.end > range.end) return Busy();
    }
    if (row.parent == kNoSlot || other.parent != row.parent) continue;
    // A sibling stays on its side.
    if (other.range.end < row.range.start && other.range.end >= range.start) {
      return Busy();
    }
    if (other.range.start > row.range.end && other.range.start <= range.end) {
      return Busy();
    }
  }
  row.range = range;
  return {};
}

void Oracle::Scatter(Slot slot) {
  for (Row& row : rows_) {
    if (row.parent != slot) continue;
    row.parent = kNoSlot;
    row.range = Range::OfSize(0, row.range.size());
    Scatter(row.slot);
  }
}

}  // namespace restree

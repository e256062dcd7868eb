// SPDX-License-Identifier: Apache-2.0
#include "model/oracle.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

Observation Busy(Slot in_the_way = kNoSlot) {
  return {.outcome = Outcome::kBusy, .found = in_the_way};
}

// Returns the lowest range in `gap` that allocate_resource() would take, or
// nothing. An alignment that is no power of two aligns to nothing in particular
// but means what the kernel's ALIGN() makes of it.
// REQUIRES: gap is not inverted.
std::optional<Range> LowestFit(Range gap, const Op& op) {
  gap.start = std::max(gap.start, op.range.start);
  gap.end = std::min(gap.end, op.range.end);
  const uint64_t mask = op.align - 1;
  const uint64_t start = (gap.start + mask) & ~mask;
  if (start < gap.start) return std::nullopt;
  const Range fit = Range::OfSize(start, op.size);
  if (fit.inverted() || fit.end > gap.end) return std::nullopt;
  return fit;
}

}  // namespace

Observation Oracle::Apply(const Op& op) {
  const absl::string_view why = Misuse(op);
  if (!why.empty()) return {.outcome = Outcome::kMisuse, .why = why};
  switch (op.verb) {
    case Verb::kRequest:
    case Verb::kRequestAgain:
      return Request(op);
    case Verb::kInsert:
    case Verb::kInsertAgain:
      return Insert(op);
    case Verb::kInsertExpand:
    case Verb::kInsertExpandAgain:
      return InsertExpand(op);
    case Verb::kAllocate:
    case Verb::kAllocateAgain:
      return Allocate(op);
    case Verb::kRelease:
      return Release(op);
    case Verb::kRemove:
      return Remove(op);
    case Verb::kAdjust:
      return Adjust(op);
    case Verb::kReleaseChildren:
      Scatter(op.slot);
      return {};
    case Verb::kRequestRegion:
      return RequestRegion(op);
    case Verb::kReleaseRegion:
      return ReleaseRegion(op);
    case Verb::kLookup:
      return Lookup(op);
    case Verb::kAlignment:
      return Alignment(op);
    case Verb::kRegionIntersects:
      return RegionIntersects(op);
    case Verb::kWalkDesc:
    case Verb::kWalkMem:
    case Verb::kWalkSystemRam:
    case Verb::kWalkSystemRamRev:
    case Verb::kWalkSystemRamRange:
      return Walk(op);
    default:
      return {.outcome = Outcome::kMisuse, .why = "not yet"};
  }
}

void Oracle::Snapshot(State* state) const {
  state->rows.clear();
  // The roots are the detached resources with the lowest slots.
  const Row* last = nullptr;
  for (;;) {
    const Row* next = nullptr;
    for (const Row& row : rows_) {
      if (row.parent != kNoSlot) continue;
      if (last != nullptr && row.slot <= last->slot) continue;
      if (next == nullptr || row.slot < next->slot) next = &row;
    }
    if (next == nullptr) return;
    AppendTree(*next, 0, state);
    last = next;
  }
}

void Oracle::AppendTree(const Row& top, uint32_t depth, State* state) const {
  state->rows.push_back(top);
  state->rows.back().depth = depth;
  const Row* child = FirstChild(top.slot, [](const Row&) { return true; });
  while (child != nullptr) {
    AppendTree(*child, depth + 1, state);
    const uint64_t start = child->range.start;
    child = FirstChild(
        top.slot, [start](const Row& row) { return row.range.start > start; });
  }
}

uint64_t Oracle::Digest() const {
  uint64_t digest = 0;
  for (const Row& row : rows_) digest += RowDigest(row);
  return digest;
}

void Oracle::Reset() {
  rows_.clear();
  Row iomem;
  iomem.slot = kIomem;
  iomem.range = {0, UINT64_MAX};
  iomem.flags = kResourceMem;
  rows_.push_back(iomem);
  Row ioport;
  ioport.slot = kIoport;
  ioport.range = {0, 0xffff};
  ioport.flags = kResourceIo;
  rows_.push_back(ioport);
}

const Row* Oracle::Find(Slot slot) const {
  for (const Row& row : rows_) {
    if (row.slot == slot) return &row;
  }
  return nullptr;
}

Row* Oracle::Find(Slot slot) {
  return const_cast<Row*>(std::as_const(*this).Find(slot));
}

bool Oracle::HasChildren(Slot slot) const {
  return std::any_of(rows_.begin(), rows_.end(),
                     [slot](const Row& row) { return row.parent == slot; });
}

bool Oracle::IsBelow(Slot slot, Slot ancestor) const {
  for (Slot above = Find(slot)->parent; above != kNoSlot;
       above = Find(above)->parent) {
    if (above == ancestor) return true;
  }
  return false;
}

Slot Oracle::InTheWay(Slot parent, const Range& range) const {
  const Range& bounds = Find(parent)->range;
  if (range.inverted()) return parent;
  if (range.start < bounds.start || range.end > bounds.end) return parent;
  const Row* child = FirstChild(
      parent, [&range](const Row& row) { return row.range.Overlaps(range); });
  return child == nullptr ? kNoSlot : child->slot;
}

Row Oracle::Subject(const Op& op) const {
  if (!InfoOf(op.verb).Has(Field::kDefines)) return *Find(op.slot);
  Row row;
  row.slot = op.slot;
  row.name = op.name;
  row.range = op.range;
  row.flags = op.flags;
  row.desc = op.desc;
  return row;
}

void Oracle::Put(const Row& row) {
  Row* old = Find(row.slot);
  if (old == nullptr) {
    rows_.push_back(row);
  } else {
    *old = row;
  }
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

std::optional<Range> Oracle::FindSpace(const Row& row, const Op& op) const {
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
  const std::optional<Range> space = FindSpace(row, op);
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

Observation Oracle::Lookup(const Op& op) const {
  const uint64_t start = op.range.start;
  const Row* child = FirstChild(
      op.parent, [start](const Row& row) { return row.range.start == start; });
  if (child == nullptr) return {.outcome = Outcome::kNull};
  return {.found = child->slot};
}

Observation Oracle::Alignment(const Op& op) const {
  const Row& row = *Find(op.slot);
  const bool by_size = row.flags & kResourceSizeAlign;
  const bool by_start = row.flags & kResourceStartAlign;
  if (by_size == by_start) return {.value = 0};
  return {.value = by_size ? row.range.size() : row.range.start};
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "model/flags.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/any_range.h"
#include "properties/generator.h"
#include "properties/scene.h"

namespace restree {
namespace {

// The kernel tries one place after the other; a search of more than this many
// says little and costs much.
constexpr uint64_t kPlacesMax = 65536;

// A part of `range`: nearly all kinds of it that leave something behind.
Range PartOf(Choices& choices, const Range& range) {
  const uint64_t last = range.end - range.start;
  const uint64_t quarter =
      std::max<uint64_t>(1, last / 4 + (last % 4 == 3 ? 1 : 0));
  const uint64_t low = range.start + std::min(quarter, last);
  const uint64_t high = range.end - std::min(quarter, last);
  switch (choices.Below(8)) {
    case 0:
      return range;
    case 1:
      return {range.start, low - (last == 0 ? 0 : 1)};
    case 2:
      return {high + (last == 0 ? 0 : 1), range.end};
    case 3:
      return {low, low};  // one byte
    case 4:
      return {range.start + 1, range.end - 1};
    case 5:
      return {high, range.end};
    default:
      return {std::min(low, high), std::max(low, high)};
  }
}

// The start of a range, or its end, or a byte in its middle or beside it.
uint64_t EdgeOf(Choices& choices, const Range& range) {
  switch (choices.Below(5)) {
    case 0:
      return range.start;
    case 1:
      return range.end;
    case 2:
      return range.start - 1;
    case 3:
      return range.end + 1;
    default:
      return range.start + (range.end - range.start) / 2;
  }
}

}  // namespace

// Half of them have the size that free regions are cut from.
void Generator::Root(Op* op) {
  op->slot = FreeSlot();
  op->flags = PlacedFlags();
  op->name = AnyName(op->flags);
  if (Below(2) == 0) {
    op->range = RangeWithin({0, UINT64_MAX});
    return;
  }
  op->range =
      Range::OfSize(kSectionBytes * Below(8), kSectionBytes * (1 + Below(8)));
  const uint64_t nudge = Below(8);
  if (nudge == 5) op->range.start += 0x1000;
  if (nudge == 6) op->range.end -= 1;
  if (nudge == 7) op->range.end += 1;
}

// Across several children of a parent, from one edge to another.
void Generator::Reserve(Op* op) {
  op->slot = EmptySlot();
  const size_t parent = FamilyRow();
  op->parent = row(parent).slot;
  op->name = AnyName(0);
  const Range& within = row(parent).range;
  const uint64_t kind = Below(4);
  if (kind == 0) op->range = within;
  if (kind == 1) op->range = RangeWithin(within);
  if (kind <= 1) return;
  size_t last = parent + 1;
  while (last < scene_.state.rows.size() && row(last).depth > row(parent).depth)
    ++last;
  const size_t count = last - parent;
  op->range.start = EdgeOf(choices_, row(parent + Below(count)).range);
  op->range.end = EdgeOf(choices_, row(parent + Below(count)).range);
  if (op->range.inverted()) std::swap(op->range.start, op->range.end);
}

void Generator::ReleaseAdjustable(Op* op) {
  op->slot = EmptySlot();
  if (scene_.adjustable.empty() || OneIn(16)) {
    op->range = RangeWithin(row(0).range);
    return;
  }
  op->range = PartOf(choices_, row(scene_.adjustable.Any(choices_)).range);
}

// One that touches another, or any other System RAM, or anything.
void Generator::Merge(Op* op) {
  const RowSet* from = &scene_.placed;
  if (!scene_.rams.empty() && !OneIn(8)) from = &scene_.rams;
  if (!scene_.touching.empty() && !OneIn(4)) from = &scene_.touching;
  op->slot = row(from->Any(choices_)).slot;
}

// Returns how far the children of rows[base] reach, its start if it has none.
uint64_t Generator::EndOfChildren(size_t base) const {
  uint64_t end = row(base).range.start;
  for (size_t i = base + 1; i < scene_.state.rows.size(); ++i) {
    if (row(i).depth <= row(base).depth) break;
    end = std::max(end, row(i).range.end);
  }
  return end;
}

// Whether the search from the top might try too many places: the highest is
// taken, and what it lies below is large.
bool Generator::TakesTooLong(size_t base) const {
  const uint64_t start = row(base).range.start;
  const uint64_t limit = std::min(row(base).range.end, kPhysmemEnd);
  if (start > limit || (limit - start) / kSectionBytes < kPlacesMax) {
    return false;
  }
  return EndOfChildren(base) > limit - 4 * kSectionBytes;
}

// Below what is small enough to be searched; where nothing is, a place that is
// comes first.
void Generator::Free(Op* op) {
  op->slot = FreeSlot();
  op->name = AnyName(0);
  op->number = static_cast<uint32_t>(Below(4));
  size_t base = OneIn(2) && !scene_.loose.empty() ? scene_.loose.Any(choices_)
                                                  : ParentRow();
  if (TakesTooLong(base) && !OneIn(16)) {
    if (scene_.loose.empty()) {
      *op = Op();
      op->verb = Verb::kRoot;
      return Root(op);
    }
    base = scene_.loose.Any(choices_);
  }
  op->parent = row(base).slot;
  if (op->parent == op->slot) op->parent = kIomem;
  op->size = OneIn(4) ? AnySize(choices_, scene_.state)
                      : kSectionBytes * (1 + Below(2)) - Below(2);
}

void Generator::AllocFree(Op* op) {
  op->slot = FreeSlot();
  op->name = AnyName(0);
  const size_t base = OneIn(4) && !scene_.loose.empty()
                          ? scene_.loose.Any(choices_)
                          : ParentRow();
  op->parent = row(base).slot;
  if (op->parent == op->slot) op->parent = kIomem;
  op->size = AnySize(choices_, scene_.state);
  const uint64_t kind = Below(8);
  op->align = uint64_t{1} << (kind < 4 ? 12 : kind < 6 ? 27 : Below(13));
  if (kind == 7) op->align = OneIn(4) ? Below(8) : uint64_t{1} << Below(64);
  const uint64_t searched = EndOfChildren(base) - row(base).range.start;
  if (OneIn(16) || op->align == 0) return;
  op->align = std::max(op->align, std::bit_ceil(searched / kPlacesMax + 1));
}

// Ports or memory, both below 2^32.
void Generator::ReserveSetup(Op* op) {
  op->slot = FreeSlot();
  const Range ports = {0, 0xffff};
  op->range = RangeWithin(Below(2) == 0 ? ports : Range{0, UINT32_MAX});
  op->range.start &= UINT32_MAX;
  op->range.end &= UINT32_MAX;
  if (op->range.inverted()) std::swap(op->range.start, op->range.end);
}

}  // namespace restree

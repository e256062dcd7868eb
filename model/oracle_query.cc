// SPDX-License-Identifier: Apache-2.0

// What an Oracle answers without changing anything.
#include <algorithm>
#include <cassert>
#include <cstdint>

#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr uint64_t kOffsetInPage = 0xfff;
constexpr uint64_t kExclusiveRam = kResourceSystemRam | kResourceExclusive;

Observation Number(uint64_t value) { return {.value = value}; }
Observation Truth(bool holds) { return Number(holds ? 1 : 0); }

Observation RangeOf(const Range& range) {
  Observation seen = Truth(true);
  seen.visits.push_back({.range = range});
  return seen;
}

// Returns the bytes of all pages that `range` touches.
Range WholePages(const Range& range) {
  return {range.start & ~kOffsetInPage, range.end | kOffsetInPage};
}

bool ContainsOther(const Row& row, const Row& other) {
  return ((row.flags ^ other.flags) & kResourceTypeBits) == 0 &&
         ((row.flags | other.flags) & kResourceUnset) == 0 &&
         row.range.start <= other.range.start &&
         row.range.end >= other.range.end;
}

}  // namespace

Observation Oracle::Answer(const Op& op) const {
  switch (op.verb) {
    case Verb::kLookup:
      return Lookup(op);
    case Verb::kAlignment:
      return Alignment(op);
    case Verb::kRegionIntersects:
      return RegionIntersects(op);
    case Verb::kWalkDesc:
    case Verb::kWalkMem:
    case Verb::kWalkSystemRam:
    case Verb::kWalkSystemRamRange:
      return Walk(op);
    case Verb::kPageIsRam:
      return PageIsRam(op);
    case Verb::kSanityCheck:
      return SanityCheck(op);
    case Verb::kIsExclusive:
      return Truth(IsExclusive(op.parent, op.range));
    case Verb::kIomemIsExclusive:
      return Truth(IsExclusivePage(op.range.start));
    case Verb::kContains:
    case Verb::kOverlaps:
    case Verb::kIntersection:
    case Verb::kUnion:
      return Compare(op);
    case Verb::kSize:
      return Number(Find(op.slot)->range.size());
    case Verb::kProc:
      return Proc(op);
    case Verb::kListFirst:
      return ListFirst(op);
    case Verb::kGetMapping:
      return {};
    default:
      assert(false);
      return {};
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

// A mapping of whole pages may reach over the end of a resource by less than
// one, and over that of a busy one as it likes.
Observation Oracle::SanityCheck(const Op& op) const {
  for (const Row& row : rows_) {
    if (row.flags & kResourceBusy) continue;
    if (!row.range.Overlaps(op.range)) continue;
    const Range whole = WholePages(row.range);
    const Range asked = WholePages(op.range);
    if (whole.start <= asked.start && whole.end >= asked.end) continue;
    if (!IsBelow(row.slot, kIomem)) continue;
    return {.outcome = Outcome::kPerm, .warnings = kWarnSpans};
  }
  return {};
}

// The kernel finds nothing exclusive in a range that ends at 2^64 - 1, and goes
// on to what follows `top` in its tree.
bool Oracle::IsExclusive(Slot top, const Range& range) const {
  const bool strict = !ledger_.relaxed;
  return std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) {
    const bool ram = (row.flags & kExclusiveRam) == kExclusiveRam;
    const bool busy = row.flags & kResourceBusy;
    return (ram || (busy && strict)) && row.range.Overlaps(range) &&
           IsBelow(row.slot, top);
  });
}

bool Oracle::IsExclusivePage(uint64_t address) const {
  return IsExclusive(kIomem, WholePages({address, address}));
}

// The parent of the op is the first operand and its slot the second.
Observation Oracle::Compare(const Op& op) const {
  const Row& row = *Find(op.parent);
  const Row& other = *Find(op.slot);
  if (op.verb == Verb::kContains) return Truth(ContainsOther(row, other));
  const Range& a = row.range;
  const Range& b = other.range;
  if (!a.Overlaps(b)) return Truth(false);
  if (op.verb == Verb::kOverlaps) return Truth(true);
  if (op.verb == Verb::kIntersection) return RangeOf(a.Intersection(b));
  return RangeOf({std::min(a.start, b.start), std::max(a.end, b.end)});
}

Observation Oracle::Proc(const Op& op) const {
  State state;
  Snapshot(&state);
  if (op.number != 0) {
    for (Row& row : state.rows) {
      if (row.depth != 0) row.range = {0, 0};
    }
  }
  Observation seen;
  seen.text = IomemText(state, {}, op.parent);
  return seen;
}

}  // namespace restree

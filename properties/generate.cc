// SPDX-License-Identifier: Apache-2.0
#include "properties/generate.h"

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "model/flags.h"
#include "model/model.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/any_range.h"
#include "properties/choices.h"
#include "properties/scene.h"
#include "properties/taste.h"

namespace restree {
namespace {

constexpr uint64_t kMemBusy = kResourceMem | kResourceBusy;
constexpr uint64_t kRamBusy = kResourceSystemRam | kResourceBusy;

// Enough of each for walks, regions and inheritance to have something to tell.
constexpr uint64_t kPlacedFlags[] = {
    kResourceMem,
    kMemBusy,
    kRamBusy,
    kRamBusy,
    kRamBusy,
    kResourceSystemRam,
    kMemBusy | kResourceMuxed,
    kMemBusy | kResourceExclusive,
    kResourceIo,
    kResourceIo | kResourceBusy | kResourceMuxed,
    kResourceMem | kResourceSizeAlign,
    kResourceMem | kResourceStartAlign,
    kResourceMem | kResourceUnset,
    0,
    kMemBusy | kResourceSizeAlign | kResourceStartAlign,
    kMemBusy | (uint64_t{1} << 32),
};

constexpr uint64_t kRegionFlags[] = {
    0, kResourceMuxed,     0, kResourceMuxed | kResourceExclusive,
    0, kResourceExclusive, 0, kResourceBusy | kResourceMuxed,
};

constexpr uint64_t kWantedFlags[] = {
    kResourceMem,       kMemBusy,      kRamBusy,    0,
    kResourceSystemRam, kResourceBusy, kResourceIo, kRamBusy,
};

constexpr uint64_t kDescs[] = {
    kDescNone, kDescNone, kDescNone, kDescDevicePrivateMemory, 8, 1, 7, 5,
};

constexpr uint64_t kAligns[] = {
    1, 0x1000, 0x2000, 0x10000, 0x100, 0, 3, uint64_t{1} << 63,
};

class Generator {
 public:
  Generator(Choices& choices, const State& state, const Taste& taste)
      : choices_(choices), scene_(state), taste_(taste) {}

  Op Make();

 private:
  uint64_t Below(uint64_t n) { return choices_.Below(n); }
  const Row& row(size_t i) const { return scene_.row(i); }
  const Row& AnyRow() { return row(Below(scene_.state.rows.size())); }
  Range RangeWithin(const Range& within) {
    return AnyRange(choices_, scene_.state, within, taste_.universe);
  }
  uint64_t PlacedFlags();

  Verb AnyVerb();
  void Fill(Op* op);
  void FillWild(Op* op);

  Slot FreeSlot();
  Slot WildSlot();
  size_t ParentRow();
  void Define(Op* op);
  void PlaceAgain(Op* op, const RowSet& candidates);
  void AllocateAgain(Op* op);
  void Space(Op* op, const Range& within);
  void Adjust(Op* op);
  void ReleaseChildren(Op* op);
  void ReleaseRegion(Op* op);
  void Lookup(Op* op);
  void Query(Op* op);

  Choices& choices_;
  const Scene scene_;
  const Taste& taste_;
};

Verb Generator::AnyVerb() {
  std::array<unsigned, kVerbs> weights;
  unsigned sum = 0;
  for (size_t i = 0; i < kVerbs; ++i) {
    weights[i] = scene_.Allows(static_cast<Verb>(i)) ? taste_.weights[i] : 0;
    sum += weights[i];
  }
  assert(sum > 0);
  uint64_t left = Below(sum);
  size_t i = 0;
  while (left >= weights[i]) left -= weights[i++];
  return static_cast<Verb>(i);
}

// One of r0 to r15 that is empty, the lowest most often; else a loose leaf,
// which may be defined anew; else a cold one.
Slot Generator::FreeSlot() {
  if (!scene_.loose_leaves.empty() && Below(4) == 3) {
    return row(scene_.loose_leaves.Any(choices_)).slot;
  }
  const uint64_t hot = ~scene_.used & 0xffff;
  if (hot != 0 && Below(32) != 31) {
    if (Below(2) == 0) return R(static_cast<uint32_t>(std::countr_zero(hot)));
    uint64_t rest = hot;
    for (uint64_t skip = Below(std::popcount(hot)); skip > 0; --skip) {
      rest &= rest - 1;
    }
    return R(static_cast<uint32_t>(std::countr_zero(rest)));
  }
  if (!scene_.loose_leaves.empty()) {
    return row(scene_.loose_leaves.Any(choices_)).slot;
  }
  return R(16 + static_cast<uint32_t>(Below(48)));
}

// Any slot, one that exists or not.
Slot Generator::WildSlot() {
  if (Below(2) == 0) return AnyRow().slot;
  return static_cast<Slot>(Below(R(18)));
}

// The roots get half of all, so that trees grow wide too.
size_t Generator::ParentRow() {
  if (Below(8) < 3) return 0;
  return Below(scene_.state.rows.size());
}

uint64_t Generator::PlacedFlags() {
  const uint64_t flags = kPlacedFlags[Below(std::size(kPlacedFlags))];
  if (Below(32) != 31) return flags;
  return flags ^ (uint64_t{1} << Below(64));
}

void Generator::Define(Op* op) {
  op->slot = FreeSlot();
  const size_t parent = ParentRow();
  op->parent = row(parent).slot;
  if (op->parent == op->slot) op->parent = kIomem;
  if (op->verb == Verb::kAllocate) {
    Space(op, row(parent).range);
  } else {
    op->range = RangeWithin(row(parent).range);
  }
  if (op->verb == Verb::kRequestRegion) {
    op->flags = kRegionFlags[Below(std::size(kRegionFlags))];
    return;
  }
  op->flags = PlacedFlags();
  op->desc = kDescs[Below(std::size(kDescs))];
}

// The size, alignment and bounds of an allocation; bounds that just leave room,
// or just do not.
void Generator::Space(Op* op, const Range& within) {
  op->size = AnySize(choices_, scene_.state);
  op->align = kAligns[Below(std::size(kAligns))];
  op->range = {0, UINT64_MAX};
  const uint64_t kind = Below(4);
  if (kind >= 2) op->range = RangeWithin(within);
  if (kind == 3) op->range.end = op->range.start + op->size - 2 + Below(3);
}

void Generator::PlaceAgain(Op* op, const RowSet& candidates) {
  const size_t i = candidates.Any(choices_);
  const size_t parent = ParentRow();
  op->slot = row(i).slot;
  op->parent = scene_.IsWithin(parent, i) ? kIomem : row(parent).slot;
}

// Moves one that is placed below its own parent, or places one that is not.
void Generator::AllocateAgain(Op* op) {
  const bool move =
      !scene_.placed.empty() && (scene_.loose_leaves.empty() || Below(2) > 0);
  if (move) {
    const Row& it = row(scene_.placed.Any(choices_));
    op->slot = it.slot;
    op->parent = it.parent;
    Space(op, it.range);
    return;
  }
  PlaceAgain(op, scene_.loose_leaves);
  Space(op, {0, UINT64_MAX});
}

// A root that moves makes a dull rest of a trace.
void Generator::Adjust(Op* op) {
  const bool any = scene_.placed.empty() || Below(16) == 15;
  const Row& it = any ? AnyRow() : row(scene_.placed.Any(choices_));
  op->slot = it.slot;
  op->range = RangeWithin(it.range);
}

// So does a root that loses all children.
void Generator::ReleaseChildren(Op* op) {
  op->slot = row(scene_.families.Any(choices_)).slot;
  if (op->slot >= kFirstSlot || Below(8) == 0) return;
  op->slot = row(scene_.families.Any(choices_)).slot;
}

// A region that exists, from its parent or from further up, and rarely with a
// range that is not quite its own.
void Generator::ReleaseRegion(Op* op) {
  if (scene_.regions.empty() || Below(16) == 15) {
    const size_t parent = ParentRow();
    op->parent = row(parent).slot;
    op->range = RangeWithin(row(parent).range);
    return;
  }
  const Row& it = row(scene_.regions.Any(choices_));
  op->parent = Below(2) == 0 ? it.parent : row(ParentRow()).slot;
  op->range = it.range;
  const uint64_t nudge = Below(32);
  if (nudge == 31) ++op->range.start;
  if (nudge == 30) --op->range.end;
  if (nudge == 29) ++op->range.end;
}

void Generator::Lookup(Op* op) {
  if (scene_.families.empty() || Below(4) == 3) {
    op->parent = AnyRow().slot;
    op->range.start = AnyAddress(choices_, scene_.state, taste_.universe);
    return;
  }
  const size_t family = scene_.families.Any(choices_);
  op->parent = row(family).slot;
  const uint64_t ahead = 1 + Below(4);
  const size_t child =
      family + ahead < scene_.state.rows.size() ? family + ahead : family + 1;
  op->range.start = row(child).range.start;
  if (Below(8) == 7) op->range.start += Below(2) == 0 ? 1 : UINT64_MAX;
}

// What walks and region_intersects look for, and where.
void Generator::Query(Op* op) {
  op->range = Below(4) == 0 ? Range{0, UINT64_MAX} : RangeWithin(row(0).range);
  if (op->verb == Verb::kWalkSystemRamRange) {
    const uint64_t nudge = Below(8);
    op->range.start >>= 12;
    op->range.end >>= 12;
    if (nudge == 5) ++op->range.start;
    if (nudge == 6) --op->range.end;
    if (nudge == 7) op->range.end += uint64_t{1} << 52;
  }
  op->flags = kWantedFlags[Below(std::size(kWantedFlags))];
  if (Below(2) == 1) op->flags = AnyRow().flags;
  if (Below(4) == 3) op->desc = AnyRow().desc;
  if (Below(16) == 15) op->desc = kDescs[Below(std::size(kDescs))];
  if (Below(4) == 3) op->number = 1 + static_cast<uint32_t>(Below(3));
}

void Generator::Fill(Op* op) {
  switch (op->verb) {
    case Verb::kRequest:
    case Verb::kInsert:
    case Verb::kInsertExpand:
    case Verb::kAllocate:
    case Verb::kRequestRegion:
      return Define(op);
    case Verb::kRequestAgain:
      return PlaceAgain(op, scene_.loose);
    case Verb::kInsertAgain:
      return PlaceAgain(op, scene_.loose_leaves);
    case Verb::kInsertExpandAgain:
      // Of one in a tree it is a no-op, which is worth an op now and then.
      if (scene_.loose_leaves.empty() ||
          (!scene_.placed.empty() && Below(16) == 15)) {
        return PlaceAgain(op, scene_.placed);
      }
      return PlaceAgain(op, scene_.loose_leaves);
    case Verb::kAllocateAgain:
      return AllocateAgain(op);
    case Verb::kRelease:
    case Verb::kRemove:
      op->slot = row(scene_.placed.Any(choices_)).slot;
      return;
    case Verb::kAdjust:
      return Adjust(op);
    case Verb::kReleaseChildren:
      return ReleaseChildren(op);
    case Verb::kReleaseRegion:
      return ReleaseRegion(op);
    case Verb::kLookup:
      return Lookup(op);
    case Verb::kAlignment:
      op->slot = AnyRow().slot;
      return;
    case Verb::kRegionIntersects:
    case Verb::kWalkDesc:
    case Verb::kWalkMem:
    case Verb::kWalkSystemRam:
    case Verb::kWalkSystemRamRev:
    case Verb::kWalkSystemRamRange:
      return Query(op);
    default:
      return;
  }
}

// Fills every field without a look at what makes sense.
void Generator::FillWild(Op* op) {
  op->verb = static_cast<Verb>(Below(kVerbs));
  op->slot = WildSlot();
  op->parent = WildSlot();
  Space(op, AnyRow().range);
  op->flags = PlacedFlags();
  if (Below(4) == 3) op->flags |= uint64_t{1} << (32 + Below(32));
  op->desc = Below(8) == 7 ? Below(UINT64_MAX) : kDescNone;
}

Op Generator::Make() {
  Op op;
  if (Below(16) == 15) {
    FillWild(&op);
  } else {
    op.verb = AnyVerb();
    Fill(&op);
  }
  return Normal(op);
}

}  // namespace

Op AnyOp(Choices& choices, const State& state) {
  return AnyOp(choices, state, DefaultTaste());
}

Op AnyOp(Choices& choices, const State& state, const Taste& taste) {
  assert(!state.rows.empty());
  return Generator(choices, state, taste).Make();
}

Trace AnyTrace(Choices& choices, size_t ops_max) {
  Trace trace;
  const size_t ops = choices.Below(ops_max + 1);
  const Taste taste = AnyTaste(choices);
  Model model;
  State state;
  trace.ops.reserve(ops);
  for (size_t i = 0; i < ops; ++i) {
    model.Snapshot(&state);
    trace.ops.push_back(AnyOp(choices, state, taste));
    model.Apply(trace.ops.back());
  }
  return trace;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "model/flags.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/any_range.h"
#include "properties/generator.h"
#include "properties/scene.h"

namespace restree {
namespace {

constexpr uint64_t kRegionFlags[] = {
    0, kResourceMuxed,     0, kResourceMuxed | kResourceExclusive,
    0, kResourceExclusive, 0, kResourceBusy | kResourceMuxed,
};

constexpr uint64_t kDescs[] = {
    kDescNone, kDescNone, kDescNone, kDescDevicePrivateMemory, 8, 1, 7, 5,
};

constexpr uint64_t kAligns[] = {
    1, 0x1000, 0x2000, 0x10000, 0x100, 0, 3, uint64_t{1} << 63,
};

// From one of a crowd to the next, half of it free. 64 of them fit anywhere.
constexpr uint64_t kCrowdBytes = 0x200;

}  // namespace

void Generator::Define(Op* op) {
  const bool is_request = op->verb == Verb::kRequest;
  if (is_request && taste_.crowd && !OneIn(8)) return DefineOneOfACrowd(op);
  if (InfoOf(op->verb).Has(Field::kDevice)) {
    op->number = static_cast<uint32_t>(Below(4));
  }
  op->slot = FreeSlot();
  if (DefineANeighbour(op)) return;
  if (scene_.memory.defined != 0 && op->verb != Verb::kAllocate && OneIn(4)) {
    PlaceAtAMapping(op);
    op->flags = AroundFlags();
    op->name = AnyName(op->flags);
    return;
  }
  const size_t parent = ParentRow();
  op->parent = row(parent).slot;
  if (op->parent == op->slot) op->parent = kIomem;
  if (op->verb == Verb::kAllocate) {
    Space(op, row(parent).range);
  } else {
    op->range = RangeWithin(row(parent).range);
  }
  op->flags = PlacedFlags();
  op->desc = kDescs[Below(std::size(kDescs))];
  op->name = AnyName(op->flags);
}

// Right behind or before some System RAM and like it, to be merged with it.
bool Generator::DefineANeighbour(Op* op) {
  if (op->verb == Verb::kAllocate || scene_.rams.empty() || !OneIn(8)) {
    return false;
  }
  const size_t i = scene_.rams.Any(choices_);
  const Row& it = row(i);
  if (it.name == 0 || it.name >= kNameOfSlot) return false;
  uint64_t more = OneIn(4) ? Below(0x1000) : 0xfff;
  const bool has_next = i + 1 < scene_.state.rows.size() &&
                        row(i + 1).range.start > it.range.end + 1;
  if (has_next)
    more = std::min(more, row(i + 1).range.start - it.range.end - 2);
  op->range = OneIn(4) ? Range{it.range.start - 1 - more, it.range.start - 1}
                       : Range{it.range.end + 1, it.range.end + 1 + more};
  op->parent = it.parent;
  op->flags = it.flags;
  op->desc = it.desc;
  op->name = it.name;
  return true;
}

// Each slot has a place of its own, so that nobody is in another's way.
void Generator::DefineOneOfACrowd(Op* op) {
  const uint32_t n = std::countr_one(scene_.used);
  op->slot = R(n);
  op->parent = kIomem;
  op->range = Range::OfSize(taste_.universe.base + kCrowdBytes * (n % 64),
                            kCrowdBytes / 2);
  op->flags = kResourceSystemRam | kResourceBusy;
  op->name = AnyName(op->flags);
}

void Generator::DefineRegion(Op* op) {
  if (op->verb == Verb::kDevmRequestRegion) {
    op->number = static_cast<uint32_t>(Below(4));
  }
  op->slot = FreeSlot();
  op->name = AnyName(0);
  const size_t parent = ParentRow();
  op->parent = row(parent).slot;
  if (op->parent == op->slot) op->parent = kIomem;
  op->range = RangeWithin(row(parent).range);
  op->flags = kRegionFlags[Below(std::size(kRegionFlags))];
  if (scene_.memory.defined != 0 && OneIn(8)) PlaceAtAMapping(op);
  if (scene_.muxed.empty() || !OneIn(8)) return;
  const Row& taken = row(scene_.muxed.Any(choices_));
  op->parent = taken.parent;
  op->range = taken.range;
  op->flags = kResourceMuxed;
}

// The size, alignment and bounds of an allocation; bounds that just leave room,
// or just do not.
void Generator::Space(Op* op, const Range& within) {
  op->size = AnySize(choices_, scene_.state);
  op->align = kAligns[Below(std::size(kAligns))];
  op->range = {0, UINT64_MAX};
  op->number = OneIn(4) ? 1 : 0;  // isa_align
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

void Generator::RequestAgain(Op* op) { PlaceAgain(op, scene_.loose); }

void Generator::InsertAgain(Op* op) { PlaceAgain(op, scene_.loose_leaves); }

// Of one in a tree it is a no-op, which is worth an op now and then.
void Generator::InsertExpandAgain(Op* op) {
  const bool again =
      scene_.loose_leaves.empty() || (!scene_.placed.empty() && OneIn(16));
  PlaceAgain(op, again ? scene_.placed : scene_.loose_leaves);
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

void Generator::FindSpace(Op* op) {
  PlaceAgain(op, scene_.loose_leaves);
  Space(op, {0, UINT64_MAX});
}

}  // namespace restree

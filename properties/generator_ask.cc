// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "model/device_memory.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/any_range.h"
#include "properties/generator.h"

namespace restree {
namespace {

constexpr uint64_t kMemBusy = kResourceMem | kResourceBusy;
constexpr uint64_t kRamBusy = kResourceSystemRam | kResourceBusy;

constexpr uint64_t kWantedFlags[] = {
    kResourceMem,       kMemBusy,      kRamBusy,    0,
    kResourceSystemRam, kResourceBusy, kResourceIo, kRamBusy,
};

}  // namespace

void Generator::Lookup(Op* op) {
  if (scene_.families.empty() || OneIn(4)) {
    op->parent = AnyRow().slot;
    return Address(op);
  }
  const size_t family = scene_.families.Any(choices_);
  op->parent = row(family).slot;
  const uint64_t ahead = 1 + Below(4);
  const size_t child =
      family + ahead < scene_.state.rows.size() ? family + ahead : family + 1;
  op->range.start = row(child).range.start;
  if (OneIn(8)) op->range.start += Below(2) == 0 ? 1 : UINT64_MAX;
}

void Generator::One(Op* op) { op->slot = AnyRow().slot; }

// A resource and its parent, or any two.
void Generator::Two(Op* op) {
  op->parent = AnyRow().slot;
  op->slot = AnyRow().slot;
  if (scene_.placed.empty() || Below(2) == 0) return;
  const Row& it = row(scene_.placed.Any(choices_));
  op->parent = it.parent;
  op->slot = it.slot;
  if (OneIn(4)) std::swap(op->parent, op->slot);
}

// What walks and region_intersects look for, and where.
void Generator::Match(Op* op) {
  const bool all = Below(4) == 0 || taste_.crowd;
  op->range = all ? Range{0, UINT64_MAX} : RangeWithin(row(0).range);
  if (op->verb == Verb::kWalkSystemRamRange) {
    const uint64_t nudge = Below(8);
    op->range.start >>= kPageShift;
    op->range.end >>= kPageShift;
    if (nudge == 5) ++op->range.start;
    if (nudge == 6) --op->range.end;
    if (nudge == 7) op->range.end += uint64_t{1} << (64 - kPageShift);
  }
  op->flags = kWantedFlags[Below(std::size(kWantedFlags))];
  if (OneIn(2)) op->flags = AnyRow().flags;
  if (OneIn(4)) op->desc = AnyRow().desc;
  if (OneIn(16)) op->desc = 1 + Below(kDescDevicePrivateMemory + 2);
  if (OneIn(4)) op->number = 1 + static_cast<uint32_t>(Below(3));
}

void Generator::SomeRange(Op* op) {
  const size_t family = FamilyRow();
  op->parent = row(family).slot;
  op->range = RangeWithin(row(family).range);
  if (!OneIn(4)) return;
  // A few bytes, of which the last or the first belongs to some resource.
  const Range& other = AnyRow().range;
  const uint64_t more = Below(0x1000);
  op->range = OneIn(2) ? Range{other.end, other.end + more}
                       : Range{other.start - more, other.start};
}

void Generator::Address(Op* op) {
  op->range.start = AnyAddress(choices_, scene_.state, taste_.universe);
}

// A page of System RAM, or just beside it, or any.
void Generator::Pfn(Op* op) {
  Address(op);
  if (!scene_.rams.empty() && Below(2) == 0) {
    const Range& ram = row(scene_.rams.Any(choices_)).range;
    op->range.start = OneIn(2) ? ram.end : ram.start;
  }
  op->range.start >>= kPageShift;
  if (OneIn(4)) ++op->range.start;
}

void Generator::Proc(Op* op) {
  op->parent = Below(2) == 0 ? kIomem : kIoport;
  op->number = OneIn(4) ? 1 : 0;
}

}  // namespace restree

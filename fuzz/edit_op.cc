// SPDX-License-Identifier: Apache-2.0
#include "fuzz/edit_op.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>

#include "model/device_memory.h"
#include "model/flags.h"
#include "model/model.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/choices.h"

namespace restree {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kPage = 4096;

Slot AnySlot(Choices& choices, const State& state) {
  return state.rows[choices.Below(state.rows.size())].slot;
}

// Returns the range of some resource or of some pagemap.
Range AnyRangeOf(Choices& choices, const State& state) {
  const auto& pagemaps = state.ledger.pagemaps;
  if (!pagemaps.empty() && Chance(choices, 2)) {
    return pagemaps[choices.Below(pagemaps.size())].ranges[0];
  }
  return state.rows[choices.Below(state.rows.size())].range;
}

// Returns some number that matters near what exists: an edge of a range there,
// or one beside it.
uint64_t AnyEdge(Choices& choices, const State& state) {
  const Range range = AnyRangeOf(choices, state);
  switch (choices.Below(4)) {
    case 0:
      return range.start;
    case 1:
      return range.end;
    case 2:
      return range.start - 1;
    default:
      return range.end + 1;
  }
}

uint64_t Nudged(Choices& choices, const State& state, uint64_t value,
                uint64_t unit) {
  const uint64_t bit = uint64_t{1} << choices.Below(64);
  switch (choices.Below(12)) {
    case 0:
      return value + 1;
    case 1:
      return value - 1;
    case 2:
      return value + kPage / unit;
    case 3:
      return value - kPage / unit;
    case 4:
      return 0;
    case 5:
      return kMax;
    case 6:
      return value & ~(bit - 1);  // aligned down
    case 7:
      return value ^ bit;
    case 8:
      return value + kSubsectionBytes / unit;
    case 9:
      return value - kSubsectionBytes / unit;
    default:
      return AnyEdge(choices, state) / unit;
  }
}

void NudgeRange(Choices& choices, const State& state, uint64_t unit,
                Range* range) {
  const uint64_t size = range->size();
  switch (choices.Below(6)) {
    case 0:  // moves
      *range = Range::OfSize(Nudged(choices, state, range->start, unit), size);
      break;
    case 1:
      range->start = Nudged(choices, state, range->start, unit);
      break;
    case 2:
      range->end = Nudged(choices, state, range->end, unit);
      break;
    case 3:  // as long as some power of two
      *range = Range::OfSize(range->start, uint64_t{1} << choices.Below(64));
      break;
    case 4: {  // as something that exists
      const Range other = AnyRangeOf(choices, state);
      *range = {other.start / unit, other.end / unit};
      break;
    }
    default:  // inverted: 0 bytes, or a start behind the end
      *range = Chance(choices, 2) ? Range::OfSize(range->start, 0)
                                  : Range{range->end, range->start};
  }
}

constexpr uint64_t kFlagBits[] = {
    kResourceBusy,
    kResourceMem,
    kResourceIo,
    kResourceSysram,
    kResourceMuxed,
    kResourceExclusive,
    kResourceSizeAlign,
    kResourceStartAlign,
    kResourceUnset,
    kResourceSystemRam,
    kResourceSysramMergeable,
};

void ChangeFlags(Choices& choices, const Trace& trace, Op* op) {
  switch (choices.Below(8)) {
    case 0:
      op->flags ^= uint64_t{1} << choices.Below(64);
      break;
    case 1:
      op->flags = 0;
      break;
    case 2:
      op->flags = trace.ops[choices.Below(trace.ops.size())].flags;
      break;
    case 3:  // what a pagemap lacks
      op->flags ^= uint64_t{1} << choices.Below(5);
      break;
    default:
      op->flags ^= kFlagBits[choices.Below(std::size(kFlagBits))];
  }
}

}  // namespace

const State& StateBefore(const Trace& trace, size_t index) {
  thread_local Model model;
  thread_local State state;
  model.Reset();
  for (size_t i = 0; i < index; ++i) model.Apply(trace.ops[i]);
  model.Snapshot(&state);
  return state;
}

Slot FreshSlot(const State& state) {
  Slot last = kFirstSlot - 1;
  for (const Row& row : state.rows) {
    if (!IsVmemmapSlot(row.slot)) last = std::max(last, row.slot);
  }
  return (last + 1) % kFirstVmemmap;
}

bool Retarget(Choices& choices, size_t, Trace* trace) {
  if (trace->ops.empty()) return false;
  const size_t at = choices.Below(trace->ops.size());
  Op& op = trace->ops[at];
  const VerbInfo& info = InfoOf(op.verb);
  const bool defines = info.Has(Field::kDefines);
  const bool has_slot = defines || info.Has(Field::kSlot);
  const bool named = info.Has(Field::kNamedParent);
  const bool has_parent = info.Has(Field::kParent) || named;
  const bool has_pagemap = info.Has(Field::kPagemap) ||
                           info.Has(Field::kDefinesPagemap) ||
                           info.Has(Field::kCached);
  if (!has_slot && !has_parent && !has_pagemap) return false;
  const State& state = StateBefore(*trace, at);
  const Op old = op;
  if (named && Chance(choices, 4)) {
    op.parent = kNoSlot;
  } else if (has_pagemap && (!has_parent || Chance(choices, 2))) {
    op.slot = static_cast<Slot>(choices.Below(5));
  } else if (has_parent && (!has_slot || Chance(choices, 2))) {
    op.parent = AnySlot(choices, state);
  } else if (defines && !Chance(choices, 4)) {
    op.slot = FreshSlot(state);
  } else {
    op.slot = AnySlot(choices, state);
  }
  op = Normal(op);
  return op != old;
}

bool Nudge(Choices& choices, size_t, Trace* trace) {
  if (trace->ops.empty()) return false;
  const size_t at = choices.Below(trace->ops.size());
  Op& op = trace->ops[at];
  const VerbInfo& info = InfoOf(op.verb);
  const bool has_range = info.Has(Field::kRange) || info.Has(Field::kPfns) ||
                         info.Has(Field::kAddress) || info.Has(Field::kPfn);
  const bool has_size = info.Has(Field::kSize) || info.Has(Field::kTimes) ||
                        info.Has(Field::kFree) || info.Has(Field::kPages) ||
                        info.Has(Field::kRefs);
  const bool has_align = info.Has(Field::kAlign) || info.Has(Field::kReserve) ||
                         info.Has(Field::kShift);
  if (!has_range && !has_size) return false;
  const State& state = StateBefore(*trace, at);
  const bool pages = info.Has(Field::kPfns) || info.Has(Field::kPfn);
  const uint64_t unit = pages ? kPage : 1;
  const Op old = op;
  if (has_align && Chance(choices, 4)) {
    op.align = Chance(choices, 3) ? Nudged(choices, state, op.align, 1)
                                  : uint64_t{1} << choices.Below(64);
  } else if (has_size && (!has_range || Chance(choices, 3))) {
    op.size = Nudged(choices, state, op.size, 1);
  } else {
    NudgeRange(choices, state, unit, &op.range);
  }
  op = Normal(op);
  return op != old;
}

bool ChangeDetail(Choices& choices, size_t, Trace* trace) {
  if (trace->ops.empty()) return false;
  Op& op = trace->ops[choices.Below(trace->ops.size())];
  const Op old = op;
  switch (choices.Below(6)) {
    case 0:
      op.desc = choices.Below(kDescDevicePrivateMemory + 3);
      break;
    case 1:
      if (InfoOf(op.verb).Has(Field::kTimes) && Chance(choices, 2)) {
        op.size = choices.Below(4);
      } else {
        op.number = choices.Below(4);
      }
      break;
    case 2:
      op.name = choices.Below(trace->names.size() + 1);
      break;
    default:
      ChangeFlags(choices, *trace, &op);
  }
  op = Normal(op);
  return op != old;
}

bool ChangeVerb(Choices& choices, size_t, Trace* trace) {
  if (trace->ops.empty()) return false;
  Op& op = trace->ops[choices.Below(trace->ops.size())];
  const Op old = op;
  op.verb = static_cast<Verb>(choices.Below(kVerbs));
  op = Normal(op);
  return op != old;
}

}  // namespace restree

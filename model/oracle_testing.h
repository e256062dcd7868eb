// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_ORACLE_TESTING_H_
#define RESTREE_MODEL_ORACLE_TESTING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/device_memory.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// Ops as short as the lines of a trace, for tables of what the oracle answers:
//
//   const Oracle oracle = Play({
//       {Request(1, kIomem, {0x1000, 0x1fff}), "ok"},
//       {Request(2, kIomem, {0x1800, 0x27ff}), "EBUSY r1"},
//   });
//   EXPECT_EQ(Shape(oracle), "iomem .r1 1000-1fff ioport");

inline constexpr Range kAll = {0, UINT64_MAX};

inline Op New(Verb verb, Slot slot, Slot parent, Range range,
              uint64_t flags = 0, uint64_t desc = 0) {
  return Normal({.verb = verb,
                 .slot = slot,
                 .parent = parent,
                 .range = range,
                 .flags = flags,
                 .desc = desc});
}

inline Op Request(uint32_t n, Slot parent, Range range, uint64_t flags = 0,
                  uint64_t desc = 0) {
  return New(Verb::kRequest, R(n), parent, range, flags, desc);
}

inline Op Insert(uint32_t n, Slot parent, Range range) {
  return New(Verb::kInsert, R(n), parent, range);
}

inline Op Expand(uint32_t n, Slot parent, Range range) {
  return New(Verb::kInsertExpand, R(n), parent, range);
}

inline Op Region(uint32_t n, Slot parent, Range range, uint64_t flags = 0) {
  return New(Verb::kRequestRegion, R(n), parent, range, flags);
}

inline Op ReleaseRegion(Slot parent, Range range) {
  return New(Verb::kReleaseRegion, 0, parent, range);
}

inline Op Allocate(uint32_t n, Slot parent, uint64_t size, uint64_t align = 1,
                   Range within = kAll) {
  Op op = New(Verb::kAllocate, R(n), parent, within);
  op.size = size;
  op.align = align;
  return op;
}

inline Op AllocateAgain(uint32_t n, Slot parent, uint64_t size,
                        uint64_t align = 1, Range within = kAll) {
  Op op = Allocate(n, parent, size, align, within);
  op.verb = Verb::kAllocateAgain;
  return op;
}

inline Op Again(Verb verb, Slot parent, Slot slot) {
  return New(verb, slot, parent, {});
}
inline Op Ask(Verb verb, Range range, uint64_t flags = 0, uint64_t desc = 0,
              uint32_t stop = 0) {
  Op op = New(verb, 0, 0, range, flags, desc);
  op.number = stop;
  return Normal(op);
}

inline Op On(Verb verb, Slot slot) { return New(verb, slot, 0, {}); }
inline Op Adjust(Slot slot, Range range) {
  return New(Verb::kAdjust, slot, 0, range);
}

inline Op Lookup(Slot parent, uint64_t at) {
  return New(Verb::kLookup, 0, parent, {at, at});
}

inline Op Root(uint32_t n, Range range, uint64_t flags = 0, uint64_t desc = 0) {
  return New(Verb::kRoot, R(n), 0, range, flags, desc);
}

// An op of a device or a list.
inline Op Of(uint32_t number, Verb verb, Slot slot = 0, Slot parent = 0,
             Range range = {}, uint64_t flags = 0) {
  Op op = New(verb, slot, parent, range, flags);
  op.number = number;
  return Normal(op);
}

inline Op FailAlloc(uint32_t nth, uint64_t times) {
  Op op;
  op.verb = Verb::kFailAlloc;
  op.number = nth;
  op.size = times;
  return op;
}

// Ops of device memory.
inline Op NewPagemap(uint32_t n, uint32_t type, Range range, uint32_t lacks = 0,
                     uint32_t shift = 0) {
  Op op = New(Verb::kPagemap, 0, 0, range, lacks, type);
  op.slot = n;
  op.align = shift;
  return Normal(op);
}

inline Op NewAltmap(uint32_t n, uint64_t base_pfn, uint64_t reserve,
                    uint64_t free, Slot parent = kNoSlot) {
  return Normal({.verb = Verb::kAltmap,
                 .slot = n,
                 .parent = parent,
                 .range = {base_pfn, base_pfn},
                 .size = free,
                 .align = reserve});
}

inline Op SetupPfn(uint32_t n, Range range, uint64_t align) {
  return Normal({.verb = Verb::kSetupPfn,
                 .slot = n,
                 .parent = kNoSlot,
                 .range = range,
                 .align = align,
                 .desc = kMemoryFsDax});
}

inline Op OfPagemap(Verb verb, uint32_t n, uint64_t size = 0,
                    Range range = {}) {
  return Normal({.verb = verb, .slot = n, .range = range, .size = size});
}

inline Op OfDevice(Verb verb, uint32_t device, uint32_t n) {
  return Normal({.verb = verb, .slot = n, .number = device, .range = {}});
}

inline Op AtPfn(Verb verb, uint64_t pfn, uint64_t size = 0, Slot cached = 0) {
  return Normal(
      {.verb = verb, .slot = cached, .range = {pfn, pfn}, .size = size});
}

inline Op FailStep(MapStep step, uint32_t nth) {
  return Normal({.verb = Verb::kFailStep,
                 .number = nth,
                 .range = {},
                 .desc = static_cast<uint64_t>(step)});
}

inline Op Dump(DumpView view) {
  return Normal({.verb = Verb::kDumpable,
                 .number = static_cast<uint32_t>(view),
                 .range = {}});
}

// The state in one line: a dot a level, and the roots' own ranges left out.
inline std::string Shape(const Oracle& oracle) {
  State state;
  oracle.Snapshot(&state);
  std::string text;
  for (const Row& row : state.rows) {
    absl::StrAppend(&text, text.empty() ? "" : " ", std::string(row.depth, '.'),
                    SlotText(row.slot));
    if (row.slot < kFirstSlot) continue;
    absl::StrAppend(&text, " ", absl::Hex(row.range.start), "-",
                    absl::Hex(row.range.end));
  }
  return text;
}

// What is kept besides the resources, in one line.
inline std::string Books(const Oracle& oracle) {
  State state;
  oracle.Snapshot(&state);
  const Ledger& ledger = state.ledger;
  const auto hex = [](const Range& range) {
    return absl::StrCat(absl::Hex(range.start), "-", absl::Hex(range.end));
  };
  std::string text = absl::StrCat("live ", ledger.live);
  for (const Devres& it : ledger.devres) {
    absl::StrAppend(&text, ", d", it.device, " ", SlotText(it.slot));
    if (it.region) absl::StrAppend(&text, " ", hex(it.range));
  }
  for (const Listed& it : ledger.listed) {
    absl::StrAppend(&text, ", l", it.list, " ", SlotText(it.slot));
  }
  for (const Waiter& it : ledger.waiters) {
    absl::StrAppend(&text, ", waiting ", SlotText(it.slot), " in ",
                    SlotText(it.parent), " ", hex(it.range));
  }
  if (ledger.fail_nth != 0 || ledger.fail_times != 0) {
    absl::StrAppend(&text, ", fails ", ledger.fail_nth, " ", ledger.fail_times);
  }
  if (ledger.reserved != 0) {
    absl::StrAppend(&text, ", reserved ", ledger.reserved);
  }
  absl::StrAppend(&text, ledger.relaxed ? ", relaxed" : "",
                  ledger.inode ? ", inode" : "");
  return text;
}

// The row of a slot. REQUIRES: there is one.
inline Row RowOf(const Oracle& oracle, Slot slot) {
  State state;
  oracle.Snapshot(&state);
  for (const Row& row : state.rows) {
    if (row.slot == slot) return row;
  }
  ADD_FAILURE() << SlotText(slot) << " does not exist";
  return {};
}

// The ledger as people read it.
inline std::string LedgerOf(const Oracle& oracle) {
  State state;
  oracle.Snapshot(&state);
  return LedgerText(state, {});
}

struct Step {
  Op op;
  absl::string_view want;  // leading words of ObservationText()
};

// Plays the steps on a new oracle, which it returns.
inline Oracle Play(const std::vector<Step>& steps,
                   AltmapVariant variant = AltmapVariant::kNone) {
  Oracle oracle(variant);
  for (size_t i = 0; i < steps.size(); ++i) {
    const std::string text = ObservationText(oracle.Apply(steps[i].op));
    EXPECT_TRUE(Meets(text, steps[i].want))
        << "step " << i << " (" << InfoOf(steps[i].op.verb).name
        << "): " << text << ", want " << steps[i].want << "\n"
        << Shape(oracle);
  }
  return oracle;
}

}  // namespace restree

#endif  // RESTREE_MODEL_ORACLE_TESTING_H_

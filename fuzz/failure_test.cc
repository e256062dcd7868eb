// SPDX-License-Identifier: Apache-2.0

// Every allocation and every step of a mapping fails in its turn, on every
// machine and in every variant: what there was before is what there is after.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "kernel/all_machines.h"
#include "model/device_memory.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/check.h"
#include "properties/report.h"

namespace restree {
namespace {

// What is mapped: a pagemap of one type with 1 to 4 ranges, or one with an
// altmap, below r0.
std::vector<std::string> SetUps() {
  std::vector<std::string> set_ups;
  for (const absl::string_view type :
       {"private", "coherent", "fsdax", "generic", "p2pdma"}) {
    std::string text = absl::StrCat(
        "r0 = request iomem 0x100000000-0x10fffffff mem\n"
        "p0 = dev_pagemap ",
        type, " 0x100000000-0x107ffffff\n");
    set_ups.push_back(absl::StrCat(
        text, "vmem_altmap p0 0x100000-0x107fff reserve=2 free=1100 ",
        "parent=r0\n"));
    for (uint64_t range = 1; range <= kPagemapRanges; ++range) {
      set_ups.push_back(text);
      absl::StrAppend(&text, "add_range p0 0x", absl::Hex(range + 1),
                      "00000000-0x", absl::Hex(range + 1), "001fffff\n");
    }
  }
  return set_ups;
}

// Plays `text`, and returns what the last op saw; nothing if the machines
// disagree.
std::optional<Observation> Play(const std::string& text, Lockstep& lockstep) {
  const auto document = ParseTrace(text, "test");
  EXPECT_TRUE(document.ok()) << document.status();
  if (!document.ok()) return std::nullopt;
  lockstep.Reset();
  std::optional<Failure> failure;
  for (const Op& op : document->trace.ops) {
    if (!failure) failure = lockstep.Step(op);
  }
  if (!failure) failure = lockstep.Finish();
  EXPECT_FALSE(failure) << Report(document->trace, *failure, "");
  if (failure) return std::nullopt;
  return lockstep.observation();
}

// Forgets what a failure may leave: what is armed still, what an altmap has
// spent on alignment, and what the proposal remembers.
Ledger Comparable(Ledger ledger) {
  ledger.fail_nth = 0;
  ledger.fail_times = 0;
  ledger.fail_step = MapStep();
  ledger.fail_step_nth = 0;
  for (Pagemap& it : ledger.pagemaps) {
    it.altmap.align = 0;
    it.altmap.res = kNoSlot;
    it.altmap.res_gone = false;
  }
  return ledger;
}

// Makes each call that `fail` stands for fail in its turn, until none is left.
// Returns how many there were.
int FailEach(const std::string& set_up, absl::string_view fail,
             absl::string_view map, bool is_patch, Lockstep& lockstep) {
  if (!Play(set_up, lockstep)) return 0;
  const State before = lockstep.state();
  for (int nth = 1;; ++nth) {
    const std::string text =
        absl::StrCat(set_up, fail, " nth=", nth,
                     fail == "fail_alloc" ? " times=1\n" : "\n", map, "\n");
    SCOPED_TRACE(text);
    const std::optional<Observation> seen = Play(text, lockstep);
    if (!seen) return nth - 1;
    const bool is_left = lockstep.state().ledger.fail_nth +
                         lockstep.state().ledger.fail_step_nth;
    if (is_left) {
      EXPECT_EQ(seen->outcome, Outcome::kOk);
      return nth - 1;
    }
    // As proposed, a request that fails does not fail the mapping.
    if (is_patch && fail == "fail_alloc" && nth == 2 &&
        seen->outcome == Outcome::kOk) {
      continue;
    }
    EXPECT_EQ(seen->outcome, Outcome::kNoMem);
    EXPECT_EQ(lockstep.state().rows, before.rows);
    EXPECT_EQ(Comparable(lockstep.state().ledger), Comparable(before.ledger));
  }
}

class FailureTest : public testing::TestWithParam<AltmapVariant> {};

TEST_P(FailureTest, EachLeavesNothing) {
  const bool is_patch = GetParam() == AltmapVariant::kPatch;
  AllMachines machines(GetParam());
  Lockstep lockstep(machines.all);
  lockstep.set_vmemmap_laws(!is_patch);
  int failures = 0;
  for (const std::string& set_up : SetUps()) {
    for (const absl::string_view map :
         {"memremap_pages p0", "devm_memremap_pages d0 p0"}) {
      failures += FailEach(set_up, "fail_alloc", map, is_patch, lockstep);
      for (uint32_t step = 0; step < kMapSteps; ++step) {
        const auto name = MapStepText(static_cast<MapStep>(step));
        failures += FailEach(set_up, absl::StrCat("fail_step ", name), map,
                             is_patch, lockstep);
      }
    }
  }
  // 3 steps a range of private memory, 4 of any other, in 11 ranges of each of
  // 5 types, twice; and 1 or 2 allocations of 25 pagemaps.
  EXPECT_GE(failures, 2 * 11 * (3 + 4 * 4) + 25 * 3);
}

INSTANTIATE_TEST_SUITE_P(All, FailureTest,
                         testing::Values(AltmapVariant::kNone,
                                         AltmapVariant::kPatch,
                                         AltmapVariant::kSound),
                         [](const auto& info) {
                           return info.param == AltmapVariant::kNone ? "none"
                                  : info.param == AltmapVariant::kPatch
                                      ? "patch"
                                      : "sound";
                         });

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "fuzz/mutate.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/trace.h"
#include "properties/choices.h"
#include "properties/generate.h"

namespace restree {
namespace {

constexpr size_t kOpsMax = 40;

// Whether every op is normal and has the name that it refers to.
bool IsNormal(const Trace& trace) {
  return std::all_of(trace.ops.begin(), trace.ops.end(), [&](const Op& op) {
    return op == Normal(op) && op.name <= trace.names.size();
  });
}

Trace Some(uint64_t seed, size_t ops_min = 1) {
  RandomChoices choices(seed);
  Trace trace = AnyTrace(choices, kOpsMax);
  while (trace.ops.size() < ops_min) trace = AnyTrace(choices, kOpsMax);
  return trace;
}

// A trace whose ops say where they come from.
Trace Marked(uint64_t mark, size_t ops) {
  Trace trace;
  trace.names = {mark == 1 ? "left" : "right", "both"};
  for (size_t i = 0; i < ops; ++i) {
    Op op;
    op.slot = R(i);
    op.range = {i, mark};
    op.name = i % 3;
    trace.ops.push_back(Normal(op));
  }
  return trace;
}

TEST(Mutate, DependsOnTheSeedAlone) {
  std::set<size_t> sizes;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Trace a = Some(7, 5);
    Trace b = a;
    RandomChoices left(seed);
    RandomChoices right(seed);
    Mutate(left, kOpsMax, &a);
    Mutate(right, kOpsMax, &b);
    EXPECT_EQ(a, b) << seed;
    sizes.insert(a.ops.size());
  }
  EXPECT_GT(sizes.size(), 1);
}

TEST(Mutate, WalksAMillionStepsWithoutGettingStuckOrInvalid) {
  RandomChoices choices(1);
  Trace trace;
  uint64_t sum_ops = 0;
  size_t longest = 0;
  constexpr int kSteps = 1'000'000;
  for (int i = 0; i < kSteps; ++i) {
    // Short traces keep the test quick; they also meet both bounds often.
    const size_t ops_max = 1 + i / 1000 % 8;
    Mutate(choices, ops_max, &trace);
    ASSERT_FALSE(trace.ops.empty());
    ASSERT_LE(trace.ops.size(), ops_max);
    ASSERT_TRUE(IsNormal(trace));
    sum_ops += trace.ops.size();
    longest = std::max(longest, trace.ops.size());
  }
  EXPECT_EQ(longest, 8);
  EXPECT_GT(sum_ops, 2 * kSteps);
}

TEST(Mutate, ReachesEveryVerbFromAnEmptyTrace) {
  RandomChoices choices(2);
  std::set<Verb> seen;
  for (int i = 0; i < 2000; ++i) {
    Trace trace;
    Mutate(choices, kOpsMax, &trace);
    for (const Op& op : trace.ops) seen.insert(op.verb);
  }
  EXPECT_EQ(seen.size(), kVerbs);
}

TEST(Mutate, AlmostAlwaysChangesSomething) {
  RandomChoices choices(3);
  int same = 0;
  for (int i = 0; i < 1000; ++i) {
    const Trace before = Some(i);
    Trace after = before;
    Mutate(choices, kOpsMax, &after);
    if (after == before) ++same;
  }
  EXPECT_LT(same, 50);
}

TEST(Mutate, TakesInATraceThatIsTooLong) {
  RandomChoices choices(4);
  Trace trace = Marked(1, 100);
  Mutate(choices, 10, &trace);
  EXPECT_LE(trace.ops.size(), 10);
}

TEST(Edits, KeepTracesValidEachOnItsOwn) {
  for (const Edit& edit : Edits()) {
    SCOPED_TRACE(std::string(edit.name));
    EXPECT_GT(edit.weight, 0);
    RandomChoices choices(5);
    int applied = 0;
    for (int i = 0; i < 2000; ++i) {
      const Trace before = Some(i % 50);
      Trace after = before;
      const bool changed = edit.apply(choices, kOpsMax, &after);
      if (!changed) EXPECT_EQ(after, before);
      if (changed) ++applied;
      EXPECT_FALSE(after.ops.empty());
      EXPECT_LE(after.ops.size(), kOpsMax);
      EXPECT_TRUE(IsNormal(after));
    }
    EXPECT_GT(applied, 200);
  }
}

TEST(Edits, DoWhatTheyAreCalled) {
  std::map<absl::string_view, std::set<int>> growth;
  RandomChoices choices(6);
  for (const Edit& edit : Edits()) {
    for (int i = 0; i < 500; ++i) {
      const Trace before = Marked(1, 10);
      Trace after = before;
      if (!edit.apply(choices, kOpsMax, &after)) continue;
      if (edit.name == "afresh") continue;
      growth[edit.name].insert(static_cast<int>(after.ops.size()) - 10);
    }
  }
  EXPECT_EQ(growth["insert"], std::set<int>({1}));
  EXPECT_EQ(growth["duplicate"], std::set<int>({1}));
  EXPECT_EQ(*growth["splice"].rbegin(), 8);
  EXPECT_EQ(*growth["drop"].rbegin(), -1);
  for (const absl::string_view name :
       {"replace", "swap", "retarget", "nudge", "detail", "verb"}) {
    EXPECT_EQ(growth[name], std::set<int>({0})) << std::string(name);
  }
}

TEST(Edits, RetargetToWhatExists) {
  const Edit* retarget =
      std::find_if(Edits().begin(), Edits().end(),
                   [](const Edit& edit) { return edit.name == "retarget"; });
  ASSERT_NE(retarget, Edits().end());
  Trace trace;
  for (uint32_t i = 0; i < 4; ++i) {
    Op op;
    op.slot = R(10 * i);
    op.range = {i * 0x1000, i * 0x1000 + 0xfff};
    trace.ops.push_back(Normal(op));
  }
  Op release;
  release.verb = Verb::kRelease;
  release.slot = R(0);
  trace.ops.push_back(release);
  RandomChoices choices(8);
  std::set<Slot> targets;
  for (int i = 0; i < 1000; ++i) {
    Trace changed = trace;
    retarget->apply(choices, kOpsMax, &changed);
    targets.insert(changed.ops.back().slot);
  }
  EXPECT_EQ(targets,
            std::set<Slot>({kIomem, kIoport, R(0), R(10), R(20), R(30)}));
}

TEST(Edits, NudgeToTheEdgesOfWhatExists) {
  const Edit* nudge =
      std::find_if(Edits().begin(), Edits().end(),
                   [](const Edit& edit) { return edit.name == "nudge"; });
  ASSERT_NE(nudge, Edits().end());
  Trace trace = Marked(1, 2);
  trace.ops[0].range = {0x123456, 0x234567};
  trace.ops[1].range = {0x700000, 0x7fffff};
  RandomChoices choices(9);
  std::set<uint64_t> numbers;
  for (int i = 0; i < 20'000; ++i) {
    Trace changed = trace;
    nudge->apply(choices, kOpsMax, &changed);
    numbers.insert(changed.ops[1].range.start);
    numbers.insert(changed.ops[1].range.end);
  }
  for (const uint64_t wanted :
       {uint64_t{0}, ~uint64_t{0}, uint64_t{0x123455}, uint64_t{0x123456},
        uint64_t{0x234567}, uint64_t{0x234568}, uint64_t{0x700001},
        uint64_t{0x6fffff}, uint64_t{0x701000}, uint64_t{0x800000}}) {
    EXPECT_TRUE(numbers.contains(wanted)) << std::hex << wanted;
  }
}

TEST(Edits, ChangeTheNumbersOfOpsWithoutARange) {
  Op fail;
  fail.verb = Verb::kFailAlloc;
  fail.number = 2;
  fail.size = 7;
  Op free;
  free.verb = Verb::kAllocFree;
  free.slot = R(0);
  free.size = 0x1000;
  free.align = 0x1000;
  Op list;
  list.verb = Verb::kListFree;
  std::set<uint64_t> nths;
  std::set<uint64_t> times;
  std::set<uint64_t> sizes;
  std::set<uint64_t> aligns;
  std::set<uint64_t> lists;
  RandomChoices choices(12);
  for (const Edit& edit : Edits()) {
    if (edit.name != "nudge" && edit.name != "detail") continue;
    for (int i = 0; i < 2000; ++i) {
      Trace trace;
      trace.ops = {fail, free, list};
      edit.apply(choices, kOpsMax, &trace);
      nths.insert(trace.ops[0].number);
      times.insert(trace.ops[0].size);
      sizes.insert(trace.ops[1].size);
      aligns.insert(trace.ops[1].align);
      lists.insert(trace.ops[2].number);
    }
  }
  for (uint64_t small = 0; small < 4; ++small) {
    EXPECT_TRUE(nths.contains(small)) << small;
    EXPECT_TRUE(times.contains(small)) << small;
    EXPECT_TRUE(lists.contains(small)) << small;
  }
  EXPECT_TRUE(sizes.contains(0x1001));
  EXPECT_TRUE(aligns.contains(uint64_t{1} << 27));
}

TEST(CrossOver, KeepsOpsOfBothInTheirOrder) {
  const Trace a = Marked(1, 12);
  const Trace b = Marked(2, 9);
  RandomChoices choices(10);
  for (int i = 0; i < 5000; ++i) {
    const size_t ops_max = 2 + i % 20;
    const Trace child = CrossOver(choices, a, b, ops_max);
    ASSERT_LE(child.ops.size(), ops_max);
    size_t from_a = 0;
    size_t from_b = 0;
    Op last[3];
    for (const Op& op : child.ops) {
      const uint64_t mark = op.range.end;
      ++(mark == 1 ? from_a : from_b);
      EXPECT_GE(op.range.start, last[mark].range.start);
      last[mark] = op;
      const Trace& parent = mark == 1 ? a : b;
      EXPECT_EQ(NameOf(child.names, op.name, op.slot),
                NameOf(parent.names, parent.ops[op.range.start].name, op.slot));
    }
    EXPECT_GT(from_a, 0);
    EXPECT_GT(from_b, 0);
  }
}

TEST(CrossOver, TakesEmptyParents) {
  RandomChoices choices(11);
  const Trace trace = Marked(1, 5);
  EXPECT_TRUE(CrossOver(choices, Trace(), Trace(), 5).ops.empty());
  EXPECT_FALSE(CrossOver(choices, trace, Trace(), 5).ops.empty());
  EXPECT_FALSE(CrossOver(choices, Trace(), trace, 5).ops.empty());
  EXPECT_EQ(CrossOver(choices, trace, trace, 1).ops.size(), 1);
}

}  // namespace
}  // namespace restree

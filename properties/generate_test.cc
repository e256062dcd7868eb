// SPDX-License-Identifier: Apache-2.0
#include "properties/generate.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/campaign.h"
#include "properties/choices.h"
#include "properties/taste.h"

namespace restree {
namespace {

using enum Outcome;
using enum Verb;

struct Possible {
  Verb verb;
  std::vector<Outcome> outcomes;
  uint16_t warnings = 0;  // that come out of it too
  uint16_t rare = 0;      // that may, or may not
};

// What model/preconditions.md says can come out of each verb.
const Possible kPossible[] = {
    {kRequest, {kOk, kBusy, kMisuse}},
    {kRequestAgain, {kOk, kBusy, kMisuse}},
    {kInsert, {kOk, kBusy, kMisuse}},
    {kInsertAgain, {kOk, kBusy, kMisuse}},
    {kInsertExpand, {kOk, kNull, kMisuse}},
    {kInsertExpandAgain, {kOk, kNull, kMisuse}},
    {kAllocate, {kOk, kBusy, kMisuse}},
    {kAllocateAgain, {kOk, kBusy, kMisuse}},
    {kRelease, {kOk, kMisuse}},
    {kRemove, {kOk, kMisuse}},
    {kAdjust, {kOk, kBusy, kMisuse}},
    {kReleaseChildren, {kOk, kMisuse}},
    {kRequestRegion, {kOk, kNull, kWouldBlock, kMisuse}, kWarnUnaddressable},
    {kReleaseRegion, {kOk, kMisuse}, kWarnNonexistent, kWarnUnaddressable},
    {kLookup, {kOk, kNull, kMisuse}},
    {kAlignment, {kOk, kMisuse}},
    {kRegionIntersects, {kDisjoint, kIntersects, kMixed}},
    {kWalkDesc, {kOk, kStopped, kInval}},
    {kWalkMem, {kOk, kStopped, kInval}},
    {kWalkSystemRam, {kOk, kStopped, kInval}},
    {kWalkSystemRamRev, {kOk, kStopped, kPerm}},
    {kWalkSystemRamRange, {kOk, kStopped, kInval}},

    {kRoot, {kOk, kMisuse}},
    {kReserve, {kOk, kMisuse}, kWarnOutside},
    {kReleaseAdjustable, {kOk, kMisuse}, kWarnOn},
    {kMerge, {kOk, kMisuse}, kWarnOn},
    {kRequestFree, {kOk, kRange, kNoMem, kMisuse}, kWarnUnaddressable},
    {kAllocFree, {kOk, kRange, kNoMem, kMisuse}},
    {kDevmRequestFree, {kOk, kRange, kNoMem, kMisuse}, kWarnUnaddressable},

    {kFindSpace, {kOk, kBusy, kMisuse}},
    {kSanityCheck, {kOk, kPerm}, kWarnSpans},
    {kIsExclusive, {kOk, kMisuse}},
    {kIomemIsExclusive, {kOk}},
    {kPageIsRam, {kOk}},
    {kContains, {kOk, kMisuse}},
    {kOverlaps, {kOk, kMisuse}},
    {kIntersection, {kOk, kMisuse}},
    {kUnion, {kOk, kMisuse}},
    {kSize, {kOk, kMisuse}},
    {kProc, {kOk, kMisuse}},

    {kDevmRequest, {kOk, kBusy, kNoMem, kMisuse}},
    {kDevmRelease, {kOk, kMisuse}, kWarnOn},
    {kDevmRequestRegion, {kOk, kNull, kMisuse}, kWarnUnaddressable},
    {kDevmReleaseRegion,
     {kOk, kMisuse},
     kWarnNonexistent | kWarnOn,
     kWarnUnaddressable},
    {kUnbind,
     {kOk, kNull, kWouldBlock, kMisuse},
     kWarnNonexistent,
     kWarnUnaddressable},

    {kListAdd, {kOk, kNull, kMisuse}},
    {kListAddTail, {kOk, kNull, kMisuse}},
    {kListDestroy, {kOk, kNull, kMisuse}},
    {kListFirst, {kOk, kNull}},
    {kListFree, {kOk}},

    {kFailAlloc, {kOk}},
    {kReserveSetup, {kOk, kNull, kMisuse}},
    {kStrictIomem, {kOk}},
    {kInitInode, {kOk, kNoMem, kMisuse}},
    {kGetMapping, {kOk, kMisuse}},

    {kPagemap, {kOk, kMisuse}},
    {kAddRange, {kOk, kMisuse}},
    {kAltmap, {kOk, kMisuse}},
    {kSetupPfn, {kOk, kInval, kNxIo, kMisuse}},
    {kMemremap,
     {kOk, kInval, kNoMem, kExist, kNxIo, kMisuse},
     kWarnOn | kWarnOther},
    {kMemunmap, {kOk, kWouldBlock, kMisuse}},
    {kDevmMemremap,
     {kOk, kInval, kNoMem, kExist, kNxIo, kMisuse},
     kWarnOn | kWarnOther},
    {kDevmMemunmap, {kOk, kWouldBlock, kMisuse}, kWarnOn},
    {kGetPagemap, {kOk, kNull, kMisuse}},
    {kPutPagemap, {kOk, kMisuse}},
    {kPfnValid, {kOk, kMisuse}},
    {kPageInit, {kOk, kMisuse}, kWarnOn},
    {kPageFree, {kOk, kMisuse}, kWarnOn},
    {kPageGet, {kOk, kMisuse}},
    {kPagePut, {kOk, kMisuse}},
    {kAltmapOffset, {kOk, kMisuse}},
    {kAltmapAlloc, {kOk, kNull, kMisuse}, kWarnOther},
    {kAltmapFree, {kOk, kMisuse}},
    {kFailStep, {kOk}},
    {kDumpable, {kOk}},
};

Campaign PlayOnModel(uint64_t seed, uint64_t ops) {
  Model model;
  return RunCampaign(seed, ops, 100, {&model});
}

constexpr uint64_t kOftenEnough = 5;

TEST(AnyOp, ReachesEveryPossibleOutcomeAndNoOther) {
  EXPECT_EQ(std::size(kPossible), static_cast<size_t>(kVerbs));
  const Campaign campaign = PlayOnModel(1, 150000);
  std::printf("%s", OutcomeTable(campaign.outcomes).c_str());
  ASSERT_FALSE(campaign.failure.has_value());
  for (const Possible& it : kPossible) {
    const std::set<Outcome> possible(it.outcomes.begin(), it.outcomes.end());
    for (int i = 0; i < kOutcomes; ++i) {
      const Outcome outcome = static_cast<Outcome>(i);
      const uint64_t count = campaign.outcomes.of(it.verb, outcome);
      EXPECT_EQ(count >= kOftenEnough, possible.contains(outcome))
          << InfoOf(it.verb).name << " " << OutcomeText(outcome) << ": "
          << count;
      if (!possible.contains(outcome)) EXPECT_EQ(count, 0u);
    }
  }
}

TEST(AnyOp, ReachesEveryPossibleWarningAndNoOther) {
  const OutcomeCounts outcomes = PlayOnModel(1, 150000).outcomes;
  for (const Possible& it : kPossible) {
    for (int bit = 0; bit < OutcomeCounts::kWarnings; ++bit) {
      const uint64_t count =
          outcomes.warnings[static_cast<size_t>(it.verb)][bit];
      if (it.warnings >> bit & 1) {
        EXPECT_GE(count, kOftenEnough) << InfoOf(it.verb).name << " " << bit;
      } else if ((it.rare >> bit & 1) == 0) {
        EXPECT_EQ(count, 0u) << InfoOf(it.verb).name << " " << bit;
      }
    }
  }
}

// Calls visit(before, op, seen, after) with each op of random traces on the
// model.
template <typename Visit>
void PlayEach(uint64_t seed, int traces, Visit visit) {
  RandomChoices choices(seed);
  Model model;
  State before;
  State after;
  for (int i = 0; i < traces; ++i) {
    const Taste taste = AnyTaste(choices);
    model.Reset();
    model.Snapshot(&after);
    for (int j = 0; j < 100; ++j) {
      std::swap(before, after);
      const Op op = AnyOp(choices, before, taste);
      const Observation seen = model.Apply(op);
      model.Snapshot(&after);
      visit(before, op, seen, after);
    }
  }
}

TEST(AnyOp, AsksWhatIsTrueAndWhatIsNot) {
  std::array<std::array<int, 2>, kVerbs> answers = {};
  PlayEach(
      12, 1000,
      [&](const State&, const Op& op, const Observation& seen, const State&) {
        const bool asked = seen.outcome == kOk;
        if (asked) ++answers[static_cast<size_t>(op.verb)][seen.value != 0];
      });
  for (const Verb verb : {kIsExclusive, kIomemIsExclusive, kPageIsRam,
                          kContains, kOverlaps, kIntersection, kUnion}) {
    const auto [no, yes] = answers[static_cast<size_t>(verb)];
    EXPECT_GE(no, 20) << InfoOf(verb).name;
    EXPECT_GE(yes, 20) << InfoOf(verb).name;
  }
}

TEST(AnyOp, MakesTheRareHappen) {
  int crowds = 0;  // walks that need more memory on the way
  int splits = 0;  // of what is released in the middle
  int pieces = 0;  // several of them reserved at once
  int merges = 0;
  int wakes = 0;    // waiters that got what they waited for
  int revokes = 0;  // regions that take mappings of /dev/mem away
  PlayEach(13, 1500,
           [&](const State& before, const Op& op, const Observation& seen,
               const State& after) {
             const size_t was = before.rows.size();
             const size_t is = after.rows.size();
             crowds += op.verb == kWalkSystemRamRev && seen.visits.size() > 16;
             splits += op.verb == kReleaseAdjustable && is > was;
             pieces += op.verb == kReserve && is > was + 1;
             merges += op.verb == kMerge && is < was;
             wakes +=
                 op.verb == kReleaseRegion && is >= was &&
                 after.ledger.waiters.size() < before.ledger.waiters.size();
             revokes += op.verb == kRequestRegion && !seen.visits.empty();
           });
  EXPECT_GT(crowds, 20);
  EXPECT_GT(splits, 100);
  EXPECT_GT(pieces, 100);
  EXPECT_GT(merges, 100);
  EXPECT_GT(wakes, 100);
  EXPECT_GT(revokes, 20);
}

TEST(AnyOp, MisusesRarely) {
  const Campaign campaign = PlayOnModel(2, 20000);
  uint64_t misuse = 0;
  for (int v = 0; v < kVerbs; ++v) {
    misuse += campaign.outcomes.of(static_cast<Verb>(v), kMisuse);
  }
  EXPECT_GT(misuse * 100, campaign.ops);      // more than 1 %
  EXPECT_LT(misuse * 100, campaign.ops * 8);  // and less than 8 %
}

TEST(AnyOp, GrowsTreesOfThreeLevelsAndMore) {
  const Campaign campaign = PlayOnModel(3, 60000);
  uint64_t deep = 0;
  for (size_t i = 3; i < campaign.depths.size(); ++i)
    deep += campaign.depths[i];
  EXPECT_GT(deep * 5, campaign.ops);                 // a fifth of all states
  EXPECT_GT(campaign.depths.back(), 50u);            // seven levels occur
  EXPECT_GT(campaign.rows, campaign.ops * (2 + 4));  // the roots, and four more
  EXPECT_LT(campaign.rows, campaign.ops * (2 + 16));
  EXPECT_GT(campaign.end_states * 10, campaign.traces * 9);
}

TEST(AnyOp, StacksEqualRangesThreeLevelsDeep) {
  RandomChoices choices(4);
  int stacks = 0;
  for (int i = 0; i < 300; ++i) {
    Model model;
    for (const Op& op : AnyTrace(choices, 60).ops) model.Apply(op);
    State state;
    model.Snapshot(&state);
    for (size_t at = 2; at < state.rows.size(); ++at) {
      const Row& low = state.rows[at];
      const Row& middle = state.rows[at - 1];
      const Row& high = state.rows[at - 2];
      stacks += low.parent == middle.slot && middle.parent == high.slot &&
                low.range == middle.range && middle.range == high.range;
    }
  }
  EXPECT_GT(stacks, 10);
}

TEST(AnyOp, IsNormalAndHasANameOfItsOwn) {
  RandomChoices choices(5);
  for (int i = 0; i < 100; ++i) {
    for (const Op& op : AnyTrace(choices, 60).ops) {
      EXPECT_EQ(op, Normal(op));
      EXPECT_LE(op.name, NamesOfAnyOp().size());
    }
  }
}

TEST(AnyOp, HasEveryVerbInEveryStateForEveryTaste) {
  Taste taste = {};
  taste.weights[static_cast<size_t>(kInsert)] = 1;
  Model model;
  State empty;
  model.Snapshot(&empty);
  RandomChoices choices(6);
  std::set<Verb> verbs;
  for (int i = 0; i < 20000; ++i) {
    verbs.insert(AnyOp(choices, empty, taste).verb);
  }
  EXPECT_EQ(verbs.size(), static_cast<size_t>(kVerbs));
}

TEST(AnyOp, IsTheSimplestOneForZeroes) {
  Model model;
  State empty;
  model.Snapshot(&empty);
  ByteChoices zeroes({});
  Op simplest;
  simplest.slot = R(0);
  simplest.range = {0, 0xfff};
  simplest.flags = kResourceMem;
  EXPECT_EQ(AnyOp(zeroes, empty), simplest);
}

TEST(AnyOp, CopesWithMoreResourcesThanItTellsApart) {
  State state;
  Model().Snapshot(&state);
  for (uint32_t i = 0; i < 500; ++i) {
    Row row;
    row.slot = R(i);
    row.depth = 1;
    row.parent = kIomem;
    row.range = {i * 0x1000, i * 0x1000 + 0xfff};
    state.rows.insert(state.rows.end() - 1, row);
  }
  RandomChoices choices(7);
  std::set<Slot> released;
  for (int i = 0; i < 20000; ++i) {
    const Op op = AnyOp(choices, state);
    if (op.verb == kRelease) released.insert(op.slot);
  }
  EXPECT_GE(released.size(), 64u);
}

TEST(AnyTrace, IsTheSameForASeed) {
  RandomChoices one(8);
  RandomChoices two(8);
  RandomChoices other(9);
  const Trace trace = AnyTrace(one, 100);
  EXPECT_GT(trace.ops.size(), 1u);
  EXPECT_EQ(trace, AnyTrace(two, 100));
  EXPECT_NE(trace, AnyTrace(other, 100));
}

TEST(AnyTrace, HasUpToAsManyOpsAsItMay) {
  RandomChoices choices(10);
  std::set<size_t> sizes;
  for (int i = 0; i < 200; ++i) sizes.insert(AnyTrace(choices, 3).ops.size());
  EXPECT_EQ(sizes, (std::set<size_t>{0, 1, 2, 3}));
}

TEST(AnyTrace, ComesFromAnyBytes) {
  RandomChoices random(11);
  std::vector<uint8_t> bytes(600);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.Below(256));
  ByteChoices choices(bytes);
  EXPECT_GT(AnyTrace(choices, 50).ops.size(), 0u);
  ByteChoices none({});
  EXPECT_TRUE(AnyTrace(none, 50).ops.empty());
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/any_range.h"

#include <cstdint>
#include <set>

#include "gtest/gtest.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/choices.h"

namespace restree {
namespace {

constexpr Range kAll = {0, UINT64_MAX};
constexpr Range kOne = {0x5000, 0x6fff};

// iomem and one resource in it.
State SmallState() {
  State state;
  state.rows.push_back({.slot = kIomem, .range = kAll});
  state.rows.push_back(
      {.slot = R(0), .depth = 1, .parent = kIomem, .range = kOne});
  return state;
}

TEST(AnyRange, DrawsEveryRelationToWhatExists) {
  const State state = SmallState();
  RandomChoices choices(1);
  int equal = 0, touching = 0, by_one = 0, edge = 0, nudged = 0, inverted = 0;
  int everything = 0, one_byte = 0;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const Range range = AnyRange(choices, state, kAll, {});
    equal += range == kOne;
    touching += range.end == kOne.start - 1 || range.start == kOne.end + 1;
    by_one += range.end == kOne.start || range.start == kOne.end;
    edge += range.start == kOne.start || range.end == kOne.end;
    nudged += range == Range{kOne.start - 1, kOne.end} ||
              range == Range{kOne.start, kOne.end + 1};
    inverted += range.inverted();
    everything += range == kAll;
    one_byte += range.start == range.end;
  }
  EXPECT_GT(equal, kDraws / 50);
  EXPECT_GT(touching, kDraws / 50);
  EXPECT_GT(by_one, kDraws / 200);
  EXPECT_GT(edge, kDraws / 20);
  EXPECT_GT(nudged, kDraws / 1000);
  EXPECT_GT(everything, kDraws / 50);
  EXPECT_GT(one_byte, kDraws / 100);
  EXPECT_GT(inverted, kDraws / 500);
  EXPECT_LT(inverted, kDraws / 20);
}

TEST(AnyRange, MostlyLiesInsideItsParent) {
  const State state = SmallState();
  RandomChoices choices(2);
  int inside = 0;
  for (int i = 0; i < 10000; ++i) {
    const Range range = AnyRange(choices, state, kOne, {});
    inside += !range.inverted() && kOne.Contains(range);
  }
  EXPECT_GT(inside, 6000);
  EXPECT_LT(inside, 9900);
}

TEST(AnyRange, ReachesTheEndOfAllAddresses) {
  const State state = SmallState();
  const Universe universe = {.base = UINT64_MAX - 0xffff};
  RandomChoices choices(3);
  int at_the_end = 0;
  for (int i = 0; i < 1000; ++i) {
    const Range range = AnyRange(choices, state, kAll, universe);
    at_the_end += range.end == UINT64_MAX && range.start > universe.base;
  }
  EXPECT_GT(at_the_end, 10);
}

TEST(AnyAddress, DrawsBothSidesOfEveryEdge) {
  const State state = SmallState();
  RandomChoices choices(4);
  std::set<uint64_t> drawn;
  for (int i = 0; i < 2000; ++i) drawn.insert(AnyAddress(choices, state, {}));
  for (const uint64_t edge : {kOne.start, kOne.end, kAll.start, kAll.end}) {
    EXPECT_TRUE(drawn.contains(edge - 1)) << edge;
    EXPECT_TRUE(drawn.contains(edge)) << edge;
    EXPECT_TRUE(drawn.contains(edge + 1)) << edge;
  }
  EXPECT_TRUE(drawn.contains(uint64_t{1} << 32));
}

TEST(AnySize, IsRarelyZero) {
  const State state = SmallState();
  RandomChoices choices(5);
  int zero = 0;
  int as_large = 0;
  for (int i = 0; i < 10000; ++i) {
    const uint64_t size = AnySize(choices, state);
    zero += size == 0;
    as_large += size == kOne.size();
  }
  EXPECT_GT(zero, 50);
  EXPECT_LT(zero, 1000);
  EXPECT_GT(as_large, 500);
}

}  // namespace
}  // namespace restree

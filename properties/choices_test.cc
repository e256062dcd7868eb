// SPDX-License-Identifier: Apache-2.0
#include "properties/choices.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

using ::testing::ElementsAre;

TEST(RandomChoices, AreTheSameForASeedOnEveryPlatform) {
  RandomChoices choices(1);
  std::vector<uint64_t> drawn;
  for (uint64_t n : {10u, 1000u, 1u, 4096u, 7u}) {
    drawn.push_back(choices.Below(n));
  }
  EXPECT_THAT(drawn, ElementsAre(1, 136, 0, 1848, 0));
}

TEST(RandomChoices, DifferBetweenSeeds) {
  RandomChoices one(1);
  RandomChoices two(2);
  EXPECT_NE(one.Below(uint64_t{1} << 60), two.Below(uint64_t{1} << 60));
}

TEST(RandomChoices, ReachEveryNumberBelowTheBoundAboutEquallyOften) {
  RandomChoices choices(3);
  std::vector<int> counts(7);
  for (int i = 0; i < 7000; ++i) ++counts.at(choices.Below(7));
  for (int count : counts) {
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1150);
  }
}

TEST(RandomChoices, ReachTheTopOfTheLargestBound) {
  RandomChoices choices(4);
  uint64_t all = 0;
  for (int i = 0; i < 100; ++i) all |= choices.Below(UINT64_MAX);
  EXPECT_EQ(all, UINT64_MAX);
}

TEST(ByteChoices, ReadAsManyBytesAsTheBoundNeeds) {
  const std::vector<uint8_t> bytes = {5, 0x34, 0x12, 9};
  ByteChoices choices(bytes);
  EXPECT_EQ(choices.Below(256), 5u);
  EXPECT_EQ(choices.Below(1), 0u);  // takes no byte
  EXPECT_EQ(choices.Below(0x10000), 0x1234u);
  EXPECT_FALSE(choices.done());
  EXPECT_EQ(choices.Below(2), 1u);
  EXPECT_TRUE(choices.done());
}

TEST(ByteChoices, AreZeroAfterTheLastByte) {
  const std::vector<uint8_t> bytes = {0xff};
  ByteChoices choices(bytes);
  EXPECT_EQ(choices.Below(uint64_t{1} << 32), 0xffu);
  EXPECT_EQ(choices.Below(100), 0u);
  EXPECT_EQ(choices.Below(UINT64_MAX), 0u);
}

TEST(ByteChoices, StayBelowTheBoundForAnyBytes) {
  RandomChoices random(5);
  std::vector<uint8_t> bytes(4096);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.Below(256));
  ByteChoices choices(bytes);
  while (!choices.done()) {
    const uint64_t n = 1 + random.Below(UINT64_MAX >> random.Below(64));
    EXPECT_LT(choices.Below(n), n);
  }
}

TEST(EveryChoice, CountsAsAnOdometerDoes) {
  EveryChoice every;
  std::vector<std::string> runs;
  do {
    const uint64_t first = every.Below(2);
    const uint64_t second = every.Below(3);
    runs.push_back(absl::StrCat(first, second));
  } while (every.Next());
  EXPECT_THAT(runs, ElementsAre("00", "01", "02", "10", "11", "12"));
}

TEST(EveryChoice, FollowsBoundsThatDependOnEarlierChoices) {
  EveryChoice every;
  std::vector<std::string> runs;
  do {
    std::string run;
    const uint64_t length = every.Below(3);
    for (uint64_t i = 0; i < length; ++i) {
      absl::StrAppend(&run, every.Below(1 + length));
    }
    runs.push_back(run);
  } while (every.Next());
  EXPECT_EQ(runs.size(), 1 + 2 + 9u);
  EXPECT_EQ(std::set<std::string>(runs.begin(), runs.end()).size(),
            runs.size());
}

TEST(EveryChoice, StartsOverAfterTheLastRun) {
  EveryChoice every;
  every.Below(2);
  EXPECT_TRUE(every.Next());
  EXPECT_EQ(every.Below(2), 1u);
  EXPECT_FALSE(every.Next());
  EXPECT_EQ(every.Below(5), 0u);  // another generator may follow
}

TEST(EveryChoice, HasOneRunWhereThereIsNothingToChoose) {
  EveryChoice every;
  EXPECT_EQ(every.Below(1), 0u);
  EXPECT_FALSE(every.Next());
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/taste.h"

#include <cstddef>
#include <cstdint>
#include <set>

#include "gtest/gtest.h"
#include "model/trace.h"
#include "properties/choices.h"

namespace restree {
namespace {

TEST(AnyTaste, IsTheDefaultForZeroes) {
  ByteChoices zeroes({});
  const Taste taste = AnyTaste(zeroes);
  EXPECT_EQ(taste.weights, DefaultTaste().weights);
  EXPECT_EQ(taste.universe.base, 0u);
  for (const uint8_t weight : taste.weights) EXPECT_GT(weight, 0);
}

TEST(AnyTaste, AlwaysPlacesSomething) {
  RandomChoices choices(1);
  for (int i = 0; i < 2000; ++i) {
    const Taste taste = AnyTaste(choices);
    EXPECT_GT(taste.weights[static_cast<size_t>(Verb::kRequest)] +
                  taste.weights[static_cast<size_t>(Verb::kInsert)],
              0);
  }
}

TEST(AnyTaste, TurnsEveryVerbOffAndUpAtTimes) {
  RandomChoices choices(2);
  std::set<int> off;
  std::set<int> up;
  for (int i = 0; i < 200; ++i) {
    const Taste taste = AnyTaste(choices);
    for (int v = 0; v < kVerbs; ++v) {
      if (taste.weights[v] == 0) off.insert(v);
      if (taste.weights[v] > DefaultTaste().weights[v]) up.insert(v);
    }
  }
  EXPECT_EQ(off.size(), static_cast<size_t>(kVerbs));
  EXPECT_EQ(up.size(), static_cast<size_t>(kVerbs));
}

TEST(AnyTaste, MovesToBothEndsOfTheAddresses) {
  RandomChoices choices(3);
  std::set<uint64_t> bases;
  for (int i = 0; i < 200; ++i) bases.insert(AnyTaste(choices).universe.base);
  EXPECT_TRUE(bases.contains(0));
  EXPECT_TRUE(bases.contains(UINT64_MAX - 0xffff));
}

TEST(AnyTaste, GoesWithoutDeviceMemoryHalfOfTheTime) {
  RandomChoices choices(4);
  int without = 0;
  int little_else = 0;
  for (int i = 0; i < 400; ++i) {
    const Taste taste = AnyTaste(choices);
    int old = 0;
    int device = 0;
    for (int v = 0; v < kVerbs; ++v) {
      const bool is_new = v >= static_cast<int>(Verb::kPagemap);
      (is_new ? device : old) += taste.weights[v];
    }
    without += device == 0;
    little_else += device > old;
  }
  EXPECT_GT(without, 150);
  EXPECT_LT(without, 250);
  EXPECT_GT(little_else, 40);
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "model/range.h"

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace restree {
namespace {

constexpr uint64_t kMax = UINT64_MAX;

// Sixteen addresses: Range is held against sets of them. A universe starts at
// `base`, so that the same pairs are tried at both ends of the address space.
constexpr size_t kPoints = 16;
using Points = std::bitset<kPoints>;
constexpr uint64_t kBases[] = {0, 0x1000, uint64_t{1} << 63, kMax - 15};

Points PointsOf(const Range& range, uint64_t base) {
  Points points;
  for (size_t i = 0; i < kPoints; ++i) {
    points[i] = range.start <= base + i && base + i <= range.end;
  }
  return points;
}

// Every range within the universe at `base`, inverted ones too if asked for.
std::vector<Range> RangesAt(uint64_t base, bool inverted) {
  std::vector<Range> ranges;
  for (uint64_t start = 0; start < kPoints; ++start) {
    for (uint64_t end = inverted ? 0 : start; end < kPoints; ++end) {
      ranges.push_back({base + start, base + end});
    }
  }
  return ranges;
}

TEST(RangeTest, AgreesWithSetsOfPointsOnEveryPair) {
  size_t pairs = 0;
  for (const uint64_t base : kBases) {
    for (const Range& a : RangesAt(base, false)) {
      const Points points_a = PointsOf(a, base);
      for (const Range& b : RangesAt(base, false)) {
        const Points points_b = PointsOf(b, base);
        const Points both = points_a & points_b;
        ASSERT_EQ(a.Contains(b), both == points_b);
        ASSERT_EQ(a.Overlaps(b), both.any());
        if (both.any()) {
          ASSERT_EQ(PointsOf(a.Intersection(b), base), both);
        }
        ASSERT_EQ(a == b, points_a == points_b);
        ++pairs;
      }
    }
  }
  EXPECT_EQ(pairs, size_t{4 * 136 * 136});
}

TEST(RangeTest, AgreesWithSetsOfPointsOnEveryRange) {
  for (const uint64_t base : kBases) {
    for (const Range& range : RangesAt(base, true)) {
      const Points points = PointsOf(range, base);
      EXPECT_EQ(range.inverted(), points.none());
      if (!range.inverted()) {
        EXPECT_EQ(range.size(), points.count());
        EXPECT_EQ(Range::OfSize(range.start, range.size()), range);
      }
      for (uint64_t i = 0; i < kPoints; ++i) {
        EXPECT_EQ(range.Contains(base + i), points[i]);
      }
    }
  }
}

TEST(RangeTest, OrdersByStartThenEnd) {
  const std::vector<Range> ranges = RangesAt(kMax - 15, true);
  EXPECT_TRUE(std::is_sorted(ranges.begin(), ranges.end()));
  for (size_t i = 1; i < ranges.size(); ++i) {
    EXPECT_LT(ranges[i - 1], ranges[i]);
  }
}

TEST(RangeTest, OverlapsIsSymmetricForInvertedRangesToo) {
  for (const Range& a : RangesAt(0, true)) {
    for (const Range& b : RangesAt(0, true)) {
      EXPECT_EQ(a.Overlaps(b), b.Overlaps(a));
    }
  }
  // As resource_overlaps() has it: the range of no bytes lies inside the other.
  EXPECT_TRUE((Range{0x1000, 0x0fff}).Overlaps({0, 0x2000}));
  EXPECT_FALSE((Range{0x1000, 0x0fff}).Overlaps({0x1000, 0x2000}));
}

TEST(RangeTest, TheRangeOfAllAddressesHasSizeZero) {
  constexpr Range kAll = {0, kMax};
  EXPECT_EQ(kAll.size(), 0u);
  EXPECT_FALSE(kAll.inverted());
  EXPECT_EQ(Range::OfSize(0, 0), kAll);
  EXPECT_TRUE(kAll.Contains(kAll));
  EXPECT_TRUE(kAll.Contains(kMax));
  EXPECT_TRUE(kAll.Contains(uint64_t{0}));
}

TEST(RangeTest, SizesWrapAsInTheKernel) {
  EXPECT_EQ(Range::OfSize(kMax, 1), (Range{kMax, kMax}));
  EXPECT_EQ(Range::OfSize(kMax, 2), (Range{kMax, 0}));
  EXPECT_EQ(Range::OfSize(1, kMax), (Range{1, kMax}));
  EXPECT_EQ(Range::OfSize(0x1000, 0), (Range{0x1000, 0x0fff}));
  EXPECT_TRUE(Range::OfSize(kMax, 2).inverted());
  EXPECT_TRUE(Range::OfSize(0x1000, 0).inverted());
  EXPECT_EQ((Range{0x1000, 0x0fff}).size(), 0u);
  EXPECT_EQ((Range{kMax, 0}).size(), 2u);
  EXPECT_EQ((Range{1, kMax}).size(), kMax);
}

}  // namespace
}  // namespace restree

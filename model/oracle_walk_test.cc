// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/oracle_testing.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

using enum Verb;

constexpr uint64_t kMax = UINT64_MAX;
constexpr uint64_t kRam = kResourceSystemRam | kResourceBusy;
constexpr uint64_t kMemBusy = kResourceMem | kResourceBusy;
constexpr uint64_t kCxl = 9;

//   0x1000                               0x6000        0x8000
//   |-- r1: a CXL window -------------|  |-- r5: RAM --|  |-- r6 --|
//   |-- r2: RAM --||-- r3: RAM --| |r8|
//         |- r4 --|
const std::vector<Step> kWindow = {
    {Request(1, kIomem, {0x1000, 0x4fff}, kResourceMem, kCxl), "ok"},
    {Request(2, R(1), {0x1000, 0x1fff}, kRam), "ok"},
    {Request(3, R(1), {0x2000, 0x2fff}, kRam), "ok"},
    {Request(4, R(2), {0x1800, 0x1fff}, kMemBusy), "ok"},
    {Request(5, kIomem, {0x6000, 0x6fff}, kRam), "ok"},
    {Request(6, kIomem, {0x8000, 0x8fff}), "ok"},
    {Request(7, kIoport, {0x3000, 0x9fff}, kRam), "ok"},
    {Request(8, R(1), {0x4000, 0x4fff}, kMemBusy), "ok"},
};

// Builds the window, then asks each question of it.
void PlayOnWindow(const std::vector<Step>& questions) {
  std::vector<Step> steps = kWindow;
  steps.insert(steps.end(), questions.begin(), questions.end());
  Play(steps);
}

TEST(OracleWalk, IntersectionSeesThroughWhatMatchingDescendantsCover) {
  const auto ask = [](Range range, uint64_t flags, uint64_t desc = 0) {
    return Ask(kRegionIntersects, range, flags, desc);
  };
  PlayOnWindow({
      {ask({0, 0xfff}, kRam), "REGION_DISJOINT"},
      {ask({0x1000, 0x2fff}, kRam), "REGION_INTERSECTS"},
      {ask({0, 0x2fff}, kRam), "REGION_INTERSECTS"},
      {ask({0x1fff, 0x3000}, kRam), "REGION_MIXED"},
      {ask({0x1000, 0x4fff}, kRam), "REGION_MIXED"},
      {ask({0x3000, 0x4fff}, kRam), "REGION_DISJOINT"},
      {ask({0x3000, 0x6000}, kRam), "REGION_MIXED"},
      {ask({0x5000, 0x7fff}, kRam), "REGION_INTERSECTS"},
      {ask({0x6fff, 0x8000}, kRam), "REGION_MIXED"},
      {ask({0x9000, 0x9fff}, kRam), "REGION_DISJOINT"},
      {ask({0x1000, 0x1fff}, 0, kCxl), "REGION_INTERSECTS"},
      {ask({0x1000, 0x1fff}, 0, 8), "REGION_DISJOINT"},
      {ask(kAll, 0), "REGION_INTERSECTS"},
      {ask(kAll, kRam), "REGION_MIXED"},
      // Inverted: what straddles both ends "overlaps" it.
      {ask({0x2800, 0x27ff}, kRam), "REGION_INTERSECTS"},
      {ask({0x2000, 0x1fff}, kRam), "REGION_DISJOINT"},
  });
}

TEST(OracleWalk, AHoleBetweenMatchingDescendantsIsNotCovered) {
  const auto ask = [](Range range) {
    return Ask(kRegionIntersects, range, kRam);
  };
  Play({
      {Request(1, kIomem, {0, kMax}), "ok"},
      {Request(2, R(1), {0x1000, 0x1fff}, kRam), "ok"},
      {Request(3, R(1), {0x2001, kMax}), "ok"},
      {Request(4, R(3), {0x3000, kMax}, kRam), "ok"},
      {ask({0x1000, 0x2000}), "REGION_MIXED"},
      {ask({0x1fff, 0x3000}), "REGION_MIXED"},
      {ask({0x3000, kMax}), "REGION_INTERSECTS"},
      {ask({0x2fff, kMax}), "REGION_MIXED"},
      {Request(5, R(1), {0x2000, 0x2000}, kRam), "ok"},
      {Request(6, R(3), {0x2001, 0x2fff}, kRam), "ok"},
      {ask({0x1000, kMax}), "REGION_INTERSECTS"},
  });
}

TEST(OracleWalk, WalksVisitTheOutermostMatchClipped) {
  PlayOnWindow({
      {Ask(kWalkDesc, kAll, 0, kCxl), "ok visits=1 0x1000-0x4fff"},
      {Ask(kWalkDesc, kAll, kResourceBusy),
       "ok visits=4 0x1000-0x1fff 0x2000-0x2fff 0x4000-0x4fff "
       "0x6000-0x6fff"},
      {Ask(kWalkDesc, {0x2800, 0x2fff}, 0, 8), "EINVAL"},
      {Ask(kWalkMem, {0x2900, 0x5fff}),
       "ok visits=2 0x2900-0x2fff 0x4000-0x4fff"},
      {Ask(kWalkSystemRam, {0x1800, 0x67ff}),
       "ok visits=3 0x1800-0x1fff 0x2000-0x2fff 0x6000-0x67ff"},
      {Ask(kWalkSystemRam, {0x7000, kMax}), "EINVAL"},
      {Ask(kWalkSystemRamRev, {0x1800, 0x67ff}),
       "ok visits=3 0x6000-0x67ff 0x2000-0x2fff 0x1800-0x1fff"},
      {Ask(kWalkSystemRamRev, {0x7000, kMax}), "EPERM"},
      // One byte is never walked, neither at first nor as the rest.
      {Ask(kWalkSystemRam, {0x1800, 0x1800}), "EINVAL"},
      {Ask(kWalkSystemRam, {0x1800, 0x2000}), "ok visits=1 0x1800-0x1fff"},
      {Ask(kWalkSystemRam, {0x1800, 0x17ff}), "EINVAL"},
  });
}

TEST(OracleWalk, OfEqualRangesTheUpperIsVisited) {
  Oracle oracle = Play({
      {Insert(1, kIomem, {0x1000, 0x1fff}), "ok"},
      {Insert(2, kIomem, {0x1000, 0x1fff}), "ok"},
      {On(kRemove, R(1)), "ok"},
      {Request(1, R(2), {0x1000, 0x1fff}, kRam, kCxl), "ok"},
      {Request(3, R(1), {0x1000, 0x1fff}, kMemBusy), "ok"},
  });
  const Observation mem = oracle.Apply(Ask(kWalkMem, kAll));
  ASSERT_EQ(mem.visits.size(), 1u);
  EXPECT_EQ(mem.visits[0], (Visit{{0x1000, 0x1fff}, kRam, kCxl}));
  const Observation all = oracle.Apply(Ask(kWalkDesc, kAll));
  ASSERT_EQ(all.visits.size(), 1u);
  EXPECT_EQ(all.visits[0], (Visit{{0x1000, 0x1fff}, 0, 0}));
}

TEST(OracleWalk, TheCallbackStopsTheWalk) {
  PlayOnWindow({
      {Ask(kWalkSystemRam, kAll, 0, 0, 1), "stopped visits=1 0x1000-0x1fff"},
      {Ask(kWalkSystemRam, kAll, 0, 0, 3), "stopped visits=3"},
      {Ask(kWalkSystemRam, kAll, 0, 0, 4), "ok visits=3"},
      {Ask(kWalkSystemRamRev, kAll, 0, 0, 2),
       "stopped visits=2 0x6000-0x6fff 0x2000-0x2fff"},
      {Ask(kWalkSystemRamRev, {0, 1}, 0, 0, 1), "EPERM"},
      {Ask(kWalkSystemRamRange, {0, 0xf}, 0, 0, 2),
       "stopped visits=2 0x1-0x1 0x2-0x2"},
  });
}

TEST(OracleWalk, WalksEndAtTheMaximum) {
  Play({
      {Request(1, kIomem, {0, 0xfff}, kRam), "ok"},
      {Request(2, kIomem, {kMax - 0x1fff, kMax}, kRam), "ok"},
      {Ask(kWalkSystemRam, kAll),
       "ok visits=2 0x0-0xfff 0xffffffffffffe000-0xffffffffffffffff"},
      {Ask(kWalkSystemRamRev, {1, kMax}),
       "ok visits=2 0xffffffffffffe000-0xffffffffffffffff 0x1-0xfff"},
      // The end of the last page wraps to page 0: no whole page.
      {Ask(kWalkSystemRamRange, {0, kMax >> 12}), "ok visits=1 0x0-0x0"},
      {Ask(kWalkSystemRamRange, {1, kMax >> 12}), "EINVAL"},
  });
}

TEST(OracleWalk, PagesAreRoundedInwards) {
  constexpr uint64_t kWrap = uint64_t{1} << 52;
  Play({
      {Request(1, kIomem, {0x1000, 0x2ffe}, kRam), "ok"},
      {Request(2, kIomem, {0x3001, 0x4ffe}, kRam), "ok"},
      {Request(3, kIomem, {0x6001, 0x8fff}, kRam), "ok"},
      {Ask(kWalkSystemRamRange, {0, 0xf}), "ok visits=2 0x1-0x1 0x7-0x8"},
      // Without a whole page before the first call, -EINVAL stays.
      {Ask(kWalkSystemRamRange, {3, 0xf}), "EINVAL"},
      {Ask(kWalkSystemRamRange, {5, 7}), "ok visits=1 0x7-0x7"},
      {Ask(kWalkSystemRamRange, {8, 7}), "EINVAL"},
      // Page 2^52 is page 0 again.
      {Ask(kWalkSystemRamRange, {kWrap, kWrap + 2}), "ok visits=1 0x1-0x1"},
  });
}

}  // namespace
}  // namespace restree

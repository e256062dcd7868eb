// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/oracle.h"
#include "model/oracle_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr uint64_t kMax = UINT64_MAX;
constexpr uint64_t kRam = kResourceSystemRam | kResourceBusy;
constexpr NameId kName = 7;

Op Named(Op op, NameId name = kName) {
  op.name = name;
  return op;
}

Op Reserve(uint32_t n, Slot parent, Range range) {
  return New(Verb::kReserve, R(n), parent, range);
}

Op Unplug(uint32_t n, Range range) {
  return New(Verb::kReleaseAdjustable, R(n), 0, range);
}

Op Merge(uint32_t n) { return On(Verb::kMerge, R(n)); }

TEST(OracleMemory, ReserveFillsTheGaps) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x1fff}), "ok"},
      {Request(2, kIomem, {0x3000, 0x3fff}), "ok"},
      {Request(3, kIomem, {0x4000, 0x4fff}), "ok"},
      {Reserve(5, kIomem, {0x0800, 0x57ff}), "ok"},
      {Reserve(8, kIomem, {0x1000, 0x1fff}), "ok"},  // no gap
      {Reserve(8, kIomem, {0x1800, 0x1000}), "ok"},  // inverted
      {Reserve(8, kIomem, {0x5000, 0x6fff}), "ok"},  // behind a piece
      {Reserve(9, R(1), {0x1000, 0x1fff}), "ok"},
      {Reserve(10, kIomem, {kMax, kMax}), "ok"},
      {Reserve(10, kIomem, {0, 0}), "misuse (the resource exists already)"},
      {On(Verb::kRelease, R(9)), "ok"},
      {Reserve(9, kIomem, {0, 0}), "misuse (the resource exists already)"},
      {Reserve(11, kIoport, {0, 0xffff}), "ok"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r5 800-fff .r1 1000-1fff .r6 2000-2fff .r2 3000-3fff "
            ".r3 4000-4fff .r7 5000-57ff .r8 5800-6fff "
            ".r10 ffffffffffffffff-ffffffffffffffff ioport .r11 0-ffff "
            "r9 1000-1fff");
}

TEST(OracleMemory, APieceIsTheKernelsAndHasTheTypeOfItsParent) {
  constexpr uint64_t kAllButType = ~kResourceTypeBits;
  const Oracle oracle = Play({
      {Root(1, {0, 0xf}, kAllButType | kResourceIo, 5), "ok"},
      {Request(9, R(1), {4, 4}), "ok"},
      {Request(10, R(1), {8, 8}), "ok"},
      {Named(Reserve(2, R(1), {0, 5})), "ok"},
      {Reserve(7, R(1), {7, 0xf}), "ok"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem ioport r1 0-f .r2 0-3 .r9 4-4 .r3 5-5 .r7 7-7 .r10 8-8 "
            ".r8 9-f");
  for (const uint32_t n : {2, 3, 7, 8}) {
    const Row row = RowOf(oracle, R(n));
    EXPECT_TRUE(row.region);
    EXPECT_EQ(row.flags, kResourceIo | kResourceBusy);
    EXPECT_EQ(row.desc, 0u);
  }
  EXPECT_EQ(RowOf(oracle, R(2)).name, kName);
  EXPECT_EQ(RowOf(oracle, R(3)).name, kName);
  EXPECT_EQ(RowOf(oracle, R(7)).name, 0u);
  EXPECT_EQ(RowOf(oracle, R(8)).name, kNameOfSlot | R(7));
  EXPECT_EQ(Books(oracle), "live 4");
}

TEST(OracleMemory, PiecesTakeEmptySlotsRoundTheEnd) {
  constexpr uint32_t kLast = kFirstVmemmap - kFirstSlot - 1;
  const Oracle oracle = Play({
      {Request(0, kIoport, {4, 4}), "ok"},
      {Request(3, kIoport, {8, 8}, 0), "ok"},
      {Region(4, kIomem, {0, 0}, kResourceMuxed), "ok"},
      {Region(1, kIomem, {0, 0}, kResourceMuxed), "would-block"},
      {Reserve(1, kIoport, {0, 0}),
       "misuse (a waiter will define the resource)"},
      {Reserve(kLast, kIoport, {0, 0xf}), "ok"},
  });
  // r0 and r3 exist, and a waiter will define r1.
  EXPECT_EQ(Shape(oracle),
            "iomem .r4 0-0 ioport .r16777149 0-3 .r0 4-4 .r2 5-7 .r3 8-8 "
            ".r5 9-f");
}

TEST(OracleMemory, ReserveIsClippedToItsParent) {
  const Oracle oracle = Play({
      {Root(1, {0x1000, 0x1fff}), "ok"},
      {Request(2, R(1), {0x1800, 0x18ff}), "ok"},
      {Reserve(3, R(1), {0x2000, 0x2fff}), "ok warn=outside"},
      {Reserve(3, R(1), {0, 0xfff}), "ok warn=outside"},
      {Reserve(3, R(1), {0x1f00, 0x2000}), "ok warn=outside"},
      {Reserve(4, R(1), {0xfff, 0x1800}), "ok warn=outside"},
      {Root(5, {9, 3}), "ok"},
      {Reserve(6, R(5), {9, 3}), "ok"},
      {Reserve(6, R(5), {4, 5}), "ok warn=outside"},
      {Reserve(6, R(5), {2, 10}), "ok warn=outside"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem ioport r1 1000-1fff .r4 1000-17ff .r2 1800-18ff "
            ".r3 1f00-1fff r5 9-3");
}

TEST(OracleMemory, ReserveStopsAtAFailedAllocation) {
  const auto reserve = [](uint32_t nth, Range range) {
    Oracle oracle = Play({
        {Root(0, {0, 0xf}), "ok"},
        {Request(1, R(0), {3, 3}), "ok"},
        {Request(2, R(0), {6, 6}), "ok"},
        {FailAlloc(nth, 1), "ok"},
        {Reserve(3, R(0), range), "ok"},
    });
    return Shape(oracle).substr(sizeof "iomem ioport r0 0-f") + "; " +
           Books(oracle);
  };
  constexpr absl::string_view kNothing = ".r1 3-3 .r2 6-6; live 0";
  EXPECT_EQ(reserve(1, {0, 0xf}), kNothing);
  EXPECT_EQ(reserve(2, {0, 0xf}), kNothing);
  EXPECT_EQ(reserve(3, {0, 0xf}), ".r3 0-2 .r1 3-3 .r2 6-6; live 1");
  EXPECT_EQ(reserve(4, {0, 0xf}),
            ".r3 0-2 .r1 3-3 .r4 4-5 .r2 6-6 .r5 7-f; live 3, fails 1 1");
  // A conflict at the start or at the end splits nothing.
  EXPECT_EQ(reserve(2, {3, 6}), ".r1 3-3 .r3 4-5 .r2 6-6; live 1, fails 1 1");
  EXPECT_EQ(reserve(2, {3, 7}), kNothing);
  EXPECT_EQ(reserve(1, {7, 6}), kNothing);
  EXPECT_EQ(reserve(2, {7, 6}), std::string(kNothing) + ", fails 1 1");
  // Nothing is left of the range, and nothing is allocated.
  Play({
      {Root(0, {0, 0xf}), "ok"},
      {FailAlloc(1, 1), "ok"},
      {Reserve(3, R(0), {0x10, 0x20}), "ok warn=outside"},
      {Of(0, Verb::kListAdd, R(0)), "NULL"},
  });
}

TEST(OracleMemory, UnpluggedMemoryIsCutFromTheBusyResource) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x9fff}, kResourceMem), "ok"},
      {Request(2, R(1), {0x2000, 0x2fff}, kRam), "ok"},
      {Request(3, R(1), {0x3000, 0x3fff}, kRam), "ok"},
      {Request(4, R(1), {0x4000, 0x4fff}, kRam), "ok"},
      {Request(5, R(1), {0x5000, 0x5fff}, kRam, 3), "ok"},
      {Request(6, R(1), {0x6000, 0x6fff}, kResourceBusy), "ok"},  // no memory
      {Unplug(9, {0x2000, 0x2fff}), "ok"},                        // all
      {Unplug(9, {0x3000, 0x33ff}), "ok"},                        // its start
      {Unplug(9, {0x4c00, 0x4fff}), "ok"},                        // its end
      {Unplug(9, {0x5400, 0x57ff}), "ok"},                        // its middle
      {Unplug(9, {0x5400, 0x57ff}), "misuse (the resource exists already)"},
      {Unplug(10, {0x6000, 0x6fff}), "ok"},
      {Unplug(10, {0x7000, 0x7fff}), "ok"},
      {Unplug(10, {0x3800, 0x43ff}), "ok"},  // in two
      {Unplug(10, {0x3fff, 0x3ffe}), "ok"},  // inverted
      {Unplug(10, {0x3400, 0x3400}), "ok"},  // one byte
      {Unplug(10, {0x3401, 0x3401}), "ok"},
      {Unplug(10, {0x5fff, 0x5fff}), "ok"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r1 1000-9fff ..r3 3402-3fff ..r4 4000-4bff ..r5 5000-53ff "
            "..r9 5800-5ffe ..r6 6000-6fff ioport");
  const Row upper = RowOf(oracle, R(9));
  EXPECT_TRUE(upper.region);
  EXPECT_EQ(upper.flags, kRam);
  EXPECT_EQ(upper.desc, 3u);
  EXPECT_EQ(upper.name, kNameOfSlot | R(5));
  EXPECT_EQ(Books(oracle), "live 1");
}

TEST(OracleMemory, UnpluggingLeavesChildrenWhereTheyAre) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x8fff}, kRam), "ok"},
      {Request(2, R(1), {0x3000, 0x3fff}), "ok"},
      {Unplug(9, {0x1000, 0x8fff}), "misuse (the resource has children)"},
      {Unplug(9, {0x1000, 0x3000}), "ok warn=WARN_ON"},
      {Unplug(9, {0x3fff, 0x8fff}), "ok warn=WARN_ON"},
      {Unplug(9, {0x2000, 0x2000}), "ok warn=WARN_ON"},  // all stay below
      {Unplug(9, {0x5000, 0x5fff}), "ok"},
      {Unplug(8, {0x1000, 0x2fff}), "ok"},
      {Unplug(8, {0x4000, 0x4fff}), "ok"},
      {On(Verb::kRelease, R(2)), "ok"},
      {Of(0, Verb::kListAdd, R(1)), "ok"},
      {Unplug(8, {0x3000, 0x3fff}), "misuse (the resource is held)"},
      {Unplug(8, {0x3000, 0x33ff}), "ok"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r1 3400-3fff .r9 6000-8fff ioport r2 3000-3fff");
}

TEST(OracleMemory, UnpluggingStaysInsideIomem) {
  Play({
      {Adjust(kIomem, {0x1000, 0x1fff}), "ok"},
      {FailAlloc(1, 1), "ok"},
      {Unplug(1, {0xfff, 0x1000}), "ok warn=WARN_ON"},
      {Unplug(1, {0x1fff, 0x2000}), "ok warn=WARN_ON"},
      {Region(1, kIomem, {0x1000, 0x1000}), "NULL"},  // none was made so far
  });
}

TEST(OracleMemory, ASplitIsAllocatedInTheEnd) {
  const auto split = [](uint32_t nth, uint64_t times) {
    const Oracle oracle = Play({
        {Request(1, kIomem, {0x1000, 0x1fff}, kRam), "ok"},
        {FailAlloc(nth, times), "ok"},
        {Unplug(2, {0x1100, 0x11ff}), "ok"},
    });
    EXPECT_EQ(Shape(oracle), "iomem .r1 1000-10ff .r2 1200-1fff ioport");
    return Books(oracle);
  };
  EXPECT_EQ(split(1, 1), "live 1");
  EXPECT_EQ(split(1, 2), "live 1");
  EXPECT_EQ(split(1, 3), "live 1");
  EXPECT_EQ(split(1, 4), "live 1, fails 1 1");
  EXPECT_EQ(split(3, 1), "live 1, fails 2 1");
  const Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x1fff}, kRam), "ok"},
      {FailAlloc(1, 9), "ok"},
      {Unplug(2, {0x1100, 0x1fff}), "ok"},
      {Unplug(2, {0, 1}), "ok"},
      {Request(3, R(1), {0x1080, 0x10ff}), "ok"},
      {Unplug(2, {0x1010, 0x101f}), "ok warn=WARN_ON"},
  });
  EXPECT_EQ(Books(oracle), "live 0, fails 1 4");
}

TEST(OracleMemory, ATakenOverNameIsTheSlotsOwnAgainWhereItCameFrom) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x1fff}, kRam), "ok"},
      {Unplug(2, {0x1100, 0x11ff}), "ok"},
      {Unplug(3, {0x1000, 0x10ff}), "ok"},  // r1 goes
      {Unplug(1, {0x1400, 0x14ff}), "ok"},  // r2 is split
      {Named(Request(5, kIomem, {0x5000, 0x5fff}, kRam)), "ok"},
      {Unplug(6, {0x5100, 0x51ff}), "ok"},
  });
  EXPECT_EQ(RowOf(oracle, R(2)).name, kNameOfSlot | R(1));
  EXPECT_EQ(RowOf(oracle, R(1)).name, 0u);
  EXPECT_EQ(RowOf(oracle, R(6)).name, kName);
}

TEST(OracleMemory, MergeTakesInBothNeighbours) {
  const Oracle oracle = Play({
      {Named(Request(1, kIomem, {0x1000, 0x1fff}, kRam)), "ok"},
      {Named(Request(2, kIomem, {0x2000, 0x2fff}, kRam)), "ok"},
      {Named(Request(3, kIomem, {0x3000, 0x3fff}, kRam)), "ok"},
      {Merge(1), "ok"},  // its neighbour is not mergeable yet
      {Merge(3), "ok"},
      {Merge(2), "ok"},
      {On(Verb::kSize, R(2)), "misuse (the resource does not exist)"},
      {Merge(3), "misuse (the resource does not exist)"},
  });
  EXPECT_EQ(Shape(oracle), "iomem .r1 1000-3fff ioport");
  EXPECT_EQ(RowOf(oracle, R(1)).flags, kRam | kResourceSysramMergeable);
}

TEST(OracleMemory, WhatDiffersIsNotMerged) {
  constexpr uint64_t kMergeable = kRam | kResourceSysramMergeable;
  const auto merged = [](std::vector<Step> neighbours) {
    std::vector<Step> steps = {
        {Named(Request(1, kIomem, {0x2000, 0x2fff}, kRam)), "ok"}};
    steps.insert(steps.end(), neighbours.begin(), neighbours.end());
    steps.push_back({Merge(1), "ok"});
    return Shape(Play(steps)).find("r1 2000-2fff") == std::string::npos;
  };
  const auto at = [](Range range, uint64_t flags = kMergeable,
                     uint64_t desc = 0) {
    return Request(2, kIomem, range, flags, desc);
  };
  const Range above = {0x3000, 0x3fff};
  const Range below = {0x1000, 0x1fff};
  for (const Range& range : {above, below}) {
    EXPECT_TRUE(merged({{Named(at(range)), "ok"}}));
    EXPECT_FALSE(merged({{at(range), "ok"}}));  // its own name
    EXPECT_FALSE(merged({{Named(at(range), kName + 1), "ok"}}));
    EXPECT_FALSE(merged({{Named(at(range, kRam)), "ok"}}));
    EXPECT_FALSE(merged({{Named(at(range, kMergeable, 1)), "ok"}}));
    EXPECT_FALSE(merged({
        {Named(at(range)), "ok"},
        {Request(3, R(2), range), "ok"},
    }));
    EXPECT_FALSE(merged({
        {Named(at(range)), "ok"},
        {Request(3, R(1), {0x2000, 0x2000}), "ok"},
    }));
  }
  EXPECT_FALSE(merged({{Named(at({0x3001, 0x3fff})), "ok"}}));
  EXPECT_FALSE(merged({{Named(at({0x1000, 0x1ffe})), "ok"}}));
}

TEST(OracleMemory, MergeWantsBusySystemRamThatNobodyHolds) {
  Play({
      {Named(Request(1, kIomem, {0x1000, 0x1fff}, kRam)), "ok"},
      {Named(Request(2, kIomem, {0x2000, 0x2fff}, kRam)), "ok"},
      {Request(3, kIomem, {0x3000, 0x3fff}, kResourceSystemRam), "ok"},
      {Merge(3), "ok warn=WARN_ON"},
      {Merge(1), "ok"},
      {Of(0, Verb::kListAdd, R(2)), "ok"},
      {Merge(2), "misuse (the resource is held)"},
      {Adjust(R(1), {0x1000, 0x1ffe}), "ok"},
      {Merge(2), "ok"},  // there is nothing to merge with
      {Adjust(R(1), {0x1000, 0x1fff}), "ok"},
      {Merge(1), "misuse (the next sibling is held)"},
      {Of(0, Verb::kListFree), "ok"},
      {Of(0, Verb::kListAdd, R(1)), "ok"},
      {Merge(1), "ok"},
      {On(Verb::kSize, R(1)), "ok 0x2000"},
      {On(Verb::kRelease, R(1)), "ok"},
      {Merge(1), "misuse (the resource is in no tree)"},
      {On(Verb::kMerge, kIomem), "misuse (the resource is in no tree)"},
  });
}

TEST(OracleMemory, TheLastByteHasNoNeighbourAtZero) {
  constexpr uint64_t kMergeable = kRam | kResourceSysramMergeable;
  const Oracle oracle = Play({
      {Named(Request(1, kIomem, {0, 0xfff}, kMergeable)), "ok"},
      {Named(Request(2, kIomem, {kMax, kMax}, kMergeable)), "ok"},
      {Merge(2), "ok"},
      {Merge(1), "ok"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r1 0-fff .r2 ffffffffffffffff-ffffffffffffffff ioport");
}

TEST(OracleMemory, SplitAndMergeAreOpposites) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x3fff}, kRam), "ok"},
      {Merge(1), "ok"},
      {Unplug(2, {0x2000, 0x2fff}), "ok"},
      // r2 has the name of r1.
      {Adjust(R(1), {0x1000, 0x2fff}), "ok"},
      {Merge(2), "ok"},
  });
  EXPECT_EQ(Shape(oracle), "iomem .r1 1000-3fff ioport");
  EXPECT_EQ(Books(oracle), "live 0");
}

}  // namespace
}  // namespace restree

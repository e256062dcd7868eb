// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/oracle_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(OracleRegion, RegionsInheritFromTheParentThatTheyEndUpUnder) {
  constexpr uint64_t kHigh = uint64_t{1} << 32;
  Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x2fff},
               kResourceMem | kResourceSysram | kResourceMuxed | kHigh, 9),
       "ok"},
      {Region(2, kIomem, {0x1000, 0x1fff}, kResourceExclusive), "ok"},
      {Region(3, kIomem, {0x1800, 0x18ff}), "NULL"},  // r2 is busy
      {Region(3, kIomem, {0x2000, 0x3000}), "NULL"},  // r1 is too small
      {Region(4, kIomem, {0x2000, 0x3000}, kResourceMuxed), "would-block"},
      {Region(3, kIomem, {0x1000, 0xfff}), "NULL"},
      {Region(3, kIomem, {0, 0}, kHigh), "misuse"},
      {Region(3, kIoport, {0, 7}, kResourceMuxed), "ok"},
      {Region(5, kIoport, {7, 7}, kResourceMuxed), "would-block"},
      {Region(6, kIoport, {7, 7}), "NULL"},
  });
  EXPECT_EQ(Shape(oracle), "iomem .r1 1000-2fff ..r2 1000-1fff ioport .r3 0-7");
  State state;
  oracle.Snapshot(&state);
  const Row& r2 = state.rows[2];
  EXPECT_EQ(r2.flags, kResourceBusy | kResourceSystemRam | kResourceExclusive);
  EXPECT_EQ(r2.desc, 9u);
  EXPECT_TRUE(r2.region);
  EXPECT_EQ(state.rows[4].flags, kResourceBusy | kResourceIo | kResourceMuxed);
}

TEST(OracleRegion, DevicePrivateMemoryIsWarnedOfAtTheTopLevelOnly) {
  constexpr uint64_t kPrivate = kDescDevicePrivateMemory;
  Play({
      {Request(1, kIomem, {0, 0xfff}, kResourceBusy, kPrivate), "ok"},
      {Request(2, kIomem, {0x1000, 0x1fff}, 0, kPrivate), "ok"},
      {Request(3, R(2), {0x1000, 0x1fff}, kResourceBusy, kPrivate), "ok"},
      {Region(4, kIomem, {0, 0}), "NULL warn=unaddressable"},
      {Region(4, R(2), {0x1000, 0x1000}), "NULL"},
      {On(Verb::kRelease, R(3)), "ok"},
      {Region(4, kIomem, {0x1000, 0x1000}), "ok warn=unaddressable"},
  });
  Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x1fff}), "ok"},
      {Request(2, R(1), {0x1000, 0x1fff}, kResourceBusy, kPrivate), "ok"},
  });
  EXPECT_EQ(oracle.Apply(Region(3, kIomem, {0x1000, 0x1fff})).warnings, 0);
}

TEST(OracleRegion, ReleaseRegionFreesTheBusyRegionThatMatches) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x3fff}), "ok"},
      {Region(2, kIomem, {0x1000, 0x1fff}), "ok"},
      {Region(3, kIomem, {0x2000, 0x2fff}), "ok"},
      {Request(4, kIomem, {0x5000, 0x5fff}, kResourceBusy), "ok"},
      {ReleaseRegion(kIomem, {0x2000, 0x2ffe}), "ok warn=nonexistent"},
      {ReleaseRegion(kIomem, {0x3000, 0x3fff}), "ok warn=nonexistent"},
      {ReleaseRegion(kIomem, {0x2000, 0x1fff}), "ok warn=nonexistent"},
      {ReleaseRegion(kIomem, {0x5000, 0x5fff}), "ok"},  // the caller's own
      {On(Verb::kAlignment, R(4)), "misuse (the resource does not exist)"},
      {Request(5, R(3), {0x2000, 0x2000}), "ok"},
      {ReleaseRegion(kIomem, {0x2000, 0x2fff}), "misuse"},  // has a child
      {ReleaseRegion(kIomem, {0x1000, 0x1fff}), "ok"},
      {On(Verb::kRelease, R(2)), "misuse (the resource does not exist)"},
      {Again(Verb::kRequestAgain, kIomem, R(2)), "misuse"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r1 1000-3fff ..r3 2000-2fff ...r5 2000-2000 ioport");
  EXPECT_EQ(Books(oracle), "live 1");
}

TEST(OracleRegion, WhatIsHeldIsNeitherFreedNorDefinedAnew) {
  Play({
      {Root(1, {0x1000, 0x1fff}), "ok"},
      {Of(0, Verb::kListAdd, R(1)), "ok"},
      {Root(1, {0, 0}), "misuse (the resource is held)"},
      {Region(1, kIomem, {0, 0}), "misuse (the resource is held)"},
      {Again(Verb::kRequestAgain, kIomem, R(1)), "ok"},  // it may be placed
      {On(Verb::kRelease, R(1)), "ok"},
      {Of(0, Verb::kListFree), "ok"},
      {Root(1, {0x1000, 0x1fff}), "ok"},
      // A device's region below it.
      {Of(1, Verb::kDevmRequestRegion, R(2), R(1), {0x1000, 0x10ff}), "ok"},
      {ReleaseRegion(R(1), {0x1000, 0x10ff}), "ok"},
      {Root(1, {0, 0}), "misuse (the resource is held)"},
      {Of(1, Verb::kUnbind), "ok warn=nonexistent"},
      {Root(1, {0, 0}), "ok"},
      // A region that is a list's, and one that is a region's parent.
      {Region(3, kIomem, {0x3000, 0x3fff}), "ok"},
      {Of(0, Verb::kListAdd, R(3)), "ok"},
      {ReleaseRegion(kIomem, {0x3000, 0x3fff}),
       "misuse (the resource is held)"},
      {Of(0, Verb::kListDestroy, R(3)), "ok"},
      {Region(4, R(3), {0x3000, 0x3fff}, kResourceMuxed), "ok"},
      {Region(5, R(3), {0x3000, 0x3000}, kResourceMuxed), "would-block"},
      {On(Verb::kRelease, R(4)), "ok"},
      {ReleaseRegion(kIomem, {0x3000, 0x3fff}),
       "misuse (the resource is held)"},  // by r5, which waits below it
  });
}

TEST(OracleRegion, WaitersWakeNewestFirst) {
  constexpr uint64_t kMuxed = kResourceMuxed;
  Oracle oracle = Play({
      {Region(1, kIoport, {0, 7}, kMuxed), "ok"},
      {Root(2, {5, 5}), "ok"},
      {Region(2, kIoport, {0, 3}, kMuxed), "would-block"},
      {Region(3, kIoport, {2, 5}, kMuxed), "would-block"},
      {Region(4, kIoport, {6, 7}, kMuxed), "would-block"},
      // A waiter's slot is empty, and nobody else's to define.
      {On(Verb::kSize, R(2)), "misuse (the resource does not exist)"},
      {Root(2, {0, 0}), "misuse (a waiter will define the resource)"},
      {Region(3, kIoport, {2, 5}, kMuxed), "misuse"},
  });
  EXPECT_EQ(Books(oracle),
            "live 4, waiting r2 in ioport 0-3, waiting r3 in ioport 2-5, "
            "waiting r4 in ioport 6-7");
  // r4 and r3 get in, r2 is in the way of r3 and waits again.
  EXPECT_EQ(ObservationText(oracle.Apply(ReleaseRegion(kIoport, {0, 7}))),
            "ok");
  EXPECT_EQ(Shape(oracle), "iomem ioport .r3 2-5 .r4 6-7");
  EXPECT_EQ(Books(oracle), "live 3, waiting r2 in ioport 0-3");
  // A release that takes no muxed region away wakes nobody.
  oracle.Apply(Region(5, kIomem, {0, 7}));
  oracle.Apply(On(Verb::kRelease, R(3)));
  oracle.Apply(ReleaseRegion(kIomem, {0, 7}));
  EXPECT_EQ(Books(oracle), "live 3, waiting r2 in ioport 0-3");
  oracle.Apply(ReleaseRegion(kIoport, {6, 7}));
  EXPECT_EQ(Shape(oracle), "iomem ioport .r2 0-3 r3 2-5");
  EXPECT_EQ(Books(oracle), "live 2");
}

TEST(OracleRegion, AWaiterMayGiveUpOrWaitBehindOthers) {
  constexpr uint64_t kMuxed = kResourceMuxed;
  const uint64_t kPrivate = kDescDevicePrivateMemory;
  Oracle oracle = Play({
      {Region(1, kIomem, {0, 7}, kMuxed), "ok"},
      {Region(2, kIomem, {0, 0xf}, kMuxed), "would-block"},
      {Region(3, kIomem, {4, 7}, kMuxed), "would-block"},
      {Request(4, kIomem, {8, 9}, kResourceBusy, kPrivate), "ok"},
      {Of(5, Verb::kDevmReleaseRegion, 0, kIomem, {0, 7}), "ok warn=WARN_ON"},
  });
  // r3 got in, and r2, which meets it first, waits again.
  EXPECT_EQ(Books(oracle), "live 2, waiting r2 in iomem 0-f");
  // What a waiter is warned of is not for the op that wakes it.
  EXPECT_EQ(ObservationText(oracle.Apply(ReleaseRegion(kIomem, {4, 7}))), "ok");
  EXPECT_EQ(Books(oracle), "live 0");
  EXPECT_EQ(Shape(oracle), "iomem .r4 8-9 ioport");
}

TEST(OracleRegion, WaitersThatAllWaitAgainChangePlaces) {
  constexpr uint64_t kMuxed = kResourceMuxed;
  const Oracle oracle = Play({
      {Region(1, kIoport, {0, 7}, kMuxed), "ok"},
      {Region(2, kIoport, {8, 0xf}, kMuxed), "ok"},
      {Region(3, kIoport, {7, 8}, kMuxed), "would-block"},
      {Region(4, kIoport, {6, 9}, kMuxed), "would-block"},
      {ReleaseRegion(kIoport, {0, 7}), "ok"},
  });
  EXPECT_EQ(Books(oracle),
            "live 3, waiting r4 in ioport 6-9, waiting r3 in ioport 7-8");
}

TEST(OracleRegion, AClaimedRegionRevokesMappingsOfDevMem) {
  const Op relax = Of(1, Verb::kStrictIomem);
  const Op strict = Of(0, Verb::kStrictIomem);
  constexpr uint64_t kRam = kResourceSystemRam | kResourceExclusive;
  Oracle oracle = Play({
      {Region(1, kIomem, {0x1000, 0x1fff}), "ok"},
      {New(Verb::kInitInode, 0, 0, {}), "ok"},
      {Region(2, kIomem, {0x2000, 0x2fff}), "ok visits=1 0x2000-0x2fff"},
      {Region(3, kIoport, {0, 7}), "ok"},
      {Root(4, {0x4000, 0x4fff}), "ok"},
      {Again(Verb::kRequestAgain, kIomem, R(4)), "ok"},
      {Region(5, R(4), {0x4000, 0x40ff}), "ok"},  // not asked of iomem
      {Region(6, kIomem, {0x4100, 0x41ff}), "ok visits=1 0x4100-0x41ff"},
      {Of(0, Verb::kDevmRequestRegion, R(7), kIomem, {0x7000, 0x7000}),
       "ok visits=1 0x7000-0x7000"},
      {relax, "ok"},
      {Region(8, kIomem, {0x8000, 0x8fff}), "ok"},
      // Only the pages of both ends count.
      {Request(9, kIomem, {0x9800, 0x9fff}, kRam), "ok"},
      {Region(10, kIomem, {0x9000, 0x97ff}), "ok visits=1 0x9000-0x97ff"},
      {strict, "ok"},
      {Region(11, kIomem, {0xa000, 0xafff}), "ok visits=1 0xa000-0xafff"},
      {Region(12, kIomem, {0x1000, 0x1fff}), "NULL"},
  });
  const Observation seen = oracle.Apply(Region(13, kIomem, {0, 0xfff}));
  ASSERT_EQ(seen.visits.size(), 1u);
  EXPECT_EQ(seen.visits[0], (Visit{{0, 0xfff}, 0, 0}));
}

TEST(OracleRegion, AWokenWaiterRevokesToo) {
  constexpr uint64_t kMuxed = kResourceMuxed;
  const auto region = [](uint32_t n, Range range) {
    return Region(n, kIomem, range, kMuxed);
  };
  Play({
      {New(Verb::kInitInode, 0, 0, {}), "ok"},
      {Of(0, Verb::kDevmRequestRegion, R(1), kIomem, {0, 0xf}), "ok"},
      {Of(0, Verb::kUnbind), "ok"},
      {region(1, {0x1000, 0x1fff}), "ok visits=1"},
      {region(2, {0x1000, 0x17ff}), "would-block"},
      {region(3, {0x1800, 0x18ff}), "would-block"},
      {ReleaseRegion(kIomem, {0x1000, 0x1fff}),
       "ok visits=2 0x1800-0x18ff 0x1000-0x17ff"},
      {Root(4, {0, 0xff}), "ok"},
      {Region(5, R(4), {0, 0xff}, kMuxed), "ok"},
      {Region(6, R(4), {0, 0xff}, kMuxed), "would-block"},
      {ReleaseRegion(R(4), {0, 0xff}), "ok"},
      {On(Verb::kSize, R(6)), "ok 0x100"},
  });
}

TEST(OracleRegion, ARegionNeedsAnAllocation) {
  const Oracle oracle = Play({
      {FailAlloc(2, 1), "ok"},
      {Region(1, kIomem, {0, 7}), "ok"},
      {Region(2, kIomem, {8, 9}), "NULL"},
      {Region(2, kIomem, {8, 9}), "ok"},
      {FailAlloc(1, 1), "ok"},
      {Region(3, kIomem, {9, 8}), "NULL"},  // it comes first of all
  });
  EXPECT_EQ(Books(oracle), "live 2");
}

}  // namespace
}  // namespace restree

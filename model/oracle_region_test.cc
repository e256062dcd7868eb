// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/oracle_testing.h"
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
      {Region(3, kIomem, {0x2000, 0x3000}, kResourceMuxed), "would-block"},
      {Region(3, kIomem, {0x1000, 0xfff}), "NULL"},
      {Region(3, kIomem, {0, 0}, kHigh), "misuse"},
      {Region(3, kIoport, {0, 7}, kResourceMuxed), "ok"},
      {Region(4, kIoport, {7, 7}, kResourceMuxed), "would-block"},
      {Region(4, kIoport, {7, 7}), "NULL"},
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
      {ReleaseRegion(kIomem, {0x5000, 0x5fff}), "misuse"},  // no region
      {Request(5, R(3), {0x2000, 0x2000}), "ok"},
      {ReleaseRegion(kIomem, {0x2000, 0x2fff}), "misuse"},  // has a child
      {ReleaseRegion(kIomem, {0x1000, 0x1fff}), "ok"},
      {On(Verb::kRelease, R(2)), "misuse (the resource does not exist)"},
      {Again(Verb::kRequestAgain, kIomem, R(2)), "misuse"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r1 1000-3fff ..r3 2000-2fff ...r5 2000-2000 "
            ".r4 5000-5fff ioport");
}

}  // namespace
}  // namespace restree

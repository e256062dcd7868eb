// SPDX-License-Identifier: Apache-2.0
// Regions, and the calls that sleep until one goes.
#include <vector>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/model_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(ModelRegionTest, RegionsDescendAndInherit) {
  Play(R"(
r1 = request iomem 0x1000-0x8fff mem sysram desc=cxl -> ok
r2 = request_region iomem 0x2000-0x2fff exclusive -> ok
lookup r1 0x2000 -> ok r2
walk_iomem_res_desc 0x0-0xffff busy desc=cxl -> ok visits=1 0x2000-0x2fff
walk_system_ram_res 0x0-0xffff -> ok visits=1
r3 = request_region iomem 0x2800-0x37ff -> NULL
release_region iomem 0x2000-0x2ffe -> ok warn=nonexistent
release_region iomem 0x2000-0x2fff -> ok
lookup r1 0x2000 -> NULL
)");
}

TEST(ModelRegionTest, UnaddressableDeviceWarns) {
  Play(R"(
r1 = request iomem 0x1000-0x1fff busy desc=device_private_memory -> ok
r2 = request_region iomem 0x1000-0x1fff -> NULL warn=unaddressable
r2 = request_region r1 0x1000-0x1fff -> ok
)");
}

TEST(ModelRegionTest, ReleaseForgetsAnyBusyResource) {
  const State state = PlayTo(R"(
r1 = request iomem 0x1000-0x1fff busy -> ok
r2 = request_region iomem 0x2000-0x2fff -> ok
release_region iomem 0x1000-0x1fff -> ok
release_region iomem 0x2000-0x2fff -> ok
release_region iomem 0x2000-0x2fff -> ok warn=nonexistent
request iomem r1 -> misuse
request iomem r2 -> misuse
)");
  EXPECT_EQ(state.rows.size(), 2u);
  EXPECT_EQ(state.ledger.live, 0u);
}

TEST(ModelRegionTest, FailedAllocationIsNull) {
  Play(R"(
fail_alloc nth=2 times=1 -> ok
r1 = request_region iomem 0x1000-0x1fff -> ok
r2 = request_region iomem 0x2000-0x2fff -> NULL
r2 = request_region iomem 0x2000-0x2fff -> ok
)");
}

TEST(ModelRegionTest, LiveCountsWhatTheKernelMade) {
  const State state = PlayTo(R"(
r1 = request_region iomem 0x1000-0x1fff -> ok
r2 = request_region iomem 0x2000-0x2fff -> ok
r3 = request_region iomem 0x2000-0x2fff -> NULL
r3 = request iomem 0x3000-0x3fff -> ok
release r2 -> ok
release r3 -> ok
)");
  EXPECT_EQ(state.ledger.live, 2u);
  EXPECT_EQ(PlayTo(R"(
r1 = request_region iomem 0x1000-0x1fff -> ok
release r1 -> ok
r1 = request iomem 0x1000-0x1fff -> ok
)")
                .ledger,
            Ledger());
}

TEST(ModelRegionTest, MuxedRegionWakesWhoWaits) {
  const State state = PlayTo(R"(
r1 = request_region ioport 0x60-0x6f muxed -> ok
r2 = request_region ioport 0x60-0x60 -> NULL
r2 = root 0x0-0xf -> ok
r2 = request_region ioport 0x60-0x60 muxed -> would-block
release r2 -> misuse
)");
  EXPECT_EQ(
      state.ledger.waiters,
      (std::vector<Waiter>{{R(2), 0, kIoport, {0x60, 0x60}, kResourceMuxed}}));
  EXPECT_EQ(state.ledger.live, 2u);
  EXPECT_EQ(state.rows.size(), 3u);  // the roots and r1

  const State behind = PlayTo(R"(
r1 = request_region ioport 0x60-0x6f muxed -> ok
r2 = request_region ioport 0x60-0x60 muxed -> would-block
release_region ioport 0x60-0x6f -> ok
lookup ioport 0x60 -> ok r2
)");
  EXPECT_EQ(behind.ledger.waiters.size(), 0u);
  EXPECT_EQ(behind.ledger.live, 1u);
}

TEST(ModelRegionTest, WaitersTryNewestFirst) {
  // r5 and r4 get their places. What is in the way of r3 is not muxed any more:
  // it gives up. r2 sleeps again, because of r4.
  const State state = PlayTo(R"(
r1 = request_region ioport 0x60-0x6f muxed -> ok
r2 = request_region ioport 0x60-0x6f muxed -> would-block
r3 = request_region ioport 0x40-0x60 muxed -> would-block
r4 = request_region ioport 0x60-0x68 muxed -> would-block
r5 = request_region ioport 0x6f-0x6f muxed -> would-block
r6 = request ioport 0x50-0x50 busy -> ok
release_region ioport 0x60-0x6f -> ok
lookup ioport 0x6f -> ok r5
lookup ioport 0x60 -> ok r4
r3 = root 0x0-0xf -> ok
r2 = root 0x0-0xf -> misuse
)");
  ASSERT_EQ(state.ledger.waiters.size(), 1u);
  EXPECT_EQ(state.ledger.waiters[0].slot, R(2));
}

TEST(ModelRegionTest, WhoSleepsAgainIsTheNewest) {
  const State state = PlayTo(R"(
r1 = request_region ioport 0x60-0x6f muxed -> ok
r2 = request_region ioport 0x70-0x7f muxed -> ok
r3 = request_region ioport 0x68-0x6f muxed -> would-block
r4 = request_region ioport 0x60-0x6f muxed -> would-block
release_region ioport 0x70-0x7f -> ok
)");
  ASSERT_EQ(state.ledger.waiters.size(), 2u);
  EXPECT_EQ(state.ledger.waiters[0].slot, R(4));
  EXPECT_EQ(state.ledger.waiters[1].slot, R(3));
}

TEST(ModelRegionTest, OnlyReleaseOfAMuxedRegionWakes) {
  const State state = PlayTo(R"(
r1 = request_region ioport 0x60-0x6f muxed -> ok
r2 = request_region ioport 0x60-0x60 muxed -> would-block
r3 = request_region ioport 0x70-0x7f -> ok
release_region ioport 0x70-0x7f -> ok
release r1 -> ok
)");
  EXPECT_EQ(state.ledger.waiters.size(), 1u);
}

TEST(ModelRegionTest, WarningsOfWaitersAreTheirOwn) {
  Play(R"(
r1 = request iomem 0x1000-0x1fff busy muxed desc=device_private_memory -> ok
r2 = request_region iomem 0x1000-0x1fff muxed -> would-block warn=unaddressable
r3 = request_region ioport 0x60-0x6f muxed -> ok
release_region ioport 0x60-0x6f -> ok
)");
}

TEST(ModelRegionTest, WokenCallLetsGoOfItsParent) {
  Play(R"(
r1 = root 0x0-0xff -> ok
r2 = request_region r1 0x0-0xf muxed -> ok
r3 = request_region r1 0x0-0x7 muxed -> would-block
release_region r1 0x0-0xf -> ok
release r3 -> ok
r1 = root 0x0-0xff -> ok
)");
}

TEST(ModelRegionTest, RegionsOfIomemAreRevoked) {
  Play(R"(
r1 = request_region iomem 0x1000-0x1fff -> ok
iomem_init_inode -> ok
r2 = request_region iomem 0x2000-0x2fff -> ok visits=1 0x2000-0x2fff
r3 = request_region iomem 0x2000-0x2fff -> NULL
r3 = request_region ioport 0x60-0x6f -> ok
r4 = request iomem 0x4000-0x4fff -> ok
r5 = request_region r4 0x4000-0x40ff -> ok
r6 = request_region iomem 0x4100-0x41ff -> ok visits=1 0x4100-0x41ff

# Both ends may be mapped, unless they lie in a page with exclusive memory.
strict_iomem relaxed -> ok
r7 = request_region iomem 0x5000-0x5fff -> ok
r8 = request iomem 0x7800-0x7fff mem sysram exclusive -> ok
r9 = request_region iomem 0x6000-0x70ff -> ok visits=1 0x6000-0x70ff
)");
}

TEST(ModelRegionTest, WokenRegionsAreRevokedInTheirOrder) {
  Play(R"(
iomem_init_inode -> ok
r1 = request_region ioport 0x60-0x6f muxed -> ok
r2 = request iomem 0x1000-0x2fff muxed busy -> ok
r3 = request_region iomem 0x1000-0x10ff muxed -> would-block
r4 = request_region iomem 0x2000-0x20ff muxed -> would-block
r5 = request_region ioport 0x60-0x60 muxed -> would-block
release r2 -> ok
release_region ioport 0x60-0x6f -> ok visits=2 0x2000-0x20ff 0x1000-0x10ff
)");
}

}  // namespace
}  // namespace restree

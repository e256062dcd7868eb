// SPDX-License-Identifier: Apache-2.0
// Memory that comes and goes: resources that are made, split and merged.
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/model_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(ModelHotplugTest, ReserveTakesWhatIsFree) {
  //            |- r1 -|          |- r2 -|
  //   |-- r5 --|      |-- r8 ----|      |- r9 -|
  const State state = PlayTo(R"(
r1 = request iomem 0x2000-0x2fff -> ok
r2 = request iomem 0x5000-0x5fff -> ok
r3 = request_region r1 0x2000-0x20ff muxed -> ok
r6 = root 0x0-0xf -> ok
r7 = request_region r1 0x2000-0x20ff muxed -> would-block
r5 = reserve_region_with_split iomem 0x1000-0x6fff -> ok
)");
  EXPECT_EQ(IomemText(state, {}),
            "00001000-00001fff : r5\n"
            "00002000-00002fff : r1\n"
            "  00002000-000020ff : r3\n"
            "00003000-00004fff : r5\n"
            "00005000-00005fff : r2\n"
            "00006000-00006fff : r5\n");
  const Row& first = state.rows[1];
  EXPECT_EQ(first.slot, R(5));
  EXPECT_EQ(first.name, 0u);
  EXPECT_TRUE(first.region);
  EXPECT_EQ(first.flags, kResourceMem | kResourceBusy);
  EXPECT_EQ(state.rows[4].slot, R(8));
  EXPECT_EQ(state.rows[4].name, kNameOfSlot | R(5));
  EXPECT_EQ(state.rows[6].slot, R(9));
  EXPECT_EQ(state.ledger.live, 5u);  // with r3 and the waiter
}

TEST(ModelHotplugTest, ReserveInheritsTheTypeAlone) {
  const State state = PlayTo(R"(
r1 = request iomem 0x1000-0x1fff mem sysram exclusive desc=cxl -> ok
r2 = reserve_region_with_split r1 0x1000-0x1000 "a" -> ok
r2 = reserve_region_with_split r1 0x1001-0x1001 -> misuse
r3 = reserve_region_with_split r9 0x1001-0x1001 -> misuse
release r2 -> ok
r2 = reserve_region_with_split r1 0x1001-0x1001 -> misuse
request iomem r2 -> EBUSY r1
request r1 r2 -> ok
)");
  EXPECT_EQ(state.rows[2].flags, kResourceMem | kResourceBusy);
  EXPECT_EQ(state.rows[2].desc, kDescNone);
  EXPECT_EQ(state.rows[2].name, 1u);
}

TEST(ModelHotplugTest, ReserveIsClippedToTheParent) {
  EXPECT_EQ(Play(R"(
r1 = request iomem 0x2000-0x2fff -> ok
r2 = reserve_region_with_split r1 0x0-0x20ff -> ok warn=outside
r3 = reserve_region_with_split r1 0x2f00-0x4000 -> ok warn=outside
r4 = reserve_region_with_split r1 0x0-0x1fff -> ok warn=outside
r4 = reserve_region_with_split r1 0x3000-0x3000 -> ok warn=outside
r4 = reserve_region_with_split r1 0x2800-0x27ff -> ok
)"),
            "00002000-00002fff : r1\n"
            "  00002000-000020ff : r2\n"
            "  00002f00-00002fff : r3\n");
}

TEST(ModelHotplugTest, ReserveOfWhatIsTakenMakesNothing) {
  const State state = PlayTo(R"(
r1 = request iomem 0x2000-0x2fff -> ok
r2 = reserve_region_with_split iomem 0x2000-0x2fff -> ok
r2 = reserve_region_with_split iomem 0x2800-0x2800 -> ok
r2 = reserve_region_with_split iomem 0x2800-0x37ff -> ok
r3 = reserve_region_with_split iomem 0x1800-0x27ff -> ok
)");
  EXPECT_EQ(IomemText(state, {}),
            "00001800-00001fff : r3\n"
            "00002000-00002fff : r1\n"
            "00003000-000037ff : r2\n");
}

TEST(ModelHotplugTest, ReserveStopsWhereAnAllocationFails) {
  constexpr absl::string_view kTaken = R"(
r1 = request iomem 0x2000-0x2fff -> ok
r2 = request iomem 0x5000-0x5fff -> ok
)";
  const auto play = [kTaken](absl::string_view rest) {
    return PlayTo(absl::StrCat(kTaken, rest));
  };
  State state = play(R"(
fail_alloc nth=1 times=1 -> ok
r5 = reserve_region_with_split iomem 0x1000-0x6fff -> ok
)");
  EXPECT_EQ(state.ledger, Ledger());
  // The piece before the first conflict waits for the second allocation.
  state = play(R"(
fail_alloc nth=2 times=1 -> ok
r5 = reserve_region_with_split iomem 0x1000-0x6fff -> ok
)");
  EXPECT_EQ(state.ledger, Ledger());
  state = play(R"(
fail_alloc nth=3 times=1 -> ok
r5 = reserve_region_with_split iomem 0x1000-0x6fff -> ok
)");
  EXPECT_EQ(state.ledger.live, 1u);
  EXPECT_EQ(state.rows[1].range, (Range{0x1000, 0x1fff}));
  // A piece that ends at a conflict, or starts behind one, needs no other.
  state = play(R"(
fail_alloc nth=3 times=1 -> ok
r5 = reserve_region_with_split iomem 0x1000-0x5fff -> ok
)");
  EXPECT_EQ(state.ledger.live, 2u);
  EXPECT_EQ(state.ledger.fail_nth, 1u);
  state = play(R"(
fail_alloc nth=2 times=1 -> ok
r5 = reserve_region_with_split iomem 0x2000-0x4fff -> ok
)");
  EXPECT_EQ(state.ledger.live, 1u);
  EXPECT_EQ(state.ledger.fail_nth, 1u);
  // None at all if nothing is left, one if the range is inverted.
  state = play(R"(
fail_alloc nth=2 times=1 -> ok
r5 = reserve_region_with_split r1 0x3000-0x4fff -> ok warn=outside
r5 = reserve_region_with_split r1 0x2001-0x2000 -> ok
)");
  EXPECT_EQ(state.ledger.fail_nth, 1u);
}

TEST(ModelHotplugTest, ReserveGoesOnAtTheFirstSlot) {
  const State state = PlayTo(R"(
r1 = request iomem 0x2000-0x2fff -> ok
r16777149 = reserve_region_with_split iomem 0x1000-0x4fff -> ok
)");
  EXPECT_EQ(state.rows[1].slot, kFirstVmemmap - 1);
  EXPECT_EQ(state.rows[3].slot, kFirstSlot);
}

TEST(ModelHotplugTest, AdjustableReleasesAllOfARegion) {
  const State state = PlayTo(R"(
r1 = request iomem 0x1000-0x4fff mem -> ok
r2 = request r1 0x1000-0x1fff mem busy -> ok
r3 = request_region r1 0x2000-0x2fff -> ok
r4 = request r2 0x1000-0x10ff -> ok
r9 = release_mem_region_adjustable 0x1000-0x1fff -> misuse
release r4 -> ok
r2 = release_mem_region_adjustable 0x1000-0x1fff -> misuse
r4 = release_mem_region_adjustable 0x2000-0x2fff -> misuse
r9 = release_mem_region_adjustable 0x1000-0x1fff -> ok
r9 = release_mem_region_adjustable 0x2000-0x2fff -> ok
request iomem r2 -> misuse
request iomem r3 -> misuse
)");
  EXPECT_EQ(IomemText(state, {}), "00001000-00004fff : r1\n");
  EXPECT_EQ(state.ledger, Ledger());
}

TEST(ModelHotplugTest, AdjustableReleasesAnEnd) {
  EXPECT_EQ(Play(R"(
r1 = request iomem 0x1000-0x4fff mem busy -> ok
r9 = release_mem_region_adjustable 0x1000-0x1fff -> ok
r9 = release_mem_region_adjustable 0x4fff-0x4fff -> ok
r2 = request r1 0x2000-0x20ff -> ok
r9 = release_mem_region_adjustable 0x2000-0x2000 -> ok warn=WARN_ON
r9 = release_mem_region_adjustable 0x20ff-0x4ffe -> ok warn=WARN_ON
r9 = release_mem_region_adjustable 0x2100-0x4ffe -> ok
)"),
            "00002000-000020ff : r1\n"
            "  00002000-000020ff : r2\n");
}

TEST(ModelHotplugTest, AdjustableSplits) {
  const State state = PlayTo(R"(
r1 = request iomem 0x1000-0x4fff "a" mem sysram busy desc=cxl -> ok
r2 = request r1 0x1000-0x10ff -> ok
r3 = release_mem_region_adjustable 0x2000-0x2fff -> ok
r4 = request iomem 0x5000-0x7fff mem busy -> ok
r5 = release_mem_region_adjustable 0x6000-0x6fff -> ok
r6 = request r4 0x5800-0x5fff -> ok
r7 = release_mem_region_adjustable 0x5900-0x5aff -> ok warn=WARN_ON
release r7 -> misuse
)");
  EXPECT_EQ(IomemText(state, {}),
            "00001000-00001fff : r1\n"
            "  00001000-000010ff : r2\n"
            "00003000-00004fff : r3\n"
            "00005000-00005fff : r4\n"
            "  00005800-00005fff : r6\n"
            "00007000-00007fff : r4\n");
  const Row& upper = state.rows[3];
  EXPECT_EQ(upper.slot, R(3));
  EXPECT_EQ(upper.name, 1u);
  EXPECT_TRUE(upper.region);
  EXPECT_EQ(upper.flags, kResourceSystemRam | kResourceBusy);
  EXPECT_EQ(upper.desc, 9u);
  EXPECT_EQ(state.rows[6].slot, R(5));
  EXPECT_EQ(state.rows[6].name, kNameOfSlot | R(4));
}

TEST(ModelHotplugTest, NameComesBackToItsSlot) {
  const State state = PlayTo(R"(
r1 = request iomem 0x1000-0x4fff mem busy -> ok
r2 = release_mem_region_adjustable 0x2000-0x2fff -> ok
release_region iomem 0x1000-0x1fff -> ok
r1 = release_mem_region_adjustable 0x3800-0x3fff -> ok
)");
  ASSERT_EQ(state.rows[1].slot, R(2));
  EXPECT_EQ(state.rows[1].name, kNameOfSlot | R(1));
  ASSERT_EQ(state.rows[2].slot, R(1));
  EXPECT_EQ(state.rows[2].name, 0u);
}

TEST(ModelHotplugTest, AdjustableFindsBusyMemoryAlone) {
  EXPECT_EQ(Play(R"(
r1 = request iomem 0x1000-0x1fff busy -> ok
r2 = request iomem 0x2000-0x2fff mem -> ok
r3 = request r2 0x2000-0x20ff io busy -> ok
r9 = release_mem_region_adjustable 0x1000-0x1fff -> ok
r9 = release_mem_region_adjustable 0x2000-0x20ff -> ok
r9 = release_mem_region_adjustable 0x2200-0x22ff -> ok
r9 = release_mem_region_adjustable 0x2800-0x30ff -> ok
r9 = release_mem_region_adjustable 0x2001-0x2000 -> ok
adjust iomem 0x1000-0x2fff -> ok
r9 = release_mem_region_adjustable 0xfff-0x1fff -> ok warn=WARN_ON
r9 = release_mem_region_adjustable 0x2000-0x3000 -> ok warn=WARN_ON
)"),
            "1000-1fff : r1\n"
            "2000-2fff : r2\n"
            "  2000-20ff : r3\n");
}

TEST(ModelHotplugTest, AdjustableAllocatesUntilItHasWhatItNeeds) {
  constexpr absl::string_view kWhole =
      "r1 = request iomem 0x1000-0x4fff mem busy -> ok\n";
  struct Case {
    absl::string_view op;
    uint64_t times_left;  // of 5 failures
  };
  const Case cases[] = {
      {"r2 = release_mem_region_adjustable 0x8000-0x8fff -> ok", 4},
      {"r2 = release_mem_region_adjustable 0x2001-0x2000 -> ok", 4},
      {"r2 = release_mem_region_adjustable 0x1000-0x1fff -> ok", 4},
      {"r2 = release_mem_region_adjustable 0x1000-0x4fff -> ok", 4},
      {"r2 = release_mem_region_adjustable 0x2000-0x2fff -> ok", 2},
  };
  for (const Case& c : cases) {
    const State state = PlayTo(
        absl::StrCat(kWhole, "fail_alloc nth=1 times=5 -> ok\n", c.op, "\n"));
    EXPECT_EQ(state.ledger.fail_times, c.times_left) << c.op;
  }
  const State state = PlayTo(absl::StrCat(kWhole, R"(
fail_alloc nth=1 times=1 -> ok
r2 = release_mem_region_adjustable 0x2000-0x2fff -> ok
lookup iomem 0x3000 -> ok r2
fail_alloc nth=1 times=1 -> ok
adjust iomem 0x1000-0x4fff -> ok
r3 = release_mem_region_adjustable 0x0-0xfff -> ok warn=WARN_ON
)"));
  EXPECT_EQ(state.ledger.fail_times, 1u);
}

TEST(ModelHotplugTest, MergeNeedsBusySystemRam) {
  Play(R"(
r1 = request iomem 0x1000-0x1fff mem sysram -> ok
r2 = request iomem 0x2000-0x2fff mem busy -> ok
merge_system_ram_resource r1 -> ok warn=WARN_ON
merge_system_ram_resource r2 -> ok warn=WARN_ON
release r1 -> ok
merge_system_ram_resource r1 -> misuse
merge_system_ram_resource r9 -> misuse
merge_system_ram_resource iomem -> misuse
)");
}

TEST(ModelHotplugTest, MergeWithBothNeighbours) {
  const State state = PlayTo(R"(
r1 = request iomem 0x1000-0x1fff "ram" mem sysram busy -> ok
r2 = request iomem 0x2000-0x2fff "ram" mem sysram busy -> ok
r3 = request iomem 0x3000-0x3fff "ram" mem sysram busy -> ok
merge_system_ram_resource r1 -> ok
merge_system_ram_resource r3 -> ok
merge_system_ram_resource r2 -> ok
adjust r2 0x0-0xf -> misuse
adjust r3 0x0-0xf -> misuse
)");
  EXPECT_EQ(IomemText(state, {}), "00001000-00003fff : r1\n");
  EXPECT_EQ(state.rows[1].flags,
            kResourceSystemRam | kResourceBusy | kResourceSysramMergeable);
}

TEST(ModelHotplugTest, MergeOnlyOfWhatIsAlike) {
  constexpr absl::string_view kMergeable = "mem sysram sysram_mergeable busy";
  struct Case {
    absl::string_view upper;  // what differs from a mergeable neighbour
    bool merges;
  };
  const Case cases[] = {
      {R"(iomem 0x2000-0x2fff "ram" mem sysram sysram_mergeable busy)", true},
      {R"(iomem 0x2000-0x2fff "ram" mem sysram busy)", false},
      {R"(iomem 0x2001-0x2fff "ram" mem sysram sysram_mergeable busy)", false},
      {R"(iomem 0x2000-0x2fff "rom" mem sysram sysram_mergeable busy)", false},
      {R"(iomem 0x2000-0x2fff mem sysram sysram_mergeable busy)", false},
      {R"(iomem 0x2000-0x2fff "ram" mem sysram sysram_mergeable busy desc=cxl)",
       false},
  };
  for (const Case& c : cases) {
    const State state =
        PlayTo(absl::StrCat("r1 = request iomem 0x1000-0x1fff \"ram\" ",
                            kMergeable, " -> ok\nr2 = request ", c.upper,
                            " -> ok\nmerge_system_ram_resource r1 -> ok\n"));
    EXPECT_EQ(state.rows.size(), c.merges ? 3u : 4u) << c.upper;
  }
  Play(R"(
r1 = request iomem 0x1000-0x1fff "ram" mem sysram busy -> ok
r2 = request iomem 0x2000-0x2fff "ram" mem sysram sysram_mergeable busy -> ok
r3 = request r2 0x2000-0x2000 -> ok
merge_system_ram_resource r1 -> ok
release r3 -> ok
r3 = request r1 0x1000-0x1000 -> ok
merge_system_ram_resource r1 -> ok
lookup iomem 0x2000 -> ok r2
release r3 -> ok
merge_system_ram_resource r1 -> ok
lookup iomem 0x2000 -> NULL
)");
}

TEST(ModelHotplugTest, HalvesOfASplitHaveOneName) {
  EXPECT_EQ(Play(R"(
r1 = request iomem 0x1000-0x4fff mem sysram busy -> ok
r2 = release_mem_region_adjustable 0x2000-0x2fff -> ok
adjust r2 0x2000-0x4fff -> ok
merge_system_ram_resource r1 -> ok
merge_system_ram_resource r2 -> ok
)"),
            "00001000-00004fff : r1\n");
}

TEST(ModelHotplugTest, MergeForgetsNothingThatIsHeld) {
  Play(R"(
r1 = request iomem 0x1000-0x1fff "ram" mem sysram busy -> ok
r2 = request iomem 0x2000-0x2fff "ram" mem sysram sysram_mergeable busy -> ok
resource_list_add l0 r2 -> ok
merge_system_ram_resource r1 -> misuse
resource_list_free l0 -> ok
resource_list_add l0 r1 -> ok
merge_system_ram_resource r1 -> ok
lookup iomem 0x2000 -> NULL
r2 = request iomem 0x3000-0x3fff "ram" mem sysram busy -> ok
resource_list_add l0 r2 -> ok
merge_system_ram_resource r2 -> misuse
resource_list_destroy_entry l0 r2 -> ok
merge_system_ram_resource r2 -> ok
lookup iomem 0x3000 -> NULL
)");
}

}  // namespace
}  // namespace restree

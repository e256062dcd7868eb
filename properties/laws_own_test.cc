// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/deed.h"
#include "properties/example_states.h"

namespace restree {
namespace {

using ::testing::ElementsAre;

//   0x1000                   0x8000              0xa000
//   r1 |------------------|  r4 busy memory      r6 |---|r7 |---| alike
//   r2 |---|      r3 |---|   r5 |---| at 0x8000
constexpr char kTree[] =
    "r1 = request iomem 0x1000-0x4fff mem\n"
    "r2 = request r1 0x1000-0x1fff mem\n"
    "r3 = request r1 0x3000-0x3fff mem\n"
    "r4 = request iomem 0x8000-0x9fff \"ram\" mem sysram busy desc=cxl\n"
    "r5 = request r4 0x8000-0x87ff mem\n"
    "r6 = request iomem 0xa000-0xafff \"ram\" mem sysram sysram_mergeable "
    "busy\n"
    "r7 = request iomem 0xb000-0xbfff \"ram\" mem sysram busy\n"
    "r8 = request iomem 0xd000-0xdfff \"ram\" mem sysram busy\n";

Deed OnTree(const std::string& line, absl::string_view seen = "ok") {
  return LawfulDeed(kTree, line, seen);
}

TEST(LawsOwnTest, RootsStandAlone) {
  std::string sentence;
  Deed deed = OnTree("r9 = root 0x1000-0xfff mem desc=cxl");
  deed.is(R(9)).desc = 0;
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("RootsStandAlone"));
  EXPECT_EQ(sentence,
            "root says ok, and where r9 0x1000-0xfff should be there is r9 "
            "0x1000-0xfff, which differs in something else");

  deed = OnTree("r9 = root 0x1000-0x1fff mem");
  Drop(&deed.after, R(9));
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("RootsStandAlone"));
  EXPECT_EQ(sentence, "root says ok, and r9 0x1000-0x1fff is missing");

  deed = OnTree("r9 = root 0x1000-0x1fff mem");
  deed.is(R(1)).range.end = 0x5fff;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("RootsStandAlone"));

  OnTree("release r4\nr4 = root 0x5-0x4\nr5 = root 0x0-0x0", "misuse");
  OnTree("release r8\nrelease r7\nr8 = root 0x0-0x0\nr7 = root 0x0-0x0 mem");
}

TEST(LawsOwnTest, ReserveFillsExactlyTheGaps) {
  const Deed good = OnTree("r9 = reserve_region_with_split r1 0x1800-0x4fff");
  ASSERT_EQ(good.after.rows.size(), good.before.rows.size() + 2);
  std::string sentence;
  Deed deed = good;
  Drop(&deed.after, R(10));
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("ReserveFillsExactlyTheGaps"));
  EXPECT_EQ(sentence,
            "of 0x1800-0x4fff nobody has reserved 0x4000-0x4fff, which is "
            "free");
  deed.before.ledger.fail_times = 1;  // so there may have been no memory
  deed.before.ledger.fail_nth = 1;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre());

  deed = good;
  deed.is(R(9)).range.end = 0x2ffe;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("ReserveFillsExactlyTheGaps"));
  deed = good;
  deed.is(R(10)).region = false;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReserveFillsExactlyTheGaps"));
  deed = good;
  deed.is(R(10)).name = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReserveFillsExactlyTheGaps"));
  deed = good;
  deed.is(R(9)).flags |= kResourceSysram;  // of which it inherits nothing
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReserveFillsExactlyTheGaps"));
  deed = good;
  deed.is(R(2)).range.end = 0x17ff;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReserveFillsExactlyTheGaps"));

  deed = OnTree("r9 = reserve_region_with_split r1 0x1000-0x1fff");
  deed.after = good.after;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReserveFillsExactlyTheGaps"));
}

TEST(LawsOwnTest, ReserveHoldsInTheCorners) {
  OnTree("r9 = reserve_region_with_split iomem 0x0-0xffffffffffffffff \"x\"");
  OnTree("r0 = reserve_region_with_split r1 0x0-0xffff", "ok warn=outside");
  OnTree("r9 = reserve_region_with_split r1 0x8000-0xffff", "ok warn=outside");
  OnTree("r9 = reserve_region_with_split iomem 0x2000-0x1fff");
  OnTree(
      "fail_alloc nth=2 times=1\nr9 = reserve_region_with_split r1 "
      "0x1800-0x4fff");
  OnTree("r9 = root 0x5000-0x4fff\nr0 = reserve_region_with_split r9 0x0-0xf",
         "ok warn=outside");
}

TEST(LawsOwnTest, SplitKeepsBothEnds) {
  const Deed good = OnTree("r9 = release_mem_region_adjustable 0x8800-0x8fff");
  ASSERT_EQ(good.after.rows.size(), good.before.rows.size() + 1);
  std::string sentence;
  Deed deed = good;
  deed.is(R(9)).flags &= ~kResourceSysram;
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("SplitKeepsBothEnds"));
  EXPECT_EQ(sentence,
            "release_mem_region_adjustable says ok, and where r9 0x9000-0x9fff "
            "should be there is r9 0x9000-0x9fff, which differs in something "
            "else");
  deed = good;
  deed.is(R(9)).name = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("SplitKeepsBothEnds"));
  deed = good;
  deed.is(R(4)).range.end = 0x8800;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("SplitKeepsBothEnds"));
  deed = good;
  Drop(&deed.after, R(9));
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("SplitKeepsBothEnds"));
  deed = good;
  deed.after = deed.before;  // says ok, and does nothing
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("SplitKeepsBothEnds"));

  deed = OnTree("r9 = release_mem_region_adjustable 0xd800-0xdfff");
  EXPECT_EQ(deed.is(R(8)).range, (Range{0xd000, 0xd7ff}));
  deed.is(R(8)).range.end = 0xdfff;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("SplitKeepsBothEnds"));
}

TEST(LawsOwnTest, SplitHoldsInTheCorners) {
  const char* const kAdjustable = "r9 = release_mem_region_adjustable ";
  for (const absl::string_view range :
       {"0xd000-0xdfff", "0xd000-0xd000", "0xdfff-0xdfff", "0xd800-0xd800",
        "0x9000-0x9fff", "0x1000-0x1fff", "0x9000-0xafff", "0x5000-0x5fff",
        "0xd800-0xd7ff", "0xd000-0xcfff"}) {
    OnTree(kAdjustable + std::string(range), "ok");
  }
  OnTree(std::string(kAdjustable) + "0x8000-0x83ff", "ok warn=WARN_ON");
  OnTree("fail_alloc nth=1 times=9\n" + std::string(kAdjustable) +
         "0xd800-0xd8ff");
  OnTree("r0 = request r1 0x2000-0x2fff mem busy\n" + std::string(kAdjustable) +
         "0x2400-0x24ff");
}

TEST(LawsOwnTest, MergeCoversExactlyBoth) {
  const Deed good = OnTree("merge_system_ram_resource r7");
  ASSERT_EQ(good.after.rows.size() + 1, good.before.rows.size());
  std::string sentence;
  Deed deed = good;
  deed.is(R(6)).range.end = 0xcfff;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("MergeCoversExactlyBoth"));
  EXPECT_EQ(sentence,
            "merge_system_ram_resource says ok, and where r6 0xa000-0xbfff "
            "should be there is r6 0xa000-0xcfff");
  deed = good;
  deed.is(R(6)).range.end = 0xdfff;  // over a gap
  Drop(&deed.after, R(8));
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("MergeCoversExactlyBoth"));
  deed = good;
  deed.is(R(6)).flags &= ~kResourceSysramMergeable;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("MergeCoversExactlyBoth"));

  deed = OnTree("merge_system_ram_resource r6");  // r7 is not mergeable yet
  EXPECT_EQ(deed.after.rows.size(), deed.before.rows.size());
  deed.after = good.after;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("MergeCoversExactlyBoth"));

  deed = OnTree("merge_system_ram_resource r5", "ok warn=WARN_ON");
  deed.is(R(5)).flags |= kResourceSysramMergeable;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("MergeCoversExactlyBoth"));
}

TEST(LawsOwnTest, MergeHoldsInTheCorners) {
  OnTree("merge_system_ram_resource r4");  // has a child
  OnTree("merge_system_ram_resource r8");
  OnTree(
      "r0 = request iomem 0xc000-0xcfff \"ram\" mem sysram sysram_mergeable "
      "busy\n"
      "merge_system_ram_resource r7");  // all three
  OnTree(
      "r0 = request iomem 0xc000-0xcfff \"bus\" mem sysram sysram_mergeable "
      "busy\n"
      "merge_system_ram_resource r7");
  OnTree("release r8\nmerge_system_ram_resource r8", "misuse");
  OnTree("resource_list_add l0 r7\nmerge_system_ram_resource r7", "misuse");
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/deed.h"

namespace restree {
namespace {

using ::testing::ElementsAre;

//   0x1000          0x5000      0x8000     0xa000
//   r1 |---------------| hole    r4 |---------|     r5: the last two pages of
//   r2 |--| r3     |---|                            all
//
// r2, r3, r4 and r5 are busy System RAM; r1 is nothing of that.
constexpr char kTree[] =
    "r1 = request iomem 0x1000-0x4fff mem\n"
    "r2 = request r1 0x1000-0x1fff mem sysram busy\n"
    "r3 = request r1 0x4000-0x4fff mem sysram busy\n"
    "r4 = request iomem 0x8000-0x9fff mem sysram busy\n"
    "r5 = request iomem 0xffffffffffffe000-0xffffffffffffffff mem sysram "
    "busy\n";

Deed OnTree(const std::string& line, absl::string_view seen = "ok") {
  return LawfulDeed(kTree, line, seen);
}

TEST(LawsWalkTest, WalksVisitInOrderInsideTheRange) {
  Deed deed = OnTree("walk_system_ram_res 0x0-0xffff", "ok visits=3");
  std::swap(deed.seen.visits[0], deed.seen.visits[2]);
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("WalksVisitInOrderInsideTheRange"));
  EXPECT_EQ(sentence,
            "walk_system_ram_res visits 0x4000-0x4fff after 0x8000-0x9fff");

  deed = OnTree("walk_system_ram_res_rev 0x0-0xffff", "ok visits=3");
  EXPECT_EQ(deed.seen.visits[0].range.start, 0x8000);
  std::swap(deed.seen.visits[0], deed.seen.visits[2]);
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("WalksVisitInOrderInsideTheRange"));

  // Twice the same.
  deed = OnTree("walk_system_ram_range 0x0-0xf", "ok visits=3");
  deed.seen.visits.push_back(deed.seen.visits.back());
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("WalksVisitInOrderInsideTheRange"));
}

TEST(LawsWalkTest, WalksVisitOnlyWhatMatches) {
  Deed deed = OnTree("walk_system_ram_res 0x1800-0x8fff", "ok visits=3");
  deed.seen.visits[1].desc = 7;
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("WalksVisitOnlyWhatMatches"));
  EXPECT_EQ(sentence,
            "walk_system_ram_res visits 0x4000-0x4fff with flags 0x81000200 "
            "and desc 0x7: nothing matches there");

  deed = OnTree("walk_iomem_res_desc 0x0-0x7fff mem sysram", "ok visits=2");
  Visit more;
  more.range = {0x6000, 0x6fff};
  deed.seen.visits.push_back(more);
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("WalksVisitOnlyWhatMatches"));
}

TEST(LawsWalkTest, WalksLeaveNothingOut) {
  for (const absl::string_view line :
       {"walk_system_ram_res 0x0-0xffff", "walk_mem_res 0x0-0xffff",
        "walk_system_ram_res_rev 0x0-0xffff", "walk_system_ram_range 0x0-0xf",
        "walk_iomem_res_desc 0x0-0xffff mem sysram"}) {
    for (size_t i = 0; i < 3; ++i) {
      Deed deed = OnTree(std::string(line), "ok visits=3");
      deed.seen.visits.erase(deed.seen.visits.begin() + i);
      EXPECT_THAT(BrokenLaws(deed), ElementsAre("WalksLeaveNothingOut"))
          << line;
    }
  }
}

TEST(LawsWalkTest, StoppedWalksLeaveNothingOutBefore) {
  Deed deed = OnTree("walk_mem_res 0x0-0xffff stop=2", "stopped visits=2");
  deed.seen.visits[1] = {
      {0x8000, 0x9fff}, kResourceSystemRam | kResourceBusy, 0};
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("WalksLeaveNothingOut"));
  EXPECT_EQ(sentence, "walk_mem_res of 0x0-0xffff leaves out 0x4000-0x4fff");
}

TEST(LawsWalkTest, WalksEndAsTheirCallbackSays) {
  std::string sentence;
  Deed deed = OnTree("walk_mem_res 0x0-0xffff stop=2", "stopped visits=2");
  deed.seen.outcome = Outcome::kOk;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("WalksEndAsTheirCallbackSays"));
  EXPECT_EQ(
      sentence,
      "walk_mem_res says ok after 2 visits, where the callback stops at 2 "
      "(0: never); it should say stopped");

  deed = OnTree("walk_system_ram_res_rev 0x5000-0x6000", "EPERM");
  deed.seen.outcome = Outcome::kInval;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("WalksEndAsTheirCallbackSays"));

  deed = OnTree("walk_mem_res 0x0-0xffff stop=4", "ok visits=3");
  deed.op.number = 2;  // and it went on
  deed.seen.outcome = Outcome::kStopped;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("WalksEndAsTheirCallbackSays"));
}

TEST(LawsWalkTest, AllHoldInTheCorners) {
  OnTree("walk_mem_res 0x1000-0x1000", "EINVAL");
  OnTree("walk_mem_res 0x2000-0x1000", "EINVAL");
  // The last byte alone is not walked; the last two are.
  OnTree(
      "r6 = request iomem 0xa000-0xa000 mem sysram busy\n"
      "walk_mem_res 0x8000-0xa000",
      "ok visits=1");
  OnTree(
      "r6 = request iomem 0xa000-0xa001 mem sysram busy\n"
      "walk_mem_res 0x8000-0xa001",
      "ok visits=2");
  OnTree(
      "r6 = request iomem 0xa001-0xa001 mem sysram busy\n"
      "walk_mem_res 0x8000-0xa001",
      "ok visits=2");
  OnTree("walk_mem_res 0x0-0xffffffffffffffff", "ok visits=4");
  OnTree("walk_iomem_res_desc 0x0-0xffff", "ok visits=2");
  OnTree("walk_iomem_res_desc 0x0-0xffff mem desc=cxl", "EINVAL");
  // r1 matches, and hides what is below it.
  OnTree("walk_iomem_res_desc 0x1800-0xffff mem", "ok visits=2");
  OnTree("adjust iomem 0x0-0xffffffffffffffff\nwalk_mem_res 0x9000-0xffff");
}

TEST(LawsWalkTest, AllHoldInTheCornersOfPages) {
  OnTree("walk_system_ram_range 0x0-0xfffffffffffff", "ok visits=3");
  OnTree("walk_system_ram_range 0xfffffffffffff-0x10000000000000", "EINVAL");
  OnTree("walk_system_ram_range 0x1-0x0", "EINVAL");
  // The first range has no whole page: the walk gives up.
  OnTree("adjust r2 0x1800-0x1fff\nwalk_system_ram_range 0x0-0xf", "EINVAL");
  // A later one is skipped.
  OnTree("adjust r3 0x4800-0x4fff\nwalk_system_ram_range 0x0-0xf",
         "ok visits=2");
  // PFN_UP of the last page is 0.
  OnTree(
      "adjust r5 0xfffffffffffff001-0xfffffffffffffffe\n"
      "walk_system_ram_range 0xffffffffffffe-0xfffffffffffff",
      "ok visits=1");
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
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

namespace restree {
namespace {

using ::testing::ElementsAre;

constexpr char kTree[] =
    "r1 = request iomem 0x1000-0x4fff mem\n"
    "r2 = request r1 0x1800-0x1fff mem busy\n"
    "r3 = request r1 0x4000-0x4fff mem sysram exclusive\n"
    "r4 = request ioport 0x10-0x1f io\n"
    "r5 = root 0x4800-0x5fff mem\n"
    "r6 = request iomem 0x8000-0x9fff mem sysram busy\n"
    "resource_list_add_tail l1 r4\n"
    "resource_list_add_tail l1 r2\n"
    "resource_list_add_tail l1 r3\n";

Deed OnTree(const std::string& line, absl::string_view seen) {
  return LawfulDeed(kTree, line, seen);
}

TEST(LawsAskTest, ExclusiveMeansBusyOrExclusive) {
  std::string sentence;
  Deed deed = OnTree("resource_is_exclusive iomem 0x4fff-0x7fff", "ok 0x1");
  deed.seen.value = 0;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("ExclusiveMeansBusyOrExclusive"));
  EXPECT_EQ(sentence,
            "resource_is_exclusive answers 0x0, and it is 0x1 of "
            "0x4fff-0x7fff");
  deed = OnTree("iomem_is_exclusive 0x1234", "ok 0x1");  // r2 is in that page
  deed.seen.value = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ExclusiveMeansBusyOrExclusive"));
  deed = OnTree("strict_iomem relaxed\niomem_is_exclusive 0x1234", "ok");
  deed.seen.value = 1;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ExclusiveMeansBusyOrExclusive"));
  OnTree("resource_is_exclusive r2 0x1800-0x1fff", "ok");
  OnTree("resource_is_exclusive r1 0x2000-0x3fff", "ok");
}

TEST(LawsAskTest, SanityCheckFindsWhatIsCrossed) {
  std::string sentence;
  Deed deed =
      OnTree("iomem_map_sanity_check 0x3000-0x5fff", "EPERM warn=spans");
  deed.seen = Observation();
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("SanityCheckFindsWhatIsCrossed"));
  EXPECT_EQ(sentence,
            "iomem_map_sanity_check says ok of 0x3000-0x5fff, and r3 "
            "0x4000-0x4fff ends inside it");
  deed = OnTree("iomem_map_sanity_check 0x3000-0x3fff", "ok");
  deed.seen.outcome = Outcome::kPerm;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("SanityCheckFindsWhatIsCrossed"));
  EXPECT_EQ(sentence,
            "iomem_map_sanity_check says EPERM of 0x3000-0x3fff, and nothing "
            "ends inside it");
  OnTree("iomem_map_sanity_check 0x7000-0x8fff", "ok");  // r6 is busy
  OnTree("iomem_map_sanity_check 0x3000-0x3fff", "ok");
}

TEST(LawsAskTest, PairsCompareByTheirRanges) {
  std::string sentence;
  Deed deed = OnTree("resource_contains r1 r2", "ok 0x1");
  deed.seen.value = 0;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("PairsCompareByTheirRanges"));
  EXPECT_EQ(sentence,
            "resource_contains answers 0x0, and it is 0x1 of r1 0x1000-0x4fff "
            "and r2 0x1800-0x1fff");
  deed = OnTree("resource_contains iomem r4", "ok");  // which is no memory
  deed.seen.value = 1;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("PairsCompareByTheirRanges"));
  deed = OnTree("resource_overlaps r1 r5", "ok 0x1");
  deed.seen.value = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("PairsCompareByTheirRanges"));
  deed = OnTree("resource_intersection r1 r5", "ok 0x1 visits=1 0x4800-0x4fff");
  deed.seen.visits[0].range.start = 0x4000;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("PairsCompareByTheirRanges"));
  EXPECT_EQ(sentence,
            "resource_intersection of r1 0x1000-0x4fff and r5 0x4800-0x5fff is "
            "0x4800-0x4fff");
  deed = OnTree("resource_union r1 r5", "ok 0x1 visits=1 0x1000-0x5fff");
  deed.seen.visits.clear();
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("PairsCompareByTheirRanges"));
  OnTree("resource_union r1 r6", "ok");
  OnTree("r7 = root 0x3000-0x2fff mem\nresource_union r1 r7", "ok 0x1");
  OnTree("resource_union r1 r7", "misuse");
}

TEST(LawsAskTest, SizeIsFromEndToEnd) {
  std::string sentence;
  Deed deed = OnTree("resource_size r1", "ok 0x4000");
  deed.seen.value = 0x3fff;
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("SizeIsFromEndToEnd"));
  EXPECT_EQ(sentence,
            "resource_size answers 0x3fff, and it is 0x4000: r1 "
            "0x1000-0x4fff");
  OnTree("resource_size iomem", "ok");
}

TEST(LawsAskTest, FirstOfAListHasTheType) {
  std::string sentence;
  Deed deed = OnTree("resource_list_first_type l1 mem", "ok r2");
  deed.seen.found = R(3);
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("FirstOfAListHasTheType"));
  EXPECT_EQ(sentence,
            "resource_list_first_type says ok r3, and the first on l1 with "
            "that type is r2");
  deed = OnTree("resource_list_first_type l2 mem", "NULL");
  deed.seen.outcome = Outcome::kOk;
  deed.seen.found = R(2);
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("FirstOfAListHasTheType"));
  OnTree("resource_list_first_type l1 mem busy", "NULL");
  OnTree("resource_list_first_type l1 io", "ok r4");
}

TEST(LawsAskTest, ProcShowsTheTree) {
  std::string sentence;
  Deed deed = OnTree("proc ioport", "ok");
  EXPECT_EQ(deed.seen.text, "0010-001f : r4\n");
  deed.seen.text = "0010-0020 : r4\n";
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("ProcShowsTheTree"));
  EXPECT_EQ(sentence,
            "proc shows\n0010-0020 : r4\nand there is\n0010-001f : r4\n");
  deed = OnTree("proc iomem unprivileged", "ok");
  deed.op.number = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ProcShowsTheTree"));
  OnTree("proc r1", "misuse");
}

TEST(LawsAskTest, PageIsRamIfAWalkFindsIt) {
  std::string sentence;
  Deed deed = OnTree("page_is_ram 0x8", "ok 0x1");
  deed.seen.value = 0;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("PageIsRamIfAWalkFindsIt"));
  EXPECT_EQ(sentence,
            "page_is_ram answers 0 of 0x8, where a page of busy System RAM is");
  deed = OnTree("page_is_ram 0x4", "ok");
  deed.seen.value = 1;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("PageIsRamIfAWalkFindsIt"));
  OnTree("page_is_ram 0xfffffffffffff", "ok");
}

TEST(LawsAskTest, QuestionsChangeNothing) {
  for (const absl::string_view line :
       {"resource_is_exclusive iomem 0x0-0x1", "page_is_ram 0x8",
        "resource_union r1 r5", "resource_size r1", "proc iomem",
        "resource_list_first_type l1 mem", "iomem_map_sanity_check 0x0-0x1",
        "iomem_init_inode\niomem_get_mapping"}) {
    Deed deed = OnTree(std::string(line), "ok");
    deed.is(R(4)).flags |= kResourceExclusive;
    EXPECT_THAT(BrokenLaws(deed), ElementsAre("QueriesChangeNothing")) << line;
  }
}

}  // namespace
}  // namespace restree

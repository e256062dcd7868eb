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

TEST(LawsQueryTest, QueriesChangeNothing) {
  for (const absl::string_view line :
       {"lookup iomem 0x1000", "alignment r1",
        "region_intersects 0x1000-0x1fff mem", "walk_mem_res 0x0-0xffff"}) {
    Deed deed = OnTree(std::string(line), "");
    deed.is(R(4)).flags |= kResourceExclusive;
    EXPECT_THAT(BrokenLaws(deed), ElementsAre("QueriesChangeNothing")) << line;
  }
}

TEST(LawsQueryTest, LookupFindsTheStart) {
  Deed deed = OnTree("lookup iomem 0x1000", "ok r1");
  deed.seen.found = R(2);  // no child, but below
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("LookupFindsTheStart"));
  EXPECT_EQ(sentence,
            "at 0x1000 lookup finds r2 and there is r1 0x1000-0x4fff");
  deed.seen = Observation();
  deed.seen.outcome = Outcome::kNull;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("LookupFindsTheStart"));

  deed = OnTree("lookup iomem 0x1001", "NULL");
  deed.seen.outcome = Outcome::kOk;
  deed.seen.found = R(1);
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("LookupFindsTheStart"));
  OnTree("lookup r9 0x1001", "misuse");
}

TEST(LawsQueryTest, AlignmentFollowsTheFlags) {
  OnTree("alignment r1", "ok");
  OnTree(
      "r6 = request iomem 0x6000-0x67ff mem sizealign startalign\n"
      "alignment r6",
      "ok");
  OnTree("r6 = request iomem 0x6000-0x67ff mem startalign\nalignment r6",
         "ok 0x6000");
  Deed deed =
      OnTree("r6 = request iomem 0x6000-0x67ff mem sizealign\nalignment r6",
             "ok 0x800");
  deed.seen.value = 0x7ff;
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("AlignmentFollowsTheFlags"));
  EXPECT_EQ(sentence,
            "the alignment of r6 0x6000-0x67ff with flags 0x40200 is 0x800, "
            "not 0x7ff");
}

TEST(LawsQueryTest, IntersectsAgreesWithTheRows) {
  struct Case {
    const char* line;
    const char* seen;
    const char* sentence;  // of a machine that says MIXED, or DISJOINT
  };
  const Case cases[] = {
      {"region_intersects 0x8000-0x8fff mem sysram", "REGION_INTERSECTS",
       "region_intersects says REGION_MIXED of 0x8000-0x8fff, where nothing is "
       "there beside what matches"},
      {"region_intersects 0x1000-0x1fff mem sysram", "REGION_INTERSECTS",
       "region_intersects says REGION_MIXED of 0x1000-0x1fff, where nothing is "
       "there beside what matches"},
      {"region_intersects 0x5000-0x8fff mem sysram", "REGION_INTERSECTS",
       "region_intersects says REGION_MIXED of 0x5000-0x8fff, where nothing is "
       "there beside what matches"},
      {"region_intersects 0x5000-0x7fff mem sysram", "REGION_DISJOINT",
       "region_intersects says REGION_MIXED of 0x5000-0x7fff, where nothing "
       "matches"},
      {"region_intersects 0x1000-0x2000 mem sysram", "REGION_MIXED",
       "region_intersects says REGION_DISJOINT of 0x1000-0x2000, where r2 "
       "0x1000-0x1fff matches"},
  };
  for (const Case& test : cases) {
    Deed deed = OnTree(test.line, test.seen);
    const bool mixed = deed.seen.outcome == Outcome::kMixed;
    deed.seen.outcome = mixed ? Outcome::kDisjoint : Outcome::kMixed;
    std::string sentence;
    EXPECT_THAT(BrokenLaws(deed, &sentence),
                ElementsAre("IntersectsAgreesWithTheRows"));
    EXPECT_EQ(sentence, test.sentence);
  }
  Deed deed = OnTree("region_intersects 0x1000-0x2000 mem sysram", "");
  deed.seen.outcome = Outcome::kIntersects;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("IntersectsAgreesWithTheRows"));
  OnTree("region_intersects 0x3000-0x2fff mem", "REGION_INTERSECTS");
  OnTree("region_intersects 0x0-0xffffffffffffffff mem desc=cxl",
         "REGION_DISJOINT");
}

}  // namespace
}  // namespace restree

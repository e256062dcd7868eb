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

// Eight sections, of which the first, the fifth and the last are taken.
constexpr char kTree[] =
    "r1 = root 0x0-0x3fffffff mem\n"
    "r2 = request r1 0x1000-0x1fff mem\n"
    "r3 = request r1 0x20000000-0x20000fff mem\n"
    "r4 = request r1 0x3ffff000-0x3fffffff mem\n";

Deed OnTree(const std::string& line, absl::string_view seen = "ok") {
  return LawfulDeed(kTree, line, seen);
}

TEST(LawsFreeTest, FreeRegionIsFree) {
  const Deed good = OnTree("r5 = request_free_mem_region r1 size=0x8000000");
  EXPECT_EQ(good.after.rows[1].range, (Range{0x30000000, 0x37ffffff}));
  std::string sentence;
  Deed deed = good;
  deed.is(R(5)).range = {0x38000000, 0x3fffffff};
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("FreeRegionIsFree"));
  EXPECT_EQ(sentence,
            "r5 0x38000000-0x3fffffff was said to be free, and overlaps r4 "
            "0x3ffff000-0x3fffffff");
  deed = good;
  deed.is(R(5)).range = {0x31000000, 0x38ffffff};
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("FreeRegionIsFree"));
  EXPECT_EQ(sentence,
            "r5 0x31000000-0x38ffffff should be 0x8000000 bytes in "
            "0x0-0x3fffffff, aligned to 0x8000000");
  deed = good;
  deed.is(R(5)).range.end = 0x30000fff;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("FreeRegionIsFree"));
}

TEST(LawsFreeTest, FreeRegionIsTheFirst) {
  std::string sentence;
  Deed deed = OnTree("r5 = request_free_mem_region r1 size=0x8000000");
  deed.is(R(5)).range = {0x28000000, 0x2fffffff};
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("FreeRegionIsTheFirst"));
  EXPECT_EQ(sentence,
            "r5 0x28000000-0x2fffffff was found although "
            "0x30000000-0x37ffffff is free, which comes first");

  deed = OnTree("r5 = alloc_free_mem_region r1 size=0x1000 align=0x1000");
  EXPECT_EQ(deed.is(R(5)).range, (Range{0x2000, 0x2fff}));
  deed.is(R(5)).range = {0x3000, 0x3fff};
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("FreeRegionIsTheFirst"));

  deed.seen.outcome = Outcome::kRange;
  deed.after = deed.before;
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("FreeRegionIsTheFirst"));
  EXPECT_EQ(sentence,
            "alloc_free_mem_region says ERANGE, and 0x2000-0x2fff is free");
}

TEST(LawsFreeTest, FreeRegionsHoldInTheCorners) {
  OnTree("r5 = request_free_mem_region iomem size=0x1");
  OnTree("r5 = devm_request_free_mem_region d1 r1 size=0x10000000");
  OnTree("r5 = request_free_mem_region r1 size=0x0", "ERANGE");
  OnTree("r5 = request_free_mem_region r2 size=0x1", "ERANGE");
  OnTree("r5 = request_free_mem_region r1 size=0xffffffffffffffff", "ERANGE");
  OnTree("r5 = alloc_free_mem_region r1 size=0x18000000 align=0x8000000");
  OnTree("r5 = alloc_free_mem_region r1 size=0x20000000 align=0x8000000",
         "ERANGE");
  OnTree("r5 = alloc_free_mem_region r1 size=0x1 align=0x1");
  OnTree("r5 = alloc_free_mem_region r2 size=0x1000 align=0x1000");
  OnTree("r5 = alloc_free_mem_region iomem size=0x1 align=0x8000000000000000",
         "ERANGE");
  OnTree(
      "r5 = root 0x1fff-0x1000 mem\n"
      "r6 = alloc_free_mem_region r5 size=0x1 align=0x1",
      "ERANGE");
  OnTree(
      "fail_alloc nth=1 times=1\n"
      "r5 = alloc_free_mem_region r1 size=0x1 align=0x1",
      "ENOMEM");
}

TEST(LawsFreeTest, FreeRegionsAreNewcomersToo) {
  Deed deed = OnTree("r5 = alloc_free_mem_region r1 size=0x1000 align=0x1000");
  deed.is(R(5)).flags |= kResourceBusy;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("NewcomersAreWhatWasAskedFor"));

  deed = OnTree("r5 = alloc_free_mem_region r1 size=0x1000 align=0x1000");
  deed.is(R(2)).range.end = 0x17ff;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("InsertKeepsEveryOtherRange"));

  deed = OnTree("r5 = request_free_mem_region r1 size=0x1");
  deed.is(R(5)).desc = kDescNone;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("RegionsInheritFromTheirParent"));

  deed = OnTree("r5 = devm_request_free_mem_region d3 r1 size=0x1");
  EXPECT_EQ(deed.is(R(5)).name, kNameOfDevice | 3);
  deed.is(R(5)).name = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("NewcomersAreWhatWasAskedFor"));
}

TEST(LawsFreeTest, FindSpaceSetsNothingButTheRange) {
  const char* const kFind =
      "r5 = root 0x0-0x0 mem\n"
      "find_resource_space r1 r5 0x0-0xffff size=0x400 align=0x100 isa_align";
  Deed deed = OnTree(kFind);
  EXPECT_EQ(deed.is(R(5)).range, (Range{0, 0x3ff}));
  deed.is(R(2)).flags = 0;
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("FindSpaceSetsNothingButTheRange"));
  EXPECT_EQ(sentence,
            "find_resource_space says ok, and where r2 0x1000-0x1fff should be "
            "there is r2 0x1000-0x1fff, which differs in something else");

  deed = OnTree(kFind);
  deed.is(R(5)).range = {0x100, 0x4ff};
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("AllocateMeetsItsConstraints"));
  EXPECT_EQ(sentence,
            "r5 0x100-0x4ff was allocated and starts where ISA cards have "
            "aliases");
}

}  // namespace
}  // namespace restree

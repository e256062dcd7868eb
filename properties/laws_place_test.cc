// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>

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
using ::testing::IsEmpty;

//   r1 |---------------|          r4 |-------|
//   r2 |---|  r3 |-----|
constexpr char kTree[] =
    "r1 = request iomem 0x1000-0x4fff mem\n"
    "r2 = request r1 0x1000-0x1fff mem\n"
    "r3 = request r1 0x3000-0x4fff mem\n"
    "r4 = request iomem 0x8000-0x9fff mem\n";

// Returns `line` as it is done on the tree above, with all laws holding.
Deed OnTree(const std::string& line, absl::string_view seen = "ok") {
  return LawfulDeed(kTree, line, seen);
}

TEST(LawsPlaceTest, FailedOpChangesNothing) {
  Deed deed = OnTree("r5 = request iomem 0x2000-0x7fff mem", "EBUSY r1");
  deed.is(R(4)).flags |= kResourceBusy;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("FailedOpChangesNothing"));

  deed = OnTree("r1 = request iomem 0x6000-0x6fff mem", "misuse");
  Drop(&deed.after, R(4));
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("FailedOpChangesNothing"));

  deed = OnTree("allocate iomem r1 0x0-0x1fff size=0x4000 align=1", "EBUSY");
  deed.is(R(1)).range = {0, 0x3fff};
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("FailedOpChangesNothing"));
  EXPECT_EQ(sentence,
            "allocate says EBUSY, and yet r1 0x0-0x3fff is where r1 "
            "0x1000-0x4fff was");
}

TEST(LawsPlaceTest, RequestAddsExactlyOne) {
  Deed deed = OnTree("r5 = request iomem 0x6000-0x6fff mem");
  Drop(&deed.after, R(3));
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("RequestAddsExactlyOne"));
  EXPECT_EQ(sentence,
            "beside r5 there were 6 resources and are 5, of which the first 3 "
            "are the same");

  deed.after = deed.before;  // says ok, and does nothing
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("RequestAddsExactlyOne"));
  EXPECT_EQ(sentence, "request says ok and r5 is in no tree");

  deed = OnTree("release r1\nrequest iomem r1");
  Drop(&deed.after, R(2));  // which came along with r1
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("RequestAddsExactlyOne"));
}

TEST(LawsPlaceTest, InsertKeepsEveryOtherRange) {
  Deed deed = OnTree("r5 = insert iomem 0x1000-0x7fff mem");
  deed.is(R(3)).range.end = 0x7fff;
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("InsertKeepsEveryOtherRange"));
  EXPECT_EQ(sentence, "placing r5 makes r3 0x3000-0x7fff of r3 0x3000-0x4fff");

  deed = OnTree("release r1\nrequest iomem r1");
  deed.is(R(3)).flags = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("InsertKeepsEveryOtherRange"));
}

TEST(LawsPlaceTest, AdoptedChildrenLieInsideTheNewcomer) {
  // r5 adopts r1, but not r4, which lies outside.
  Deed deed = OnTree("r5 = insert iomem 0x0-0x7fff mem");
  deed.is(R(4)).depth = 2;
  deed.is(R(4)).parent = R(5);
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("AdoptedChildrenLieInsideTheNewcomer"));
  EXPECT_EQ(sentence,
            "r5 0x0-0x7fff adopts r4 0x8000-0x9fff, which does not lie inside "
            "it");

  // Not even an insert may give one resource to another.
  deed = OnTree("r5 = insert iomem 0x0-0x7fff mem");
  deed.is(R(3)).parent = R(2);
  EXPECT_THAT(BrokenLaws(deed),
              ElementsAre("AdoptedChildrenLieInsideTheNewcomer"));

  // And a request adopts nobody.
  deed = OnTree("r5 = request iomem 0x6000-0x6fff mem");
  deed.is(R(4)).parent = R(5);
  EXPECT_THAT(BrokenLaws(deed),
              ElementsAre("AdoptedChildrenLieInsideTheNewcomer"));
}

TEST(LawsPlaceTest, NewcomersAreWhatWasAskedFor) {
  Deed deed = OnTree("r5 = request iomem 0x6000-0x6fff mem busy");
  deed.is(R(5)).range.end = 0x6ffe;
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("NewcomersAreWhatWasAskedFor"));
  EXPECT_EQ(sentence, "asked for r5 0x6000-0x6fff and got r5 0x6000-0x6ffe");

  deed = OnTree("release r4\ninsert iomem r4");
  deed.is(R(4)).desc = 7;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("NewcomersAreWhatWasAskedFor"));

  // An expansion may grow what was asked for, and never shrink it.
  deed = OnTree("r5 = insert_expand_to_fit iomem 0x0-0x5fff mem");
  deed.is(R(5)).range.start = 0x800;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("NewcomersAreWhatWasAskedFor"));

  deed = OnTree("r5 = request_region iomem 0x6000-0x6fff");
  deed.is(R(5)).region = false;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("NewcomersAreWhatWasAskedFor"));
}

TEST(LawsPlaceTest, NewcomersStandBelowTheirParent) {
  Deed deed = OnTree("r5 = request r1 0x2000-0x2fff mem");
  deed.op.parent = kIomem;  // which is above, but not directly
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("NewcomersStandBelowTheirParent"));
  EXPECT_EQ(sentence, "r5 0x2000-0x2fff stands not directly below iomem");

  deed = OnTree("r5 = insert r1 0x2000-0x2fff mem");
  deed.op.parent = kIomem;  // insert descends
  EXPECT_THAT(BrokenLaws(deed), IsEmpty());
  deed.op.parent = R(4);
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("NewcomersStandBelowTheirParent"));

  // What is in a tree already stays where it is.
  deed = OnTree("insert_expand_to_fit ioport r4");
  deed.is(R(4)).depth = 2;
  deed.is(R(4)).parent = R(1);
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("NewcomersStandBelowTheirParent"));
}

TEST(LawsPlaceTest, RegionsStandBelowNothingBusy) {
  Deed deed = OnTree("r5 = request_region iomem 0x3000-0x3fff");
  EXPECT_EQ(deed.is(R(5)).parent, R(3));
  deed.was(R(1)).flags |= kResourceBusy;
  deed.is(R(1)).flags |= kResourceBusy;
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("NewcomersStandBelowTheirParent"));
  EXPECT_EQ(sentence, "r5 stands below r1 0x1000-0x4fff, which is busy");
}

TEST(LawsPlaceTest, ExpandReachesOnlyToItsChildren) {
  Deed deed = OnTree("r5 = insert_expand_to_fit iomem 0x4000-0x8fff mem");
  EXPECT_EQ(deed.is(R(5)).range, (Range{0x1000, 0x9fff}));
  deed.is(R(5)).range.end = 0xa000;
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("ExpandReachesOnlyToItsChildren"));
  EXPECT_EQ(sentence,
            "r5 0x1000-0xa000 was asked for as 0x4000-0x8fff and covers no "
            "more than 0x1000-0x9fff");
}

TEST(LawsPlaceTest, AllocateMeetsItsConstraints) {
  const std::string line =
      "r5 = allocate iomem 0x4800-0xffff size=0x800 align=0x1000 mem";
  Deed deed = OnTree(line);
  EXPECT_EQ(deed.is(R(5)).range, (Range{0x5000, 0x57ff}));
  std::string sentence;

  deed.is(R(5)).range = {0x5000, 0x5800};
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("AllocateMeetsItsConstraints"));
  EXPECT_EQ(sentence,
            "r5 0x5000-0x5800 was allocated and has 0x801 bytes, not 0x800");
  deed.is(R(5)).range = {0x4000, 0x47ff};
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("AllocateMeetsItsConstraints"));
  deed.is(R(5)).range = {0x5800, 0x5fff};
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("AllocateMeetsItsConstraints"));

  deed = OnTree("r5 = allocate r1 0x0-0xffff size=0x800 align=0x1 mem");
  deed.is(R(5)).range = {0x5000, 0x57ff};  // r1 ends at 0x4fff
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("AllocateMeetsItsConstraints"));
}

TEST(LawsPlaceTest, RegionsInheritFromTheirParent) {
  Deed deed = OnTree(
      "r5 = request iomem 0xa000-0xafff mem sysram desc=soft_reserved\n"
      "r6 = request_region iomem 0xa000-0xa7ff exclusive");
  EXPECT_EQ(deed.is(R(6)).flags,
            kResourceSystemRam | kResourceBusy | kResourceExclusive);
  deed.is(R(6)).desc = 0;
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("RegionsInheritFromTheirParent"));
  EXPECT_THAT(sentence, testing::HasSubstr("r5 0xa000-0xafff"));

  deed.is(R(6)).desc = deed.is(R(5)).desc;
  EXPECT_THAT(BrokenLaws(deed), IsEmpty());
  deed.is(R(6)).flags &= ~kResourceSysram;  // the high half of the flags
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("RegionsInheritFromTheirParent"));
}

TEST(LawsPlaceTest, RefusalsNameWhatIsInTheWay) {
  Deed deed = OnTree("r5 = request iomem 0x2000-0x7fff mem", "EBUSY r1");
  std::string sentence;
  deed.seen.found = R(4);
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("RefusalsNameWhatIsInTheWay"));
  EXPECT_EQ(sentence,
            "0x2000-0x7fff is refused because of r4 0x8000-0x9fff, which it "
            "does not touch");
  deed.seen.found = kIomem;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("RefusalsNameWhatIsInTheWay"));
  deed.seen.found = kNoSlot;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("RefusalsNameWhatIsInTheWay"));

  OnTree("r5 = request iomem 0x7000-0x6fff mem", "EBUSY iomem");
  OnTree("release r1\nrequest r4 r1", "EBUSY r4");

  // What an insert covers, it would adopt.
  deed = OnTree("r5 = insert r1 0x1000-0x3fff mem", "EBUSY r3");
  deed.seen.found = R(2);
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("RefusalsNameWhatIsInTheWay"));
}

TEST(LawsPlaceTest, AllHoldInTheCorners) {
  OnTree("r5 = request iomem 0xffffffffffffffff-0xffffffffffffffff mem");
  OnTree("r5 = insert iomem 0x0-0xffffffffffffffff mem");
  OnTree("r5 = insert iomem 0x1000-0x4fff mem");  // the same as r1
  OnTree("insert_expand_to_fit ioport r2");       // in a tree already
  OnTree("r5 = insert_expand_to_fit r1 0x0-0x1fff mem", "NULL");
  OnTree("release r4\nr4 = request iomem 0x8000-0x8fff busy");
  OnTree("release r4\nadjust r4 0x1000-0xfff\nrequest iomem r4", "EBUSY iomem");
  OnTree("release r1\nrelease r2\nrequest r2 r1", "EBUSY r2");
  OnTree("remove r1\nr5 = request r1 0x1000-0x4fff mem");
  OnTree("adjust ioport 0x5-0x4\nr5 = request ioport 0x5-0x5 io",
         "EBUSY ioport");
  OnTree("allocate iomem r4 0x0-0xffff size=0x800 align=0");
  OnTree("allocate iomem r1 0x0-0xffff size=0x5000 align=0x1000");
  OnTree(
      "r5 = request_region r1 0x2000-0x2fff muxed\n"
      "r6 = request_region iomem 0x2000-0x2fff muxed",
      "would-block");
}

TEST(LawsPlaceTest, AllocateMayTakeAllAddresses) {
  const Deed deed = LastOf(
      "r1 = allocate iomem 0x0-0xffffffffffffffff size=0x0 align=0x1 mem\n",
      "ok");
  EXPECT_EQ(deed.after.rows[1].range, (Range{0, UINT64_MAX}));
  EXPECT_THAT(BrokenLaws(deed), IsEmpty());
}

}  // namespace
}  // namespace restree

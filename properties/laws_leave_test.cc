// SPDX-License-Identifier: Apache-2.0
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
#include "properties/example_states.h"

namespace restree {
namespace {

using ::testing::ElementsAre;

//   r1 |---------------|          r5 |-------|  busy region
//   r2 |---|  r3 |-----|
//             r4 |--|
constexpr char kTree[] =
    "r1 = request iomem 0x1000-0x4fff mem\n"
    "r2 = request r1 0x1000-0x1fff mem\n"
    "r3 = request r1 0x3000-0x4fff mem\n"
    "r4 = request r3 0x3000-0x3fff mem\n"
    "r5 = request_region iomem 0x8000-0x9fff\n";

Deed OnTree(const std::string& line, absl::string_view seen = "ok") {
  return LawfulDeed(kTree, line, seen);
}

TEST(LawsLeaveTest, ReleaseTakesOutOneSubtree) {
  std::string sentence;
  Deed deed = OnTree("release r1");
  Drop(&deed.after, R(4));
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("ReleaseTakesOutOneSubtree"));
  EXPECT_EQ(sentence,
            "release says ok, and r1 0x1000-0x4fff had 3 below it and has 2");

  deed = OnTree("release r1");
  deed.is(R(1)).parent = kIomem;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseTakesOutOneSubtree"));

  deed = OnTree("release r3");
  deed.is(R(2)).range.end = 0x2fff;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("ReleaseTakesOutOneSubtree"));
  EXPECT_EQ(sentence,
            "release says ok, and r2 0x1000-0x1fff is not as it should be: r2 "
            "0x1000-0x2fff");

  deed.after = deed.before;  // says ok, and does nothing
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseTakesOutOneSubtree"));
}

TEST(LawsLeaveTest, RemoveMovesTheChildrenUp) {
  std::string sentence;
  Deed deed = OnTree("remove r1");
  deed.is(R(3)).parent = R(1);
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("RemoveMovesTheChildrenUp"));
  EXPECT_EQ(sentence,
            "remove says ok, and r3 0x3000-0x4fff is not as it should be: r3 "
            "0x3000-0x4fff");

  // Not as release does.
  deed = OnTree("release r1");
  deed.op.verb = Verb::kRemove;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("RemoveMovesTheChildrenUp"));

  deed = OnTree("remove r1");
  Drop(&deed.after, R(5));
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("RemoveMovesTheChildrenUp"));
}

TEST(LawsLeaveTest, ReleaseChildRestoresSizes) {
  std::string sentence;
  Deed deed = OnTree("release_child r1");
  EXPECT_EQ(deed.is(R(4)).range, (Range{0, 0xfff}));
  deed.is(R(4)).range = {0x3000, 0x3fff};
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("ReleaseChildRestoresSizes"));
  EXPECT_EQ(sentence,
            "r4 0x3000-0x3fff was released and should be 0x0-0xfff in no tree");

  deed = OnTree("release_child r1");
  Drop(&deed.after, R(5));
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseChildRestoresSizes"));

  deed = OnTree("release_child r1");
  Drop(&deed.after, R(4));
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("ReleaseChildRestoresSizes"));
  EXPECT_EQ(sentence, "release_child says ok, and r4 0x3000-0x3fff is gone");

  deed = OnTree("release_child r3");
  deed.is(R(2)).flags = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseChildRestoresSizes"));
}

TEST(LawsLeaveTest, ReleaseRegionNeedsAnExactMatch) {
  std::string sentence;
  const Deed good = OnTree("release_region iomem 0x8000-0x9fff");
  Deed deed = good;
  deed.was(R(5)).range.end = 0xafff;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("ReleaseRegionNeedsAnExactMatch"));
  EXPECT_EQ(sentence,
            "release_region of 0x8000-0x9fff released r5 0x8000-0xafff, which "
            "is no free busy region of that range below iomem");
  deed = good;
  deed.was(R(5)).flags &= ~kResourceBusy;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseRegionNeedsAnExactMatch"));
  deed = good;
  deed.op.parent = R(1);
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseRegionNeedsAnExactMatch"));
  deed = good;
  deed.is(R(2)).flags = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseRegionNeedsAnExactMatch"));
  deed = good;
  Drop(&deed.after, R(2));
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseRegionNeedsAnExactMatch"));
}

TEST(LawsLeaveTest, ReleaseRegionThatWarnsChangesNothing) {
  Deed deed =
      OnTree("release_region iomem 0x8000-0x8fff", "ok warn=nonexistent");
  deed.is(R(5)).range.start = 0x9000;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseRegionNeedsAnExactMatch"));
}

TEST(LawsLeaveTest, ReleaseRegionFindsItsRegion) {
  Deed deed = OnTree("release_region iomem 0x8000-0x9fff");
  deed.seen.warnings = kWarnNonexistent;
  deed.after = deed.before;
  std::string sentence;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("ReleaseRegionFindsItsRegion"));
  EXPECT_EQ(sentence,
            "release_region of 0x8000-0x9fff found nothing to release, not "
            "even r5 0x8000-0x9fff");
}

TEST(LawsLeaveTest, AdjustSetsExactlyTheRange) {
  std::string sentence;
  Deed deed = OnTree("adjust r4 0x3000-0x4fff");
  deed.is(R(4)).range.end = 0x4ffe;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("AdjustSetsExactlyTheRange"));
  EXPECT_EQ(sentence,
            "r4 was adjusted to 0x3000-0x4fff and is r4 0x3000-0x4ffe");

  deed = OnTree("adjust r4 0x3000-0x4fff");
  deed.is(R(3)).range.start = 0x2000;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("AdjustSetsExactlyTheRange"));
}

TEST(LawsLeaveTest, FailedOpChangesNothing) {
  Deed deed = OnTree("adjust r3 0x3800-0x3fff", "EBUSY");
  deed.is(R(3)).range = {0x3800, 0x3fff};
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("FailedOpChangesNothing"));

  deed = OnTree("release r1\nrelease r1", "misuse");
  Drop(&deed.after, R(1));
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("FailedOpChangesNothing"));
}

TEST(LawsLeaveTest, AllHoldInTheCorners) {
  OnTree("release r4");
  OnTree("release_child iomem");
  OnTree("release_child ioport");
  OnTree("release r1\nrelease_child r1");
  OnTree("release r1\nrelease r3\nremove r4");
  OnTree("release r1\nadjust r2 0x1000-0x2fff");
  OnTree("remove r1\nadjust r1 0x2-0x1\nrelease_child r1");
  OnTree("adjust iomem 0x1000-0x9fff");
  OnTree(
      "r6 = request ioport 0x0-0xffff io\n"
      "adjust ioport 0x0-0xffffffffffffffff\n"
      "adjust r6 0x0-0xffffffffffffffff\nrelease_child ioport");
  OnTree(
      "r6 = request_region r2 0x1000-0x1fff\n"
      "release_region iomem 0x1000-0x1fff");
  OnTree("release_region r5 0x8000-0x9fff", "ok warn=nonexistent");
  OnTree("release_region iomem 0x8000-0x7fff", "ok warn=nonexistent");
  OnTree(
      "release r5\nr6 = request_region r5 0x8000-0x8fff\n"
      "release_region r5 0x8000-0x8fff");
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
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

// r1 and r2 are muxed; r4 waits for both and r5 for r2, and r6 for r1.
constexpr char kTree[] =
    "r1 = request_region iomem 0x1000-0x1fff muxed\n"
    "r2 = request_region iomem 0x2000-0x2fff muxed\n"
    "r3 = request_region iomem 0x3000-0x3fff\n"
    "r4 = request_region iomem 0x1000-0x2fff muxed\n"
    "r5 = request_region iomem 0x2000-0x2fff muxed\n"
    "r6 = request_region iomem 0x1000-0x17ff \"pad\" muxed\n";

Deed OnTree(const std::string& line, absl::string_view seen = "ok") {
  return LawfulDeed(kTree, line, seen);
}

TEST(LawsSleepTest, SleepersWaitForSomethingMuxed) {
  const Deed good =
      OnTree("r7 = request_region iomem 0x2000-0x20ff muxed", "would-block");
  std::string sentence;
  Deed deed = good;
  deed.after.ledger.waiters.pop_back();
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("SleepersWaitForSomethingMuxed"));
  EXPECT_EQ(sentence,
            "request_region says would-block, and r7 0x2000-0x20ff is not the "
            "one more who waits");
  deed = good;
  deed.after.ledger.waiters.back().flags = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("SleepersWaitForSomethingMuxed"));
  deed = good;
  deed.is(R(3)).flags |= kResourceMuxed;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("SleepersWaitForSomethingMuxed"));
  deed = good;
  deed.op.range = {0x4000, 0x4fff};
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("SleepersWaitForSomethingMuxed"));
  EXPECT_EQ(sentence,
            "request_region says would-block, and nothing muxed is in the way "
            "of 0x4000-0x4fff");
  deed = good;
  deed.seen.outcome = Outcome::kNull;
  deed.after = deed.before;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre());  // that it may not is unsaid

  deed = OnTree("r7 = request_region iomem 0x4000-0x40ff muxed");
  deed.after.ledger.waiters.clear();
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("SleepersWaitForSomethingMuxed"));

  OnTree("r7 = root 0x0-0x0\nr7 = request_region iomem 0x2000-0x20ff muxed",
         "would-block");
}

TEST(LawsSleepTest, SleepersWakeWhenItGoes) {
  const Deed good = OnTree("release_region iomem 0x2000-0x2fff");
  ASSERT_EQ(good.after.ledger.waiters.size(), 2u);  // r6 and r4
  std::string sentence;
  Deed deed = good;
  std::swap(deed.after.ledger.waiters[0], deed.after.ledger.waiters[1]);
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("SleepersWakeWhenItGoes"));
  EXPECT_EQ(sentence,
            "release_region says ok, and r6 0x1000-0x17ff waits at the wrong "
            "place");

  deed = good;  // r5 is lost
  Drop(&deed.after, R(5));
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("SleepersWakeWhenItGoes"));
  EXPECT_EQ(sentence,
            "r5 0x2000-0x2fff has given up, and nothing is in its way");

  deed = OnTree("release_region iomem 0x3000-0x3fff");
  deed.after.ledger.waiters.pop_back();
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("SleepersWakeWhenItGoes"));

  deed = LawfulDeed(
      "r1 = request_region iomem 0x1000-0x1fff muxed\n"
      "r2 = request_region iomem 0x1000-0x1fff muxed\n",
      "release_region iomem 0x1000-0x1fff", "ok");
  deed.after.ledger.waiters = deed.before.ledger.waiters;
  Drop(&deed.after, R(2));
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("SleepersWakeWhenItGoes"));
  EXPECT_EQ(sentence, "r2 0x1000-0x1fff waits for nothing");
}

TEST(LawsSleepTest, SleepersGetWhatTheyWaitedFor) {
  const Deed good = OnTree("release_region iomem 0x1000-0x1fff");
  std::string sentence;
  Deed deed = good;
  deed.is(R(6)).name = 0;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("SleepersGetWhatTheyWaitedFor"));
  EXPECT_EQ(sentence,
            "r6 0x1000-0x17ff has woken, is not what r6 0x1000-0x17ff asked "
            "for");
  deed = good;
  deed.is(R(6)).flags &= ~kResourceMuxed;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("SleepersGetWhatTheyWaitedFor"));
  deed = good;
  deed.is(R(6)).range.end = 0x1fff;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("SleepersGetWhatTheyWaitedFor"));

  deed = OnTree("release_region iomem 0x1000-0x1fff");
  deed.is(R(3)).flags |= kResourceExclusive;  // it was not asleep
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseRegionNeedsAnExactMatch"));
}

TEST(LawsSleepTest, SleepersMayGiveUp) {
  OnTree(
      "release r1\nr1 = root 0x0-0x0\n"
      "r7 = request_region iomem 0x1000-0x17ff\n"
      "release_region iomem 0x2000-0x2fff");
  OnTree(
      "r7 = devm_request_region d1 iomem 0x5000-0x5fff\n"
      "unbind d1");
}

TEST(LawsSleepTest, RegionsOfIomemRevokeMappings) {
  std::string sentence;
  Deed deed =
      OnTree("iomem_init_inode\nr7 = request_region iomem 0x5000-0x5fff",
             "ok visits=1 0x5000-0x5fff");
  deed.seen.visits.clear();
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("RegionsOfIomemRevokeMappings"));
  EXPECT_EQ(sentence,
            "request_region says ok, and takes 0 mappings away; it should be "
            "1, first 0x5000-0x5fff");

  deed = OnTree("iomem_init_inode\nrelease_region iomem 0x1000-0x1fff",
                "ok visits=1 0x1000-0x17ff");
  deed.seen.visits[0].range.end = 0x1fff;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("RegionsOfIomemRevokeMappings"));

  deed = OnTree("r7 = request_region iomem 0x5000-0x5fff");
  deed.seen.visits.push_back({{0x5000, 0x5fff}, 0, 0});
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("RegionsOfIomemRevokeMappings"));

  OnTree(
      "iomem_init_inode\nstrict_iomem relaxed\n"
      "r7 = request_region iomem 0x5000-0x5fff",
      "ok");
  OnTree(
      "iomem_init_inode\nr8 = request iomem 0x5000-0x6fff mem\n"
      "r7 = request_region r8 0x5000-0x5fff",
      "ok");
  OnTree("iomem_init_inode\nr7 = request_free_mem_region iomem size=0x1",
         "ok visits=1");
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/deed.h"

namespace restree {
namespace {

using ::testing::ElementsAre;

constexpr char kTree[] =
    "r1 = request iomem 0x1000-0x1fff mem\n"
    "r2 = devm_request_resource d1 iomem 0x2000-0x2fff mem\n"
    "r3 = devm_request_region d1 iomem 0x3000-0x3fff\n"
    "r4 = devm_request_resource d2 iomem 0x4000-0x4fff mem\n"
    "resource_list_add_tail l1 r1\n"
    "resource_list_add_tail l1 r3\n"
    "resource_list_add l2 r1\n";

Deed OnTree(const std::string& line, absl::string_view seen = "ok") {
  return LawfulDeed(kTree, line, seen);
}

TEST(LawsLedgerTest, LedgerChangesWhereItMay) {
  std::string sentence;
  const Deed good = OnTree("r5 = request iomem 0x5000-0x5fff mem");
  Deed deed = good;
  deed.after.ledger.devres.pop_back();
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("LedgerChangesWhereItMay"));
  EXPECT_EQ(sentence, "request changes what devices have");
  deed = good;
  deed.after.ledger.listed.pop_back();
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("LedgerChangesWhereItMay"));
  deed = good;
  deed.after.ledger.waiters.emplace_back();
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("LedgerChangesWhereItMay"));
  deed = good;
  deed.after.ledger.fail_nth = deed.after.ledger.fail_times = 1;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("LedgerChangesWhereItMay"));
  deed = good;
  deed.after.ledger.reserved = 1;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("LedgerChangesWhereItMay"));
  deed = good;
  deed.after.ledger.relaxed = true;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("LedgerChangesWhereItMay"));
  deed = good;
  deed.after.ledger.inode = true;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("LedgerChangesWhereItMay"));
  EXPECT_EQ(sentence, "request changes whether iomem has an inode");
}

TEST(LawsLedgerTest, FailuresCountDown) {
  std::string sentence;
  Deed deed = OnTree("fail_alloc nth=2 times=3");
  deed.after.ledger.fail_times = 2;
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("FailuresCountDown"));
  EXPECT_EQ(sentence,
            "fail_alloc was asked for nth=2 times=3 and sets nth=2 times=2");

  const Deed good = OnTree(
      "fail_alloc nth=2 times=3\nr5 = request_region iomem 0x5000-0x5fff");
  EXPECT_EQ(good.after.ledger.fail_nth, 1u);
  deed = good;
  deed.after.ledger.fail_nth = 3;
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("FailuresCountDown"));
  EXPECT_EQ(sentence,
            "no allocation leads from nth=2 times=3 to nth=3 times=3");
  deed = good;
  deed.after.ledger.fail_times = 2;
  deed.after.ledger.fail_nth = 2;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("FailuresCountDown"));

  deed = OnTree("fail_alloc nth=1 times=1\nresource_list_add l0 r1", "NULL");
  deed.after.ledger.fail_nth = deed.after.ledger.fail_times = 1;
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("FailuresCountDown"));
  EXPECT_EQ(sentence,
            "resource_list_add says NULL, and no allocation has failed");

  OnTree("fail_alloc nth=0 times=7");
  OnTree("fail_alloc nth=1 times=0");
  OnTree("fail_alloc nth=2 times=2\niomem_init_inode", "ENOMEM");
}

TEST(LawsLedgerTest, SwitchesDoWhatTheySay) {
  std::string sentence;
  Deed deed = OnTree("strict_iomem relaxed");
  deed.after.ledger.relaxed = false;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("SwitchesDoWhatTheySay"));
  EXPECT_EQ(sentence,
            "strict_iomem says ok, and leaves relaxed=0 inode=0 reserved=0");
  deed = OnTree("iomem_init_inode");
  deed.after.ledger.inode = false;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("SwitchesDoWhatTheySay"));
  deed = OnTree("r5 = reserve_setup 0x300-0x3ff");
  deed.after.ledger.reserved = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("SwitchesDoWhatTheySay"));
  OnTree("r5 = reserve_setup 0x10000-0x10fff");
  OnTree("r5 = reserve_setup 0x300-0x3ff\nr6 = reserve_setup 0x300-0x3ff",
         "NULL");
}

TEST(LawsLedgerTest, DevicesRememberTheirNewest) {
  std::string sentence;
  Deed deed = OnTree("r5 = devm_request_region d1 iomem 0x5000-0x5fff");
  std::swap(deed.after.ledger.devres[1], deed.after.ledger.devres[2]);
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("DevicesRememberTheirNewest"));
  EXPECT_EQ(sentence,
            "devm_request_region says ok, and it is not the newest that d1 "
            "has");

  deed = OnTree("r5 = devm_request_resource d3 iomem 0x5000-0x5fff mem");
  deed.after.ledger.devres = deed.before.ledger.devres;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("DevicesRememberTheirNewest"));

  deed = OnTree("r5 = devm_request_free_mem_region d1 iomem size=0x1");
  deed.after.ledger.devres[2].slot = R(5);
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("DevicesRememberTheirNewest"));

  deed = OnTree("r5 = devm_request_resource d3 iomem 0x2000-0x2fff", "EBUSY");
  deed.after.ledger.devres.pop_back();
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("FailedOpChangesNothing"));
}

TEST(LawsLedgerTest, DevicesForgetTheNewestFirst) {
  std::string sentence;
  Deed deed = OnTree("resource_list_destroy_entry l1 r3\nunbind d1");
  ASSERT_EQ(deed.after.ledger.devres.size(), 2u);
  deed.after.ledger.devres = deed.before.ledger.devres;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("DevicesForgetTheNewestFirst"));
  EXPECT_EQ(sentence,
            "unbind says ok, and what d1 has now is not what it had before but "
            "for the newest");

  deed = OnTree("unbind d2");
  deed.after.ledger.devres.erase(deed.after.ledger.devres.begin());
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("DevicesForgetTheNewestFirst"));

  deed = OnTree("devm_release_resource d2 r2", "ok warn=WARN_ON");
  deed.seen.warnings = 0;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("DevicesForgetTheNewestFirst"));
  EXPECT_EQ(sentence, "devm_release_resource says ok, and d2 has none");

  OnTree("unbind d7", "NULL");
  OnTree("devm_release_region d1 iomem 0x3000-0x3ffe",
         "ok warn=nonexistent warn=WARN_ON");
}

TEST(LawsLedgerTest, UnbindReleasesAsAReleaseDoes) {
  Deed deed = OnTree("unbind d2");
  deed.after.rows = deed.before.rows;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseTakesOutOneSubtree"));

  deed = OnTree("devm_release_resource d1 r2");
  Drop(&deed.after, R(4));
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseTakesOutOneSubtree"));

  deed = OnTree("devm_release_resource d2 r2", "ok warn=WARN_ON");
  Drop(&deed.after, R(2));
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseTakesOutOneSubtree"));

  deed = OnTree("resource_list_destroy_entry l1 r3\nunbind d1");
  deed.after.rows = deed.before.rows;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseRegionNeedsAnExactMatch"));
  deed.seen.warnings = kWarnNonexistent;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ReleaseRegionFindsItsRegion"));
}

TEST(LawsLedgerTest, ListsKeepTheirOrder) {
  std::string sentence;
  Deed deed = OnTree("resource_list_add l1 r4");
  std::swap(deed.after.ledger.listed[0], deed.after.ledger.listed[2]);
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("ListsKeepTheirOrder"));
  EXPECT_EQ(sentence,
            "resource_list_add says ok, and l1 is not what it should be, or "
            "another list is not");
  deed = OnTree("resource_list_add_tail l1 r4");
  deed.after.ledger.listed[2].list = 2;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ListsKeepTheirOrder"));
  deed = OnTree("resource_list_destroy_entry l1 r1");
  deed.after.ledger.listed.pop_back();
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ListsKeepTheirOrder"));
  deed = OnTree("resource_list_destroy_entry l0 r1", "NULL");
  deed.seen.outcome = Outcome::kOk;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ListsKeepTheirOrder"));
  deed = OnTree("resource_list_free l1");
  EXPECT_EQ(deed.after.ledger.listed.size(), 1u);
  deed.after.ledger.listed = {{1, R(3)}, {2, R(1)}};
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("ListsKeepTheirOrder"));
  OnTree("resource_list_free l0");
  OnTree("resource_list_add l1 r1\nresource_list_destroy_entry l1 r1");
}

}  // namespace
}  // namespace restree

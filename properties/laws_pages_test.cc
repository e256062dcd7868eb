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
    "p0 = dev_pagemap private 0x100000000-0x1001fffff\n"
    "memremap_pages p0\n"
    "p1 = nvdimm_setup_pfn fsdax 0x110000000-0x1107fffff align=0x200000\n"
    "memremap_pages p1\n"
    "zone_device_page_init 0x100001\n"
    "get_dev_pagemap 0x110000\n"
    "get_page 0x110400\n"
    "r0 = request iomem 0x1000-0x1fff \"a\" mem sysram busy\n"
    "r1 = request iomem 0x3000-0x3fff mem sysram busy\n";

Deed OnTree(const std::string& line, absl::string_view seen = "ok") {
  return LawfulDeed(kTree, line, seen);
}

Pagemap& P(State& state, size_t number) {
  return state.ledger.pagemaps[number];
}

TEST(LawsPagesTest, GetPagemapFindsWhoIsMapped) {
  std::string sentence;
  Deed deed = OnTree("get_dev_pagemap 0x1001ff", "ok p0");
  deed.seen.pagemap = 1;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("GetPagemapFindsWhoIsMapped"));
  EXPECT_EQ(sentence, "get_dev_pagemap says ok of 0x1001ff, which is p0's");
  deed = OnTree("get_dev_pagemap 0x100200", "NULL");
  deed.seen.outcome = Outcome::kOk;
  deed.seen.pagemap = 0;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("GetPagemapFindsWhoIsMapped"));
  EXPECT_EQ(sentence, "get_dev_pagemap says ok of 0x100200, which is nobody's");
  deed = OnTree("memunmap_pages p1\nget_dev_pagemap 0x110000", "NULL");
  deed.seen.outcome = Outcome::kOk;
  deed.seen.pagemap = 1;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("GetPagemapFindsWhoIsMapped"));
  OnTree("memunmap_pages p1\nget_dev_pagemap 0x110000 cached=p1", "ok p1");
}

TEST(LawsPagesTest, LastReferenceEndsTheWait) {
  std::string sentence;
  Deed deed = OnTree("put_dev_pagemap p1");
  ++P(deed.after, 1).refs;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("LastReferenceEndsTheWait"));
  EXPECT_EQ(sentence,
            "put_dev_pagemap says ok, and p1 has 1538 references, of which 0 "
            "were got, not 1537 and 0");
  deed = OnTree("memunmap_pages p1\nput_dev_pagemap p1");
  P(deed.after, 1).phase = Pagemap::Phase::kDying;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("LastReferenceEndsTheWait"));
  EXPECT_EQ(sentence,
            "put_dev_pagemap says ok, and p1 has 0 references, of which 0 were "
            "got, not 0 and 0, and sleeps on");
  deed = OnTree("get_dev_pagemap 0x100000 cached=p1", "ok p0");
  P(deed.after, 1) = P(deed.before, 1);
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("LastReferenceEndsTheWait"));
  deed = OnTree("zone_device_page_init 0x100000");
  P(deed.after, 0) = P(deed.before, 0);
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("LastReferenceEndsTheWait"));
}

TEST(LawsPagesTest, PagesAreCountedOneByOne) {
  std::string sentence;
  Deed deed = OnTree("put_devmap_page 0x110400 refs=1");
  deed.seen.visits.clear();
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("PagesAreCountedOneByOne"));
  EXPECT_EQ(
      sentence,
      "put_devmap_page says ok 1 and calls 0 times; it should be 1 and 1");
  deed = OnTree("get_page 0x110400");
  deed.after.ledger.pages = deed.before.ledger.pages;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("PagesAreCountedOneByOne"));
  EXPECT_EQ(sentence,
            "get_page says ok, and page 0x110400 has 2 references, not 3");
  deed = OnTree("free_zone_device_page 0x100001 anon");
  deed.after.ledger.pages = deed.before.ledger.pages;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("PagesAreCountedOneByOne"));
  deed = OnTree("memunmap_pages p0\nzone_device_page_init 0x100003",
                "ok warn=WARN_ON");
  deed.seen.warnings = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("PagesAreCountedOneByOne"));
}

TEST(LawsPagesTest, PfnsAreThoseOfTheRanges) {
  std::string sentence;
  Deed deed = OnTree("pgmap_pfn_valid p1 0x110200", "ok 0x1");
  deed.seen.value = 0;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("PfnsAreThoseOfTheRanges"));
  EXPECT_EQ(sentence, "pgmap_pfn_valid says ok 0, not 1");
  deed = OnTree("vmem_altmap_offset p1", "ok 0x200");
  deed.seen.value = 2;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("PfnsAreThoseOfTheRanges"));
  OnTree("pgmap_pfn_valid p1 0x1101ff", "ok");
}

TEST(LawsPagesTest, DumpsHaveAllRamInOrder) {
  std::string sentence;
  const Deed good = OnTree("dumpable kexec_file", "ok visits=2");
  Deed deed = good;
  std::swap(deed.seen.visits[0], deed.seen.visits[1]);
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("DumpsAscend"));
  EXPECT_EQ(sentence,
            "dumpable says ok with 0x1000-0x1fff behind "
            "0x3000-0x3fff");
  deed = good;
  deed.seen.visits.pop_back();
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("DumpsHaveAllRam"));
  EXPECT_EQ(sentence,
            "dumpable says ok, and r1 0x3000-0x3fff would not be dumped");
  deed = good;
  deed.seen.visits.push_back({{0x5000, 0x5fff}, 0, 0});
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("DumpsHaveAllRam"));
  deed = OnTree("dumpable kexec_tools \"a\"", "ok visits=1 0x1000-0x1fff");
  deed.seen.visits[0].range = {0x3000, 0x3fff};
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("DumpsGoByName"));
  EXPECT_EQ(sentence, "dumpable says ok with 1 lines, and 1 have the name");
}

}  // namespace
}  // namespace restree

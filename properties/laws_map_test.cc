// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/device_memory.h"
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
    "p2 = dev_pagemap generic 0x120000000-0x1201fffff\n";

Deed OnTree(const std::string& line, absl::string_view seen = "ok") {
  return LawfulDeed(kTree, line, seen);
}

Pagemap& P(State& state, size_t number) {
  return state.ledger.pagemaps[number];
}

TEST(LawsMapTest, PagemapsAreWhatTheDriverSays) {
  std::string sentence;
  Deed deed = OnTree(
      "p3 = dev_pagemap coherent 0x0-0x1fffff shift=9 lacks=owner,range");
  P(deed.after, 3).shift = 8;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("PagemapsAreWhatTheDriverSays"));
  EXPECT_EQ(sentence,
            "dev_pagemap says ok, and p3 is not what the driver said");
  deed = OnTree("add_range p2 0x130000000-0x1301fffff");
  P(deed.after, 2).ranges[1] = {};
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("PagemapsAreWhatTheDriverSays"));
  deed = OnTree("vmem_altmap p2 0x120000-0x1201ff reserve=2 free=20");
  P(deed.after, 0).altmap = P(deed.after, 2).altmap;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("PagemapsAreWhatTheDriverSays"));
  EXPECT_EQ(sentence, "vmem_altmap says ok of p2, and p0 changes");
  deed = OnTree("p3 = nvdimm_setup_pfn 4 0x0-0x7fffff align=0x1000", "ok");
  deed.seen.value += kPageBytes;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("PagemapsAreWhatTheDriverSays"));
  EXPECT_EQ(sentence,
            "nvdimm_setup_pfn says ok 0x201000, and should say ok 0x200000");
  deed = OnTree("p3 = nvdimm_setup_pfn 4 0x0-0x1fffff align=0x1000", "ENXIO");
  deed.seen.outcome = Outcome::kInval;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("PagemapsAreWhatTheDriverSays"));
}

TEST(LawsMapTest, MapTakesWhatItWasGiven) {
  std::string sentence;
  const Deed good = OnTree("devm_memremap_pages d1 p1");
  Deed deed = good;
  deed.seen.value = 0;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("MapTakesWhatItWasGiven"));
  EXPECT_EQ(sentence,
            "devm_memremap_pages says ok 0x0, and p1 starts at 0x110000000");
  deed = good;
  P(deed.after, 2).type = kMemoryP2pdma;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("MapTakesWhatItWasGiven"));
  deed = good;
  P(deed.before, 1).type = P(deed.after, 1).type = kMemoryCoherent;
  P(deed.before, 1).lacks = P(deed.after, 1).lacks = kLacksOwner;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("MapTakesWhatItWasGiven"));
  EXPECT_EQ(sentence,
            "devm_memremap_pages says ok of coherent memory that lacks owner");
  deed = good;
  deed.after.ledger.devres.clear();
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("DevicesRememberTheirNewest"));
}

TEST(LawsMapTest, RamIsNotMapped) {
  std::string sentence;
  Deed deed = OnTree(
      "r0 = request iomem 0x120000000-0x1200fffff mem sysram\n"
      "memremap_pages p2",
      "ENXIO warn=WARN_ON");
  Deed mapped = OnTree("memremap_pages p2");
  mapped.before.rows = mapped.after.rows = deed.after.rows;
  EXPECT_THAT(BrokenLaws(mapped, &sentence), ElementsAre("RamIsNotMapped"));
  EXPECT_EQ(sentence,
            "memremap_pages says ok of p2, which has bytes of r0 "
            "0x120000000-0x1200fffff");
}

TEST(LawsMapTest, RefusedMapsHaveAReason) {
  std::string sentence;
  for (const Outcome outcome :
       {Outcome::kInval, Outcome::kNoMem, Outcome::kExist, Outcome::kNxIo}) {
    Deed deed = OnTree("memremap_pages p2");
    deed.after = deed.before;
    deed.seen = {.outcome = outcome};
    EXPECT_THAT(BrokenLaws(deed, &sentence),
                ElementsAre("RefusedMapsHaveAReason"));
  }
  EXPECT_EQ(sentence,
            "memremap_pages says ENXIO of p2, and there is no reason for it");
  OnTree("p3 = dev_pagemap generic 0xffe00000-0x1005fffff\nmemremap_pages p3",
         "EEXIST");
  OnTree("p3 = dev_pagemap generic 0x100000000-0x0\nmemremap_pages p3",
         "ENOMEM");
  OnTree("fail_alloc nth=1 times=1\nmemremap_pages p2", "ENOMEM");
  OnTree(
      "vmem_altmap p2 0x120000-0x1201ff reserve=2 free=3\n"
      "memremap_pages p2",
      "ENOMEM");
  OnTree(
      "vmem_altmap p2 0x120001-0x1201ff reserve=2 free=30\n"
      "memremap_pages p2",
      "EINVAL warn=other");
}

// An altmap is a reason only if something is wrong with it, and a resource is
// none to who registers none.
TEST(LawsMapTest, AltmapsAreNoReasonByThemselves) {
  const auto refuse = [](Deed deed, Outcome outcome) {
    deed.after = deed.before;
    deed.seen = {.outcome = outcome};
    return BrokenLaws(deed);
  };
  for (const Outcome outcome :
       {Outcome::kInval, Outcome::kNoMem, Outcome::kExist, Outcome::kNxIo,
        Outcome::kBusy, Outcome::kRange, Outcome::kPerm}) {
    EXPECT_THAT(
        refuse(OnTree("p2 = dev_pagemap generic 0x120000000-0x123ffffff\n"
                      "vmem_altmap p2 0x120000-0x123fff reserve=2 free=768\n"
                      "memremap_pages p2"),
               outcome),
        ElementsAre("RefusedMapsHaveAReason"))
        << OutcomeText(outcome);
  }
  OnTree(
      "vmem_altmap p2 0x120000-0x1201ff reserve=2 free=30\n"
      "add_range p2 0x130000000-0x1301fffff\n"
      "memremap_pages p2",
      "EINVAL warn=WARN_ON");
  OnTree(
      "vmem_altmap p2 0x120000-0x1201ff reserve=2 free=511\n"
      "memremap_pages p2",
      "EINVAL warn=other");
  const std::string named =
      "r0 = request iomem 0x120000000-0x120000fff\n"
      "vmem_altmap p2 0x120000-0x1201ff reserve=2 free=30 parent=iomem\n";
  LawfulDeed(kTree, named + "memremap_pages p2", "EBUSY r0",
             AltmapVariant::kSound);
  EXPECT_THAT(refuse(OnTree(named + "memremap_pages p2"), Outcome::kBusy),
              ElementsAre("RefusedMapsHaveAReason"));
  Deed sound = LawfulDeed(kTree, named + "release r0\nmemremap_pages p2", "ok",
                          AltmapVariant::kSound);
  EXPECT_THAT(refuse(sound, Outcome::kBusy),
              ElementsAre("RefusedMapsHaveAReason"));
}

TEST(LawsMapTest, FailedMapLeavesNothing) {
  std::string sentence;
  const Deed good =
      OnTree("fail_step add_memory nth=1\nmemremap_pages p2", "ENOMEM");
  Deed deed = good;
  deed.after.ledger.memory.shadow_bytes += 0x200000;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("FailedMapLeavesNothing"));
  EXPECT_EQ(sentence,
            "memremap_pages says ENOMEM, and what is mapped has changed");
  deed = good;
  P(deed.after, 2).refs = 1;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("FailedMapLeavesNothing"));
  deed = good;
  deed.after.ledger.lookup.clear();
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("FailedMapLeavesNothing"));
  deed = good;
  deed.seen.visits.push_back({});
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("FailedMapLeavesNothing"));
}

TEST(LawsMapTest, StepsFailAsTold) {
  std::string sentence;
  Deed deed = OnTree("fail_step kasan nth=2");
  deed.after.ledger.fail_step_nth = 1;
  EXPECT_THAT(BrokenLaws(deed, &sentence), ElementsAre("StepsFailAsTold"));
  EXPECT_EQ(sentence,
            "fail_step says ok, and of xa_store nth=0 it leaves kasan nth=1");
  deed = OnTree("fail_step track_pfn nth=2\nmemremap_pages p2");
  deed.after.ledger.fail_step_nth = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("StepsFailAsTold"));
  OnTree("fail_step kasan nth=0");
}

TEST(LawsMapTest, UnmapRestoresEverything) {
  std::string sentence;
  const Deed good = OnTree("memremap_pages p1\nmemunmap_pages p1");
  Deed deed = good;
  P(deed.after, 1).altmap.alloc = 8;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("UnmapRestoresEverything"));
  EXPECT_EQ(sentence,
            "memunmap_pages says ok, and p1 is not as it was before it was "
            "mapped");
  deed = good;
  P(deed.after, 0) = P(deed.after, 2);
  P(deed.after, 0).number = 0;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("UnmapRestoresEverything"));
  deed = OnTree(
      "zone_device_page_init 0x100000\nmemremap_pages p1\n"
      "memunmap_pages p1");
  deed.after.ledger.pages.clear();
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("UnmapRestoresEverything"));
  deed = OnTree("devm_memremap_pages d1 p1\nunbind d1");
  deed.after.ledger.devres = deed.before.ledger.devres;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("DevicesForgetTheNewestFirst"));
  OnTree("devm_memunmap_pages d1 p0", "ok warn=WARN_ON");
}

TEST(LawsMapTest, UnmapBlocksWhileOthersHold) {
  std::string sentence;
  const Deed good =
      OnTree("get_dev_pagemap 0x100000\nmemunmap_pages p0", "would-block");
  Deed deed = good;
  P(deed.before, 0).gets = 0;
  P(deed.after, 0).gets = 0;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("UnmapBlocksWhileOthersHold"));
  EXPECT_EQ(sentence,
            "memunmap_pages says would-block, and others have 0 references of "
            "p0");
  OnTree("zone_device_page_init 0x100000\nmemunmap_pages p0", "would-block");
}

TEST(LawsMapTest, AltmapBlocksAreDisjointAndInside) {
  std::string sentence;
  const Deed good = OnTree("memremap_pages p1");
  ASSERT_EQ(good.seen.visits.size(), 1u);
  Deed deed = good;
  deed.seen.visits[0].range.start = 0x110001;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("AltmapBlocksAreDisjointAndInside"));
  EXPECT_EQ(sentence,
            "memremap_pages says ok with pages 0x110001-0x110021, which are "
            "not free in p1");
  deed = good;
  --P(deed.after, 1).altmap.alloc;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("AltmapBlocksAreDisjointAndInside"));
  EXPECT_EQ(sentence,
            "memremap_pages says ok with 32 pages, and p1 has given out 31, "
            "not 32");
  deed = OnTree("vmemmap_alloc_block_buf p1 size=0x2000");
  deed.seen.visits[0].range.end += 1;
  EXPECT_THAT(BrokenLaws(deed),
              ElementsAre("AltmapBlocksAreDisjointAndInside"));
  deed = good;
  ++P(deed.after, 1).altmap.align;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("AltmapBlocksAreDisjointAndInside"));
  EXPECT_EQ(sentence,
            "memremap_pages says ok with pages up to 0x110021, and the next "
            "ones of p1 start at 0x110023");
  deed = OnTree(
      "vmemmap_alloc_block_buf p1 size=0x2000\n"
      "vmem_altmap_free p1 pages=1");
  P(deed.after, 1).altmap.alloc = 0;
  EXPECT_THAT(BrokenLaws(deed),
              ElementsAre("AltmapBlocksAreDisjointAndInside"));
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/deed.h"
#include "properties/example_states.h"

namespace restree {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Slot kV0 = VmemmapSlot(0);
constexpr char kTree[] =
    "r0 = request iomem 0x100000000-0x10fffffff mem\n"
    "p0 = nvdimm_setup_pfn fsdax 0x100000000-0x1007fffff align=0x200000 "
    "parent=r0\n";
constexpr char kMapped[] =
    "r0 = request iomem 0x100000000-0x10fffffff mem\n"
    "p0 = nvdimm_setup_pfn fsdax 0x100000000-0x1007fffff align=0x200000 "
    "parent=r0\n"
    "devm_memremap_pages d0 p0\n";

Deed Sound(absl::string_view tree, const std::string& line,
           absl::string_view seen = "ok") {
  return LawfulDeed(tree, line, seen, AltmapVariant::kSound);
}

// The last op of a trace as the patch plays it, which is not lawful.
Deed Patch(const std::string& text, absl::string_view seen = "ok") {
  return LastOf(text, seen, AltmapVariant::kPatch);
}

Altmap& AltmapOf(State& state) { return state.ledger.pagemaps[0].altmap; }

TEST(LawsVmemmapTest, VmemmapIsThereWhileMapped) {
  std::string sentence;
  Deed deed = Sound(kTree, "memremap_pages p0");
  Drop(&deed.after, kV0);
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("VmemmapIsThereWhileMapped"));
  EXPECT_EQ(sentence,
            "memremap_pages says ok, and no resource covers the altmap of p0 "
            "0x100000000-0x1001fffff");
  EXPECT_THAT(BrokenLaws(Patch(std::string(kTree) + "memremap_pages p0\n")),
              ElementsAre("VmemmapIsThereWhileMapped"));
}

TEST(LawsVmemmapTest, VmemmapRequestFailsLoudly) {
  std::string sentence;
  const std::string taken =
      std::string(kTree) + "r1 = request r0 0x100000000-0x100000fff mem busy\n";
  EXPECT_THAT(
      BrokenLaws(Patch(taken + "devm_memremap_pages d0 p0\n"), &sentence),
      ElementsAre("VmemmapRequestFailsLoudly"));
  EXPECT_EQ(sentence,
            "devm_memremap_pages says ok, and the request of "
            "0x100000000-0x1001fffff below r0 has failed");
  Sound(taken, "devm_memremap_pages d0 p0", "EBUSY r1");
}

TEST(LawsVmemmapTest, VmemmapLooksAsDumpersExpect) {
  std::string sentence;
  const Deed good = Sound(kTree, "devm_memremap_pages d0 p0");
  Deed deed = good;
  deed.is(kV0).flags |= uint64_t{1} << 32;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("VmemmapLooksAsDumpersExpect"));
  EXPECT_EQ(sentence,
            "v0 0x100000000-0x1001fffff has flags 0x180800200 and desc 0xa, "
            "and dumpers look for 0x80800000 and 0xa");
  deed = good;
  deed.is(kV0).range.end += 0x1000;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("VmemmapLooksAsDumpersExpect"));
  deed = good;
  deed.is(kV0).desc = kDescNone;
  EXPECT_THAT(BrokenLaws(deed), ElementsAre("VmemmapLooksAsDumpersExpect"));
}

TEST(LawsVmemmapTest, VmemmapMarkerIsItsOwn) {
  std::string sentence;
  const std::string other = std::string(kMapped) +
                            "r1 = request iomem 0x5000-0x5fff busy unset\n"
                            "dumpable kexec_file_vmemmap\n";
  EXPECT_THAT(BrokenLaws(Patch(other), &sentence),
              ElementsAre("VmemmapMarkerIsItsOwn"));
  EXPECT_EQ(sentence,
            "dumpable says ok with 0x5000-0x5fff, which has the marker "
            "0xa0000000 and is no altmap's");
  Deed deed = Sound(kMapped, "dumpable kexec_file_vmemmap", "ok visits=1");
  deed.seen.visits.clear();
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("VmemmapMarkerIsItsOwn"));
  EXPECT_EQ(sentence,
            "dumpable says ok, and v0 0x100000000-0x1001fffff would not be "
            "dumped");
}

TEST(LawsVmemmapTest, VmemmapReleaseTakesItAndNothingElse) {
  std::string sentence;
  const Deed good = Sound(kMapped, "unbind d0");
  Deed deed = good;
  Drop(&deed.after, R(0));
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("VmemmapReleaseTakesItAndNothingElse"));
  EXPECT_EQ(sentence,
            "unbind says ok, and r0 0x100000000-0x10fffffff is not as it was");
  deed = good;
  deed.after.rows = deed.before.rows;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("VmemmapReleaseTakesItAndNothingElse"));
  EXPECT_EQ(sentence,
            "unbind says ok, p0 is mapped no more, and v0 "
            "0x100000000-0x1001fffff stays");
  deed = good;
  deed.seen.warnings |= kWarnBug;
  EXPECT_THAT(BrokenLaws(deed),
              ElementsAre("VmemmapReleaseTakesItAndNothingElse"));
}

// The driver only unbinds: whose fault else is it that others have come between
// or below? What the driver itself does wrong is its own fault.
TEST(LawsVmemmapTest, VmemmapReleaseIsMisuse) {
  std::string sentence;
  const std::string below =
      std::string(kMapped) + "r1 = insert r0 0x100000000-0x100000fff\n";
  EXPECT_THAT(BrokenLaws(Patch(below + "unbind d0\n", "misuse"), &sentence),
              ElementsAre("VmemmapReleaseTakesItAndNothingElse"));
  EXPECT_EQ(sentence,
            "unbind says misuse (it has children): what it would release is "
            "not its own, or not empty");
  EXPECT_THAT(
      BrokenLaws(Patch(below + "devm_memunmap_pages d0 p0\n", "misuse")),
      ElementsAre("VmemmapReleaseTakesItAndNothingElse"));
  const std::string between =
      std::string(kMapped) + "r1 = insert r0 0x100000000-0x1001fffff busy\n";
  EXPECT_THAT(BrokenLaws(Patch(between + "unbind d0\n", "misuse")),
              ElementsAre("VmemmapReleaseTakesItAndNothingElse"));
  Sound(below, "unbind d0");
  Sound(between, "unbind d0");

  EXPECT_THAT(BrokenLaws(Patch(below + "memunmap_pages p0\n", "misuse")),
              IsEmpty());
  const std::string sleeps =
      std::string(kMapped) +
      "p1 = dev_pagemap generic 0x120000000-0x1201fffff\n"
      "devm_memremap_pages d0 p1\n"
      "get_dev_pagemap 0x120000\n"
      "unbind d0\n";
  EXPECT_THAT(BrokenLaws(Patch(sleeps + "unbind d0\n", "misuse")), IsEmpty());
}

TEST(LawsVmemmapTest, VmemmapIsForgottenAfterRelease) {
  std::string sentence;
  EXPECT_THAT(
      BrokenLaws(Patch(std::string(kMapped) + "unbind d0\n"), &sentence),
      ElementsAre("VmemmapIsForgottenAfterRelease"));
  EXPECT_EQ(sentence, "unbind says ok, and p0 remembers v0, which is freed");
  Sound(kMapped, "unbind d0");
}

TEST(LawsVmemmapTest, VmemmapOutlivesItsUse) {
  std::string sentence;
  const std::string used = std::string(kMapped) + "get_dev_pagemap 0x100000\n";
  EXPECT_THAT(BrokenLaws(Patch(used + "unbind d0\n", "would-block"), &sentence),
              ElementsAre("VmemmapOutlivesItsUse"));
  EXPECT_EQ(sentence,
            "unbind says would-block, and v0 0x100000000-0x1001fffff is gone, "
            "with p0 still in use");
  Sound(used, "unbind d0", "would-block");
  Sound(used + "unbind d0\n", "put_dev_pagemap p0");
}

TEST(LawsVmemmapTest, VmemmapParentOutlivesIt) {
  std::string sentence;
  Deed deed = Sound(kMapped, "lookup iomem 0x1000", "NULL");
  AltmapOf(deed.after).parent = R(7);
  deed.before = deed.after;
  EXPECT_THAT(BrokenLaws(deed, &sentence),
              ElementsAre("VmemmapParentOutlivesIt"));
  EXPECT_EQ(sentence,
            "lookup says NULL, and r7 is gone, which the altmap of p0 names");
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
// Questions.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "model/model.h"
#include "model/model_testing.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(ModelQueryTest, WalksHaveTheCornersOfTheSource) {
  Play(R"(
r1 = request iomem 0x1800-0x2fff mem sysram busy -> ok
r2 = request iomem 0x3000-0x4fff mem sysram busy -> ok
walk_system_ram_res 0x1800-0x1800 -> EINVAL
walk_system_ram_res 0x1800-0x3000 -> ok visits=1 0x1800-0x2fff
walk_system_ram_res 0x1800-0x3001 -> ok visits=2 0x1800-0x2fff 0x3000-0x3001
walk_system_ram_res_rev 0x0-0xffff -> ok visits=2 0x3000-0x4fff 0x1800-0x2fff
walk_system_ram_res_rev 0x0-0xffff stop=1 -> stopped visits=1 0x3000-0x4fff
walk_system_ram_res_rev 0x6000-0xffff -> EPERM
walk_system_ram_range 0x0-0xf -> ok visits=2 0x2-0x2 0x3-0x4
walk_system_ram_range 0x1-0x1 -> EINVAL
)");
}

TEST(ModelQueryTest, IntersectsCountsWhatMatchingDescendantsCover) {
  Play(R"(
r1 = request iomem 0x1000-0x1fff mem desc=cxl -> ok
region_intersects 0x1000-0x1fff sysram -> REGION_DISJOINT
r2 = request r1 0x1000-0x17ff mem sysram -> ok
region_intersects 0x1000-0x17ff sysram -> REGION_INTERSECTS
region_intersects 0x1000-0x1800 sysram -> REGION_MIXED
r3 = request r1 0x1800-0x1fff mem sysram -> ok
region_intersects 0x1000-0x1fff sysram -> REGION_INTERSECTS
region_intersects 0x0-0xffff desc=cxl -> REGION_INTERSECTS
region_intersects 0x1000-0xfff sysram -> REGION_DISJOINT
region_intersects 0x1400-0x13ff sysram -> REGION_INTERSECTS
)");
}

TEST(ModelQueryTest, BackwardWalkAllocatesForSixteenAtATime) {
  std::string text;
  for (int i = 1; i <= 33; ++i) {
    absl::StrAppendFormat(
        &text, "r%d = request iomem 0x%x000-0x%xfff mem sysram busy -> ok\n", i,
        i, i);
  }
  absl::StrAppend(&text, R"(
fail_alloc nth=1 times=1 -> ok
walk_system_ram_res_rev 0x1000-0x1000 -> EPERM
walk_system_ram_res_rev 0x1000-0x1000 -> EPERM
fail_alloc nth=2 times=1 -> ok
walk_system_ram_res_rev 0x0-0x10fff -> ok visits=16
fail_alloc nth=2 times=1 -> ok
walk_system_ram_res_rev 0x0-0x11fff -> EPERM
walk_system_ram_res_rev 0x0-0x11fff -> ok visits=17
fail_alloc nth=3 times=1 -> ok
walk_system_ram_res_rev 0x0-0xfffff stop=1 -> EPERM
walk_system_ram_res_rev 0x0-0xfffff stop=1 -> stopped visits=1 0x21000-0x21fff
)");
  EXPECT_EQ(PlayTo(text).ledger, Ledger());
}

TEST(ModelQueryTest, SanityCheckSpansOnlyWhatIsNotBusy) {
  Play(R"(
iomem_map_sanity_check 0x0-0xfffff -> ok
r1 = request iomem 0x1800-0x4fff mem -> ok
iomem_map_sanity_check 0x1800-0x4fff -> ok
iomem_map_sanity_check 0x1000-0x4fff -> ok
iomem_map_sanity_check 0xfff-0x4fff -> EPERM warn=spans
iomem_map_sanity_check 0x1800-0x5000 -> EPERM warn=spans
iomem_map_sanity_check 0x0-0x17ff -> ok
r2 = request r1 0x2000-0x2fff mem -> ok
iomem_map_sanity_check 0x2000-0x3000 -> EPERM warn=spans
r3 = request r1 0x3000-0x3fff mem busy -> ok
iomem_map_sanity_check 0x3000-0x4000 -> ok
)");
}

TEST(ModelQueryTest, BusyIsExclusiveWhileStrict) {
  Play(R"(
resource_is_exclusive iomem 0x0-0xfffff -> ok
r1 = request iomem 0x1000-0x4fff mem -> ok
r2 = request r1 0x2000-0x2fff mem busy -> ok
resource_is_exclusive iomem 0x0-0xfffff -> ok 0x1
resource_is_exclusive r1 0x2fff-0x2fff -> ok 0x1
resource_is_exclusive r1 0x3000-0x3fff -> ok
resource_is_exclusive r2 0x2000-0x2fff -> ok
resource_is_exclusive r9 0x2000-0x2fff -> misuse
iomem_is_exclusive 0x2800 -> ok 0x1
iomem_is_exclusive 0x1fff -> ok
strict_iomem relaxed -> ok
iomem_is_exclusive 0x2800 -> ok
r3 = request r1 0x3800-0x3fff mem sysram exclusive -> ok
r4 = request r1 0x4000-0x4fff mem exclusive busy -> ok
iomem_is_exclusive 0x3000 -> ok 0x1
iomem_is_exclusive 0x4000 -> ok
strict_iomem strict -> ok
iomem_is_exclusive 0x2800 -> ok 0x1
iomem_is_exclusive 0xffffffffffffffff -> ok
)");
}

TEST(ModelQueryTest, PageIsRamIfAWholePageIs) {
  Play(R"(
r1 = request iomem 0x1000-0x27ff mem sysram busy -> ok
r2 = request iomem 0x4000-0x4fff mem sysram -> ok
page_is_ram 0x0 -> ok
page_is_ram 0x1 -> ok 0x1
page_is_ram 0x2 -> ok
page_is_ram 0x4 -> ok
page_is_ram 0xffffffffffffffff -> ok
)");
}

TEST(ModelQueryTest, TwoResourcesAreCompared) {
  Play(R"(
r1 = root 0x1000-0x4fff mem -> ok
r2 = root 0x2000-0x4fff mem busy -> ok
r3 = root 0x3000-0x5fff mem -> ok
r4 = root 0x2000-0x2fff io -> ok
r5 = root 0x2000-0x2fff mem unset -> ok
r6 = root 0x5000-0x5fff mem -> ok
resource_contains r1 r2 -> ok 0x1
resource_contains r1 r1 -> ok 0x1
resource_contains r2 r1 -> ok
resource_contains r1 r3 -> ok
resource_contains r1 r4 -> ok
resource_contains r1 r5 -> ok
resource_contains r5 r5 -> ok
resource_contains r1 r9 -> misuse
resource_contains iomem r1 -> ok 0x1
resource_overlaps r1 r3 -> ok 0x1
resource_overlaps r1 r4 -> ok 0x1
resource_overlaps r1 r6 -> ok
resource_overlaps r9 r6 -> misuse
resource_intersection r1 r3 -> ok 0x1 visits=1 0x3000-0x4fff
resource_intersection r1 r6 -> ok
resource_intersection r9 r6 -> misuse
resource_union r1 r3 -> ok 0x1 visits=1 0x1000-0x5fff
resource_union r1 r6 -> ok
resource_union r1 r9 -> misuse
resource_size r1 -> ok 0x4000
resource_size iomem -> ok
resource_size r9 -> misuse
alignment r1 -> ok
r7 = root 0x6000-0x6fff sizealign -> ok
alignment r7 -> ok 0x1000
r8 = root 0x6000-0x6fff startalign -> ok
alignment r8 -> ok 0x6000
alignment r9 -> misuse
)");
}

TEST(ModelQueryTest, ProcShowsAFile) {
  Model model;
  model.Apply({.verb = Verb::kRequest,
               .slot = R(1),
               .parent = kIoport,
               .name = 7,
               .range = {0x60, 0x6f}});
  model.Apply(
      {.verb = Verb::kReserveSetup, .slot = R(2), .range = {0x10000, 0x1ffff}});
  Op proc;
  proc.verb = Verb::kProc;
  proc.parent = kIoport;
  EXPECT_EQ(model.Apply(proc).text, "0060-006f : r1\n");
  proc.number = 1;
  EXPECT_EQ(model.Apply(proc).text, "0000-0000 : r1\n");
  proc.parent = kIomem;
  EXPECT_EQ(model.Apply(proc).text, "00000000-00000000 : reserved\n");
  proc.parent = R(1);
  EXPECT_EQ(model.Apply(proc).outcome, Outcome::kMisuse);
}

}  // namespace
}  // namespace restree

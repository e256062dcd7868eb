// SPDX-License-Identifier: Apache-2.0
// The separate resources of altmaps, and dumps.
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/model_testing.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr AltmapVariant kPatch = AltmapVariant::kPatch;
constexpr AltmapVariant kSound = AltmapVariant::kSound;

TEST(ModelVmemmapTest, NameSaysTheVariant) {
  EXPECT_EQ(Model().name(), "model");
  EXPECT_EQ(Model(kPatch).name(), "model:altmap=patch");
  EXPECT_EQ(Model(kSound).name(), "model:altmap=sound");
  EXPECT_EQ(Model(kSound).altmap(), kSound);
}

TEST(ModelVmemmapTest, DumpsSystemRam) {
  PlayTo(R"(
r1 = request iomem 0x3000-0x3fff mem sysram busy -> ok
r2 = request iomem 0x1000-0x1fff mem sysram busy -> ok
r3 = request iomem 0x5000-0x5fff mem sysram -> ok
r4 = request r1 0x3000-0x30ff mem sysram busy -> ok
r5 = request r1 0x3100-0x31ff mem busy -> ok
dumpable kexec_file -> ok visits=2 0x1000-0x1fff 0x3000-0x3fff
dumpable kexec_file_vmemmap -> ok visits=2 0x1000-0x1fff 0x3000-0x3fff
)");
  PlayTo("dumpable kexec_file -> ok\n");
}

TEST(ModelVmemmapTest, DumpsWhatHasAName) {
  Model model;
  const auto dump = [&model](NameId name) {
    Op op;
    op.verb = Verb::kDumpable;
    op.number = static_cast<uint32_t>(DumpView::kKexecTools);
    op.name = name;
    return ObservationText(model.Apply(op));
  };
  const auto request = [&model](Slot slot, Slot parent, NameId name,
                                const Range& range) {
    Op op;
    op.slot = slot;
    op.parent = parent;
    op.name = name;
    op.range = range;
    EXPECT_EQ(ObservationText(model.Apply(op)), "ok");
  };
  request(R(1), kIomem, 1, {0x3000, 0x3fff});
  request(R(2), kIomem, 1, {0x1000, 0x1fff});
  request(R(3), kIomem, 0, {0x5000, 0x5fff});
  request(R(4), R(1), 1, {0x3000, 0x30ff});
  request(R(5), R(3), 2, {0x5000, 0x50ff});
  request(R(6), kIoport, 1, {0x60, 0x6f});
  EXPECT_EQ(dump(0), "ok");
  EXPECT_EQ(dump(1), "ok visits=3 0x1000-0x1fff 0x3000-0x30ff 0x3000-0x3fff");
  EXPECT_EQ(dump(2), "ok visits=1 0x5000-0x50ff");
  EXPECT_EQ(dump(3), "ok");
}

TEST(ModelVmemmapTest, MainlineRegistersNothing) {
  const State state = PlayTo(R"(
r1 = request iomem 0x8000000-0xfffffff mem -> ok
p0 = nvdimm_setup_pfn fsdax 0x8000000-0xfffffff align=1 parent=r1 -> ok 0x400000
devm_memremap_pages d0 p0 -> ok 0x8000000 visits=1 0x8200-0x83ff
release r1 -> ok
r1 = root 0x0-0x0 -> ok
lookup iomem 0x8000000 -> NULL
unbind d0 -> ok
)");
  EXPECT_EQ(state.ledger.pagemaps[0].altmap.res, kNoSlot);
}

TEST(ModelVmemmapTest, PatchRequestsARegion) {
  const State state = PlayTo(R"(
r1 = request iomem 0x8000000-0xfffffff mem -> ok
p0 = nvdimm_setup_pfn 3 0x8000000-0xfffffff align=1 parent=r1 -> ok 0x400000
memremap_pages p0 -> ok 0x8000000 visits=1 0x8200-0x83ff
lookup r1 0x8000000 -> NULL
release r1 -> ok
r1 = root 0x0-0x0 -> misuse
request iomem r1 -> ok
memunmap_pages p0 -> ok
devm_memremap_pages d0 p0 -> ok 0x8000000 visits=1 0x8200-0x83ff
)",
                             kPatch);
  EXPECT_EQ(state.ledger.pagemaps[0].altmap.res, VmemmapSlot(0));
  ASSERT_EQ(state.rows.size(), 4u);
  const Row& row = state.rows[2];
  EXPECT_EQ(row.slot, VmemmapSlot(0));
  EXPECT_EQ(row.parent, R(1));
  EXPECT_EQ(row.name, kNameVmemmap);
  EXPECT_TRUE(row.region);
  EXPECT_EQ(row.range, (Range{0x8000000, 0x83fffff}));
  EXPECT_EQ(row.flags, kResourceMem | kResourcePatchVmemmap);
  EXPECT_EQ(state.ledger.live, 3u);
}

constexpr absl::string_view kNamedParent = R"(
r1 = request iomem 0x8000000-0xfffffff mem -> ok
p0 = dev_pagemap 4 0x8000000-0xfffffff -> ok
vmem_altmap p0 0x8000-0xffff reserve=0 free=0x200 parent=r1 -> ok
)";

TEST(ModelVmemmapTest, PatchReleasesBeforeItUnmaps) {
  const State state = PlayTo(absl::StrCat(kNamedParent, R"(
devm_memremap_pages d0 p0 -> ok 0x8000000 visits=1 0x8000-0x81ff
r2 = request v0 0x8000000-0x8000fff -> ok
unbind d0 -> misuse
devm_memunmap_pages d0 p0 -> misuse
release r2 -> ok
get_dev_pagemap 0x8000 -> ok p0
unbind d0 -> would-block
lookup r1 0x8000000 -> NULL
r1 = root 0x0-0x0 -> misuse
put_dev_pagemap p0 -> ok
devm_memremap_pages d0 p0 -> ok 0x8000000 visits=1 0x8000-0x81ff
devm_memunmap_pages d0 p0 -> ok
)"),
                             kPatch);
  EXPECT_EQ(state.ledger.pagemaps[0].altmap.res, VmemmapSlot(0));
  EXPECT_TRUE(state.ledger.pagemaps[0].altmap.res_gone);
  EXPECT_EQ(state.ledger.live, 0u);
}

TEST(ModelVmemmapTest, PatchGoesOnWithoutARegion) {
  const State state = PlayTo(absl::StrCat(kNamedParent, R"(
fail_alloc nth=2 times=1 -> ok
devm_memremap_pages d0 p0 -> ok 0x8000000 visits=1 0x8000-0x81ff
unbind d0 -> ok
r2 = request r1 0x8000000-0x8000fff busy desc=device_private_memory -> ok
devm_memremap_pages d0 p0 -> ok 0x8000000 visits=1 0x8000-0x81ff
devm_memunmap_pages d0 p0 -> ok
vmem_altmap p0 0x8000-0xffff reserve=0 free=0x200 parent=iomem -> ok
release r1 -> ok
request r1 r2 -> misuse
release r2 -> ok
r2 = request iomem 0x8000000-0x8000fff desc=device_private_memory -> ok
devm_memremap_pages d0 p0 -> ok 0x8000000 warn=unaddressable visits=1
)"),
                             kPatch);
  EXPECT_EQ(state.ledger.pagemaps[0].altmap.res, kNoSlot);
}

TEST(ModelVmemmapTest, PatchUndoesAllWithoutAnEntry) {
  const State state = PlayTo(absl::StrCat(kNamedParent, R"(
fail_alloc nth=3 times=1 -> ok
devm_memremap_pages d0 p0 -> ENOMEM
unbind d0 -> NULL
)"),
                             kPatch);
  EXPECT_TRUE(state.ledger.pagemaps[0].altmap.res_gone);
  EXPECT_EQ(state.ledger.live, 0u);
  EXPECT_EQ(state.ledger.memory, MemoryUse());
}

TEST(ModelVmemmapTest, PatchRevokesAsARegionDoes) {
  PlayTo(R"(
iomem_init_inode -> ok
p0 = dev_pagemap 4 0x8000000-0xfffffff -> ok
vmem_altmap p0 0x8000-0xffff reserve=0 free=0x200 parent=iomem -> ok
devm_memremap_pages d0 p0 -> ok 0x8000000 visits=2 0x8000-0x81ff
unbind d0 -> ok
fail_alloc nth=3 times=1 -> ok
devm_memremap_pages d0 p0 -> ENOMEM visits=1 0x8000000-0x81fffff
)",
         kPatch);
}

TEST(ModelVmemmapTest, PatchReadsWhatOthersHaveFreed) {
  PlayTo(absl::StrCat(kNamedParent, R"(
devm_memremap_pages d0 p0 -> ok 0x8000000 visits=1 0x8000-0x81ff
release_region iomem 0x8000000-0x81fffff -> ok
unbind d0 -> ok warn=BUG
devm_memremap_pages d0 p0 -> ok 0x8000000 visits=1 0x8000-0x81ff
r2 = release_mem_region_adjustable 0x8000000-0x80fffff -> ok
unbind d0 -> ok
)"),
         kPatch);
}

TEST(ModelVmemmapTest, PatchLosesWhatOthersHaveMoved) {
  const State state = PlayTo(absl::StrCat(kNamedParent, R"(
devm_memremap_pages d0 p0 -> ok 0x8000000 visits=1 0x8000-0x81ff
release_child r1 -> ok
unbind d0 -> ok warn=nonexistent
devm_memremap_pages d0 p0 -> misuse
memremap_pages p0 -> misuse
p0 = dev_pagemap 4 0x8000000-0xfffffff -> misuse
p0 = nvdimm_setup_pfn 4 0x8000000-0xfffffff align=1 -> misuse
vmem_altmap p0 0x8000-0xffff reserve=0 free=0x200 -> misuse
)"),
                             kPatch);
  EXPECT_EQ(state.rows.back().slot, VmemmapSlot(0));
  EXPECT_EQ(state.rows.back().parent, kNoSlot);
  EXPECT_EQ(state.ledger.live, 1u);
}

TEST(ModelVmemmapTest, NobodyHasAHandle) {
  for (const AltmapVariant altmap : {kPatch, kSound}) {
    PlayTo(absl::StrCat(kNamedParent, R"(
devm_memremap_pages d0 p0 -> ok 0x8000000 visits=1 0x8000-0x81ff
lookup r1 0x8000000 -> ok v0
resource_size v0 -> ok 0x200000
resource_overlaps r1 v0 -> ok 0x1
request iomem v0 -> misuse
insert iomem v0 -> misuse
insert_expand_to_fit iomem v0 -> misuse
allocate r1 v0 0x0-0xfff size=1 align=1 -> misuse
release v0 -> misuse
remove v0 -> misuse
adjust v0 0x8000000-0x8000fff -> misuse
merge_system_ram_resource v0 -> misuse
find_resource_space r1 v0 0x0-0xfff size=1 align=1 -> misuse
resource_list_add l0 v0 -> misuse
resource_list_add_tail l0 v0 -> misuse
resource_list_destroy_entry l0 v0 -> NULL
devm_release_resource d0 v0 -> misuse
release_child v0 -> ok
r2 = request v0 0x8000000-0x8000fff -> ok
release_child v0 -> ok
)"),
           altmap);
  }
}

TEST(ModelVmemmapTest, SoundPlacesItsOwnFirst) {
  const State state = PlayTo(absl::StrCat(kNamedParent, R"(
r2 = request r1 0x8000000-0x8000fff -> ok
memremap_pages p0 -> EBUSY r2
devm_memremap_pages d0 p0 -> EBUSY r2
release r2 -> ok
fail_step kasan nth=1 -> ok
memremap_pages p0 -> ENOMEM
fail_alloc nth=2 times=1 -> ok
devm_memremap_pages d0 p0 -> ENOMEM
lookup r1 0x8000000 -> NULL
memremap_pages p0 -> ok 0x8000000 visits=1 0x8000-0x81ff
release_region iomem 0x8000000-0x81fffff -> misuse
)"),
                             kSound);
  EXPECT_EQ(state.ledger.pagemaps[0].altmap.res, VmemmapSlot(0));
  ASSERT_EQ(state.rows.size(), 5u);
  const Row& row = state.rows[2];
  EXPECT_EQ(row.slot, VmemmapSlot(0));
  EXPECT_EQ(row.name, kNameVmemmap);
  EXPECT_FALSE(row.region);
  EXPECT_EQ(row.range, (Range{0x8000000, 0x81fffff}));
  EXPECT_EQ(row.flags, kResourceMem | kResourceVmemmap | kResourceBusy);
  EXPECT_EQ(row.desc, kDescVmemmap);
  EXPECT_EQ(state.ledger.live, 1u);
}

TEST(ModelVmemmapTest, SoundKeepsItUntilAllIsUnmapped) {
  const State state = PlayTo(absl::StrCat(kNamedParent, R"(
devm_memremap_pages d0 p0 -> ok 0x8000000 visits=1 0x8000-0x81ff
get_dev_pagemap 0x8000 -> ok p0
unbind d0 -> would-block
lookup r1 0x8000000 -> ok v0
r1 = root 0x0-0x0 -> misuse
r2 = request v0 0x8000000-0x8000fff -> ok
put_dev_pagemap p0 -> ok
lookup r1 0x8000000 -> ok r2
release r2 -> ok
)"),
                             kSound);
  EXPECT_EQ(state.ledger.pagemaps[0].altmap.res, kNoSlot);
  EXPECT_EQ(state.ledger.live, 0u);
}

TEST(ModelVmemmapTest, SoundComplainsIfItIsTakenAway) {
  PlayTo(absl::StrCat(kNamedParent, R"(
memremap_pages p0 -> ok 0x8000000 visits=1 0x8000-0x81ff
release_child r1 -> ok
r2 = request v0 0x0-0xfff -> ok
memunmap_pages p0 -> misuse
release r2 -> ok
r2 = devm_request_region d0 v0 0x0-0xfff -> ok
memunmap_pages p0 -> misuse
unbind d0 -> ok
memunmap_pages p0 -> ok warn=WARN_ON
resource_size v0 -> misuse
)"),
         kSound);
}

TEST(ModelVmemmapTest, SoundLeavesBadAltmapsToTheMapping) {
  PlayTo(R"(
r1 = request iomem 0x8000000-0x8000fff mem -> ok
p0 = dev_pagemap 4 0x8000000-0xfffffff -> ok
vmem_altmap p0 0x8001-0xffff reserve=0 free=0x200 parent=r1 -> ok
memremap_pages p0 -> EINVAL warn=other
vmem_altmap p0 0x8000-0xffff reserve=1 free=0x8000 parent=r1 -> ok
memremap_pages p0 -> EINVAL warn=other
vmem_altmap p0 0x8000-0xffff reserve=0 free=0 parent=r1 -> ok
memremap_pages p0 -> ENOMEM
vmem_altmap p0 0x8000-0xffff reserve=0 free=0x200 parent=r1 -> ok
memremap_pages p0 -> EBUSY r1
add_range p0 0x10000000-0x101fffff -> ok
memremap_pages p0 -> EINVAL warn=WARN_ON
release r1 -> ok
r1 = root 0x0-0x0 -> ok
r2 = request iomem 0x0-0x0 -> ok
vmem_altmap p0 0x8000-0xffff reserve=0 free=0x200 parent=r2 -> ok
release r2 -> ok
)",
         kSound);
}

TEST(ModelVmemmapTest, DumpsKnowTheirMarker) {
  const absl::string_view map = R"(
r1 = request iomem 0x8000000-0xfffffff mem sysram -> ok
p0 = dev_pagemap 1 0x10000000-0x17ffffff -> ok
vmem_altmap p0 0x10000-0x17fff reserve=0 free=0x200 parent=iomem -> ok
devm_memremap_pages d0 p0 -> ok 0x10000000 visits=1 0x10000-0x101ff
r2 = request iomem 0x1000-0x1fff mem sysram busy -> ok
r3 = request iomem 0x2000-0x2fff mem unset busy -> ok
dumpable kexec_file -> ok visits=1 0x1000-0x1fff
)";
  PlayTo(absl::StrCat(map, R"(
dumpable kexec_file_vmemmap -> ok visits=1
unbind d0 -> ok
)"));
  PlayTo(absl::StrCat(map, R"(
dumpable kexec_file_vmemmap -> ok visits=3 0x1000-0x1fff 0x2000-0x2fff
unbind d0 -> ok
)"),
         kPatch);
  PlayTo(absl::StrCat(map, R"(
dumpable kexec_file_vmemmap -> ok visits=2 0x1000-0x1fff 0x10000000-0x101fffff
unbind d0 -> ok
)"),
         kSound);
}

}  // namespace
}  // namespace restree

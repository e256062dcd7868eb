// SPDX-License-Identifier: Apache-2.0
// The separate resources of altmaps, and dumps.
#include "gtest/gtest.h"
#include "model/model_testing.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(ModelVmemmapTest, DumpsSystemRam) {
  PlayTo(R"(
r1 = request iomem 0x3000-0x3fff mem sysram busy -> ok
r2 = request iomem 0x1000-0x1fff mem sysram busy -> ok
r3 = request iomem 0x5000-0x5fff mem sysram -> ok
r4 = request r1 0x3000-0x30ff mem sysram busy -> ok
r5 = request r1 0x3100-0x31ff mem busy -> ok
dumpable kexec_file -> ok visits=2 0x1000-0x1fff 0x3000-0x3fff
dumpable kexec_tools -> ok visits=4 0x1000-0x1fff 0x3000-0x30ff 0x3000-0x3fff
dumpable kexec_file_vmemmap -> ok visits=2 0x1000-0x1fff 0x3000-0x3fff
)");
  PlayTo("dumpable kexec_file -> ok\ndumpable kexec_tools -> ok\n");
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

}  // namespace
}  // namespace restree

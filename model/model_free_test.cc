// SPDX-License-Identifier: Apache-2.0
// Regions wherever there is room. A section, as which the kernel aligns device
// memory, has 0x8000000 bytes; the highest address is 0x3fffffffffff.
#include <vector>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/model_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(ModelFreeTest, RequestTakesTheHighestPlace) {
  const State state = PlayTo(R"(
r1 = request_free_mem_region iomem size=0x1 "hmm" -> ok
r2 = request_free_mem_region iomem size=0x8000001 -> ok
)");
  EXPECT_EQ(IomemText(state, {}),
            "3fffe8000000-3ffff7ffffff : r2\n"
            "3ffff8000000-3fffffffffff : r1\n");
  const Row& row = state.rows[2];
  EXPECT_EQ(row.name, 1u);
  EXPECT_TRUE(row.region);
  EXPECT_EQ(row.flags, kResourceMem | kResourceBusy);
  EXPECT_EQ(row.desc, kDescDevicePrivateMemory);
  EXPECT_EQ(state.ledger.live, 2u);
}

TEST(ModelFreeTest, RequestStepsDownFromTheEnd) {
  // Steps of one section from where the base ends, whatever that is.
  EXPECT_EQ(Play(R"(
r1 = request iomem 0x0-0x40000fff mem -> ok
r2 = request r1 0x30000000-0x37ffffff -> ok
r3 = request_free_mem_region r1 size=0x8000000 -> ok
r4 = request_free_mem_region r1 size=0x8000000 -> ok
r5 = request_free_mem_region r1 size=0x10000000 -> ok
r6 = request_free_mem_region r1 size=0x10000000 -> ERANGE
r6 = request_free_mem_region r1 size=0x8000000 -> ok
r7 = request_free_mem_region r1 size=0x1 -> ERANGE
)"),
            "00000000-40000fff : r1\n"
            "  08001000-10000fff : r6\n"
            "  10001000-20000fff : r5\n"
            "  20001000-28000fff : r4\n"
            "  30000000-37ffffff : r2\n"
            "  38001000-40000fff : r3\n");
}

TEST(ModelFreeTest, RequestKeepsAboveASectionAndTheBase) {
  Play(R"(
r1 = request iomem 0x0-0x17ffffff mem -> ok
r2 = request_free_mem_region r1 size=0x1 -> ok
lookup r1 0x10000000 -> ok r2
r3 = request_free_mem_region r1 size=0x1 -> ERANGE
r3 = request_free_mem_region r1 size=0x10000001 -> ERANGE
r4 = request iomem 0x20000001-0x2fffffff mem -> ok
r3 = request_free_mem_region r4 size=0x1 -> ok
lookup r4 0x28000000 -> ok r3
r5 = request_free_mem_region r4 size=0x1 -> ERANGE
r5 = root 0x400000000000-0x4fffffffffff mem -> ok
r6 = request_free_mem_region r5 size=0x1 -> ERANGE
r5 = root 0x20000000-0x1fffffff mem -> ok
r6 = request_free_mem_region r5 size=0x1 -> ERANGE
)");
}

TEST(ModelFreeTest, RequestOfNothingOrTooMuch) {
  Play(R"(
r1 = request_free_mem_region iomem size=0x0 -> ERANGE
r1 = request_free_mem_region iomem size=0xffffffffffffffff -> ERANGE
r1 = request_free_mem_region iomem size=0x400000000000 -> ERANGE
r1 = request_free_mem_region iomem size=0x3ffff0000000 -> ok
lookup iomem 0x10000000 -> ok r1
)");
}

TEST(ModelFreeTest, RequestIsPlacedBelowIomem) {
  Play(R"(
r1 = root 0x0-0x3fffffff mem -> ok
r2 = request_free_mem_region r1 size=0x1 -> ok
lookup r1 0x38000000 -> NULL
lookup iomem 0x38000000 -> ok r2

# The first place is the only one that is tried.
r3 = request_free_mem_region r1 size=0x1 -> ERANGE warn=unaddressable
release r2 -> ok
r4 = request iomem 0x3fffffff-0x3fffffff busy -> ok
r3 = request_free_mem_region r1 size=0x1 -> ERANGE
release r4 -> ok
r4 = request iomem 0x30000000-0x3fffffff mem sysram desc=cxl -> ok
r3 = request_free_mem_region r1 size=0x1 -> ok
lookup r4 0x38000000 -> ok r3
walk_iomem_res_desc 0x38000000-0x38000fff desc=cxl -> ok visits=1
walk_iomem_res_desc 0x38000000-0x38000fff sysram busy -> ok visits=1
)");
}

TEST(ModelFreeTest, DevmRequestIsTheDevices) {
  const State state = PlayTo(R"(
r1 = root 0x0-0x3fffffff mem -> ok
r2 = devm_request_free_mem_region d5 r1 size=0x1 -> ok
r3 = devm_request_free_mem_region d5 r1 size=0x1 -> ERANGE warn=unaddressable
r3 = devm_request_free_mem_region d5 r9 size=0x1 -> misuse
r2 = devm_request_free_mem_region d5 iomem size=0x1 -> misuse
)");
  EXPECT_EQ(state.rows[1].name, kNameOfDevice | 5);
  EXPECT_EQ(state.rows[1].desc, kDescDevicePrivateMemory);
  EXPECT_EQ(state.ledger.devres,
            (std::vector<Devres>{{5, true, kIomem, state.rows[1].range}}));
  EXPECT_EQ(state.ledger.live, 2u);
  Play(R"(
r2 = devm_request_free_mem_region d5 iomem size=0x1 -> ok
unbind d5 -> ok
lookup iomem 0x3ffff8000000 -> NULL
)");
}

TEST(ModelFreeTest, FailedAllocationIsNoMem) {
  Play(R"(
fail_alloc nth=1 times=1 -> ok
r1 = request_free_mem_region iomem size=0x1 -> ENOMEM
fail_alloc nth=2 times=1 -> ok
r1 = request_free_mem_region iomem size=0x1 -> ok
r2 = request_free_mem_region iomem size=0x1 -> ENOMEM
fail_alloc nth=1 times=1 -> ok
r2 = devm_request_free_mem_region d0 iomem size=0x1 -> ENOMEM
fail_alloc nth=2 times=1 -> ok
r2 = devm_request_free_mem_region d0 iomem size=0x0 -> ENOMEM
fail_alloc nth=1 times=1 -> ok
r2 = alloc_free_mem_region iomem size=0x0 align=0x1 -> ENOMEM
unbind d0 -> NULL
)");
}

TEST(ModelFreeTest, FreeRegionsAreRevoked) {
  Play(R"(
iomem_init_inode -> ok
r1 = request_free_mem_region iomem size=0x1 -> ok visits=1
r2 = devm_request_free_mem_region d0 iomem size=0x1 -> ok visits=1
r3 = alloc_free_mem_region iomem size=0x1 align=0x1 -> ok
strict_iomem relaxed -> ok
r4 = request_free_mem_region iomem size=0x1 -> ok
)");
}

TEST(ModelFreeTest, AllocTakesTheLowestPlace) {
  const State state = PlayTo(R"(
r1 = alloc_free_mem_region iomem size=0x1800 align=0x1000 "cxl" -> ok
r2 = request iomem 0x4000-0x4fff busy -> ok
r3 = alloc_free_mem_region iomem size=0x1001 align=0x1000 -> ok
r4 = alloc_free_mem_region iomem size=0x800 align=0x800 -> ok
)");
  EXPECT_EQ(IomemText(state, {}),
            "00000800-00000fff : r4\n"
            "00001000-00002fff : r1\n"
            "00004000-00004fff : r2\n"
            "00005000-00006fff : r3\n");
  const Row& row = state.rows[2];
  EXPECT_EQ(row.name, 1u);
  EXPECT_TRUE(row.region);
  EXPECT_EQ(row.flags, kResourceMem);
  EXPECT_EQ(row.desc, kDescNone);
  EXPECT_EQ(state.ledger.live, 3u);
}

TEST(ModelFreeTest, AllocStaysInsideTheBase) {
  Play(R"(
r1 = root 0x0-0xffff -> ok
r2 = alloc_free_mem_region r1 size=0x10000 align=0x1 -> ERANGE
r2 = alloc_free_mem_region r1 size=0xffff align=0x1 -> ok
lookup r1 0x1 -> ok r2
r3 = alloc_free_mem_region r1 size=0x1 align=0x1 -> ERANGE
r3 = alloc_free_mem_region iomem size=0x400000000000 align=0x1000 -> ERANGE
r3 = alloc_free_mem_region iomem size=0x3ffffffff000 align=0x1000 -> ok
r4 = alloc_free_mem_region iomem size=0x1000 align=0x1000 -> ERANGE
r4 = root 0x10-0xf -> ok
r5 = alloc_free_mem_region r4 size=0x1 align=0x1 -> ERANGE
r4 = root 0x400000000000-0x4fffffffffff -> ok
r5 = alloc_free_mem_region r4 size=0x1 align=0x1 -> ERANGE
r4 = root 0xffffffffffffff00-0xffffffffffffffff -> ok
r5 = alloc_free_mem_region r4 size=0x1 align=0x1000 -> ERANGE
)");
}

TEST(ModelFreeTest, AllocOfNothingOrTooMuch) {
  Play(R"(
r1 = alloc_free_mem_region iomem size=0x0 align=0x1000 -> ERANGE
r1 = alloc_free_mem_region iomem size=0xffffffffffffffff align=0x1000 -> ERANGE
r1 = alloc_free_mem_region iomem size=0xffffffffffffffff align=0x1 -> ERANGE
r1 = alloc_free_mem_region iomem size=0x1 align=0x8000000000000000 -> ERANGE
r1 = alloc_free_mem_region iomem size=0x1 align=0x0 -> misuse
r1 = alloc_free_mem_region iomem size=0x1 align=0x3 -> misuse
r1 = alloc_free_mem_region r9 size=0x1 align=0x1 -> misuse
r1 = root 0x0-0xf -> ok
r1 = alloc_free_mem_region r1 size=0x1 align=0x1 -> misuse
r1 = alloc_free_mem_region iomem size=0x1 align=0x1 -> ok
r1 = alloc_free_mem_region iomem size=0x1 align=0x1 -> misuse
)");
}

}  // namespace
}  // namespace restree

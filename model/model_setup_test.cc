// SPDX-License-Identifier: Apache-2.0
// The allocator, the command line, the inode.
#include <vector>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/model_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(ModelSetupTest, FailAllocCountsDown) {
  Ledger ledger = PlayTo("fail_alloc nth=3 times=2 -> ok").ledger;
  EXPECT_EQ(ledger.fail_nth, 3u);
  EXPECT_EQ(ledger.fail_times, 2u);
  ledger = PlayTo(R"(
fail_alloc nth=3 times=2 -> ok
r1 = request_region iomem 0x1000-0x1fff -> ok
r2 = request_region iomem 0x2000-0x2fff -> ok
r3 = request_region iomem 0x3000-0x3fff -> NULL
)")
               .ledger;
  EXPECT_EQ(ledger.fail_nth, 1u);
  EXPECT_EQ(ledger.fail_times, 1u);
  ledger = PlayTo(R"(
fail_alloc nth=1 times=2 -> ok
r1 = request_region iomem 0x1000-0x1fff -> NULL
r1 = request iomem 0x1000-0x1fff -> ok
resource_list_add l0 r1 -> NULL
resource_list_add l0 r1 -> ok
)")
               .ledger;
  EXPECT_EQ(ledger.fail_nth, 0u);
  EXPECT_EQ(ledger.fail_times, 0u);
}

TEST(ModelSetupTest, FailAllocOfNothingIsNone) {
  EXPECT_EQ(PlayTo(R"(
fail_alloc nth=1 times=1 -> ok
fail_alloc nth=0 times=1 -> ok
)")
                .ledger,
            Ledger());
  EXPECT_EQ(PlayTo(R"(
fail_alloc nth=1 times=1 -> ok
fail_alloc nth=1 times=0 -> ok
)")
                .ledger,
            Ledger());
}

TEST(ModelSetupTest, MisuseAllocatesNothing) {
  const State state = PlayTo(R"(
fail_alloc nth=1 times=1 -> ok
r1 = request_region r9 0x1000-0x1fff -> misuse
r1 = devm_request_resource d0 r9 0x1000-0x1fff -> misuse
r1 = devm_request_region d0 r9 0x1000-0x1fff -> misuse
r1 = request_free_mem_region r9 size=0x1 -> misuse
r1 = alloc_free_mem_region iomem size=0x1 align=0x3 -> misuse
r1 = reserve_region_with_split r9 0x1000-0x1fff -> misuse
resource_list_add l0 r9 -> misuse
)");
  EXPECT_EQ(state.ledger.fail_times, 1u);
}

TEST(ModelSetupTest, ReserveSetupTakesFour) {
  const State state = PlayTo(R"(
r1 = reserve_setup 0x60-0x6f -> ok
lookup ioport 0x60 -> ok r1
r2 = reserve_setup 0x6f-0x7f -> NULL
r2 = reserve_setup 0xffff-0x10000 -> NULL
r2 = reserve_setup 0x10000-0xffffffff -> ok
lookup iomem 0x10000 -> ok r2
r3 = reserve_setup 0x20000-0x20000 -> NULL
r3 = reserve_setup 0x70-0x7f -> ok
r3 = reserve_setup 0x80-0x8f -> misuse
r4 = reserve_setup 0x80-0x8f -> ok
r5 = reserve_setup 0x90-0x9f -> NULL
)");
  EXPECT_EQ(state.ledger.reserved, 4u);
  EXPECT_EQ(state.ledger.live, 0u);
  const Row& row = state.rows[1];
  EXPECT_EQ(row.slot, R(2));
  EXPECT_EQ(row.name, kNameReserved);
  EXPECT_EQ(row.flags, kResourceMem | kResourceBusy);
  EXPECT_FALSE(row.region);
  EXPECT_EQ(state.rows[3].flags, kResourceIo | kResourceBusy);
}

TEST(ModelSetupTest, ReserveSetupHasUnsignedInts) {
  Play(R"(
r1 = reserve_setup 0x10-0xf -> misuse
r1 = reserve_setup 0x10000-0x100000000 -> misuse
r1 = reserve_setup 0x0-0xffffffff -> misuse
r1 = reserve_setup 0x1-0xffffffff -> NULL
r1 = root 0x0-0xf -> ok
r1 = reserve_setup 0x0-0xf -> ok
)");
}

TEST(ModelSetupTest, StrictUnlessRelaxed) {
  EXPECT_FALSE(PlayTo("strict_iomem strict -> ok").ledger.relaxed);
  EXPECT_TRUE(PlayTo("strict_iomem relaxed -> ok").ledger.relaxed);
}

TEST(ModelSetupTest, InodeNeedsThreeObjects) {
  EXPECT_EQ(PlayTo(R"(
iomem_get_mapping -> misuse
fail_alloc nth=3 times=1 -> ok
iomem_init_inode -> ENOMEM
fail_alloc nth=1 times=1 -> ok
iomem_init_inode -> ENOMEM
)")
                .ledger,
            Ledger());
  const State state = PlayTo(R"(
fail_alloc nth=4 times=1 -> ok
iomem_init_inode -> ok
iomem_init_inode -> misuse
iomem_get_mapping -> ok
)");
  EXPECT_TRUE(state.ledger.inode);
  EXPECT_EQ(state.ledger.live, 3u);
  EXPECT_EQ(state.ledger.fail_nth, 1u);
}

}  // namespace
}  // namespace restree

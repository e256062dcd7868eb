// SPDX-License-Identifier: Apache-2.0
// The model one op at a time, in trace text: each line says what must be
// observed. Broad agreement with the source is the lockstep tests' work. Here
// are the caller's own resources; each other model_*_test.cc has a family.
#include <string>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/model_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(ModelTest, FailedDefinitionDefinesNothing) {
  EXPECT_EQ(Play(R"(
r1 = request iomem 0x1000-0x1fff -> ok
r2 = request iomem 0x1800-0x27ff -> EBUSY r1
request iomem r2 -> misuse
r2 = request iomem 0x2000-0x2fff -> ok
release r2 -> ok
r2 = request iomem 0x1000-0x1000 -> EBUSY r1
request iomem r2 -> ok
)"),
            "00001000-00001fff : r1\n00002000-00002fff : r2\n");
}

TEST(ModelTest, EveryPreconditionIsMisuse) {
  Play(R"(
r1 = request r9 0x0-0xf -> misuse
release r1 -> misuse
release iomem -> misuse
remove iomem -> misuse
request iomem ioport -> misuse
r1 = request r1 0x0-0xf -> misuse
r1 = request iomem 0x1000-0x1fff -> ok
r1 = request iomem 0x3000-0x3fff -> misuse
request iomem r1 -> misuse
insert iomem r1 -> misuse
insert_expand_to_fit iomem r1 -> ok
allocate ioport r1 0x0-0xff size=0x1 align=0x1 -> misuse
r2 = request r1 0x1000-0x10ff -> ok
release r1 -> ok
release r1 -> misuse
r1 = request iomem 0x0-0xf -> misuse
insert iomem r1 -> misuse
insert_expand_to_fit iomem r1 -> misuse
allocate iomem r1 0x0-0xffff size=0x1 align=0x1 -> misuse
request r1 r1 -> misuse
request r2 r1 -> misuse
request iomem r1 -> ok
r3 = request_region iomem 0x5000-0x5fff 0x100000000 -> misuse
r4 = request_region iomem 0x6000-0x6fff -> ok
r5 = request r4 0x6000-0x60ff -> ok
release_region iomem 0x6000-0x6fff -> misuse
release r5 -> ok
release_region iomem 0x6000-0x6fff -> ok
release r4 -> misuse
)");
}

TEST(ModelTest, WhatIsHeldIsNeitherForgottenNorDefinedAnew) {
  Play(R"(
r1 = request iomem 0x1000-0x1fff mem busy -> ok
resource_list_add l0 r1 -> ok
release_region iomem 0x1000-0x1fff -> misuse
r9 = release_mem_region_adjustable 0x1000-0x1fff -> misuse
release r1 -> ok
r1 = request iomem 0x3000-0x3fff -> misuse
r1 = root 0x3000-0x3fff -> misuse
r1 = reserve_setup 0x3000-0x3fff -> misuse
resource_list_destroy_entry l0 r1 -> ok
r1 = request iomem 0x3000-0x3fff -> ok
release r1 -> ok

# By a device, as a resource and as the place of a region.
r1 = devm_request_resource d0 iomem 0x1000-0x1fff -> ok
release r1 -> ok
r1 = root 0x3000-0x3fff -> misuse
request iomem r1 -> ok
unbind d0 -> ok
r1 = root 0x1000-0x1fff -> ok
r2 = devm_request_region d0 r1 0x1000-0x10ff -> ok
unbind d0 -> ok
r2 = devm_request_region d0 r1 0x1000-0x10ff -> ok
release r2 -> ok
r1 = root 0x3000-0x3fff -> misuse
unbind d0 -> ok warn=nonexistent
r1 = root 0x3000-0x3fff -> ok

# As the place where a sleeping call tries.
adjust r1 0x1000-0x1fff -> ok
r3 = request_region r1 0x1000-0x1fff muxed -> ok
r4 = request_region r1 0x1000-0x10ff muxed -> would-block
release r3 -> ok
r1 = root 0x3000-0x3fff -> misuse
)");
}

TEST(ModelTest, SlotOfASleepingCallIsSpokenFor) {
  Play(R"(
r1 = request_region ioport 0x60-0x6f muxed -> ok
r2 = request_region ioport 0x60-0x60 muxed -> would-block
r2 = request iomem 0x0-0xf -> misuse
r2 = root 0x0-0xf -> misuse
r2 = request_region iomem 0x0-0xf -> misuse
r2 = reserve_region_with_split iomem 0x0-0xf -> misuse
r2 = release_mem_region_adjustable 0x0-0xf -> misuse
r2 = request_free_mem_region iomem size=0x1 -> misuse
r2 = alloc_free_mem_region iomem size=0x1 align=0x1 -> misuse
r2 = devm_request_resource d0 iomem 0x0-0xf -> misuse
r2 = devm_request_region d0 iomem 0x0-0xf -> misuse
r2 = devm_request_free_mem_region d0 iomem size=0x1 -> misuse
r2 = reserve_setup 0x0-0xf -> misuse
release r2 -> misuse
)");
}

TEST(ModelTest, RootStandsAlone) {
  const State state = PlayTo(R"(
r1 = root 0x1000-0x1fff "pmem" mem busy desc=cxl -> ok
r1 = root 0x1000-0x0 mem -> ok
r2 = request r1 0x1000-0x1000 -> EBUSY r1
adjust r1 0x1000-0x1fff -> ok
r2 = request r1 0x1000-0x1000 -> ok
r1 = root 0x0-0xf -> misuse
r2 = root 0x0-0xf -> misuse
release r2 -> ok
request iomem r1 -> ok
r1 = root 0x0-0xf -> misuse
r3 = root 0x20-0x2f "a" io exclusive desc=cxl -> ok
)");
  ASSERT_EQ(state.rows.size(), 5u);
  const Row& root = state.rows[4];
  EXPECT_EQ(root.slot, R(3));
  EXPECT_EQ(root.parent, kNoSlot);
  EXPECT_FALSE(root.region);
  EXPECT_EQ(root.range, (Range{0x20, 0x2f}));
  EXPECT_EQ(root.flags, kResourceIo | kResourceExclusive);
  EXPECT_EQ(root.desc, 9u);
  EXPECT_EQ(state.ledger, Ledger());
}

TEST(ModelTest, FindSpaceMovesWhatIsInNoTree) {
  Play(R"(
r1 = request iomem 0x0-0xfff -> ok
r2 = root 0x0-0x0 -> ok
find_resource_space iomem r2 0x0-0xffff size=0x100 align=0x1000 -> ok
request iomem r2 -> ok
lookup iomem 0x1000 -> ok r2
find_resource_space iomem r2 0x0-0xffff size=0x100 align=0x1000 -> misuse
release r2 -> ok
find_resource_space iomem r2 0x0-0xfff size=0x1 align=0x1 -> EBUSY
request iomem r2 -> ok
find_resource_space r2 r2 0x0-0xfff size=0x1 align=0x1 -> misuse
find_resource_space iomem ioport 0x0-0xfff size=0x1 align=0x1 -> misuse
find_resource_space iomem r3 0x0-0xfff size=0x1 align=0x1 -> misuse
release r2 -> ok
r3 = request r2 0x1000-0x1000 -> ok
find_resource_space iomem r2 0x0-0xffff size=0x100 align=0x1 -> misuse
)");
}

TEST(ModelTest, IsaAlignAvoidsTheAliases) {
  Play(R"(
r1 = allocate ioport 0x100-0xfff size=0x10 align=0x10 isa_align -> ok
lookup ioport 0x400 -> ok r1
r2 = allocate ioport 0x100-0xfff size=0x10 align=0x10 -> ok
lookup ioport 0x100 -> ok r2
r3 = allocate ioport 0x410-0xfff size=0x10 align=0x10 isa_align -> ok
lookup ioport 0x410 -> ok r3
r4 = allocate ioport 0x500-0x7ff size=0x10 align=0x10 isa_align -> EBUSY
allocate ioport r3 0x500-0xfff size=0x10 align=0x10 isa_align -> ok
lookup ioport 0x800 -> ok r3
r4 = root 0x0-0x0 -> ok
find_resource_space ioport r4 0x500-0x1fff size=0x10 align=0x10 isa_align -> ok
request ioport r4 -> ok
lookup ioport 0x810 -> ok r4
)");
}

TEST(ModelTest, PartsFromTheSourceWhereItWouldBreakTheTree) {
  Play(R"(
r1 = request iomem 0x1000-0x1fff mem busy -> ok
adjust r1 0x1000-0xfff -> EBUSY
r2 = request r1 0x1000-0x17ff -> ok
remove r1 -> ok
request iomem r1 -> EBUSY r2
release r2 -> ok
request iomem r1 -> ok
r3 = request iomem 0xfffffffffffff000-0xffffffffffffffff mem busy -> ok
walk_mem_res 0x0-0xffffffffffffffff -> ok visits=2
release r1 -> ok
adjust r1 0x1000-0xfff -> ok
request iomem r1 -> EBUSY iomem
)");
}

TEST(ModelTest, ReallocateGrowsAroundChildrenAndMovesWhatHasNone) {
  EXPECT_EQ(Play(R"(
r1 = request iomem 0x1000-0x1fff -> ok
r2 = request iomem 0x4000-0x4fff -> ok
r3 = request r1 0x1000-0x10ff -> ok
allocate iomem r1 0x1000-0xffff size=0x3001 align=0x1000 -> EBUSY
allocate iomem r1 0x1000-0xffff size=0x2000 align=0x1000 -> ok
allocate iomem r2 0x0-0xfff size=0x10 align=0x10 -> ok
)"),
            "00000000-0000000f : r2\n"
            "00001000-00002fff : r1\n"
            "  00001000-000010ff : r3\n");
}

}  // namespace
}  // namespace restree

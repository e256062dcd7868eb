// SPDX-License-Identifier: Apache-2.0
// Mappings of device memory.
#include <vector>

#include "gtest/gtest.h"
#include "model/device_memory.h"
#include "model/model_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(ModelMemremapTest, MapsAllRanges) {
  const State state = PlayTo(R"(
p0 = dev_pagemap fsdax 0x100200000-0x1003fffff -> ok
add_range p0 0x100000000-0x1001fffff -> ok
add_range p0 0x200000000-0x2001fffff -> ok
memremap_pages p0 -> ok 0x100200000
memremap_pages p0 -> misuse
add_range p0 0x0-0xfff -> misuse
p0 = dev_pagemap fsdax 0x0-0xfff -> misuse
vmem_altmap p0 0x0-0xff reserve=0 free=0 -> misuse
p0 = nvdimm_setup_pfn fsdax 0x0-0xfff align=1 -> misuse
p1 = dev_pagemap private 0x300000000-0x3001fffff -> ok
memremap_pages p1 -> ok 0x300000000
)");
  const Ledger& ledger = state.ledger;
  EXPECT_EQ(ledger.pagemaps[0].phase, Pagemap::Phase::kMapped);
  EXPECT_EQ(ledger.pagemaps[0].refs, 1u + 3 * 512);
  EXPECT_EQ(ledger.pagemaps[1].refs, 1u);
  EXPECT_EQ(ledger.lookup, (std::vector<Lookup>{{{0x100000, 0x1003ff}, 0},
                                                {{0x200000, 0x2001ff}, 0},
                                                {{0x300000, 0x3001ff}, 1}}));
  EXPECT_EQ(ledger.memory.zone_pages, 4u * 512);
  EXPECT_EQ(ledger.memory.memory_pages, 4u * 512);
  EXPECT_EQ(ledger.memory.shadow_bytes, 3u * 0x200000);
  EXPECT_EQ(ledger.memory.tracked_bytes, 4u * 0x200000);
  EXPECT_EQ(ledger.memory.managed, 1u);
  EXPECT_EQ(ledger.live, 2u);
}

TEST(ModelMemremapTest, UnmapLeavesNothing) {
  const State state = PlayTo(R"(
p0 = dev_pagemap fsdax 0x100000000-0x1001fffff shift=9 -> ok
memunmap_pages p0 -> misuse
memremap_pages p0 -> ok 0x100000000
memunmap_pages p0 -> ok
memunmap_pages p0 -> misuse
memremap_pages p0 -> ok 0x100000000
devm_memunmap_pages d0 p0 -> ok warn=WARN_ON
memunmap_pages p0 -> ok
)");
  Ledger idle;
  idle.pagemaps = state.ledger.pagemaps;
  EXPECT_EQ(state.ledger, idle);
  EXPECT_EQ(state.ledger.pagemaps[0].refs, 0u);
}

TEST(ModelMemremapTest, RefusesWhatTheDriverLeftOut) {
  const State state = PlayTo(R"(
p0 = dev_pagemap fsdax 0x100000000-0x1001fffff lacks=range -> ok
memremap_pages p0 -> EINVAL warn=WARN_ON
p0 = dev_pagemap private 0x100000000-0x1001fffff lacks=ops -> ok
memremap_pages p0 -> EINVAL warn=WARN_ON
p0 = dev_pagemap private 0x100000000-0x1001fffff lacks=page_free -> ok
memremap_pages p0 -> EINVAL warn=WARN_ON
p0 = dev_pagemap private 0x100000000-0x1001fffff lacks=migrate_to_ram -> ok
memremap_pages p0 -> EINVAL warn=WARN_ON
p0 = dev_pagemap private 0x100000000-0x1001fffff lacks=owner -> ok
memremap_pages p0 -> EINVAL warn=WARN_ON
p0 = dev_pagemap coherent 0x100000000-0x1001fffff lacks=ops -> ok
memremap_pages p0 -> misuse
p0 = dev_pagemap coherent 0x100000000-0x1001fffff lacks=page_free -> ok
memremap_pages p0 -> EINVAL warn=WARN_ON
p0 = dev_pagemap coherent 0x100000000-0x1001fffff lacks=owner -> ok
memremap_pages p0 -> EINVAL warn=WARN_ON
p0 = dev_pagemap coherent 0x100000000-0x1001fffff lacks=migrate_to_ram -> ok
memremap_pages p0 -> ok 0x100000000
p1 = dev_pagemap 0 0x200000000-0x2001fffff -> ok
fail_alloc nth=1 times=1 -> ok
memremap_pages p1 -> ENOMEM warn=WARN_ON
memremap_pages p1 -> ok 0x200000000 warn=WARN_ON
)");
  EXPECT_EQ(state.ledger.pagemaps[1].refs, 1u + 512);
  EXPECT_EQ(state.ledger.memory.managed, 0u);
}

TEST(ModelMemremapTest, RefusesRanges) {
  const State state = PlayTo(R"(
r1 = request iomem 0x100000000-0x1001fffff mem sysram -> ok
p0 = dev_pagemap fsdax 0x100000000-0x1001fffff -> ok
memremap_pages p0 -> ENXIO warn=WARN_ON
p0 = dev_pagemap fsdax 0x0-0x1ffffffff -> ok
memremap_pages p0 -> ENXIO warn=WARN_ON
p0 = dev_pagemap fsdax 0x201000-0x200fff -> ok
memremap_pages p0 -> EINVAL
p0 = dev_pagemap fsdax 0x200000-0x1ffff0 -> ok
memremap_pages p0 -> EINVAL
p0 = dev_pagemap fsdax 0x200800-0x200400 -> ok
memremap_pages p0 -> EINVAL warn=other
p0 = dev_pagemap fsdax 0x3fffffe00000-0x4000001fffff -> ok
memremap_pages p0 -> EINVAL warn=other
p0 = dev_pagemap fsdax 0x200800-0x4007ff -> ok
memremap_pages p0 -> EINVAL warn=WARN_ON
p0 = dev_pagemap fsdax 0x200000-0x2fffff -> ok
memremap_pages p0 -> EINVAL warn=WARN_ON
p0 = dev_pagemap fsdax 0x300000-0x4fffff -> ok
memremap_pages p0 -> EINVAL warn=WARN_ON
p0 = dev_pagemap fsdax 0x3fffffe00000-0x3fffffffffff -> ok
memremap_pages p0 -> ok 0x3fffffe00000
)");
  EXPECT_EQ(state.ledger.pagemaps[0].refs, 513u);
}

TEST(ModelMemremapTest, RefusesWhatIsMapped) {
  PlayTo(R"(
p0 = dev_pagemap generic 0x100200000-0x1003fffff -> ok
p1 = dev_pagemap generic 0x100000000-0x1003fffff -> ok
p2 = dev_pagemap generic 0x100200000-0x1005fffff -> ok
p3 = dev_pagemap generic 0x100000000-0x1005fffff -> ok
p4 = dev_pagemap generic 0x200000000-0x2001fffff -> ok
add_range p4 0x200000000-0x2001fffff -> ok
p5 = dev_pagemap generic 0x200200000-0x2003fffff -> ok
add_range p5 0x200000000-0x2005fffff -> ok
memremap_pages p0 -> ok 0x100200000
memremap_pages p1 -> ENOMEM warn=WARN_ON
memremap_pages p2 -> ENOMEM warn=WARN_ON
memremap_pages p3 -> EEXIST
memremap_pages p4 -> ENOMEM warn=WARN_ON
memremap_pages p5 -> EEXIST
get_dev_pagemap 0x100200 -> ok p0
memunmap_pages p0 -> would-block
memremap_pages p1 -> EEXIST
memremap_pages p2 -> EEXIST
put_dev_pagemap p0 -> ok
memremap_pages p3 -> ok 0x100000000
)");
}

TEST(ModelMemremapTest, AnyStepCanFail) {
  const State state = PlayTo(R"(
p0 = dev_pagemap generic 0x100000000-0x1001fffff -> ok
add_range p0 0x200000000-0x2001fffff -> ok
fail_step xa_store nth=2 -> ok
memremap_pages p0 -> ENOMEM
fail_step track_pfn nth=1 -> ok
memremap_pages p0 -> ENOMEM
fail_step kasan nth=2 -> ok
memremap_pages p0 -> ENOMEM
fail_step add_memory nth=3 -> ok
memremap_pages p0 -> ok 0x100000000
memunmap_pages p0 -> ok
memremap_pages p0 -> ENOMEM
fail_step add_memory nth=1 -> ok
fail_step add_memory nth=0 -> ok
fail_step kasan nth=1 -> ok
p1 = dev_pagemap private 0x100000000-0x1001fffff -> ok
memremap_pages p1 -> ok 0x100000000
memunmap_pages p1 -> ok
fail_step track_pfn nth=4 -> ok
memremap_pages p1 -> ok 0x100000000
memunmap_pages p1 -> ok
)");
  EXPECT_EQ(state.ledger.fail_step, MapStep::kTrackPfn);
  EXPECT_EQ(state.ledger.fail_step_nth, 3u);
  EXPECT_EQ(state.ledger.memory, MemoryUse());
  EXPECT_EQ(state.ledger.lookup, std::vector<Lookup>());
}

TEST(ModelMemremapTest, StructPagesComeFromTheAltmap) {
  const State state = PlayTo(R"(
p0 = nvdimm_setup_pfn fsdax 0x100000000-0x10fffffff align=1 -> ok 0x600000
memremap_pages p0 -> ok 0x100000000 visits=1 0x100200-0x1005ff
vmemmap_alloc_block_buf p0 size=0x1000 -> misuse
vmem_altmap_free p0 pages=1 -> misuse
)");
  const Pagemap& map = state.ledger.pagemaps[0];
  EXPECT_EQ(map.altmap.alloc, 1024u);
  EXPECT_EQ(map.altmap.align, 510u);
  EXPECT_EQ(map.refs, 1u + 0x10000 - 0x600);
}

TEST(ModelMemremapTest, PartsOfSectionsGetSinglePages) {
  const State state = PlayTo(R"(
p0 = dev_pagemap generic 0x107e00000-0x1101fffff -> ok
vmem_altmap p0 0x107e00-0x1101ff reserve=1 free=2000 -> ok
memremap_pages p0 -> ok 0x107e00000 visits=2 0x107e01-0x107e08
memunmap_pages p0 -> ok
memremap_pages p0 -> ok 0x107e00000 visits=1 0x107ff8-0x108207
)");
  EXPECT_EQ(state.ledger.pagemaps[0].altmap.alloc, 528u);
}

TEST(ModelMemremapTest, AltmapsThatDoNotFit) {
  const State state = PlayTo(R"(
p0 = dev_pagemap generic 0x100000000-0x107ffffff -> ok
vmem_altmap p0 0x100001-0x1001ff reserve=0 free=600 -> ok
memremap_pages p0 -> EINVAL warn=other
vmem_altmap p0 0x100000-0x1001ff reserve=1 free=0x8000 -> ok
memremap_pages p0 -> EINVAL warn=other
vmem_altmap p0 0x100000-0x1001ff reserve=1 free=600 -> ok
memremap_pages p0 -> ENOMEM
vmem_altmap p0 0x100000-0x1001ff reserve=0 free=512 -> ok
add_range p0 0x200000000-0x2001fffff -> ok
memremap_pages p0 -> EINVAL warn=WARN_ON
p1 = dev_pagemap generic 0x100000000-0x1001fffff -> ok
vmem_altmap p1 0x100000-0x1001ff reserve=0 free=512 -> ok
memremap_pages p1 -> ok 0x100000000 visits=1 0x100000-0x100007
)");
  EXPECT_EQ(state.ledger.pagemaps[0].altmap.alloc, 0u);
  EXPECT_EQ(state.ledger.pagemaps[1].refs, 1u);
}

TEST(ModelMemremapTest, WhatWasAllocatedByHandIsMissed) {
  const State state = PlayTo(R"(
p0 = dev_pagemap generic 0x100000000-0x1001fffff -> ok
vmem_altmap p0 0x100000-0x1001ff reserve=0 free=16 -> ok
vmemmap_alloc_block_buf p0 size=0x1000 -> ok visits=1 0x100000-0x100000
fail_step kasan nth=1 -> ok
memremap_pages p0 -> ENOMEM warn=WARN_ON
fail_alloc nth=1 times=1 -> ok
memremap_pages p0 -> ENOMEM
memremap_pages p0 -> ok 0x100000000 visits=1 0x100000-0x100007
memunmap_pages p0 -> ok
)");
  EXPECT_EQ(state.ledger.pagemaps[0].altmap.alloc, 0u);
}

TEST(ModelMemremapTest, PrivateAltmapIsGivenBack) {
  const State state = PlayTo(R"(
p0 = dev_pagemap private 0x100000000-0x1001fffff -> ok
vmem_altmap p0 0x100000-0x1001ff reserve=0 free=8 -> ok
memremap_pages p0 -> ok 0x100000000 visits=1 0x100000-0x100007
memunmap_pages p0 -> ok
memremap_pages p0 -> ok 0x100000000 visits=1 0x100000-0x100007
)");
  EXPECT_EQ(state.ledger.pagemaps[0].altmap.alloc, 8u);
  EXPECT_EQ(state.ledger.memory.shadow_bytes, 0u);
}

TEST(ModelMemremapTest, FailedMapForgetsNoOther) {
  const State state = PlayTo(R"(
p0 = dev_pagemap generic 0x100200000-0x1003fffff -> ok
p1 = dev_pagemap fsdax 0x100000000-0x1005fffff -> ok
memremap_pages p0 -> ok 0x100200000
memremap_pages p1 -> EEXIST
get_dev_pagemap 0x100200 -> ok p0
)");
  EXPECT_EQ(state.ledger.lookup,
            (std::vector<Lookup>{{{0x100200, 0x1003ff}, 0}}));
  EXPECT_EQ(state.ledger.memory.managed, 0u);
}

TEST(ModelMemremapTest, DeviceUnmaps) {
  const State state = PlayTo(R"(
p0 = dev_pagemap generic 0x100000000-0x1001fffff -> ok
p1 = dev_pagemap generic 0x200000000-0x2001fffff -> ok
fail_alloc nth=2 times=1 -> ok
devm_memremap_pages d7 p0 -> ENOMEM
devm_memremap_pages d7 p0 -> ok 0x100000000
r1 = devm_request_resource d7 iomem 0x1000-0x1fff -> ok
devm_memremap_pages d7 p1 -> ok 0x200000000
devm_memremap_pages d7 p1 -> misuse
memunmap_pages p0 -> misuse
devm_memunmap_pages d6 p0 -> ok warn=WARN_ON
devm_memunmap_pages d7 p0 -> ok
devm_memunmap_pages d7 p0 -> ok warn=WARN_ON
unbind d7 -> ok
unbind d7 -> ok
unbind d7 -> NULL
release r1 -> misuse
)");
  Ledger idle;
  idle.pagemaps = state.ledger.pagemaps;
  EXPECT_EQ(state.ledger, idle);
}

TEST(ModelMemremapTest, ReleaseSleeps) {
  const State state = PlayTo(R"(
p0 = dev_pagemap generic 0x100000000-0x1001fffff -> ok
p1 = dev_pagemap generic 0x200000000-0x2001fffff -> ok
devm_memremap_pages d7 p1 -> ok 0x200000000
devm_memremap_pages d7 p0 -> ok 0x100000000
get_dev_pagemap 0x100000 -> ok p0
unbind d7 -> would-block
unbind d7 -> misuse
unbind d6 -> NULL
devm_memunmap_pages d7 p0 -> ok warn=WARN_ON
memunmap_pages p0 -> misuse
devm_memunmap_pages d7 p1 -> ok
)");
  const Pagemap& map = state.ledger.pagemaps[0];
  EXPECT_TRUE(map.releasing);
  EXPECT_EQ(map.device, 7u);
  EXPECT_EQ(map.refs, 1u);
  EXPECT_EQ(state.ledger.live, 2u);
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
// What drivers say in their struct dev_pagemap.
#include "gtest/gtest.h"
#include "model/device_memory.h"
#include "model/model_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(ModelPagemapTest, IsWhatTheDriverSays) {
  const State state = PlayTo(R"(
add_range p3 0x0-0xfff -> misuse
vmem_altmap p3 0x0-0xff reserve=0 free=0 -> misuse
vmem_altmap_offset p3 -> misuse
pgmap_pfn_valid p3 0x0 -> misuse
memremap_pages p3 -> misuse
memunmap_pages p3 -> misuse
devm_memunmap_pages d0 p3 -> misuse
p3 = dev_pagemap 77 0x1-0x0 shift=9 lacks=ops,range -> ok
p0 = dev_pagemap fsdax 0x100000000-0x1001fffff -> ok
add_range p0 0x200000000-0x2001fffff -> ok
add_range p0 0x1-0x0 -> ok
add_range p0 0x0-0xffffffffffffffff -> ok
add_range p0 0x0-0xfff -> misuse
)");
  ASSERT_EQ(state.ledger.pagemaps.size(), 2u);
  Pagemap p0;
  p0.type = kMemoryFsDax;
  p0.nr_range = 4;
  p0.ranges = {Range{0x100000000, 0x1001fffff}, Range{0x200000000, 0x2001fffff},
               Range{1, 0}, Range{0, UINT64_MAX}};
  EXPECT_EQ(state.ledger.pagemaps[0], p0);
  Pagemap p3;
  p3.number = 3;
  p3.type = 77;
  p3.shift = 9;
  p3.lacks = kLacksOps | kLacksRange;
  EXPECT_EQ(state.ledger.pagemaps[1], p3);
  EXPECT_EQ(state.ledger.live, 0u);
}

TEST(ModelPagemapTest, FirstRangeWithThePfnDecides) {
  PlayTo(R"(
p0 = dev_pagemap fsdax 0x100000000-0x1003fffff -> ok
vmem_altmap_offset p0 -> ok
vmem_altmap p0 0x100000-0x1003ff reserve=2 free=6 -> ok
vmem_altmap_offset p0 -> ok 0x8
add_range p0 0x100000000-0x1007fffff -> ok
pgmap_pfn_valid p0 0xfffff -> ok
pgmap_pfn_valid p0 0x100000 -> ok
pgmap_pfn_valid p0 0x100007 -> ok
pgmap_pfn_valid p0 0x100008 -> ok 0x1
pgmap_pfn_valid p0 0x1003ff -> ok 0x1
pgmap_pfn_valid p0 0x100400 -> ok 0x1
pgmap_pfn_valid p0 0x1007ff -> ok 0x1
pgmap_pfn_valid p0 0x100800 -> ok
)");
}

TEST(ModelPagemapTest, AltmapIsNotTooLarge) {
  const State state = PlayTo(R"(
p0 = dev_pagemap fsdax 0x0-0xfff -> ok
vmem_altmap p0 0x10000000000-0x0 reserve=0 free=0 -> ok
vmem_altmap p0 0x10000000001-0x0 reserve=0 free=0 -> misuse
vmem_altmap p0 0x0-0x0 reserve=0x10000000001 free=0 -> misuse
vmem_altmap p0 0x0-0x0 reserve=0 free=0x10000000001 -> misuse
vmem_altmap p0 0x1-0x0 reserve=0xffffffffff free=0x1 -> misuse
vmem_altmap p0 0x0-0x0 reserve=0 free=0xffffffffffffffff -> misuse
vmem_altmap p0 0x0-0x0 reserve=0 free=0 parent=r1 -> misuse
vmem_altmap p0 0x1-0x7 reserve=2 free=3 parent=iomem -> ok
)");
  Altmap altmap;
  altmap.valid = true;
  altmap.base_pfn = 1;
  altmap.end_pfn = 7;
  altmap.reserve = 2;
  altmap.free = 3;
  altmap.parent = kIomem;
  EXPECT_EQ(state.ledger.pagemaps[0].altmap, altmap);
}

TEST(ModelPagemapTest, InfoBlockSaysWhereTheDataBegin) {
  const State state = PlayTo(R"(
p0 = nvdimm_setup_pfn fsdax 0x100000000-0x107ffffff align=1 parent=r1 -> misuse
p0 = nvdimm_setup_pfn fsdax 0x100000000-0x107ffffff align=0 -> EINVAL
p0 = nvdimm_setup_pfn fsdax 0x1-0x0 align=3 -> EINVAL
p0 = nvdimm_setup_pfn fsdax 0x100000800-0x107ffffff align=1 -> ENXIO
p0 = nvdimm_setup_pfn fsdax 0x100000000-0x107fffffe align=1 -> ENXIO
p0 = nvdimm_setup_pfn fsdax 0x100000000-0xffffffff align=1 -> ENXIO
p0 = nvdimm_setup_pfn fsdax 0x100000000-0x100001fff align=1 -> ENXIO
p0 = nvdimm_setup_pfn fsdax 0x100000000-0x1001fffff align=1 -> ENXIO
p0 = nvdimm_setup_pfn fsdax 0x3ffff8000000-0x400000000fff align=1 -> ENXIO
p0 = nvdimm_setup_pfn fsdax 0x0-0xffffffffffffffff align=1 -> ENXIO
p0 = nvdimm_setup_pfn 3 0x200000-0x1fffffff align=0x8000000000000000 -> ENXIO
memremap_pages p0 -> misuse
p0 = nvdimm_setup_pfn fsdax 0x100000000-0x107ffffff align=4 -> ok 0x400000
p1 = nvdimm_setup_pfn fsdax 0x0-0x7ffffff align=0x1000000 -> ok 0x1000000
p2 = nvdimm_setup_pfn 4 0x100000-0x2fffff align=1 parent=iomem -> ok 0x100000
)");
  const Altmap& altmap = state.ledger.pagemaps[0].altmap;
  EXPECT_EQ(altmap.base_pfn, 0x100000u);
  EXPECT_EQ(altmap.end_pfn, 0x107fffu);
  EXPECT_EQ(altmap.reserve, 2u);
  EXPECT_EQ(altmap.free, 0x3feu);
  EXPECT_EQ(altmap.parent, kNoSlot);
  EXPECT_EQ(state.ledger.pagemaps[2].altmap.parent, kIomem);
}

TEST(ModelPagemapTest, BlocksComeOutOfTheAltmap) {
  const State state = PlayTo(R"(
p0 = dev_pagemap fsdax 0x0-0xfff -> ok
vmemmap_alloc_block_buf p0 size=0x1000 -> misuse
vmem_altmap_free p0 pages=0 -> misuse
vmem_altmap p0 0x1-0xff reserve=2 free=16 -> ok
vmemmap_alloc_block_buf p0 size=0 -> misuse
vmemmap_alloc_block_buf p0 size=0x1800 -> NULL warn=other
vmemmap_alloc_block_buf p0 size=0x1000 -> ok visits=1 0x3-0x3
vmemmap_alloc_block_buf p0 size=0x6000 -> ok visits=1 0x4-0x9
vmemmap_alloc_block_buf p0 size=0x4000 -> ok visits=1 0xc-0xf
vmemmap_alloc_block_buf p0 size=0x4000 -> NULL
vmemmap_alloc_block_buf p0 size=0x8000000000000000 -> NULL
vmemmap_alloc_block_buf p0 size=0x3000 -> ok visits=1 0x10-0x12
vmemmap_alloc_block_buf p0 size=0x1000 -> NULL
vmem_altmap_free p0 pages=15 -> misuse
vmem_altmap_free p0 pages=14 -> ok
vmemmap_alloc_block_buf p0 size=0x1000 -> ok visits=1 0x5-0x5
)");
  EXPECT_EQ(state.ledger.pagemaps[0].altmap.alloc, 1u);
  EXPECT_EQ(state.ledger.pagemaps[0].altmap.align, 2u);
}

}  // namespace
}  // namespace restree

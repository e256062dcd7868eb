// SPDX-License-Identifier: Apache-2.0
// References of mappings, and pages of device memory.
#include <vector>

#include "gtest/gtest.h"
#include "model/model_testing.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(ModelPagesTest, LookupTakesAReference) {
  const State state = PlayTo(R"(
p0 = dev_pagemap generic 0x100000000-0x1001fffff -> ok
get_dev_pagemap 0x100000 -> NULL
put_dev_pagemap p0 -> misuse
put_dev_pagemap p1 -> misuse
memremap_pages p0 -> ok 0x100000000
get_dev_pagemap 0xfffff -> NULL
get_dev_pagemap 0x100000 -> ok p0
get_dev_pagemap 0xfff00000001001ff -> ok p0
get_dev_pagemap 0x100200 -> NULL
put_dev_pagemap p0 -> ok
)");
  EXPECT_EQ(state.ledger.pagemaps[0].gets, 1u);
  EXPECT_EQ(state.ledger.pagemaps[0].refs, 514u);
}

TEST(ModelPagesTest, CachedReferenceIsTakenOver) {
  const State state = PlayTo(R"(
p0 = dev_pagemap generic 0x100000000-0x1001fffff -> ok
p1 = dev_pagemap generic 0x200000000-0x2001fffff -> ok
memremap_pages p0 -> ok 0x100000000
memremap_pages p1 -> ok 0x200000000
get_dev_pagemap 0x100000 cached=p0 -> misuse
get_dev_pagemap 0x100000 cached=p2 -> misuse
get_dev_pagemap 0x100000 -> ok p0
get_dev_pagemap 0x100001 cached=p0 -> ok p0
get_dev_pagemap 0x200000 cached=p0 -> ok p1
get_dev_pagemap 0x300000 cached=p0 -> misuse
get_dev_pagemap 0x300000 cached=p1 -> NULL
put_dev_pagemap p1 -> misuse
)");
  EXPECT_EQ(state.ledger.pagemaps[0].refs, 513u);
  EXPECT_EQ(state.ledger.pagemaps[1].refs, 513u);
}

TEST(ModelPagesTest, LastReferenceEndsTheUnmap) {
  const State state = PlayTo(R"(
p0 = dev_pagemap generic 0x100000000-0x1001fffff -> ok
memremap_pages p0 -> ok 0x100000000
get_dev_pagemap 0x100000 -> ok p0
get_dev_pagemap 0x100000 -> ok p0
memunmap_pages p0 -> would-block
memremap_pages p0 -> misuse
get_dev_pagemap 0x100000 -> NULL
get_dev_pagemap 0x100000 cached=p0 -> ok p0
put_dev_pagemap p0 -> ok
get_dev_pagemap 0x300000 cached=p0 -> NULL
)");
  Ledger idle;
  idle.pagemaps = state.ledger.pagemaps;
  EXPECT_EQ(state.ledger, idle);
}

TEST(ModelPagesTest, PagesOfDevicesHoldReferences) {
  const State state = PlayTo(R"(
p0 = dev_pagemap private 0x100000000-0x1001fffff -> ok
zone_device_page_init 0x100000 -> misuse
memremap_pages p0 -> ok 0x100000000
zone_device_page_init 0x100200 -> misuse
zone_device_page_init 0x1001ff -> ok
zone_device_page_init 0x100000 -> ok
zone_device_page_init 0x100000 -> misuse
get_page 0x100000 -> misuse
put_devmap_page 0x100000 refs=7 -> ok
free_zone_device_page 0x100001 -> misuse
free_zone_device_page 0x1001ff anon -> ok visits=1 0x1001ff-0x1001ff
memunmap_pages p0 -> would-block
zone_device_page_init 0x100001 -> ok warn=WARN_ON
free_zone_device_page 0x100001 -> misuse
)");
  EXPECT_EQ(state.ledger.pagemaps[0].refs, 1u);
  EXPECT_EQ(state.ledger.pages,
            (std::vector<PageUse>{{0x100000, 1, true}, {0x100001, 1, false}}));
}

TEST(ModelPagesTest, LastPageEndsTheUnmap) {
  const State state = PlayTo(R"(
p0 = dev_pagemap coherent 0x100000000-0x1001fffff -> ok
devm_memremap_pages d0 p0 -> ok 0x100000000
zone_device_page_init 0x100000 -> ok
unbind d0 -> would-block
zone_device_page_init 0x100001 -> ok warn=WARN_ON
free_zone_device_page 0x100000 -> ok visits=1 0x100000-0x100000
unbind d0 -> NULL
)");
  Ledger idle;
  idle.pagemaps = state.ledger.pagemaps;
  EXPECT_EQ(state.ledger, idle);
}

TEST(ModelPagesTest, OtherPagesGoBackToTheirDriver) {
  PlayTo(R"(
p0 = dev_pagemap generic 0x100000000-0x1001fffff -> ok
p1 = dev_pagemap p2pdma 0x200000000-0x2001fffff lacks=page_free -> ok
p2 = dev_pagemap fsdax 0x300000000-0x3001fffff -> ok
memremap_pages p0 -> ok 0x100000000
memremap_pages p1 -> ok 0x200000000
memremap_pages p2 -> ok 0x300000000
zone_device_page_init 0x100000 -> misuse
free_zone_device_page 0x100000 -> ok visits=1 0x100000-0x100000
free_zone_device_page 0x200000 -> ok warn=WARN_ON
free_zone_device_page 0x300000 -> misuse
put_devmap_page 0x100000 refs=1 -> ok
memunmap_pages p0 -> ok
free_zone_device_page 0x100000 -> misuse
)");
}

TEST(ModelPagesTest, IdlePagesOfFsdaxWakeWhoWaits) {
  const State state = PlayTo(R"(
p0 = nvdimm_setup_pfn fsdax 0x100000000-0x107ffffff align=1 -> ok 0x400000
memremap_pages p0 -> ok 0x100000000 visits=1 0x100200-0x1003ff
get_page 0x1003ff -> misuse
get_page 0x100400 -> ok
get_page 0x100400 -> ok
get_page 0x107fff -> ok
put_devmap_page 0x100400 refs=0 -> misuse
put_devmap_page 0x100400 refs=3 -> misuse
put_devmap_page 0x100400 refs=1 -> ok 0x1
put_devmap_page 0x100400 refs=1 -> ok 0x1 visits=1 0x100400-0x100400
put_devmap_page 0x100400 refs=1 -> misuse
)");
  EXPECT_EQ(state.ledger.pages, (std::vector<PageUse>{{0x107fff, 2, false}}));
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// Device memory in a state: its digest and its text.
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/device_memory.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// With no field at 0.
Ledger FullLedger() {
  Pagemap pagemap;
  pagemap.number = 3;
  pagemap.phase = Pagemap::Phase::kDying;
  pagemap.releasing = true;
  pagemap.device = 2;
  pagemap.type = kMemoryFsDax;
  pagemap.shift = 9;
  pagemap.lacks = kLacksOwner;
  pagemap.nr_range = 2;
  pagemap.ranges[0] = {0x100000000, 0x10fffffff};
  pagemap.ranges[1] = {0x200000000, 0x2001fffff};
  pagemap.refs = 5;
  pagemap.gets = 4;
  pagemap.altmap = {.valid = true,
                    .base_pfn = 0x100000,
                    .end_pfn = 0x10ffff,
                    .reserve = 2,
                    .free = 1534,
                    .align = 510,
                    .alloc = 1024,
                    .parent = R(1),
                    .res = VmemmapSlot(3),
                    .res_gone = true};
  Ledger ledger;
  ledger.devres = {{.device = 1, .slot = 3, .pagemap = true}};
  ledger.pagemaps = {pagemap};
  ledger.lookup = {{{0x100000, 0x10ffff}, 3}};
  ledger.pages = {{0x100800, 2, true}};
  ledger.memory = {1, 2, 3, 4, 5};
  ledger.fail_step = MapStep::kKasan;
  ledger.fail_step_nth = 2;
  ledger.live = 3;
  return ledger;
}

// FullLedger() but for one field each.
std::vector<Ledger> OtherLedgers() {
  std::vector<Ledger> ledgers;
  const auto but = [&ledgers](const std::function<void(Ledger&)>& change) {
    ledgers.push_back(FullLedger());
    change(ledgers.back());
  };
  const auto but_pagemap = [&](const std::function<void(Pagemap&)>& change) {
    but([&change](Ledger& it) { change(it.pagemaps[0]); });
  };
  but_pagemap([](Pagemap& it) { it.number = 4; });
  but_pagemap([](Pagemap& it) { it.phase = Pagemap::Phase::kMapped; });
  but_pagemap([](Pagemap& it) { it.releasing = false; });
  but_pagemap([](Pagemap& it) { it.device = 1; });
  but_pagemap([](Pagemap& it) { it.type = 9; });
  but_pagemap([](Pagemap& it) { it.shift = 8; });
  but_pagemap([](Pagemap& it) { it.lacks = kLacksOps; });
  but_pagemap([](Pagemap& it) { it.nr_range = 1; });
  but_pagemap([](Pagemap& it) { it.ranges[1].end += 1; });
  but_pagemap([](Pagemap& it) { it.refs = 6; });
  but_pagemap([](Pagemap& it) { it.gets = 5; });
  but_pagemap([](Pagemap& it) { it.altmap.valid = false; });
  but_pagemap([](Pagemap& it) { it.altmap.base_pfn = 1; });
  but_pagemap([](Pagemap& it) { it.altmap.end_pfn = 1; });
  but_pagemap([](Pagemap& it) { it.altmap.reserve = 1; });
  but_pagemap([](Pagemap& it) { it.altmap.free = 1; });
  but_pagemap([](Pagemap& it) { it.altmap.align = 1; });
  but_pagemap([](Pagemap& it) { it.altmap.alloc = 1; });
  but_pagemap([](Pagemap& it) { it.altmap.parent = kNoSlot; });
  but_pagemap([](Pagemap& it) { it.altmap.res = kNoSlot; });
  but_pagemap([](Pagemap& it) { it.altmap.res_gone = false; });
  but([](Ledger& it) { it.devres[0].pagemap = false; });
  but([](Ledger& it) { it.pagemaps.clear(); });
  but([](Ledger& it) { it.lookup[0].pagemap = 1; });
  but([](Ledger& it) { it.lookup[0].pfns.end = 1; });
  but([](Ledger& it) { it.pages[0].pfn = 1; });
  but([](Ledger& it) { it.pages[0].count = 1; });
  but([](Ledger& it) { it.pages[0].holds_ref = false; });
  but([](Ledger& it) { it.memory.zone_pages = 0; });
  but([](Ledger& it) { it.memory.memory_pages = 0; });
  but([](Ledger& it) { it.memory.shadow_bytes = 0; });
  but([](Ledger& it) { it.memory.tracked_bytes = 0; });
  but([](Ledger& it) { it.memory.managed = 0; });
  but([](Ledger& it) { it.fail_step = MapStep::kXaStore; });
  but([](Ledger& it) { it.fail_step_nth = 1; });
  return ledgers;
}

TEST(DeviceMemoryDigestTest, DependsOnEveryFieldAndSoDoesTheText) {
  std::set<uint64_t> digests = {LedgerDigest(FullLedger()), 0};
  std::set<std::string> texts = {LedgerText({{}, FullLedger()}, {})};
  for (const Ledger& ledger : OtherLedgers()) {
    EXPECT_FALSE(ledger == FullLedger());
    EXPECT_TRUE(digests.insert(LedgerDigest(ledger)).second);
    EXPECT_TRUE(texts.insert(LedgerText({{}, ledger}, {})).second)
        << LedgerText({{}, ledger}, {});
  }
}

TEST(DeviceMemoryTextTest, ShowsWhatThereIs) {
  EXPECT_EQ(LedgerText({{}, FullLedger()}, {}),
            "d1: pagemap p3\n"
            "p3: fsdax 0x100000000-0x10fffffff 0x200000000-0x2001fffff shift=9 "
            "lacks=owner dying releasing from d2 refs=5 gets=4 altmap "
            "0x100000-0x10ffff reserve=2 free=1534 align=510 alloc=1024 "
            "parent=r1 res=v3 (freed)\n"
            "lookup: 0x100000-0x10ffff p3\n"
            "page 0x100800: count=2 ref\n"
            "memory: zone=1 memory=2 shadow=0x3 tracked=0x4 managed=5\n"
            "fail_step kasan nth=2\n");
  Ledger idle;
  idle.pagemaps = {{.number = 0, .type = 7}};
  EXPECT_EQ(LedgerText({{}, idle}, {}), "p0: 7\n");
}

}  // namespace
}  // namespace restree

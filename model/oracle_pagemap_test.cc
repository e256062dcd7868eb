// SPDX-License-Identifier: Apache-2.0
//
// What an oracle knows of pagemaps, altmaps and pages.
#include <cstdint>

#include "gtest/gtest.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/oracle_testing.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr Range kTwo = {0x100000000, 0x1001fffff};
constexpr Range kNext = {0x100200000, 0x1003fffff};

Op Map(uint32_t n) { return OfPagemap(Verb::kMemremap, n); }
Op Unmap(uint32_t n) { return OfPagemap(Verb::kMemunmap, n); }
Op Get(uint64_t pfn, uint32_t cached = kNoPagemap) {
  return AtPfn(Verb::kGetPagemap, pfn, 0,
               cached == kNoPagemap ? 0 : cached + 1);
}
Op IsValid(uint32_t n, uint64_t pfn) {
  return OfPagemap(Verb::kPfnValid, n, 0, {pfn, pfn});
}
Op Init(uint64_t pfn) { return AtPfn(Verb::kPageInit, pfn); }
Op Free(uint64_t pfn) { return AtPfn(Verb::kPageFree, pfn); }

TEST(OraclePagemapTest, WhatAnInfoBlockSays) {
  Oracle oracle = Play({
      {SetupPfn(0, {0x100000000, 0x10fffffff}, 0x200000), "ok 0x600000"},
      {Map(0), "ok 0x100000000 visits=1 0x100200-0x1005ff"},
  });
  EXPECT_EQ(oracle.Apply(SetupPfn(0, kTwo, 1)).outcome, Outcome::kMisuse);
  Play({
      {SetupPfn(0, kTwo, 3), "EINVAL"},
      {SetupPfn(0, kTwo, 0), "EINVAL"},
      {SetupPfn(0, kTwo, 1), "ENXIO"},
      {SetupPfn(0, {0x100000000, 0x1003fffff}, 1), "ok 0x200000"},
      {SetupPfn(0, {0x100000800, 0x1003fffff}, 1), "ENXIO"},
      {SetupPfn(0, {0x100000000, 0x1003ff7ff}, 1), "ENXIO"},
      {SetupPfn(0, {0x100400000, 0x1003fefff}, 1), "ENXIO"},
      {SetupPfn(0, {0, UINT64_MAX}, 1), "ENXIO"},
      {SetupPfn(0, {0x100000000, 0x100001fff}, 1), "ENXIO"},
      {SetupPfn(0, {0x100000000, 0x1003fffff}, uint64_t{1} << 63), "ENXIO"},
      {OfPagemap(Verb::kAltmapOffset, 0), "ok 0x200"},
  });
}

TEST(OraclePagemapTest, AltmapsHaveLimits) {
  Play({
      {NewAltmap(0, 0, 0, 0), "misuse"},
      {NewPagemap(0, kMemoryFsDax, kTwo), "ok"},
      {OfPagemap(Verb::kAltmapOffset, 0), "ok"},
      {OfPagemap(Verb::kAltmapAlloc, 0, 4096), "misuse"},
      {NewAltmap(0, kAltmapPagesMax, 0, 0), "ok"},
      {NewAltmap(0, kAltmapPagesMax, 0, 1), "misuse"},
      {NewAltmap(0, UINT64_MAX, 0, 2), "misuse"},
      {NewAltmap(0, 1, UINT64_MAX, 1), "misuse"},
      {NewAltmap(0, 0, 0, 0, R(1)), "misuse"},
      {NewAltmap(0, 0, 0, 0, kIomem), "ok"},
  });
}

TEST(OraclePagemapTest, BlocksAreAligned) {
  Play({
      {NewPagemap(0, kMemoryFsDax, kTwo), "ok"},
      {NewAltmap(0, 0x100000, 1, 20), "ok"},
      {OfPagemap(Verb::kAltmapAlloc, 0, 0), "misuse"},
      {OfPagemap(Verb::kAltmapAlloc, 0, 4095), "NULL warn=other"},
      {OfPagemap(Verb::kAltmapAlloc, 0, 0x4000),
       "ok visits=1 0x100004-0x100007"},
      {OfPagemap(Verb::kAltmapAlloc, 0, 0x3000),
       "ok visits=1 0x100008-0x10000a"},
      {OfPagemap(Verb::kAltmapAlloc, 0, 0x6000),
       "ok visits=1 0x10000c-0x100011"},
      {OfPagemap(Verb::kAltmapAlloc, 0, 0x4000), "NULL"},
      {OfPagemap(Verb::kAltmapAlloc, 0, 0x3000),
       "ok visits=1 0x100012-0x100014"},
      {OfPagemap(Verb::kAltmapAlloc, 0, 0x1000), "NULL"},
      {OfPagemap(Verb::kAltmapAlloc, 0, uint64_t{1} << 63), "NULL"},
      {OfPagemap(Verb::kAltmapFree, 0, 17), "misuse"},
      {OfPagemap(Verb::kAltmapFree, 0, 16), "ok"},
      {OfPagemap(Verb::kAltmapAlloc, 0, 0x1000),
       "ok visits=1 0x100005-0x100005"},
  });
}

TEST(OraclePagemapTest, PfnsOfAPagemap) {
  Play({
      {NewPagemap(0, kMemoryFsDax, kNext), "ok"},
      {OfPagemap(Verb::kAddRange, 0, 0, kTwo), "ok"},
      {NewAltmap(0, 0x100200, 2, 6), "ok"},
      {IsValid(0, 0x1001ff), "ok 0x1"},
      {IsValid(0, 0x100200), "ok 0x0"},
      {IsValid(0, 0x100207), "ok 0x0"},
      {IsValid(0, 0x100208), "ok 0x1"},
      {IsValid(0, 0x1003ff), "ok 0x1"},
      {IsValid(0, 0x100400), "ok 0x0"},
      {IsValid(0, 0x100000), "ok 0x1"},
      {IsValid(0, 0x0fffff), "ok 0x0"},
      {IsValid(1, 0), "misuse"},
  });
}

TEST(OraclePagemapTest, ReferencesToPagemaps) {
  Play({
      {NewPagemap(0, kMemoryFsDax, kTwo), "ok"},
      {NewPagemap(1, kMemoryFsDax, kNext), "ok"},
      {Get(0x100000), "NULL"},
      {Map(0), "ok"},
      {Map(1), "ok"},
      {Get(0x100000, 0), "misuse"},
      {Get(0x100000), "ok p0"},
      {Get(0x100000 + (uint64_t{1} << 52)), "ok p0"},
      {Get(0x100001, 0), "ok p0"},
      {Get(0x100200, 0), "ok p1"},
      {OfPagemap(Verb::kPutPagemap, 0), "ok"},
      {OfPagemap(Verb::kPutPagemap, 0), "misuse"},
      // The reference that is put was the last.
      {Unmap(1), "would-block"},
      {Get(0x100200, 1), "ok p1"},
      {Get(0x100000, 1), "ok p0"},
      {Map(1), "ok"},
      {Get(0x100400, 0), "NULL"},
      {Get(0x100000, 7), "misuse"},
  });
}

TEST(OraclePagemapTest, PagesThatHoldReferences) {
  Oracle oracle = Play({
      {NewPagemap(0, kMemoryPrivate, kTwo), "ok"},
      {Init(0x100000), "misuse"},
      {Map(0), "ok"},
      {Free(0x100000), "misuse"},
      {Init(0x100000), "ok"},
      {Init(0x100000), "misuse"},
      {Init(0x100001), "ok"},
      {AtPfn(Verb::kPagePut, 0x100001, 9), "ok"},
      {AtPfn(Verb::kPageGet, 0x100001), "misuse"},
      {Init(0x100200), "misuse"},
      {Unmap(0), "would-block"},
      {Init(0x100002), "ok warn=WARN_ON"},
      {Free(0x100002), "misuse"},
      {Free(0x100001), "ok visits=1 0x100001-0x100001"},
  });
  EXPECT_EQ(LedgerOf(oracle),
            "p0: private 0x100000000-0x1001fffff dying refs=1\n"
            "lookup: 0x100000-0x1001ff p0\n"
            "page 0x100000: count=1 ref\n"
            "page 0x100002: count=1\n"
            "memory: zone=512 memory=512 shadow=0x0 tracked=0x200000 "
            "managed=0\n");
  EXPECT_EQ(ObservationText(oracle.Apply(Free(0x100000))),
            "ok visits=1 0x100000-0x100000");
  EXPECT_EQ(LedgerOf(oracle), "p0: private 0x100000000-0x1001fffff\n");
}

TEST(OraclePagemapTest, PagesThatAreAlwaysThere) {
  const Op get = AtPfn(Verb::kPageGet, 0x100000);
  Oracle oracle = Play({
      {NewPagemap(0, kMemoryFsDax, kTwo), "ok"},
      {NewPagemap(1, kMemoryGeneric, kNext), "ok"},
      {Map(0), "ok"},
      {Map(1), "ok"},
      {Init(0x100000), "misuse"},
      {Free(0x100000), "misuse"},
      {AtPfn(Verb::kPagePut, 0x100000, 1), "misuse"},
      {get, "ok"},
      {get, "ok"},
      {AtPfn(Verb::kPagePut, 0x100000, 3), "misuse"},
      {AtPfn(Verb::kPagePut, 0x100000, 0), "misuse"},
      {AtPfn(Verb::kPagePut, 0x100000, 2), "ok 0x1 visits=1 0x100000-0x100000"},
      {get, "ok"},
      {get, "ok"},
      {AtPfn(Verb::kPagePut, 0x100000, 1), "ok 0x1"},
      {Free(0x100200), "ok visits=1 0x100200-0x100200"},
      {Unmap(1), "ok"},
      {NewPagemap(1, kMemoryGeneric, kNext, kLacksPageFree), "ok"},
      {Map(1), "ok"},
      {Free(0x100200), "ok warn=WARN_ON"},
      {Free(0x100400), "misuse"},
  });
  for (int count = 2; count < 1000; ++count) {
    EXPECT_EQ(oracle.Apply(get).outcome, Outcome::kOk);
  }
  EXPECT_EQ(oracle.Apply(get).outcome, Outcome::kMisuse);
  // They do not keep the mapping.
  EXPECT_EQ(oracle.Apply(Unmap(0)).outcome, Outcome::kOk);
}

}  // namespace
}  // namespace restree

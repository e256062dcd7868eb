// SPDX-License-Identifier: Apache-2.0
//
// How an oracle maps device memory and ends that.
#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/oracle_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// Four megabytes at 4 GiB, and the two behind them.
constexpr Range kFour = {0x100000000, 0x1003fffff};
constexpr Range kNext = {0x100400000, 0x1005fffff};
constexpr Range kSection = {0x108000000, 0x10fffffff};

Op Map(uint32_t n) { return OfPagemap(Verb::kMemremap, n); }
Op Unmap(uint32_t n) { return OfPagemap(Verb::kMemunmap, n); }
Op DevmMap(uint32_t device, uint32_t n) {
  return OfDevice(Verb::kDevmMemremap, device, n);
}
Op DevmUnmap(uint32_t device, uint32_t n) {
  return OfDevice(Verb::kDevmMemunmap, device, n);
}
Op Get(uint64_t pfn) { return AtPfn(Verb::kGetPagemap, pfn); }
Op Put(uint32_t n) { return OfPagemap(Verb::kPutPagemap, n); }

TEST(OracleMemremapTest, AMappingTakesMemoryAndGivesItBack) {
  const Oracle mapped = Play({
      {NewPagemap(1, kMemoryFsDax, kFour), "ok"},
      {Map(1), "ok 0x100000000"},
      {Map(1), "misuse"},
      {NewPagemap(1, kMemoryFsDax, kNext), "misuse"},
  });
  EXPECT_EQ(LedgerOf(mapped),
            "p1: fsdax 0x100000000-0x1003fffff mapped refs=1025\n"
            "lookup: 0x100000-0x1003ff p1\n"
            "memory: zone=1024 memory=1024 shadow=0x400000 tracked=0x400000 "
            "managed=1\n");
  Oracle oracle = mapped;
  EXPECT_EQ(ObservationText(oracle.Apply(Unmap(1))), "ok");
  EXPECT_EQ(LedgerOf(oracle), "p1: fsdax 0x100000000-0x1003fffff\n");
  EXPECT_EQ(ObservationText(oracle.Apply(Unmap(1))).substr(0, 6), "misuse");
}

TEST(OracleMemremapTest, TypesDifferInWhatTheyTake) {
  EXPECT_EQ(LedgerOf(Play({{NewPagemap(0, kMemoryPrivate, kFour), "ok"},
                           {Map(0), "ok 0x100000000"}})),
            "p0: private 0x100000000-0x1003fffff mapped refs=1\n"
            "lookup: 0x100000-0x1003ff p0\n"
            "memory: zone=1024 memory=1024 shadow=0x0 tracked=0x400000 "
            "managed=0\n");
  // Struct pages stand for 2^9 pages each.
  EXPECT_EQ(LedgerOf(Play({{NewPagemap(0, 77, kFour, 0, 9), "ok"},
                           {Map(0), "ok 0x100000000 warn=WARN_ON"}})),
            "p0: 77 0x100000000-0x1003fffff shift=9 mapped refs=3\n"
            "lookup: 0x100000-0x1003ff p0\n"
            "memory: zone=1024 memory=1024 shadow=0x400000 tracked=0x400000 "
            "managed=0\n");
}

TEST(OracleMemremapTest, WhatIsAskedOfAPagemap) {
  const uint32_t lacks[] = {kLacksOps, kLacksPageFree, kLacksMigrateToRam,
                            kLacksOwner};
  for (const uint32_t bit : lacks) {
    Play({{NewPagemap(0, kMemoryPrivate, kFour, bit), "ok"},
          {Map(0), "EINVAL warn=WARN_ON"},
          {NewPagemap(0, kMemoryGeneric, kFour, bit), "ok"},
          {Map(0), "ok"}});
  }
  Play({
      {NewPagemap(0, kMemoryCoherent, kFour, kLacksOps), "ok"},
      {Map(0), "misuse"},
      {NewPagemap(0, kMemoryCoherent, kFour, kLacksPageFree), "ok"},
      {Map(0), "EINVAL warn=WARN_ON"},
      {NewPagemap(0, kMemoryCoherent, kFour, kLacksOwner), "ok"},
      {Map(0), "EINVAL warn=WARN_ON"},
      {NewPagemap(0, kMemoryCoherent, kFour, kLacksMigrateToRam), "ok"},
      {Map(0), "ok"},
      {NewPagemap(1, kMemoryGeneric, kFour, kLacksRange), "ok"},
      {Map(1), "EINVAL warn=WARN_ON"},
      {Map(2), "misuse"},
  });
}

TEST(OracleMemremapTest, RangesThatCannotBeMapped) {
  const auto refused = [](Range range, absl::string_view want) {
    const Oracle oracle =
        Play({{NewPagemap(0, kMemoryFsDax, range), "ok"}, {Map(0), want}});
    State state;
    oracle.Snapshot(&state);
    EXPECT_EQ(state.ledger.live, 0u);
    EXPECT_EQ(state.ledger.memory, MemoryUse());
    EXPECT_TRUE(state.ledger.lookup.empty());
  };
  refused({0x100001000, 0x100200fff}, "EINVAL warn=WARN_ON");
  refused({0x100000000, 0x100000fff}, "EINVAL warn=WARN_ON");
  refused({0x100000800, 0x1002007ff}, "EINVAL warn=WARN_ON");
  refused({0x100200000, 0x100000fff}, "EINVAL");
  // In one page, so that the lookup takes it.
  refused({0x100000800, 0x1000007ff}, "EINVAL warn=other");
  refused({kPhysmemEnd - 0x1fffff, kPhysmemEnd + 0x200000},
          "EINVAL warn=other");
  refused({0, UINT64_MAX}, "EINVAL warn=other");
  Play({{NewPagemap(0, kMemoryFsDax, {kPhysmemEnd - 0x1fffff, kPhysmemEnd}),
         "ok"},
        {Map(0), "ok 0x3fffffe00000"}});
}

TEST(OracleMemremapTest, WhatIsThereAlready) {
  Play({
      {Request(1, kIomem, {0x100200000, 0x1002fffff}, kResourceSystemRam),
       "ok"},
      {NewPagemap(0, kMemoryFsDax, kFour), "ok"},
      {Map(0), "ENXIO warn=WARN_ON"},
      {NewPagemap(0, kMemoryFsDax, kNext), "ok"},
      {Map(0), "ok"},
      // Either end, and around it.
      {NewPagemap(1, kMemoryFsDax, {0x100500000, 0x1007fffff}), "ok"},
      {Map(1), "ENOMEM warn=WARN_ON"},
      {NewPagemap(1, kMemoryFsDax, {0x100300000, 0x1004fffff}), "ok"},
      {Map(1), "ENOMEM warn=WARN_ON"},
      {On(Verb::kRelease, R(1)), "ok"},
      {NewPagemap(1, kMemoryFsDax, {0x100000000, 0x1007fffff}), "ok"},
      {Map(1), "EEXIST"},
      // A mapping that goes is no longer found, but its memory is there.
      {Get(0x100400), "ok p0"},
      {Unmap(0), "would-block"},
      {NewPagemap(1, kMemoryFsDax, kNext), "ok"},
      {Map(1), "EEXIST"},
      {Put(0), "ok"},
      {Map(1), "ok"},
  });
}

TEST(OracleMemremapTest, ManyRangesAndOneThatFails) {
  const Op add = OfPagemap(Verb::kAddRange, 0, 0, kNext);
  Oracle oracle = Play({
      {NewPagemap(0, kMemoryGeneric, kFour), "ok"},
      {add, "ok"},
      {OfPagemap(Verb::kAddRange, 0, 0, kSection), "ok"},
      {Map(0), "ok 0x100000000"},
      {add, "misuse"},
  });
  EXPECT_EQ(LedgerOf(oracle),
            "p0: generic 0x100000000-0x1003fffff 0x100400000-0x1005fffff "
            "0x108000000-0x10fffffff mapped refs=34305\n"
            "lookup: 0x100000-0x1005ff p0\n"
            "lookup: 0x108000-0x10ffff p0\n"
            "memory: zone=34304 memory=34304 shadow=0x8600000 "
            "tracked=0x8600000 managed=0\n");
  oracle = Play({
      {NewPagemap(0, kMemoryGeneric, kNext), "ok"},
      {add, "ok"},
      {Map(0), "ENOMEM warn=WARN_ON"},
      {NewPagemap(0, kMemoryGeneric, kNext), "ok"},
      {OfPagemap(Verb::kAddRange, 0, 0, {0x100000000, 0x1007fffff}), "ok"},
      {Map(0), "EEXIST"},
      {add, "ok"},
      {add, "ok"},
      {add, "misuse"},
  });
  EXPECT_EQ(Books(oracle), "live 0");
}

TEST(OracleMemremapTest, StepsFailOnce) {
  for (uint32_t step = 0; step < kMapSteps; ++step) {
    const Oracle oracle = Play({
        {NewPagemap(0, kMemoryGeneric, kFour), "ok"},
        {OfPagemap(Verb::kAddRange, 0, 0, kNext), "ok"},
        {FailStep(static_cast<MapStep>(step), 2), "ok"},
        {Map(0), "ENOMEM"},
        {FailStep(static_cast<MapStep>(step), 3), "ok"},
        {Map(0), "ok"},
        {FailStep(static_cast<MapStep>(step), 0), "ok"},
    });
    EXPECT_EQ(Books(oracle), "live 1");
  }
  // Private memory has no shadow.
  const Oracle oracle = Play({{NewPagemap(0, kMemoryPrivate, kFour), "ok"},
                              {FailStep(MapStep::kKasan, 1), "ok"},
                              {Map(0), "ok"}});
  EXPECT_NE(LedgerOf(oracle).find("fail_step kasan nth=1"), std::string::npos);
}

TEST(OracleMemremapTest, AllocationsFail) {
  const Oracle oracle = Play({
      {NewPagemap(0, kMemoryFsDax, kFour), "ok"},
      {FailAlloc(1, 1), "ok"},
      {Map(0), "ENOMEM"},
      {FailAlloc(2, 1), "ok"},
      {DevmMap(3, 0), "ENOMEM"},
      {FailAlloc(2, 1), "ok"},
      {Map(0), "ok"},
  });
  EXPECT_EQ(Books(oracle), "live 1, fails 1 1");
}

TEST(OracleMemremapTest, AMappingWaitsForItsLastReference) {
  Oracle oracle = Play({
      {NewPagemap(0, kMemoryFsDax, kFour), "ok"},
      {Map(0), "ok"},
      {Get(0x100000), "ok p0"},
      {Get(0x1003ff), "ok p0"},
      {Unmap(0), "would-block"},
      {Get(0x100000), "NULL"},
      {Unmap(0), "misuse"},
      {Map(0), "misuse"},
      {Put(0), "ok"},
  });
  EXPECT_EQ(LedgerOf(oracle),
            "p0: fsdax 0x100000000-0x1003fffff dying refs=1 gets=1\n"
            "lookup: 0x100000-0x1003ff p0\n"
            "memory: zone=1024 memory=1024 shadow=0x400000 tracked=0x400000 "
            "managed=1\n");
  EXPECT_EQ(ObservationText(oracle.Apply(Put(0))), "ok");
  EXPECT_EQ(LedgerOf(oracle), "p0: fsdax 0x100000000-0x1003fffff\n");
}

TEST(OracleMemremapTest, DevicesMapToo) {
  Oracle oracle = Play({
      {NewPagemap(0, kMemoryFsDax, kFour), "ok"},
      {NewPagemap(1, kMemoryFsDax, kNext), "ok"},
      {DevmUnmap(3, 0), "ok warn=WARN_ON"},
      {DevmMap(3, 0), "ok 0x100000000"},
      {DevmMap(3, 1), "ok 0x100400000"},
      {Unmap(0), "misuse"},
      {DevmUnmap(4, 0), "ok warn=WARN_ON"},
  });
  EXPECT_EQ(Books(oracle), "live 4, d3 iomem, d3 ioport");
  oracle.Apply(Get(0x100000));
  EXPECT_EQ(ObservationText(oracle.Apply(DevmUnmap(3, 0))), "would-block");
  EXPECT_EQ(LedgerOf(oracle),
            "d3: pagemap p1\n"
            "p0: fsdax 0x100000000-0x1003fffff dying releasing from d3 refs=1 "
            "gets=1\n"
            "p1: fsdax 0x100400000-0x1005fffff mapped refs=513\n"
            "lookup: 0x100000-0x1003ff p0\n"
            "lookup: 0x100400-0x1005ff p1\n"
            "memory: zone=1536 memory=1536 shadow=0x600000 tracked=0x600000 "
            "managed=2\n");
  EXPECT_EQ(Books(oracle), "live 4, d3 ioport");
  const Op unbind = Of(3, Verb::kUnbind);
  EXPECT_EQ(oracle.Apply(unbind).outcome, Outcome::kMisuse);
  EXPECT_EQ(ObservationText(oracle.Apply(Put(0))), "ok");
  EXPECT_EQ(ObservationText(oracle.Apply(unbind)), "ok");
  EXPECT_EQ(ObservationText(oracle.Apply(unbind)), "NULL");
  EXPECT_EQ(Books(oracle), "live 0");
}

TEST(OracleMemremapTest, AMappingWithAnAltmapTakesItsBlocks) {
  // A part of a section: page by page.
  Oracle oracle = Play({
      {NewPagemap(0, kMemoryFsDax, kFour), "ok"},
      {NewAltmap(0, 0x100000, 2, 16), "ok"},
      {Map(0), "ok 0x100000000 visits=1 0x100002-0x100011"},
  });
  EXPECT_EQ(LedgerOf(oracle),
            "p0: fsdax 0x100000000-0x1003fffff mapped refs=1007 altmap "
            "0x100000-0x100000 reserve=2 free=16 alloc=16\n"
            "lookup: 0x100000-0x1003ff p0\n"
            "memory: zone=1024 memory=1024 shadow=0x400000 tracked=0x400000 "
            "managed=1\n");
  oracle.Apply(Unmap(0));
  EXPECT_EQ(LedgerOf(oracle),
            "p0: fsdax 0x100000000-0x1003fffff altmap 0x100000-0x100000 "
            "reserve=2 free=16\n");

  // A whole one and a part: what alignment costs is not given back.
  oracle = Play({
      {NewPagemap(0, kMemoryGeneric, {0x108000000, 0x1101fffff}), "ok"},
      {NewAltmap(0, 0x108000, 2, 2000), "ok"},
      {Map(0), "ok 0x108000000 visits=1 0x108200-0x108407"},
      {Unmap(0), "ok"},
      {Map(0), "ok 0x108000000 visits=1 0x108200-0x108407"},
      {Unmap(0), "ok"},
      {NewAltmap(0, 0x108000, 0, 520), "ok"},
      {Map(0), "ok 0x108000000 visits=1 0x108000-0x108207"},
      {Unmap(0), "ok"},
      {NewAltmap(0, 0x108000, 1, 1030), "ok"},
      {Map(0), "ENOMEM"},
  });
  EXPECT_NE(LedgerOf(oracle).find("free=1030 align=511\n"), std::string::npos);
}

TEST(OracleMemremapTest, AltmapsThatCannotBe) {
  Play({
      {NewPagemap(0, kMemoryFsDax, kFour), "ok"},
      {NewAltmap(0, 0x100001, 2, 16), "ok"},
      {Map(0), "EINVAL warn=other"},
      {NewAltmap(0, 0x100000, 1000, 25), "ok"},
      {Map(0), "EINVAL warn=other"},
      {NewAltmap(0, 0x100000, 1008, 16), "ok"},
      {Map(0), "ok"},
      {NewAltmap(0, 0x100000, 2, 16), "misuse"},
      {Unmap(0), "ok"},
      {NewAltmap(0, 0x100000, 1009, 15), "ok"},
      {Map(0), "ENOMEM"},
      // Left over, unless add_pages() got as far as to forget it.
      {OfPagemap(Verb::kAltmapAlloc, 0, 4096), "ok"},
      {FailStep(MapStep::kAddMemory, 1), "ok"},
      {Map(0), "ENOMEM warn=WARN_ON"},
      {Map(0), "ENOMEM"},
      {OfPagemap(Verb::kAltmapFree, 0, 1), "misuse"},
      // Of one range alone.
      {NewAltmap(0, 0x100000, 0, 64), "ok"},
      {OfPagemap(Verb::kAddRange, 0, 0, kNext), "ok"},
      {Map(0), "EINVAL warn=WARN_ON"},
  });
}

}  // namespace
}  // namespace restree

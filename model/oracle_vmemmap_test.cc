// SPDX-License-Identifier: Apache-2.0
//
// What an oracle does about the separate resource of an altmap, as proposed and
// as would be right, and what those see who dump memory.
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/oracle_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr auto kPatch = AltmapVariant::kPatch;
constexpr auto kSound = AltmapVariant::kSound;

constexpr Range kDevice = {0x100000000, 0x1003fffff};
constexpr Range kStorage = {0x100000000, 0x100011fff};

Op Map(uint32_t n) { return OfPagemap(Verb::kMemremap, n); }
Op Unmap(uint32_t n) { return OfPagemap(Verb::kMemunmap, n); }
Op DevmMap(uint32_t n) { return OfDevice(Verb::kDevmMemremap, 3, n); }
Op DevmUnmap(uint32_t n) { return OfDevice(Verb::kDevmMemunmap, 3, n); }
Op Get(uint64_t pfn) { return AtPfn(Verb::kGetPagemap, pfn); }
Op Put(uint32_t n) { return OfPagemap(Verb::kPutPagemap, n); }

// r1 is a device's memory, p0 its pagemap, with an altmap that names r1.
Oracle Prepared(AltmapVariant variant, uint64_t flags = kResourceMem) {
  return Play({{Request(1, kIomem, kDevice, flags), "ok"},
               {NewPagemap(0, kMemoryFsDax, kDevice), "ok"},
               {NewAltmap(0, 0x100000, 2, 16, R(1)), "ok"}},
              variant);
}

void Go(Oracle* oracle, const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    const std::string text = ObservationText(oracle->Apply(step.op));
    EXPECT_TRUE(Meets(text, step.want))
        << InfoOf(step.op.verb).name << ": " << text << ", want " << step.want;
  }
}

Altmap AltmapOf(const Oracle& oracle) {
  State state;
  oracle.Snapshot(&state);
  return state.ledger.pagemaps.front().altmap;
}

constexpr char kBefore[] = "iomem .r1 100000000-1003fffff ioport";
constexpr char kWith[] =
    "iomem .r1 100000000-1003fffff ..v0 100000000-100011fff ioport";

TEST(OracleVmemmapTest, NamesAndVariants) {
  EXPECT_EQ(Oracle().name(), "oracle");
  EXPECT_EQ(Oracle(kPatch).name(), "oracle:altmap=patch");
  EXPECT_EQ(Oracle(kSound).name(), "oracle:altmap=sound");
  EXPECT_EQ(Oracle(kSound).altmap(), kSound);
}

TEST(OracleVmemmapTest, MainlineRegistersNothing) {
  Oracle oracle = Prepared(AltmapVariant::kNone);
  Go(&oracle, {{DevmMap(0), "ok"}});
  EXPECT_EQ(Shape(oracle), kBefore);
  // Nor does it look at the parent.
  Go(&oracle, {{DevmUnmap(0), "ok"},
               {On(Verb::kRelease, R(1)), "ok"},
               {DevmMap(0), "ok"},
               {Root(1, {0, 1}), "ok"}});
}

TEST(OracleVmemmapTest, WhatWasProposed) {
  Oracle oracle = Prepared(kPatch);
  Go(&oracle, {{DevmMap(0), "ok 0x100000000 visits=1 0x100002-0x100011"}});
  EXPECT_EQ(Shape(oracle), kWith);
  const Row row = RowOf(oracle, VmemmapSlot(0));
  EXPECT_EQ(row.name, kNameVmemmap);
  EXPECT_EQ(row.flags, uint64_t{0xa0000000} | kResourceMem);
  EXPECT_EQ(row.desc, kDescNone);
  EXPECT_TRUE(row.region);
  EXPECT_EQ(Books(oracle), "live 3, d3 iomem");
  Go(&oracle, {{DevmUnmap(0), "ok"}});
  EXPECT_EQ(Shape(oracle), kBefore);
  // The pointer is not cleared.
  EXPECT_EQ(AltmapOf(oracle).res, VmemmapSlot(0));
  EXPECT_TRUE(AltmapOf(oracle).res_gone);
  Go(&oracle, {{DevmMap(0), "ok"}});
  EXPECT_FALSE(AltmapOf(oracle).res_gone);
  Go(&oracle, {{Of(3, Verb::kUnbind), "ok"}, {Map(0), "ok"}});
  EXPECT_EQ(Shape(oracle), kBefore);
}

TEST(OracleVmemmapTest, TheProposalIgnoresWhatFails) {
  // The region's allocation, or something in the way.
  Oracle oracle = Prepared(kPatch);
  Go(&oracle, {{FailAlloc(2, 1), "ok"}, {DevmMap(0), "ok"}});
  EXPECT_EQ(AltmapOf(oracle).res, kNoSlot);
  Go(&oracle, {{DevmUnmap(0), "ok"},
               {Region(2, R(1), {0x100000000, 0x100000fff}), "ok"},
               {DevmMap(0), "ok"}});
  EXPECT_EQ(AltmapOf(oracle).res, kNoSlot);
  Go(&oracle, {{DevmUnmap(0), "ok"}});
  // The entry's allocation undoes all.
  oracle = Prepared(kPatch);
  Go(&oracle, {{FailAlloc(3, 1), "ok"}, {DevmMap(0), "ENOMEM"}});
  EXPECT_EQ(Shape(oracle), kBefore);
  EXPECT_EQ(Books(oracle), "live 0");
}

TEST(OracleVmemmapTest, TheProposalReleasesByAddress) {
  // Somebody frees the region first.
  Oracle oracle = Prepared(kPatch);
  Go(&oracle, {{DevmMap(0), "ok"},
               {ReleaseRegion(R(1), kStorage), "ok"},
               {DevmUnmap(0), "ok warn=BUG"}});
  // Somebody takes it out of the tree, and it stays.
  oracle = Prepared(kPatch);
  Go(&oracle, {{DevmMap(0), "ok"},
               {On(Verb::kReleaseChildren, R(1)), "ok"},
               {DevmUnmap(0), "ok warn=nonexistent"},
               {DevmMap(0), "misuse"},
               {NewPagemap(0, kMemoryFsDax, kDevice), "misuse"},
               {NewAltmap(0, 0x100000, 2, 16), "misuse"}});
  EXPECT_EQ(Shape(oracle), std::string(kBefore) + " v0 0-11fff");
  EXPECT_FALSE(AltmapOf(oracle).res_gone);
  // Somebody else's lies where it says that it does.
  oracle = Prepared(kPatch);
  Go(&oracle, {{On(Verb::kRelease, R(1)), "ok"},
               {NewAltmap(0, 0x100000, 2, 16, kIomem), "ok"},
               {DevmMap(0), "ok"},
               {On(Verb::kReleaseChildren, kIomem), "ok"},
               {Region(2, kIomem, {0, 0x11fff}), "ok"},
               {DevmUnmap(0), "ok"}});
  EXPECT_EQ(Shape(oracle), "iomem ioport r1 100000000-1003fffff v0 0-11fff");
  // It goes while the mapping is in use.
  oracle = Prepared(kPatch);
  Go(&oracle, {{DevmMap(0), "ok"},
               {Get(0x100000), "ok p0"},
               {DevmUnmap(0), "would-block"}});
  EXPECT_EQ(Shape(oracle), kBefore);
  // What is below it would be lost.
  oracle = Prepared(kPatch);
  Go(&oracle, {{DevmMap(0), "ok"},
               {Request(2, VmemmapSlot(0), kStorage), "ok"},
               {DevmUnmap(0), "misuse"},
               {Of(3, Verb::kUnbind), "misuse"},
               {On(Verb::kRelease, R(2)), "ok"},
               {DevmUnmap(0), "ok"}});
}

TEST(OracleVmemmapTest, TheProposalReleasesWhatIsLeft) {
  // A part of the region goes, and the rest is what is released.
  Oracle oracle = Prepared(kPatch, kResourceSystemRam);
  Go(&oracle,
     {{On(Verb::kRelease, R(1)), "ok"},
      {NewAltmap(0, 0x100000, 2, 16, kIomem), "ok"},
      {DevmMap(0), "ok"},
      {New(Verb::kReleaseAdjustable, R(5), 0, {0x100004000, 0x100004fff}),
       "ok"},
      {DevmUnmap(0), "ok"}});
  EXPECT_EQ(Shape(oracle),
            "iomem .r5 100005000-100011fff ioport r1 100000000-1003fffff");
}

TEST(OracleVmemmapTest, MappingsOfMemory) {
  // What is busy must not be mapped by /dev/mem any more.
  Oracle oracle = Prepared(kPatch);
  Go(&oracle, {{On(Verb::kRelease, R(1)), "ok"},
               {NewAltmap(0, 0x100000, 2, 16, kIomem), "ok"},
               {On(Verb::kInitInode, 0), "ok"},
               {DevmMap(0),
                "ok 0x100000000 visits=2 0x100002-0x100011 "
                "0x100000000-0x100011fff"},
               {DevmUnmap(0), "ok"},
               {FailAlloc(3, 1), "ok"},
               {DevmMap(0), "ENOMEM visits=1 0x100000000-0x100011fff"}});
}

TEST(OracleVmemmapTest, WhatWouldBeRight) {
  Oracle oracle = Prepared(kSound);
  Go(&oracle, {{Map(0), "ok 0x100000000 visits=1 0x100002-0x100011"}});
  EXPECT_EQ(Shape(oracle), kWith);
  const Row row = RowOf(oracle, VmemmapSlot(0));
  EXPECT_EQ(row.name, kNameVmemmap);
  EXPECT_EQ(row.flags, kResourceMem | kResourceVmemmap | kResourceBusy);
  EXPECT_EQ(row.desc, kDescVmemmap);
  EXPECT_FALSE(row.region);
  EXPECT_EQ(Books(oracle), "live 1");
  Go(&oracle, {{Get(0x100000), "ok p0"}, {Unmap(0), "would-block"}});
  EXPECT_EQ(Shape(oracle), kWith);
  Go(&oracle, {{Put(0), "ok"}});
  EXPECT_EQ(Shape(oracle), kBefore);
  EXPECT_EQ(AltmapOf(oracle).res, kNoSlot);
  Go(&oracle, {{DevmMap(0), "ok"}});
  EXPECT_EQ(Shape(oracle), kWith);
  Go(&oracle, {{DevmUnmap(0), "ok"}});
  EXPECT_EQ(Shape(oracle), kBefore);
}

TEST(OracleVmemmapTest, WhatFailsLeavesNothing) {
  Oracle oracle = Prepared(kSound);
  Go(&oracle, {{FailAlloc(1, 1), "ok"},
               {Map(0), "ENOMEM"},
               {FailAlloc(2, 1), "ok"},
               {DevmMap(0), "ENOMEM"},
               {FailStep(MapStep::kAddMemory, 1), "ok"},
               {Map(0), "ENOMEM"}});
  EXPECT_EQ(Shape(oracle), kBefore);
  Go(&oracle, {{Region(2, R(1), {0x100000000, 0x100000fff}), "ok"},
               {Map(0), "EBUSY r2"},
               {DevmMap(0), "EBUSY r2"},
               // What the mapping refuses is not asked for.
               {NewAltmap(0, 0x100001, 2, 16, R(1)), "ok"},
               {Map(0), "EINVAL warn=other"},
               {NewAltmap(0, 0x100000, 1000, 1000, R(1)), "ok"},
               {Map(0), "EINVAL warn=other"},
               {NewAltmap(0, 0x100000, 0, 0, R(1)), "ok"},
               {Map(0), "ENOMEM"}});
  EXPECT_EQ(Books(oracle), "live 1");
}

TEST(OracleVmemmapTest, WhoHoldsIt) {
  for (const AltmapVariant variant : {kPatch, kSound}) {
    Oracle oracle = Prepared(variant);
    const Slot v0 = VmemmapSlot(0);
    Go(&oracle, {{DevmMap(0), "ok"},
                 {On(Verb::kRelease, v0), "misuse"},
                 {On(Verb::kRemove, v0), "misuse"},
                 {Adjust(v0, {0, 1}), "misuse"},
                 {On(Verb::kMerge, v0), "misuse"},
                 {Of(0, Verb::kListAdd, v0), "misuse"},
                 {Of(0, Verb::kListDestroy, v0), "NULL"},
                 {Of(3, Verb::kDevmRelease, v0), "misuse"},
                 {On(Verb::kReleaseChildren, v0), "ok"},
                 {On(Verb::kSize, v0), "ok 0x12000"},
                 {On(Verb::kRelease, R(1)), "ok"},
                 {Again(Verb::kRequestAgain, kIomem, v0), "misuse"},
                 {Root(1, {0, 1}), "misuse"}});
    Go(&oracle, {{On(Verb::kReleaseChildren, R(1)), "ok"},
                 {Root(1, {0, 1}), "misuse"},
                 {Again(Verb::kRequestAgain, kIomem, v0), "misuse"},
                 {DevmUnmap(0), variant == kSound ? "ok warn=WARN_ON"
                                                  : "ok warn=nonexistent"},
                 {Root(1, {0, 1}), "ok"},
                 {DevmMap(0), variant == kSound ? "EBUSY r1" : "misuse"}});
  }
}

TEST(OracleVmemmapTest, TheParentMayBeNoMore) {
  for (const AltmapVariant variant : {kPatch, kSound}) {
    Oracle oracle = Prepared(variant);
    Go(&oracle, {{Region(2, R(1), kStorage), "ok"},
                 {NewAltmap(0, 0x100000, 2, 16, R(2)), "ok"},
                 {ReleaseRegion(R(1), kStorage), "ok"},
                 {Map(0), "misuse"},
                 {DevmMap(0), "misuse"}});
  }
}

TEST(OracleVmemmapTest, ItIsNobodyElses) {
  Oracle oracle = Prepared(kSound);
  const Slot v0 = VmemmapSlot(0);
  // Its children move up.
  Go(&oracle, {{Map(0), "ok"},
               {ReleaseRegion(R(1), kStorage), "misuse"},
               {Request(2, v0, kStorage), "ok"},
               {Unmap(0), "ok"}});
  EXPECT_EQ(Shape(oracle),
            "iomem .r1 100000000-1003fffff ..r2 100000000-100011fff ioport");
  // Whoever points at it keeps it.
  Go(&oracle, {{On(Verb::kRelease, R(2)), "ok"},
               {Map(0), "ok"},
               {Of(5, Verb::kDevmRequestRegion, R(4), v0, kStorage), "ok"},
               {Unmap(0), "misuse"},
               {Get(0x100000), "ok p0"},
               {Unmap(0), "would-block"},
               {Put(0), "misuse"},
               {AtPfn(Verb::kGetPagemap, 0x100400, 0, 1), "misuse"},
               {AtPfn(Verb::kGetPagemap, 0x100000, 0, 1), "ok p0"},
               {Of(5, Verb::kUnbind), "ok"},
               {Put(0), "ok"}});
  // So does who is below it, where nobody else is.
  Go(&oracle, {{Map(0), "ok"},
               {On(Verb::kReleaseChildren, R(1)), "ok"},
               {Request(2, v0, {0, 0xfff}), "ok"},
               {Unmap(0), "misuse"},
               {On(Verb::kRelease, R(2)), "ok"},
               {Unmap(0), "ok warn=WARN_ON"}});
  EXPECT_EQ(Shape(oracle), "iomem .r1 100000000-1003fffff ioport r2 0-fff");
}

TEST(OracleVmemmapTest, WhatIsDumped) {
  const Range low = {0x1000, 0x8fff};
  Op named = Request(2, kIomem, low, kResourceSystemRam | kResourceBusy);
  named.name = 1;
  Op inner = Request(3, R(2), {0x1000, 0x1fff});
  inner.name = 1;
  Op tools = Dump(DumpView::kKexecTools);
  const auto dump = [&](AltmapVariant variant) {
    Oracle oracle = Prepared(variant);
    Go(&oracle, {{named, "ok"}, {inner, "ok"}, {DevmMap(0), "ok"}});
    Go(&oracle, {{Dump(DumpView::kKexecFile), "ok visits=1 0x1000-0x8fff"},
                 {tools, "ok visits=0"}});
    tools.name = 1;
    Go(&oracle, {{tools, "ok visits=2 0x1000-0x1fff 0x1000-0x8fff"}});
    tools.name = 0;
    const Observation seen = oracle.Apply(Dump(DumpView::kKexecFileVmemmap));
    EXPECT_EQ(seen.visits[0].flags, 0u);
    return ObservationText(seen);
  };
  EXPECT_EQ(dump(AltmapVariant::kNone), "ok visits=1 0x1000-0x8fff");
  const char both[] = "ok visits=2 0x1000-0x8fff 0x100000000-0x100011fff";
  EXPECT_EQ(dump(kPatch), both);
  EXPECT_EQ(dump(kSound), both);
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/oracle_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr uint64_t kMax = UINT64_MAX;
constexpr uint64_t kSection = kSectionBytes;
constexpr NameId kName = 7;

Op AllocFree(uint32_t n, Slot base, uint64_t size, uint64_t align) {
  Op op = New(Verb::kAllocFree, R(n), base, {});
  op.size = size;
  op.align = align;
  op.name = kName;
  return op;
}

Op RequestFree(uint32_t n, Slot base, uint64_t size) {
  Op op = New(Verb::kRequestFree, R(n), base, {});
  op.size = size;
  op.name = kName;
  return op;
}

Op DevmRequestFree(uint32_t device, uint32_t n, Slot base, uint64_t size) {
  Op op = Of(device, Verb::kDevmRequestFree, R(n), base);
  op.size = size;
  return op;
}

// Sections by number, counted from 0 or, below 0, from the highest.
Range Sections(int64_t first, int64_t last) {
  constexpr int64_t kSections = (kPhysmemEnd + 1) / kSectionBytes;
  const auto start = [](int64_t i) {
    return static_cast<uint64_t>(i < 0 ? i + kSections : i) * kSection;
  };
  return {start(first), start(last) + kSection - 1};
}

TEST(OracleFree, AllocFreeTakesTheLowestPlace) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0, 0x17ff}), "ok"},
      {Request(2, kIomem, {0x4800, 0x48ff}), "ok"},
      {AllocFree(3, kIomem, 0x1000, 0x1000), "ok"},  // behind r1
      {AllocFree(4, kIomem, 0x1001, 0x1000), "ok"},  // a size is aligned too
      {AllocFree(5, kIomem, 1, 0x1000), "ok"},
      {AllocFree(6, kIomem, 1, 1), "ok"},
      {AllocFree(7, kIomem, 0x1000, 0), "misuse (no power of two)"},
      {AllocFree(7, kIomem, 0x1000, 3), "misuse (no power of two)"},
      {AllocFree(2, kIomem, 1, 1),
       "misuse (the resource is in a tree already)"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r1 0-17ff .r6 1800-1800 .r3 2000-2fff .r5 3000-3fff "
            ".r2 4800-48ff .r4 5000-6fff ioport");
  const Row row = RowOf(oracle, R(3));
  EXPECT_EQ(row.flags, kResourceMem);
  EXPECT_EQ(row.desc, 0u);
  EXPECT_EQ(row.name, kName);
  EXPECT_TRUE(row.region);
  EXPECT_EQ(Books(oracle), "live 4");
}

TEST(OracleFree, AllocFreeStartsNoLowerThanItsAlignment) {
  const Oracle oracle = Play({
      {AllocFree(1, kIomem, 0x10, 0x10), "ok"},
      {Root(2, {5, 0x2f}), "ok"},
      {AllocFree(3, R(2), 4, 4), "ok"},
      {AllocFree(4, R(2), 0x10, 0x10), "ok"},
      {AllocFree(5, R(2), 0x10, 0x10), "ok"},
      {AllocFree(6, R(2), 0x10, 0x10), "ERANGE"},
      {AllocFree(6, R(2), 0, 1), "ERANGE"},
      {AllocFree(6, R(2), kMax, 2), "ERANGE"},  // aligned, it is 0
      {AllocFree(6, R(2), kMax, 1), "ERANGE"},
      {AllocFree(6, kIomem, 1, uint64_t{1} << 63), "ERANGE"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r1 10-1f ioport r2 5-2f .r3 8-b .r4 10-1f .r5 20-2f");
}

TEST(OracleFree, AllocFreeStaysBelowTheHighestAddress) {
  const uint64_t end = kPhysmemEnd;
  const Oracle oracle = Play({
      {Root(1, {end - 0xf, kMax}), "ok"},
      {AllocFree(2, R(1), 0x10, 0x10), "ok"},
      {AllocFree(3, R(1), 0x10, 0x10), "ERANGE"},
      {Root(4, {end - 0xf, kMax}), "ok"},
      {AllocFree(5, R(4), 0x11, 1), "ERANGE"},
      {AllocFree(5, R(4), kMax, 1), "ERANGE"},  // would wrap
      {Root(6, {end + 1, kMax}), "ok"},
      {AllocFree(5, R(6), 1, 1), "ERANGE"},
      {Root(7, {9, 3}), "ok"},
      {AllocFree(5, R(7), 1, 1), "ERANGE"},
      {Root(8, kAll), "ok"},
      {Request(9, R(8), kAll), "ok"},
      {AllocFree(5, R(8), 1, 1), "ERANGE"},
  });
  EXPECT_EQ(RowOf(oracle, R(2)).range, (Range{end - 0xf, end}));
}

TEST(OracleFree, RequestFreeTakesTheHighestPlace) {
  const Oracle oracle = Play({
      {Request(1, kIomem, Sections(-2, -2)), "ok"},
      {RequestFree(2, kIomem, 1), "ok"},
      {RequestFree(3, kIomem, 2 * kSection), "ok"},
      {RequestFree(4, kIomem, kSection), "ok"},
      {RequestFree(1, kIomem, 1), "misuse (the resource is in a tree already)"},
  });
  EXPECT_EQ(RowOf(oracle, R(2)).range, Sections(-1, -1));
  EXPECT_EQ(RowOf(oracle, R(3)).range, Sections(-4, -3));
  EXPECT_EQ(RowOf(oracle, R(4)).range, Sections(-5, -5));
  const Row row = RowOf(oracle, R(2));
  EXPECT_EQ(row.flags, kResourceMem | kResourceBusy);
  EXPECT_EQ(row.desc, kDescDevicePrivateMemory);
  EXPECT_EQ(row.name, kName);
  EXPECT_TRUE(row.region);
  EXPECT_EQ(Books(oracle), "live 3");
}

TEST(OracleFree, RequestFreeKeepsItsDistanceFromTheEnd) {
  // Places are counted down from the end of the base, whatever that is.
  const uint64_t end = 8 * kSection + 4;
  const Oracle oracle = Play({
      {Request(1, kIomem, {3, end}), "ok"},
      {Request(2, R(1), {6 * kSection, 6 * kSection}), "ok"},
      {RequestFree(3, R(1), kSection), "ok"},
      {RequestFree(4, R(1), kSection), "ok"},
      {RequestFree(5, R(1), 3 * kSection), "ok"},
      {RequestFree(6, R(1), kSection), "ok"},
      {RequestFree(7, R(1), kSection), "ERANGE"},
  });
  const auto at = [](uint64_t section, uint64_t sections) {
    return Range::OfSize(section * kSection + 5, sections * kSection);
  };
  EXPECT_EQ(RowOf(oracle, R(3)).range, at(7, 1));
  EXPECT_EQ(RowOf(oracle, R(4)).range, at(6, 1));
  EXPECT_EQ(RowOf(oracle, R(5)).range, at(2, 3));
  EXPECT_EQ(RowOf(oracle, R(6)).range, at(1, 1));
  EXPECT_EQ(RowOf(oracle, R(6)).parent, R(1));
}

TEST(OracleFree, RequestFreeFindsNothingBelowOneSection) {
  Play({
      {Root(1, {0, 2 * kSection - 1}), "ok"},
      {RequestFree(2, R(1), kSection), "ERANGE"},  // starts at one section
      {Root(1, {0, 2 * kSection}), "ok"},
      {RequestFree(2, R(1), kSection), "ok"},
      {RequestFree(3, R(1), 0), "ERANGE"},
      {RequestFree(3, R(1), kMax), "ERANGE"},  // aligned, it is 0
      {RequestFree(3, R(1), uint64_t{1} << 63), "ERANGE"},
      {RequestFree(3, kIoport, 1), "ERANGE"},
      {Root(4, {9, 3}), "ok"},
      {RequestFree(3, R(4), 1), "ERANGE"},
      {Root(5, {kPhysmemEnd, kMax}), "ok"},
      {RequestFree(3, R(5), 1), "ERANGE"},
      {RequestFree(3, R(9), 1), "misuse (the parent does not exist)"},
  });
}

TEST(OracleFree, RequestFreeGetsOneTryBelowIomem) {
  const Oracle oracle = Play({
      {Root(1, {0, 8 * kSection}), "ok"},
      {Request(2, kIomem, {8 * kSection, 8 * kSection}, kResourceBusy,
               kDescDevicePrivateMemory),
       "ok"},
      {RequestFree(3, R(1), 1), "ERANGE warn=unaddressable"},
      {Request(4, R(1), {8 * kSection, 8 * kSection}), "ok"},
      // It descends as request_region does, and not to the base.
      {Request(5, kIomem, {0, 8 * kSection - 1}, kResourceSysram, 3), "ok"},
      {RequestFree(3, R(1), 1), "ok"},
      {RequestFree(6, R(1), 1), "ERANGE"},  // r3 lies not below r1
  });
  const Row row = RowOf(oracle, R(3));
  EXPECT_EQ(row.range, Range::OfSize(6 * kSection + 1, kSection));
  EXPECT_EQ(row.parent, R(5));
  EXPECT_EQ(row.flags, kResourceSysram | kResourceBusy);
  EXPECT_EQ(row.desc, kDescDevicePrivateMemory);
  EXPECT_EQ(Books(oracle), "live 1");
}

TEST(OracleFree, ADeviceOwnsWhatItRequests) {
  Oracle oracle = Play({
      {DevmRequestFree(4, 1, kIomem, kSection), "ok"},
      {DevmRequestFree(4, 2, kIoport, kSection), "ERANGE"},
      {New(Verb::kInitInode, 0, 0, {}), "ok"},
      {DevmRequestFree(4, 2, kIomem, kSection), "ok visits=1"},
      {RequestFree(3, kIomem, kSection), "ok visits=1"},
      {AllocFree(4, kIomem, 1, 1), "ok"},
      {DevmRequestFree(4, 1, kIomem, kSection), "misuse"},
  });
  EXPECT_EQ(Books(oracle),
            "live 9, d4 iomem 3ffff8000000-3fffffffffff, "
            "d4 iomem 3ffff0000000-3ffff7ffffff, inode");
  EXPECT_EQ(RowOf(oracle, R(1)).name, kNameOfDevice | 4);
  EXPECT_EQ(RowOf(oracle, R(1)).desc, kDescDevicePrivateMemory);
  EXPECT_EQ(ObservationText(oracle.Apply(Of(4, Verb::kUnbind))), "ok");
  EXPECT_EQ(ObservationText(oracle.Apply(Of(4, Verb::kUnbind))), "ok");
  EXPECT_EQ(Books(oracle), "live 5, inode");
}

TEST(OracleFree, AFreeRegionNeedsItsAllocations) {
  const Oracle oracle = Play({
      {FailAlloc(1, 4), "ok"},
      {AllocFree(1, kIomem, 0, 1), "ENOMEM"},
      {RequestFree(1, kIomem, 0), "ENOMEM"},
      {DevmRequestFree(0, 1, kIomem, 0), "ENOMEM"},
      {RequestFree(1, kIomem, 1), "ENOMEM"},
      {RequestFree(1, kIomem, 1), "ok"},
      {FailAlloc(2, 1), "ok"},
      {DevmRequestFree(0, 2, kIomem, 1), "ENOMEM"},
      {DevmRequestFree(0, 2, kIomem, 0), "ERANGE"},
  });
  EXPECT_EQ(Books(oracle), "live 1");
}

}  // namespace
}  // namespace restree

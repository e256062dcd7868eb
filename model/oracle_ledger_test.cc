// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
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

using enum Verb;

constexpr uint64_t kRamBusy = kResourceSystemRam | kResourceBusy;

// Devices.
Op Devm(uint32_t device, uint32_t n, Slot parent, Range range) {
  return Of(device, kDevmRequest, R(n), parent, range, kResourceMem);
}
Op DevmRegion(uint32_t device, uint32_t n, Slot parent, Range range) {
  return Of(device, kDevmRequestRegion, R(n), parent, range);
}
Op DevmReleaseRegion(uint32_t device, Slot parent, Range range) {
  return Of(device, kDevmReleaseRegion, 0, parent, range);
}
Op DevmRelease(uint32_t device, uint32_t n) {
  return Of(device, kDevmRelease, R(n));
}
Op Unbind(uint32_t device) { return Of(device, kUnbind); }

// Lists.
Op Add(uint32_t list, Slot slot) { return Of(list, kListAdd, slot); }
Op AddTail(uint32_t list, Slot slot) { return Of(list, kListAddTail, slot); }
Op Destroy(uint32_t list, Slot slot) { return Of(list, kListDestroy, slot); }
Op First(uint32_t list, uint64_t type) {
  return Of(list, kListFirst, 0, 0, {}, type);
}

Op ReserveSetup(uint32_t n, Range range) {
  return New(kReserveSetup, R(n), 0, range);
}
Op InitInode() { return New(kInitInode, 0, 0, {}); }
Op GetMapping() { return New(kGetMapping, 0, 0, {}); }

TEST(OracleLedger, ADeviceOwnsItsResources) {
  Oracle oracle = Play({
      {Devm(1, 1, kIomem, {0x1000, 0x1fff}), "ok"},
      {Devm(0, 2, kIomem, {0x2000, 0x2fff}), "ok"},
      {Devm(1, 3, kIomem, {0x3000, 0x3fff}), "ok"},
      {Devm(1, 1, kIomem, {0x1000, 0x1fff}), "misuse"},
      {DevmRelease(1, 9), "misuse (the resource does not exist)"},
      {DevmRelease(1, 2), "ok warn=WARN_ON"},  // it is another's
      {Of(1, kDevmRelease, kIomem), "ok warn=WARN_ON"},
  });
  EXPECT_EQ(Books(oracle), "live 3, d0 r2, d1 r1, d1 r3");
  EXPECT_EQ(RowOf(oracle, R(1)).flags, kResourceMem);
  EXPECT_FALSE(RowOf(oracle, R(1)).region);
  // The one in the way has no name here.
  EXPECT_EQ(ObservationText(oracle.Apply(Devm(1, 4, kIomem, {0x1fff, 0x2000}))),
            "EBUSY");
  EXPECT_EQ(ObservationText(oracle.Apply(DevmRelease(1, 1))), "ok");
  EXPECT_EQ(ObservationText(oracle.Apply(DevmRelease(1, 1))),
            "ok warn=WARN_ON");
  EXPECT_EQ(Books(oracle), "live 2, d0 r2, d1 r3");
  EXPECT_EQ(Shape(oracle),
            "iomem .r2 2000-2fff .r3 3000-3fff ioport r1 1000-1fff");
}

TEST(OracleLedger, ADeviceOwnsItsRegions) {
  Oracle oracle = Play({
      {DevmRegion(1, 1, kIomem, {0x1000, 0x1fff}), "ok"},
      {DevmRegion(1, 2, kIomem, {0x1000, 0x1fff}), "NULL"},
      {DevmRegion(2, 2, kIoport, {0, 7}), "ok"},
      {Request(3, kIomem, {0x2000, 0x2fff}), "ok"},
      {DevmRegion(1, 4, kIomem, {0x2000, 0x20ff}), "ok"},
      {DevmReleaseRegion(2, kIomem, {0x2000, 0x20ff}), "ok warn=WARN_ON"},
      {DevmReleaseRegion(2, kIoport, {1, 7}),
       "ok warn=nonexistent warn=WARN_ON"},
      {DevmReleaseRegion(2, kIoport, {0, 7}), "ok"},
      // The entry is what was asked for, and the region may be gone.
      {DevmReleaseRegion(1, R(3), {0x2000, 0x20ff}),
       "ok warn=nonexistent warn=WARN_ON"},
      {DevmReleaseRegion(1, kIomem, {0x2000, 0x20ff}), "ok warn=nonexistent"},
      {Request(5, R(1), {0x1000, 0x1000}), "ok"},
      {DevmReleaseRegion(1, kIomem, {0x1000, 0x1fff}),
       "misuse (the resource has children)"},
  });
  EXPECT_EQ(Books(oracle), "live 2, d1 iomem 1000-1fff");
  EXPECT_TRUE(RowOf(oracle, R(1)).region);
}

TEST(OracleLedger, OfEqualEntriesTheNewestGoes) {
  const Oracle oracle = Play({
      {DevmRegion(1, 1, kIomem, {0x1000, 0x1fff}), "ok"},
      {ReleaseRegion(kIomem, {0x1000, 0x1fff}), "ok"},
      {Devm(1, 2, kIomem, {0, 0}), "ok"},
      {DevmRegion(1, 3, kIomem, {0x1000, 0x1fff}), "ok"},
      {DevmReleaseRegion(1, kIomem, {0x1000, 0x1fff}), "ok"},
  });
  EXPECT_EQ(Books(oracle), "live 2, d1 iomem 1000-1fff, d1 r2");
}

TEST(OracleLedger, UnbindUndoesTheNewestFirst) {
  Oracle oracle = Play({
      {Unbind(0), "NULL"},
      {Devm(1, 1, kIomem, {0x1000, 0x1fff}), "ok"},
      {DevmRegion(1, 2, R(1), {0x1000, 0x10ff}), "ok"},
      {DevmRegion(1, 3, R(1), {0x1100, 0x11ff}), "ok"},
      {Devm(2, 4, kIomem, {0x4000, 0x4fff}), "ok"},
      {Request(5, R(3), {0x1100, 0x1100}), "ok"},
      {Unbind(1), "misuse (the resource has children)"},
      {On(kRelease, R(5)), "ok"},
      {Unbind(1), "ok"},  // r3
      {ReleaseRegion(R(1), {0x1000, 0x10ff}), "ok"},
      {Unbind(1), "ok warn=nonexistent"},  // r2 is gone
      {On(kRelease, R(1)), "ok"},
      {Unbind(1), "misuse (the resource is in no tree)"},
      {DevmRelease(1, 1), "misuse (the resource is in no tree)"},
      {Again(kRequestAgain, kIomem, R(1)), "ok"},
      {Unbind(1), "ok"},
      {Unbind(1), "NULL"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r4 4000-4fff ioport r1 1000-1fff r5 1100-1100");
  EXPECT_EQ(Books(oracle), "live 1, d2 r4");
}

TEST(OracleLedger, UnbindWakesWhoWaits) {
  constexpr uint64_t kMuxed = kResourceMuxed;
  const Oracle oracle = Play({
      {DevmRegion(1, 1, kIoport, {0, 7}), "ok"},
      {ReleaseRegion(kIoport, {0, 7}), "ok"},
      {Region(1, kIoport, {0, 7}, kMuxed), "ok"},
      {Region(2, kIoport, {7, 7}, kMuxed), "would-block"},
      {Unbind(1), "ok"},
  });
  EXPECT_EQ(Shape(oracle), "iomem ioport .r2 7-7");
  EXPECT_EQ(Books(oracle), "live 1");
}

TEST(OracleLedger, AListHasAnOrder) {
  Oracle oracle = Play({
      {Root(1, {0, 0}, kRamBusy), "ok"},
      {Root(2, {0, 0}, kResourceIo | kResourceBusy), "ok"},
      {First(3, 0), "NULL"},
      {Destroy(3, R(1)), "NULL"},
      {Add(3, R(1)), "ok"},
      {Add(3, R(2)), "ok"},
      {AddTail(3, kIomem), "ok"},
      {AddTail(3, R(2)), "ok"},
      {AddTail(5, R(1)), "ok"},
      {Add(4, R(2)), "ok"},
      {Add(3, R(9)), "misuse (the resource does not exist)"},
      {Destroy(3, R(9)), "misuse (the resource does not exist)"},
  });
  EXPECT_EQ(Books(oracle),
            "live 6, l3 r2, l3 r1, l3 iomem, l3 r2, l4 r2, l5 r1");
  const auto see = [&oracle](const Op& op) {
    return ObservationText(oracle.Apply(op));
  };
  EXPECT_EQ(see(First(3, kResourceMem)), "ok r1");
  EXPECT_EQ(see(First(3, kResourceIo)), "ok r2");
  EXPECT_EQ(see(First(3, kRamBusy)), "NULL");  // more than a type
  EXPECT_EQ(see(First(4, kResourceMem)), "NULL");
  EXPECT_EQ(see(Destroy(3, R(2))), "ok");
  EXPECT_EQ(see(Destroy(4, R(1))), "NULL");
  EXPECT_EQ(Books(oracle), "live 5, l3 r1, l3 iomem, l3 r2, l4 r2, l5 r1");
  EXPECT_EQ(see(Of(3, kListFree)), "ok");
  EXPECT_EQ(see(Of(3, kListFree)), "ok");
  EXPECT_EQ(Books(oracle), "live 2, l4 r2, l5 r1");
}

TEST(OracleLedger, AllocationsFailOnDemand) {
  const Oracle oracle = Play({
      {Root(1, {0, 0}), "ok"},
      {FailAlloc(2, 3), "ok"},
      {Add(0, R(1)), "ok"},
      {AddTail(0, R(1)), "NULL"},
      {Devm(0, 2, kIomem, {2, 1}), "ENOMEM"},
      {DevmRegion(0, 2, kIomem, {2, 1}), "NULL"},
      {Add(0, R(1)), "ok"},
      {FailAlloc(2, 1), "ok"},
      {DevmRegion(0, 2, kIomem, {2, 2}), "NULL"},  // the second is the region
      {DevmRegion(0, 2, kIomem, {2, 2}), "ok"},
      {FailAlloc(7, 0), "ok"},
      {FailAlloc(0, 7), "ok"},
      {Add(0, R(1)), "ok"},
  });
  EXPECT_EQ(Books(oracle), "live 5, d0 iomem 2-2, l0 r1, l0 r1, l0 r1");
}

TEST(OracleLedger, TheCountdownIsPartOfTheState) {
  const auto books = [](std::vector<Step> steps) { return Books(Play(steps)); };
  EXPECT_EQ(books({{FailAlloc(3, 2), "ok"}}), "live 0, fails 3 2");
  EXPECT_EQ(books({{FailAlloc(3, 2), "ok"}, {Add(0, kIomem), "ok"}}),
            "live 1, l0 iomem, fails 2 2");
  EXPECT_EQ(books({{FailAlloc(1, 2), "ok"}, {Add(0, kIomem), "NULL"}}),
            "live 0, fails 1 1");
  EXPECT_EQ(books({{FailAlloc(1, 1), "ok"}, {Add(0, kIomem), "NULL"}}),
            "live 0");
  EXPECT_EQ(books({{FailAlloc(3, 2), "ok"}, {FailAlloc(0, 1), "ok"}}),
            "live 0");
  EXPECT_EQ(books({{FailAlloc(3, 2), "ok"}, {FailAlloc(1, 0), "ok"}}),
            "live 0");
}

TEST(OracleLedger, AReversedWalkAllocatesItsList) {
  const auto walk = [](uint32_t rams, uint32_t nth) {
    Oracle oracle;
    for (uint32_t i = 0; i < rams; ++i) {
      oracle.Apply(Request(i, kIomem, {4 * i, 4 * i + 1}, kRamBusy));
    }
    oracle.Apply(FailAlloc(nth, 1));
    const Observation seen = oracle.Apply(Ask(kWalkSystemRamRev, kAll));
    EXPECT_EQ(seen.visits.size(), seen.outcome == Outcome::kOk ? rams : 0);
    return absl::StrCat(OutcomeText(seen.outcome), " ", Books(oracle));
  };
  EXPECT_EQ(walk(0, 1), "EPERM live 0");
  EXPECT_EQ(walk(0, 2), "EPERM live 0, fails 1 1");
  EXPECT_EQ(walk(16, 2), "ok live 0, fails 1 1");
  EXPECT_EQ(walk(17, 2), "EPERM live 0");
  EXPECT_EQ(walk(32, 3), "ok live 0, fails 1 1");
  EXPECT_EQ(walk(33, 3), "EPERM live 0");
  Play({
      {Request(1, kIomem, {0, 7}, kRamBusy), "ok"},
      {FailAlloc(1, 1), "ok"},
      {Ask(kWalkSystemRamRev, {7, 0}), "EPERM"},
      {Ask(kWalkSystemRamRev, {0, 7}), "ok visits=1"},
  });
}

TEST(OracleLedger, ReserveSetupHasRoomForFour) {
  const Oracle oracle = Play({
      {ReserveSetup(1, {0xffff, 0xffff}), "ok"},
      {ReserveSetup(2, {0xfffe, 0x10000}), "NULL"},  // too long for ports
      {ReserveSetup(2, {0x10000, 0xffffffff}), "ok"},
      {ReserveSetup(3, {0xffffffff, 0xffffffff}), "NULL"},
      {ReserveSetup(2, {0, 0}), "misuse (the resource is in a tree already)"},
      {ReserveSetup(3, {1, 0}), "misuse (reserve= cannot say the range)"},
      {ReserveSetup(3, {0, 0xffffffff}), "misuse"},  // 2^32 bytes
      {ReserveSetup(3, {0x10000, 0x100000000}), "misuse"},
      {ReserveSetup(3, {0, 0}), "ok"},
      {On(kRelease, R(3)), "ok"},
      {ReserveSetup(3, {1, 0xfffe}), "ok"},
      {ReserveSetup(4, {0, 0}), "NULL"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r2 10000-ffffffff ioport .r3 1-fffe .r1 ffff-ffff");
  EXPECT_EQ(Books(oracle), "live 0, reserved 4");
  const Row row = RowOf(oracle, R(1));
  EXPECT_EQ(row.flags, kResourceIo | kResourceBusy);
  EXPECT_EQ(row.name, kNameReserved);
  EXPECT_FALSE(row.region);
  EXPECT_EQ(RowOf(oracle, R(2)).flags, kResourceMem | kResourceBusy);
}

TEST(OracleLedger, TheInodeIsMadeOnce) {
  const Oracle oracle = Play({
      {GetMapping(), "misuse (there is no inode)"},
      {FailAlloc(3, 1), "ok"},
      {InitInode(), "ENOMEM"},
      {FailAlloc(1, 3), "ok"},
      {InitInode(), "ENOMEM"},
      {InitInode(), "ENOMEM"},
      {InitInode(), "ENOMEM"},
      {GetMapping(), "misuse (there is no inode)"},
      {FailAlloc(4, 1), "ok"},
      {InitInode(), "ok"},
      {InitInode(), "misuse (the inode is there already)"},
      {GetMapping(), "ok"},
  });
  EXPECT_EQ(Books(oracle), "live 3, fails 1 1, inode");
}

TEST(OracleLedger, ResetForgetsEverything) {
  Oracle oracle = Play({
      {DevmRegion(0, 1, kIoport, {0, 0}), "ok"},
      {Add(0, kIomem), "ok"},
      {Region(2, kIoport, {1, 1}, kResourceMuxed), "ok"},
      {Region(3, kIoport, {1, 1}, kResourceMuxed), "would-block"},
      {ReserveSetup(4, {9, 9}), "ok"},
      {InitInode(), "ok"},
      {FailAlloc(9, 9), "ok"},
      {Of(1, kStrictIomem), "ok"},
  });
  EXPECT_EQ(Books(oracle),
            "live 8, d0 ioport 0-0, l0 iomem, waiting r3 in ioport 1-1, "
            "fails 9 9, reserved 1, relaxed, inode");
  oracle.Reset();
  EXPECT_EQ(Books(oracle), "live 0");
  EXPECT_EQ(oracle.Digest(), Oracle().Digest());
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/oracle_testing.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

using enum Verb;

constexpr uint64_t kMax = UINT64_MAX;
constexpr uint64_t kRam = kResourceSystemRam | kResourceBusy;
constexpr uint64_t kExclusiveRam = kResourceSystemRam | kResourceExclusive;

Op Two(Verb verb, Slot first, Slot second) {
  return New(verb, second, first, {});
}

Op At(Verb verb, uint64_t at) { return New(verb, 0, 0, {at, at}); }

TEST(OracleQuery, ASanityCheckMindsMappingsThatSpanTheEndOfAResource) {
  const auto ask = [](Range range) { return Ask(kSanityCheck, range); };
  Play({
      {ask(kAll), "ok"},
      {Request(1, kIomem, {0x10000, 0x1ffff}), "ok"},
      {Request(2, R(1), {0x11800, 0x137ff}), "ok"},
      {Request(3, R(1), {0x14000, 0x14fff}, kResourceBusy), "ok"},
      {Root(4, {0, 0xffff}), "ok"},
      {Request(5, R(4), {0, 0x7fff}), "ok"},  // not below iomem
      {Request(6, kIoport, {0, 0xff}), "ok"},
      {ask({0x10000, 0x117ff}), "ok"},
      {ask({0x0000, 0xffff}), "ok"},
      {ask({0x0000, 0x10000}), "EPERM warn=spans"},
      {ask({0x1ffff, 0x20000}), "EPERM warn=spans"},
      {ask({0x10000, 0x11800}), "EPERM warn=spans"},
      {ask({0x11000, 0x11800}), "ok"},  // the first page of r2
      {ask({0x137ff, 0x13fff}), "ok"},  // and the last
      {ask({0x137ff, 0x14000}), "EPERM warn=spans"},
      {ask({0x13fff, 0x15000}), "ok"},  // r3 is busy
      // Inverted: what straddles it overlaps it.
      {ask({0x12000, 0x11fff}), "ok"},
      {ask({0x16000, 0x15fff}), "ok"},
      {ask({0x11000, 0x107ff}), "ok"},
      {ask({0x20000, 0xffff}), "ok"},
  });
}

TEST(OracleQuery, BusyIsExclusiveWhileStrict) {
  const auto ask = [](Range range, Slot below = kIomem) {
    return New(kIsExclusive, 0, below, range);
  };
  Play({
      {Request(1, kIomem, {0x1000, 0x1fff}), "ok"},
      {Request(2, R(1), {0x1400, 0x17ff}, kResourceBusy), "ok"},
      {Request(3, R(2), {0x1400, 0x14ff}), "ok"},
      {Request(4, kIomem, {0x3000, 0x3fff}, kExclusiveRam), "ok"},
      {Request(5, kIomem, {0x5000, 0x5fff}, kResourceSystemRam), "ok"},
      {Request(6, kIomem, {0x7000, 0x7fff}, kResourceExclusive), "ok"},
      {ask({0x1000, 0x13ff}), "ok"},
      {ask({0x1000, 0x1400}), "ok 0x1"},
      {ask({0x17ff, 0x1800}), "ok 0x1"},
      {ask({0x1800, 0x2fff}), "ok"},
      {ask({0x1000, 0x1fff}, R(1)), "ok 0x1"},
      {ask({0x1000, 0x1fff}, R(2)), "ok"},  // r2 itself does not count
      {ask({0, 0x3fff}, R(2)), "ok"},       // nor what follows it
      {ask({0x1000, 0x1fff}, kIoport), "ok"},
      {ask({0x3000, 0x3000}), "ok 0x1"},
      {ask({0x5000, 0x7fff}), "ok"},
      {ask({0x1500, 0x14ff}), "ok 0x1"},  // inverted, inside r2
      {ask({0x1400, 0x13ff}), "ok"},
      {ask(kAll), "ok 0x1"},
      {ask({0, kMax - 1}), "ok 0x1"},
      {Of(1, kStrictIomem), "ok"},
      {ask({0x1000, 0x1fff}), "ok"},
      {ask({0, kMax - 1}), "ok 0x1"},  // r4, relaxed or not
      {Of(0, kStrictIomem), "ok"},
      {ask({0x1000, 0x1fff}), "ok 0x1"},
      {ask({0, 0}, R(9)), "misuse (the parent does not exist)"},
  });
}

TEST(OracleQuery, APageIsExclusiveAsAWhole) {
  Play({
      {Request(1, kIomem, {0x2800, 0x2800}, kResourceBusy), "ok"},
      {Request(2, kIomem, {kMax, kMax}, kResourceBusy), "ok"},
      {At(kIomemIsExclusive, 0x1fff), "ok"},
      {At(kIomemIsExclusive, 0x2000), "ok 0x1"},
      {At(kIomemIsExclusive, 0x2fff), "ok 0x1"},
      {At(kIomemIsExclusive, 0x3000), "ok"},
      {At(kIomemIsExclusive, kMax - 0xfff), "ok 0x1"},
  });
}

TEST(OracleQuery, APageIsRamIfAWholePageIs) {
  Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x1fff}, kRam), "ok"},
      {Request(2, kIomem, {0x2000, 0x2ffe}, kRam), "ok"},
      {Request(3, kIomem, {0x3000, 0x3fff}, kResourceSystemRam), "ok"},
      {At(kPageIsRam, 1), "ok 0x1"},
      {At(kPageIsRam, (uint64_t{1} << 52) + 1), "ok 0x1"},
  });
  for (const uint64_t pfn : {uint64_t{0}, uint64_t{2}, uint64_t{3}, kMax}) {
    EXPECT_EQ(ObservationText(oracle.Apply(At(kPageIsRam, pfn))), "ok") << pfn;
  }
}

TEST(OracleQuery, TwoResourcesAreComparedByTheirRanges) {
  constexpr uint64_t kBusyMem = kResourceMem | kResourceBusy;
  Oracle oracle = Play({
      {Root(1, {0x1000, 0x1fff}, kResourceMem), "ok"},
      {Root(2, {0x1800, 0x27ff}, kBusyMem), "ok"},
      {Root(3, {0x1800, 0x1fff}, kBusyMem), "ok"},
      {Root(4, {0x1800, 0x1fff}, kResourceIo), "ok"},
      {Root(5, {0x1800, 0x1fff}, kBusyMem | kResourceUnset), "ok"},
      {Root(6, {0x1804, 0x1800}, kResourceMem), "ok"},
      {Root(7, {0x2000, 0x2000}), "ok"},
      {Two(kContains, R(1), R(3)), "ok 0x1"},
      {Two(kContains, R(1), R(1)), "ok 0x1"},
      {Two(kContains, kIomem, R(3)), "ok 0x1"},
      {Two(kContains, R(1), R(6)), "ok 0x1"},
      {Two(kOverlaps, R(1), R(2)), "ok 0x1"},
      {Two(kOverlaps, R(4), R(1)), "ok 0x1"},
      {Two(kOverlaps, R(1), R(6)), "ok 0x1"},
      {Two(kIntersection, R(2), R(1)), "ok 0x1 visits=1 0x1800-0x1fff"},
      {Two(kIntersection, R(1), R(6)), "ok 0x1 visits=1 0x1804-0x1800"},
      {Two(kUnion, R(1), R(2)), "ok 0x1 visits=1 0x1000-0x27ff"},
      {Two(kUnion, R(3), R(6)), "ok 0x1 visits=1 0x1800-0x1fff"},
      {Two(kUnion, R(1), R(9)), "misuse (the resource does not exist)"},
      {Two(kUnion, R(9), R(1)), "misuse (the parent does not exist)"},
  });
  for (const Op& op : {
           Two(kContains, R(1), R(2)),  // too long
           Two(kContains, R(3), R(1)),  // starts too early
           Two(kContains, R(1), R(4)),  // of another type
           Two(kContains, R(1), R(5)),  // unset
           Two(kContains, R(5), R(3)),
           Two(kOverlaps, R(1), R(7)),
           Two(kIntersection, R(7), R(1)),
           Two(kUnion, R(1), R(7)),
       }) {
    EXPECT_EQ(ObservationText(oracle.Apply(op)), "ok");
  }
}

TEST(OracleQuery, SizesAreModuloAllAddresses) {
  Oracle oracle = Play({
      {Root(1, {0x1000, 0x1fff}), "ok"},
      {Root(2, {0x1000, 0xffe}), "ok"},
      {On(kSize, R(1)), "ok 0x1000"},
      {On(kSize, R(2)), "ok 0xffffffffffffffff"},
      {On(kSize, kIoport), "ok 0x10000"},
      {On(kSize, R(3)), "misuse (the resource does not exist)"},
  });
  EXPECT_EQ(ObservationText(oracle.Apply(On(kSize, kIomem))), "ok");
}

TEST(OracleQuery, ProcShowsWhatLiesBelowARoot) {
  Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x1fff}), "ok"},
      {Request(2, R(1), {0x1800, 0x18ff}), "ok"},
      {Request(3, kIoport, {0x60, 0x6f}), "ok"},
      {Root(4, {0, 0}), "ok"},
      {Of(0, kProc, 0, R(1)), "misuse (no file shows the resource)"},
      {Of(0, kProc, 0, R(9)), "misuse (the parent does not exist)"},
  });
  const auto show = [&oracle](Slot root, bool unprivileged) {
    return oracle.Apply(Of(unprivileged ? 1 : 0, kProc, 0, root)).text;
  };
  EXPECT_EQ(show(kIomem, false),
            "00001000-00001fff : r1\n  00001800-000018ff : r2\n");
  EXPECT_EQ(show(kIoport, false), "0060-006f : r3\n");
  EXPECT_EQ(show(kIomem, true),
            "00000000-00000000 : r1\n  00000000-00000000 : r2\n");
  EXPECT_EQ(show(kIoport, true), "0000-0000 : r3\n");
}

}  // namespace
}  // namespace restree

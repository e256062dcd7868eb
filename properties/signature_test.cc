// SPDX-License-Identifier: Apache-2.0
#include "properties/signature.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/check.h"
#include "properties/example_states.h"

namespace restree {
namespace {

Op Request(Slot slot, Range range) {
  Op op;
  op.verb = Verb::kRequest;
  op.slot = slot;
  op.parent = kIomem;
  op.range = range;
  return op;
}

// A request across the seam of two neighbours is not refused, somewhere.
Failure Seam(uint64_t at, Slot low, Slot high, Slot seam) {
  Failure failure;
  failure.what = "observation";
  failure.op = Request(seam, {at - 0x10, at + 0xf});
  failure.before =
      StateOf({At(1, low, {at - 0x100, at - 1}), At(1, high, {at, at + 0xff})});
  failure.want_state = failure.before;
  failure.got_state = failure.before;
  failure.want.outcome = Outcome::kBusy;
  failure.want.found = low;
  return failure;
}

std::string RelationOf(const Failure& failure) {
  const std::string signature = Signature(failure);
  return signature.substr(signature.rfind('.') + 1);
}

TEST(SignatureTest, EqualBugsShareItWhateverAddressesAndSlotsTheyHave) {
  const std::string signature = Signature(Seam(0x2000, R(1), R(2), R(3)));
  EXPECT_EQ(signature, "observation.request.EBUSY-ok.straddles");
  EXPECT_EQ(Signature(Seam(0xff000, R(9), R(7), R(1))), signature);
  EXPECT_EQ(Signature(Seam(UINT64_MAX - 0xff, R(0), R(7), R(1))), signature);
}

TEST(SignatureTest, TellsMachinesThatBreakALawFromThoseThatDisagree) {
  Failure failure = Seam(0x2000, R(1), R(2), R(3));
  failure.kind = Failure::Kind::kLaw;
  failure.what = "RequestAddsExactlyOne";
  EXPECT_EQ(Signature(failure), "RequestAddsExactlyOne.request.ok.straddles");
  failure.kind = Failure::Kind::kInvariant;
  failure.what = "SiblingsAreSortedAndDisjoint";
  failure.got.outcome = Outcome::kWouldBlock;
  EXPECT_EQ(Signature(failure),
            "SiblingsAreSortedAndDisjoint.request.would-block.straddles");
}

TEST(SignatureTest, SaysWhichPartOfAnObservationDiffers) {
  Failure failure = Seam(0x2000, R(1), R(2), R(3));
  failure.got = failure.want;
  failure.got.found = R(2);
  EXPECT_EQ(Signature(failure), "observation.request.found.straddles");
  failure.got.warnings = kWarnNonexistent;
  EXPECT_EQ(Signature(failure), "observation.request.warnings.straddles");
  failure.got = failure.want;
  failure.got.value = 1;
  EXPECT_EQ(Signature(failure), "observation.request.value.straddles");
  failure.got = failure.want;
  failure.got.text = "r1";
  EXPECT_EQ(Signature(failure), "observation.request.text.straddles");
  failure.got = failure.want;
  failure.got.visits.resize(1);
  EXPECT_EQ(Signature(failure), "observation.request.visits-extra.straddles");
  failure.want.visits.resize(2);
  EXPECT_EQ(Signature(failure), "observation.request.visits-missing.straddles");
  failure.got.visits.resize(2);
  failure.got.visits[1].desc = 1;
  EXPECT_EQ(Signature(failure), "observation.request.visits.straddles");
}

TEST(SignatureTest, SaysWhichPartOfAStateDiffers) {
  Failure failure = Seam(0x2000, R(1), R(2), R(3));
  failure.what = "state";
  const auto differs = [&] { return Signature(failure).substr(14); };
  State& got = failure.got_state;
  EXPECT_EQ(differs(), "order.straddles");
  RowOf(got, R(1)).name = 1;
  EXPECT_EQ(differs(), "name.straddles");
  RowOf(got, R(2)).region = true;
  EXPECT_EQ(differs(), "region.straddles");
  RowOf(got, R(1)).desc = 1;
  EXPECT_EQ(differs(), "desc.straddles");
  RowOf(got, R(2)).flags = 1;
  EXPECT_EQ(differs(), "flags.straddles");
  RowOf(got, R(1)).range.start = 1;
  EXPECT_EQ(differs(), "range.straddles");
  RowOf(got, R(2)).parent = R(1);
  EXPECT_EQ(differs(), "parent.straddles");
  got.rows.push_back(At(0, R(8), {1, 2}));
  EXPECT_EQ(differs(), "extra.straddles");
  RowOf(got, R(2)).slot = R(3);
  EXPECT_EQ(differs(), "missing.straddles");
}

TEST(SignatureTest, SaysWhichPartOfALedgerDiffers) {
  Failure failure;
  failure.what = "state";
  failure.op.verb = Verb::kUnbind;
  failure.before = StateOf({});
  failure.want_state = failure.before;
  failure.got_state = failure.before;
  Ledger& got = failure.got_state.ledger;
  const auto differs = [&] { return Signature(failure).substr(13); };
  EXPECT_EQ(differs(), "order.nowhere");
  got.live = 1;
  EXPECT_EQ(differs(), "leak.nowhere");
  got.fail_nth = 1;
  EXPECT_EQ(differs(), "fail_alloc.nowhere");
  got.inode = true;
  EXPECT_EQ(differs(), "inode.nowhere");
  got.relaxed = true;
  EXPECT_EQ(differs(), "relaxed.nowhere");
  got.reserved = 1;
  EXPECT_EQ(differs(), "reserved.nowhere");
  got.listed.resize(1);
  EXPECT_EQ(differs(), "list.nowhere");
  got.devres.resize(1);
  EXPECT_EQ(differs(), "devres.nowhere");
  got.waiters.resize(1);
  EXPECT_EQ(differs(), "waiters.nowhere");

  // A resource that is missing weighs more.
  failure.want_state.rows.push_back(At(0, R(1), {1, 2}));
  EXPECT_EQ(differs(), "missing.nowhere");
}

TEST(SignatureTest, SaysHowTheRangeLiesToItsNeighbours) {
  Failure failure = Seam(0x2000, R(1), R(2), R(3));
  struct Case {
    Range range;
    const char* relation;
  };
  const Case cases[] = {
      {{0x1f00, 0x1fff}, "equal"},     {{0x1f01, 0x1fff}, "inside"},
      {{0x1f00, 0x20ff}, "covers"},    {{0x1eff, 0x1fff}, "covers"},
      {{0x1eff, 0x1ffe}, "straddles"}, {{0x1000, 0x1eff}, "touches"},
      {{0x2100, 0x3000}, "touches"},   {{0x1000, 0x1efe}, "disjoint"},
      {{0x2101, 0x2101}, "disjoint"},  {{0x1f00, 0x1eff}, "inverted"},
      {{0, UINT64_MAX}, "covers"},
  };
  for (const Case& test : cases) {
    failure.op.range = test.range;
    EXPECT_EQ(RelationOf(failure), test.relation) << test.range.start;
  }
  failure.before = StateOf({});
  EXPECT_EQ(RelationOf(failure), "alone");
  failure.before = State();
  EXPECT_EQ(RelationOf(failure), "unknown");
}

TEST(SignatureTest, LooksAtTheTreeThatTheOpIsAbout) {
  Failure failure;
  failure.what = "observation";
  failure.before = StateOf({At(1, R(1), {0x1000, 0x1fff}),  //
                            At(0, R(2), {0x1000, 0x2fff}),  //
                            At(1, R(3), {0x2000, 0x2fff})});
  failure.op = Request(R(4), {0x1000, 0x1fff});
  EXPECT_EQ(RelationOf(failure), "equal");
  failure.op.parent = R(2);
  EXPECT_EQ(RelationOf(failure), "touches");
  failure.op.parent = kIoport;
  EXPECT_EQ(RelationOf(failure), "alone");

  // The range of the resource itself, which does not count as its neighbour.
  failure.op = Op();
  failure.op.verb = Verb::kRelease;
  failure.op.slot = R(1);
  EXPECT_EQ(RelationOf(failure), "alone");

  // Pages of 4096 bytes.
  failure.op = Op();
  failure.op.verb = Verb::kWalkSystemRamRange;
  failure.op.range = {1, 1};
  EXPECT_EQ(RelationOf(failure), "equal");
}

TEST(SignatureTest, HoldsAMappingAgainstOtherMappings) {
  Failure failure;
  failure.what = "state";
  failure.op.verb = Verb::kMemremap;
  failure.before = StateOf({});
  Pagemap own;
  own.nr_range = 1;
  own.ranges[0] = {0x200000, 0x3fffff};
  Pagemap other = own;
  other.number = 1;
  other.phase = Pagemap::Phase::kMapped;
  other.ranges[0] = {0x400000, 0x5fffff};
  failure.before.ledger.pagemaps = {own, other};
  failure.want_state = failure.got_state = failure.before;
  failure.got_state.ledger.lookup.push_back({{0x200, 0x3ff}, 0});
  EXPECT_EQ(Signature(failure), "state.memremap_pages.lookup.touches");
  failure.got_state.ledger.pagemaps.clear();
  EXPECT_EQ(Signature(failure), "state.memremap_pages.pagemap.touches");
  failure.op.verb = Verb::kGetPagemap;
  failure.op.range = {0x400, 0x400};
  EXPECT_EQ(Signature(failure), "state.get_dev_pagemap.pagemap.inside");
}

TEST(SignatureTest, NamesTheFunctionThatComplains) {
  Failure failure = Seam(0x2000, R(1), R(2), R(3));
  failure.got.warnings = kWarnOn;
  failure.got.raised_in = "linux_6_12___request_resource";
  EXPECT_EQ(Signature(failure), "kernel-WARN.__request_resource");
  failure.got.warnings = kWarnOn | kWarnBug;
  failure.got.raised_in = "linux_6_1_insert_resource";
  EXPECT_EQ(Signature(failure), "kernel-BUG.insert_resource");
  failure.got.raised_in = "";
  EXPECT_EQ(Signature(failure), "kernel-BUG.request_resource_conflict");
  failure.op.verb = Verb::kFailStep;
  EXPECT_EQ(Signature(failure), "kernel-BUG.fail_step");
  failure.want.warnings = failure.got.warnings;
  EXPECT_EQ(Signature(failure), "observation.fail_step.EBUSY-ok.nowhere");
  std::swap(failure.want, failure.got);
  failure.got.warnings = 0;
  EXPECT_EQ(Signature(failure), "observation.fail_step.ok-EBUSY.nowhere");
}

TEST(SignatureTest, KnowsKernelFunctionsOfEveryMachine) {
  EXPECT_EQ(KernelFunction("linux_tree_release_resource"), "release_resource");
  EXPECT_EQ(KernelFunction("linux_6_12_release_resource"), "release_resource");
  EXPECT_EQ(KernelFunction("linux_6_1_release_resource"), "release_resource");
  EXPECT_EQ(KernelFunction("linux_6_1___release_region"), "__release_region");
  EXPECT_EQ(KernelFunction("linux_tree___release_region"), "__release_region");
  EXPECT_EQ(KernelFunction("release_resource"), "release_resource");
  EXPECT_EQ(KernelFunction("linux_banner"), "linux_banner");
  EXPECT_EQ(KernelFunction("linux_"), "linux_");
  EXPECT_EQ(KernelFunction("linux_6_1"), "linux_6_1");
  EXPECT_EQ(KernelFunction(""), "");
}

TEST(SignatureTest, NamesAFileWell) {
  for (int verb = 0; verb < kVerbs; ++verb) {
    for (int outcome = 0; outcome < kOutcomes; ++outcome) {
      Failure failure = Seam(0x2000, R(1), R(2), R(3));
      failure.op.verb = static_cast<Verb>(verb);
      failure.want.outcome = static_cast<Outcome>(outcome);
      const std::string signature = Signature(failure);
      EXPECT_LE(signature.size(), 100);
      EXPECT_EQ(signature.find_first_not_of(
                    "abcdefghijklmnopqrstuvwxyz"
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"),
                std::string::npos)
          << signature;
    }
  }
}

}  // namespace
}  // namespace restree

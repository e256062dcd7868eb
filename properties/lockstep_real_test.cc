// SPDX-License-Identifier: Apache-2.0

// How Lockstep treats machines that do not judge misuse.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/check.h"
#include "properties/divergence.h"

namespace restree {
namespace {

// A model that passes for a kernel, with a deed of its own after each op.
class FakeKernel : public Machine {
 public:
  using Deed = std::function<void(const Op&, Model&, Observation*)>;

  explicit FakeKernel(absl::string_view name, Deed deed = nullptr,
                      AltmapVariant altmap = AltmapVariant::kNone)
      : name_(name), deed_(std::move(deed)), model_(altmap) {}

  absl::string_view name() const override { return name_; }
  Observation Apply(const Op& op) override {
    ++played;
    Observation seen = model_.Apply(op);
    EXPECT_NE(seen.outcome, Outcome::kMisuse);
    if (deed_) deed_(op, model_, &seen);
    return seen;
  }
  void Snapshot(State* state) const override { model_.Snapshot(state); }
  uint64_t Digest() const override { return model_.Digest(); }
  void Reset() override { model_.Reset(); }
  bool Plays(Verb verb) const override { return verb != missing; }
  bool JudgesMisuse() const override { return false; }
  AltmapVariant altmap() const override { return model_.altmap(); }

  // The states of these tests are what requests make.
  void Adopt(const State& state) override {
    ++adopted;
    model_.Reset();
    for (const Row& row : state.rows) {
      if (row.slot < kFirstSlot) continue;
      Op op;
      op.verb = Verb::kRequest;
      op.slot = row.slot;
      op.parent = row.parent;
      op.range = row.range;
      op.flags = row.flags;
      EXPECT_EQ(model_.Apply(op).outcome, Outcome::kOk);
    }
  }

  Verb missing = Verb::kGetMapping;
  int played = 0;
  int adopted = 0;

 private:
  std::string name_;
  Deed deed_;
  Model model_;
};

Op Request(Slot slot, Range range) {
  Op op;
  op.verb = Verb::kRequest;
  op.slot = slot;
  op.range = range;
  op.flags = kResourceMem | kResourceBusy;
  return op;
}

Op WalkAll() {
  Op op;
  op.verb = Verb::kWalkMem;
  op.range = {0, UINT64_MAX};
  return op;
}

Op AdjustToNothing(Slot slot) {
  Op op;
  op.verb = Verb::kAdjust;
  op.slot = slot;
  op.range = {0x1000, 0xfff};
  return op;
}

// As the kernel does it.
void AcceptInverted(const Op& op, Model& model, Observation* seen) {
  if (op.verb != Verb::kAdjust || !op.range.inverted()) return;
  model.tree().Change(model.tree().Find(op.slot),
                      [&op](Resource& r) { r.range = op.range; });
  seen->outcome = Outcome::kOk;
}

uint64_t KnownOf(const Lockstep& lockstep, absl::string_view name) {
  for (size_t i = 0; i < kDivergences.size(); ++i) {
    if (kDivergences[i].name == name) return lockstep.known()[i];
  }
  ADD_FAILURE() << name;
  return 0;
}

TEST(LockstepRealTest, MisuseIsNotPlayed) {
  Model model;
  FakeKernel kernel("linux-6.12");
  Lockstep lockstep({&model, &kernel});
  Op release;
  release.verb = Verb::kRelease;
  release.slot = R(7);
  EXPECT_FALSE(lockstep.Step(release));
  EXPECT_EQ(kernel.played, 0);
  EXPECT_FALSE(lockstep.Step(Request(R(1), {1, 2})));
  EXPECT_EQ(kernel.played, 1);
  EXPECT_FALSE(lockstep.Finish());
}

TEST(LockstepRealTest, AVerbThatIsMissingIsSatOutAndAdopted) {
  Model model;
  FakeKernel kernel("linux-6.1");
  kernel.missing = Verb::kRequest;
  Lockstep lockstep({&model, &kernel});
  EXPECT_FALSE(lockstep.Step(Request(R(1), {1, 2})));
  EXPECT_EQ(kernel.played, 0);
  EXPECT_EQ(kernel.adopted, 1);
  EXPECT_FALSE(lockstep.Finish());
}

TEST(LockstepRealTest, AKnownDivergenceIsExcusedAndAdopted) {
  Model model;
  FakeKernel kernel("linux-6.12", AcceptInverted);
  Lockstep lockstep({&model, &kernel});
  const Trace trace = {{Request(R(1), {0x1000, 0x1fff}), AdjustToNothing(R(1)),
                        Request(R(2), {0x2000, 0x2fff})},
                       {}};
  EXPECT_FALSE(lockstep.Play(trace));
  EXPECT_EQ(kernel.adopted, 1);
  EXPECT_EQ(KnownOf(lockstep, "AdjustAcceptsAnInvertedRange"), 1);
  EXPECT_FALSE(lockstep.Play(trace));
  EXPECT_EQ(KnownOf(lockstep, "AdjustAcceptsAnInvertedRange"), 2);
}

TEST(LockstepRealTest, AKnownDivergenceOfALargeTreeIsExcused) {
  Model model;
  FakeKernel kernel("linux-6.12", AcceptInverted);
  Lockstep lockstep({&model, &kernel});
  for (uint64_t i = 0; i < Lockstep::kRowsMax + 100; ++i) {
    ASSERT_FALSE(lockstep.Step(
        Request(R(static_cast<int>(i)), {0x1000 + 2 * i, 0x1001 + 2 * i})));
  }
  EXPECT_FALSE(lockstep.Step(AdjustToNothing(R(0))));
  EXPECT_EQ(KnownOf(lockstep, "AdjustAcceptsAnInvertedRange"), 1);
  EXPECT_FALSE(lockstep.Step(Request(R(9999), {1, 2})));
  EXPECT_FALSE(lockstep.Finish());
}

TEST(LockstepRealTest, StrictExcusesNothing) {
  Model model;
  FakeKernel kernel("linux-6.12", AcceptInverted);
  Lockstep lockstep({&model, &kernel});
  lockstep.set_strict(true);
  EXPECT_FALSE(lockstep.Step(Request(R(1), {0x1000, 0x1fff})));
  const auto failure = lockstep.Step(AdjustToNothing(R(1)));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, Failure::Kind::kDivergence);
  EXPECT_EQ(failure->what, "AdjustAcceptsAnInvertedRange");
  EXPECT_EQ(failure->machine, "linux-6.12");
}

// The same op, with one thing more than what is known.
TEST(LockstepRealTest, MoreThanWhatIsKnownIsNotExcused) {
  Model model;
  FakeKernel kernel("linux-6.12",
                    [](const Op& op, Model& it, Observation* seen) {
                      AcceptInverted(op, it, seen);
                      if (op.verb != Verb::kAdjust) return;
                      it.tree().Change(it.tree().Find(op.slot),
                                       [](Resource& r) { r.flags ^= 1; });
                    });
  Lockstep lockstep({&model, &kernel});
  EXPECT_FALSE(lockstep.Step(Request(R(1), {0x1000, 0x1fff})));
  const auto failure = lockstep.Step(AdjustToNothing(R(1)));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, Failure::Kind::kDisagreement);
  EXPECT_EQ(KnownOf(lockstep, "AdjustAcceptsAnInvertedRange"), 0);
}

TEST(LockstepRealTest, WhatWouldHangIsNotPlayed) {
  Model model;
  FakeKernel kernel("linux-6.12");
  Lockstep lockstep({&model, &kernel});
  EXPECT_FALSE(lockstep.Step(Request(R(1), {0x1000, UINT64_MAX})));
  EXPECT_FALSE(lockstep.Step(WalkAll()));
  EXPECT_EQ(kernel.played, 1);
  EXPECT_EQ(KnownOf(lockstep, "WalkWrapsAtTheMaximum"), 1);
  lockstep.set_strict(true);
  const auto failure = lockstep.Step(WalkAll());
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->what, "WalkWrapsAtTheMaximum");
  EXPECT_EQ(kernel.played, 1);
}

TEST(LockstepRealTest, EveryOtherDifferenceIsAFailure) {
  Model model;
  FakeKernel blind("linux-6.12", [](const Op&, Model&, Observation* seen) {
    seen->warnings = kWarnOther;
  });
  Lockstep observes({&model, &blind});
  auto failure = observes.Step(Request(R(1), {1, 2}));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->what, "observation");
  EXPECT_EQ(failure->machine, "linux-6.12");
  EXPECT_EQ(failure->reference, "model");

  FakeKernel vague("linux-6.12", [](const Op&, Model& it, Observation*) {
    it.tree().Change(it.tree().Find(R(1)), [](Resource& r) { r.flags ^= 1; });
  });
  Lockstep shows({&model, &vague});
  failure = shows.Step(Request(R(1), {1, 2}));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->machine, "linux-6.12");
}

// What one version is known for is no excuse for another, but the user's own
// tree may be any version.
TEST(LockstepRealTest, DivergencesAreOfVersions) {
  for (const auto& [name, excused] :
       std::vector<std::pair<std::string, bool>>{{"linux-6.1", true},
                                                 {"linux-6.12", false},
                                                 {"linux", true},
                                                 {"linux:altmap=none", true}}) {
    Model model;
    FakeKernel kernel(name, [](const Op&, Model&, Observation* seen) {
      seen->warnings |= kWarnUnaddressable;
    });
    Lockstep lockstep({&model, &kernel});
    Op op;
    op.verb = Verb::kRequestRegion;
    op.slot = R(1);
    op.range = {1, 2};
    EXPECT_EQ(!lockstep.Step(op), excused) << name;
  }
}

// A tree that registers the resources of altmaps by itself.
constexpr absl::string_view kMapAndUnmap =
    "r1 = request iomem 0x100000000-0x10fffffff mem\n"
    "p0 = dev_pagemap generic 0x100000000-0x10fffffff\n"
    "vmem_altmap p0 0x100000-0x10ffff reserve=2 free=1534 parent=r1\n"
    "memremap_pages p0\n"
    "dumpable kexec_file_vmemmap\n"
    "memunmap_pages p0\n"
    "r2 = request r1 0x100000000-0x100000fff mem\n";

Trace MapAndUnmap() {
  const auto document = ParseTrace(kMapAndUnmap, "test");
  EXPECT_TRUE(document.ok());
  return document->trace;
}

TEST(LockstepRealTest, ATreeIsFollowedInWhatIsItsOwn) {
  constexpr uint64_t kFlags = kResourceMem | kResourceBusy | 0x00200000;
  Model model(AltmapVariant::kTree);
  FakeKernel tree(
      "linux:altmap=tree",
      [](const Op& op, Model& it, Observation* seen) {
        Resource* const v0 = it.tree().Find(VmemmapSlot(0));
        if (op.verb == Verb::kMemremap) {
          it.tree().Change(v0, [](Resource& r) { r.flags = kFlags; });
        } else if (op.verb == Verb::kDumpable) {
          seen->visits = {{.range = v0->range}};
        }
      },
      AltmapVariant::kTree);
  Lockstep lockstep({&model, &tree});
  Trace trace = MapAndUnmap();
  const auto failure = lockstep.Play(trace);
  EXPECT_FALSE(failure) << failure->what << ": " << failure->sentence;
  EXPECT_EQ(tree.adopted, 0);
  trace.ops.resize(4);
  EXPECT_FALSE(lockstep.Play(trace));
  EXPECT_NE(StateText(lockstep.state(), {}).find("v0"), std::string::npos);
  for (const Row& row : lockstep.state().rows) {
    if (IsVmemmapSlot(row.slot)) EXPECT_EQ(row.flags, kFlags);
  }
}

TEST(LockstepRealTest, ATreeIsJudgedByTheLaws) {
  Model model(AltmapVariant::kTree);
  FakeKernel tree(
      "linux:altmap=tree",
      [](const Op& op, Model& it, Observation*) {
        if (op.verb != Verb::kMemunmap) return;
        Resource* const left = it.tree().New({.slot = VmemmapSlot(0),
                                              .name = kNameVmemmap,
                                              .range = {0x1000, 0x1fff}});
        it.tree().Request(it.tree().Find(kIomem), left);
        it.tree().Keep(left);
      },
      AltmapVariant::kTree);
  Lockstep lockstep({&model, &tree});
  const auto failure = lockstep.Play(MapAndUnmap());
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, Failure::Kind::kLaw);
  EXPECT_EQ(failure->what, "VmemmapReleaseTakesItAndNothingElse");
  EXPECT_EQ(failure->machine, "linux:altmap=tree");
}

// What it makes of all else is compared as ever.
TEST(LockstepRealTest, ATreeIsNotFollowedElsewhere) {
  Model model(AltmapVariant::kTree);
  FakeKernel tree(
      "linux:altmap=tree",
      [](const Op&, Model&, Observation* seen) { seen->warnings = kWarnOther; },
      AltmapVariant::kTree);
  Lockstep lockstep({&model, &tree});
  const auto failure = lockstep.Step(Request(R(1), {1, 2}));
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, Failure::Kind::kDisagreement);
}

}  // namespace
}  // namespace restree

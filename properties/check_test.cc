// SPDX-License-Identifier: Apache-2.0
#include "properties/check.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/example_states.h"

namespace restree {
namespace {

// What a ScriptedMachine says to one op, and shows afterwards.
struct Answer {
  Observation seen;
  State state;
};

// Plays its part, whatever the ops are.
class ScriptedMachine : public Machine {
 public:
  ScriptedMachine(std::string name, std::vector<Answer> answers)
      : name_(std::move(name)), answers_(std::move(answers)) {}

  absl::string_view name() const override { return name_; }
  Observation Apply(const Op&) override { return answers_.at(played_++).seen; }
  void Snapshot(State* state) const override {
    ++snapshots;
    *state = Now();
  }
  uint64_t Digest() const override { return StateDigest(Now()) + lie; }
  void Reset() override { played_ = 0; }

  mutable int snapshots = 0;
  uint64_t lie = 0;  // what Digest() adds

 private:
  State Now() const {
    return played_ == 0 ? StateOf({}) : answers_[played_ - 1].state;
  }

  std::string name_;
  std::vector<Answer> answers_;
  size_t played_ = 0;
};

Observation Seen(Outcome outcome, Slot found = kNoSlot) {
  Observation seen;
  seen.outcome = outcome;
  seen.found = found;
  return seen;
}

Op Request(Slot slot, Range range) {
  Op op;
  op.verb = Verb::kRequest;
  op.slot = slot;
  op.parent = kIomem;
  op.range = range;
  op.flags = At(0, 0, {}).flags;
  return op;
}

// Two requests, of which the second is refused.
const Trace& Refusal() {
  static const Trace trace = {
      {Request(R(1), {0x1000, 0x1fff}), Request(R(2), {0x1800, 0x27ff})}, {}};
  return trace;
}

const State& One() {
  static const State state = StateOf({At(1, R(1), {0x1000, 0x1fff})});
  return state;
}

std::vector<Answer> Right() {
  return {{Seen(Outcome::kOk), One()}, {Seen(Outcome::kBusy, R(1)), One()}};
}

// Plays Refusal() on a machine that gives these answers, beside one that is
// right.
std::optional<Failure> CheckAnswers(std::vector<Answer> answers) {
  ScriptedMachine right("right", Right());
  ScriptedMachine other("other", std::move(answers));
  return Check(Refusal(), {&right, &other});
}

TEST(CheckTest, MachinesThatAgreeDoNotFail) {
  EXPECT_FALSE(CheckAnswers(Right()));
  ScriptedMachine alone("alone", Right());
  EXPECT_FALSE(Check(Refusal(), {&alone}));
  EXPECT_FALSE(Check(Trace(), {&alone}));
}

TEST(CheckTest, ObservationsAreCompared) {
  std::vector<Answer> answers = Right();
  answers[1].seen = Seen(Outcome::kBusy, kIomem);
  const auto failure = CheckAnswers(answers);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, Failure::Kind::kDisagreement);
  EXPECT_EQ(failure->what, "observation");
  EXPECT_EQ(failure->sentence, "want EBUSY r1, got EBUSY iomem");
  EXPECT_EQ(failure->reference, "right");
  EXPECT_EQ(failure->machine, "other");
  EXPECT_EQ(failure->op_index, 1);
  EXPECT_EQ(failure->op, Refusal().ops[1]);
  EXPECT_EQ(failure->want, Right()[1].seen);
  EXPECT_EQ(failure->got, answers[1].seen);
  EXPECT_EQ(failure->before, One());
  EXPECT_EQ(failure->want_state, One());
  EXPECT_EQ(failure->got_state, One());
}

TEST(CheckTest, MisuseIsComparedLikeAnythingElse) {
  std::vector<Answer> answers = Right();
  answers[1].seen = Seen(Outcome::kMisuse);
  ScriptedMachine judge("judge", answers);
  ScriptedMachine other("other", Right());
  const auto failure = Check(Refusal(), {&judge, &other});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->sentence, "want misuse, got EBUSY r1");
}

// No invariant or law says which gap an allocation takes: only the comparison
// tells.
TEST(CheckTest, StatesAreCompared) {
  Op op = Request(R(1), {0, 0x1fff});
  op.verb = Verb::kAllocate;
  op.size = 0x1000;
  const State low = StateOf({At(1, R(1), {0, 0xfff})});
  const State high = StateOf({At(1, R(1), {0x1000, 0x1fff})});
  ScriptedMachine right("right", {{Seen(Outcome::kOk), low}});
  ScriptedMachine other("other", {{Seen(Outcome::kOk), high}});
  const auto failure = Check({{op}, {}}, {&right, &other});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, Failure::Kind::kDisagreement);
  EXPECT_EQ(failure->what, "state");
  EXPECT_EQ(failure->sentence, "r1 is not the same");
  EXPECT_EQ(failure->machine, "other");
  EXPECT_EQ(failure->want_state, low);
  EXPECT_EQ(failure->got_state, high);
}

TEST(CheckTest, InvariantsAreAskedOfTheMachineThatDiffers) {
  std::vector<Answer> answers = Right();
  RowOf(answers[0].state, R(1)).parent = kNoSlot;
  const auto failure = CheckAnswers(answers);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, Failure::Kind::kInvariant);
  EXPECT_EQ(failure->what, "LinksAgree");
  EXPECT_EQ(failure->machine, "other");
  EXPECT_EQ(failure->op_index, 0);
  EXPECT_EQ(failure->before, StateOf({}));
  EXPECT_EQ(failure->want_state, One());
  EXPECT_EQ(failure->got_state, answers[0].state);
}

TEST(CheckTest, LawsAreAskedOfTheMachineThatDiffers) {
  std::vector<Answer> answers = Right();
  RowOf(answers[1].state, R(1)).range.end = 0x17ff;
  const auto failure = CheckAnswers(answers);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, Failure::Kind::kLaw);
  EXPECT_EQ(failure->what, "FailedOpChangesNothing");
  EXPECT_EQ(failure->machine, "other");
  EXPECT_EQ(failure->op_index, 1);
}

TEST(CheckTest, InvariantsAndLawsAreAskedWhereAllAgree) {
  std::vector<Answer> answers = Right();
  RowOf(answers[0].state, R(1)).range = {0x1fff, 0x1000};
  ScriptedMachine inverted("inverted", answers);
  ScriptedMachine another("another", answers);
  auto failure = Check(Refusal(), {&inverted, &another});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->what, "RangesInATreeAreNotInverted");
  EXPECT_EQ(failure->machine, "another");

  // Says ok and does nothing: the digest does not change, and the laws speak.
  answers = Right();
  answers[1].seen = Seen(Outcome::kOk);
  ScriptedMachine lazy("lazy", answers);
  failure = Check(Refusal(), {&lazy});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->what, "RequestAddsExactlyOne");
  EXPECT_EQ(failure->before, One());
}

// Step() looks at the machine that stands last, and Finish() at each.
TEST(CheckTest, FinishAsksInvariantsOfEachMachine) {
  const Row low = At(1, R(1), {1, 1});
  const Row high = At(1, R(2), {2, 2});
  std::vector<Answer> answers = {{Seen(Outcome::kOk), StateOf({low})},
                                 {Seen(Outcome::kOk), StateOf({low, high})}};
  ScriptedMachine right("right", answers);
  answers[1].state = StateOf({high, low});  // the digest is the same
  ScriptedMachine other("other", answers);
  Lockstep lockstep({&other, &right});
  ASSERT_FALSE(lockstep.Step(Request(R(1), {1, 1})));
  ASSERT_FALSE(lockstep.Step(Request(R(2), {2, 2})));
  const auto failure = lockstep.Finish();
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->what, "SiblingsAreSortedAndDisjoint");
  EXPECT_EQ(failure->machine, "other");
}

TEST(CheckTest, FinishComparesWholeStates) {
  ScriptedMachine right("right", Right());
  ScriptedMachine last("last", Right());
  std::vector<Answer> answers = Right();
  for (Answer& answer : answers) RowOf(answer.state, R(1)).desc = 1;
  ScriptedMachine liar("liar", answers);
  liar.lie = StateDigest(One()) - StateDigest(answers[1].state);
  const auto failure = Check(Refusal(), {&right, &liar, &last});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, Failure::Kind::kDisagreement);
  EXPECT_EQ(failure->what, "state");
  EXPECT_EQ(failure->machine, "liar");
  EXPECT_EQ(failure->op_index, 1);
}

TEST(CheckTest, DigestMatchesState) {
  ScriptedMachine liar("liar", Right());
  ScriptedMachine another("another", Right());
  liar.lie = another.lie = 5;
  const auto failure = Check(Refusal(), {&liar, &another});
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, Failure::Kind::kInvariant);
  EXPECT_EQ(failure->what, "DigestMatchesState");
  EXPECT_EQ(failure->machine, "liar");
}

TEST(CheckTest, ResetForgetsTheLastTrace) {
  Model model;
  Model another;
  Lockstep lockstep({&model, &another});
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(lockstep.Play(Refusal()));
    EXPECT_EQ(lockstep.state(), One());
    EXPECT_EQ(lockstep.observation(), Right()[1].seen);
  }
  lockstep.Reset();
  EXPECT_EQ(lockstep.state(), StateOf({}));
}

TEST(CheckTest, OpsThatChangeNothingTakeNoSnapshot) {
  std::vector<Answer> answers(100, {Seen(Outcome::kMisuse), StateOf({})});
  ScriptedMachine judge("judge", answers);
  ScriptedMachine other("other", answers);
  Lockstep lockstep({&judge, &other});
  for (int i = 0; i < 100; ++i) {
    ASSERT_FALSE(lockstep.Step(Request(R(1), {1, 2})));
  }
  EXPECT_EQ(judge.snapshots, 0);
  EXPECT_EQ(other.snapshots, 2);  // after Reset() and the first op
}

class CountingModel : public Model {
 public:
  void Snapshot(State* state) const override {
    ++snapshots;
    Model::Snapshot(state);
  }

  mutable size_t snapshots = 0;
};

// Each op takes one region away at most, and so a tree with n too many needs no
// look for n ops; but then state() is right again.
TEST(CheckTest, LargeTreesAreSnapshotRarely) {
  CountingModel model;
  Lockstep lockstep({&model});
  const uint32_t large = Lockstep::kRowsMax + 256;
  Op op;
  op.parent = kIomem;
  op.verb = Verb::kRequestRegion;
  for (uint32_t i = 0; i < large - 2; ++i) {
    op.slot = R(i);
    op.range = {i, i};
    ASSERT_FALSE(lockstep.Step(op));
    const size_t rows = i + 3;
    if (rows <= Lockstep::kRowsMax) {
      ASSERT_EQ(lockstep.state().rows.size(), rows);
    }
  }
  EXPECT_LT(model.snapshots, Lockstep::kRowsMax + 20);
  op.verb = Verb::kReleaseRegion;
  op.slot = 0;
  for (uint32_t i = 0; i < 512; ++i) {
    op.range = {i, i};
    ASSERT_FALSE(lockstep.Step(op));
    const size_t rows = large - i - 1;
    if (rows <= Lockstep::kRowsMax) {
      ASSERT_EQ(lockstep.state().rows.size(), rows);
    }
  }
  EXPECT_FALSE(lockstep.Finish());
}

}  // namespace
}  // namespace restree

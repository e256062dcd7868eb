// SPDX-License-Identifier: Apache-2.0
#include "properties/check.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/broken.h"
#include "properties/divergence.h"
#include "properties/laws.h"

namespace restree {
namespace {

// Of machines without a separate resource nothing is asked about one. With
// kTree it is what the tree makes of it that counts, not the reference's guess.
std::optional<Broken> BrokenLawOf(const Machine& machine, const Played& played,
                                  bool states_are_known, bool vmemmap_laws) {
  auto broken = BrokenLaw(played, states_are_known);
  const bool guesses =
      played.variant == AltmapVariant::kTree && machine.JudgesMisuse();
  if (broken || !vmemmap_laws || guesses ||
      played.variant == AltmapVariant::kNone) {
    return broken;
  }
  return BrokenVmemmapLaw(played, states_are_known);
}

// Returns whether a divergence may be about the op, whatever the state. Those
// about every verb are about waiters.
bool MayDiverge(Verb verb) {
  static const VerbSet verbs = [] {
    VerbSet all = 0;
    for (const Divergence& it : kDivergences) {
      if (it.verbs != ~VerbSet{0}) all |= it.verbs;
    }
    return all;
  }();
  return (verbs & SetOf(verb)) != 0;
}

// Says how the states of machines with equal resources differ.
std::string LedgerDifference(const Ledger& want, const Ledger& got) {
  if (want == got) return "the digests of equal states differ";
  if (want.devres != got.devres) return "the devres entries are not the same";
  if (want.listed != got.listed) return "the lists are not the same";
  if (want.waiters != got.waiters) return "who waits is not the same";
  if (want.pagemaps != got.pagemaps) return "the pagemaps are not the same";
  if (want.lookup != got.lookup) return "what pfns lead to is not the same";
  if (want.pages != got.pages) return "the pages in use are not the same";
  if (want.memory != got.memory) return "what mappings take is not the same";
  if (want.live != got.live) {
    return absl::StrCat(got.live, " objects are allocated, not ", want.live);
  }
  return "what decides later ops is not the same";
}

// Says how the two states differ, by the first resource that does.
std::string StateDifference(const State& want, const State& got) {
  const size_t common = std::min(want.rows.size(), got.rows.size());
  size_t i = 0;
  while (i < common && want.rows[i] == got.rows[i]) ++i;
  if (i == want.rows.size() && i == got.rows.size()) {
    return LedgerDifference(want.ledger, got.ledger);
  }
  if (i == want.rows.size()) {
    return absl::StrCat(SlotText(got.rows[i].slot), " is one too many");
  }
  if (i == got.rows.size()) {
    return absl::StrCat(SlotText(want.rows[i].slot), " is missing");
  }
  if (want.rows[i].slot == got.rows[i].slot) {
    return absl::StrCat(SlotText(want.rows[i].slot), " is not the same");
  }
  return absl::StrCat(SlotText(got.rows[i].slot), " is where ",
                      SlotText(want.rows[i].slot), " should be");
}

}  // namespace

Lockstep::Lockstep(absl::Span<Machine* const> machines)
    : machines_(machines.begin(), machines.end()) {
  while (judges_ < machines_.size() && machines_[judges_]->JudgesMisuse()) {
    ++judges_;
  }
  assert(judges_ > 0);
  follows_ = judges_ < machines_.size() &&
             machines_.back()->altmap() == AltmapVariant::kTree;
  assert(!follows_ || machines_.size() == 2);
  Reset();
}

void Lockstep::Reset() {
  for (Machine* machine : machines_) machine->Reset();
  machines_[judges_ - 1]->Snapshot(&after_);
  op_ = Op();
  observation_ = Observation();
  digest_ = 0;
  ops_ = 0;
  rest_ops_ = 0;
  is_known_ = true;
  waits_ = false;
  is_reset_ = true;
}

std::optional<Failure> Lockstep::Step(const Op& op) {
  op_ = op;
  is_reset_ = false;
  ++ops_;
  must_know_ = follows_ ||
               (judges_ < machines_.size() && (waits_ || MayDiverge(op.verb)));
  if (must_know_ && !is_known_) {
    machines_[judges_ - 1]->Snapshot(&after_);
    is_known_ = true;
  }
  const bool was_known = is_known_;
  if (auto failure = PlayJudges()) return failure;
  const uint64_t digest = machines_[0]->Digest();
  const bool changed = digest != digest_ || ops_ == 1;
  digest_ = digest;
  if (auto failure = Judge(changed)) return failure;
  if (observation_.outcome == Outcome::kMisuse) return std::nullopt;
  waits_ |= observation_.outcome == Outcome::kWouldBlock;
  const State* const before = changed ? &before_ : &after_;
  for (size_t i = judges_; i < machines_.size(); ++i) {
    if (auto failure = PlayReal(*machines_[i],
                                was_known && is_known_ ? before : nullptr)) {
      return failure;
    }
  }
  return std::nullopt;
}

std::optional<Failure> Lockstep::PlayJudges() {
  const State* const before = is_known_ ? &after_ : nullptr;
  observation_ = machines_[0]->Apply(op_);
  for (size_t i = 1; i < judges_; ++i) {
    got_ = machines_[i]->Apply(op_);
    if (!(got_ == observation_)) return Disagreement(*machines_[i], before);
  }
  const uint64_t digest = machines_[0]->Digest();
  for (size_t i = 1; i < judges_; ++i) {
    if (machines_[i]->Digest() == digest) continue;
    return Difference(*machines_[i], before);
  }
  return std::nullopt;
}

Played Lockstep::PlayedBy(const Machine& machine, const State& before,
                          const State& after) const {
  return {before, op_, observation_, after, machine.altmap()};
}

// All that judge agree: what holds for one holds for all. Where nothing has
// changed, after_ is what there was before, too.
std::optional<Failure> Lockstep::Judge(bool changed) {
  const Machine& machine = *machines_[judges_ - 1];
  const bool was_known = is_known_;
  if (changed) {
    if (rest_ops_ > 0 && !must_know_) {
      --rest_ops_;
      is_known_ = false;
    } else {
      std::swap(before_, after_);
      machine.Snapshot(&after_);
      is_known_ = true;
      // Each op takes one resource away at most.
      if (after_.rows.size() > kRowsMax) {
        rest_ops_ = after_.rows.size() - kRowsMax - 1;
      }
      if (auto broken = BrokenInvariant(after_)) {
        return Failed(broken->kind, broken->name, std::move(broken->sentence),
                      machine, was_known ? &before_ : nullptr);
      }
    }
  }
  const State& before = changed ? before_ : after_;
  const bool states_are_known = was_known && is_known_;
  if (auto broken = BrokenLawOf(machine, PlayedBy(machine, before, after_),
                                states_are_known, vmemmap_laws_)) {
    return Failed(broken->kind, broken->name, std::move(broken->sentence),
                  machine, states_are_known ? &before : nullptr);
  }
  return std::nullopt;
}

// A machine that has sat an op out has nothing to adopt if the op changed
// nothing.
std::optional<Failure> Lockstep::PlayReal(Machine& machine,
                                          const State* before) {
  std::optional<size_t> divergence;
  if (before != nullptr) {
    divergence =
        DivergenceBefore(machine.name(), PlayedBy(machine, *before, after_));
  }
  const bool sits_out = !machine.Plays(op_.verb) ||
                        (divergence && kDivergences[*divergence].handling ==
                                           Divergence::Handling::kSitsOut);
  if (!sits_out) {
    got_ = machine.Apply(op_);
    if (!(got_ == observation_) || machine.Digest() != digest_) {
      return Excuse(machine, before);
    }
  }
  if (divergence) return Meet(*divergence, machine, before);
  if (follows_ && !sits_out) return AskTree(machine, *before);
  if (sits_out && machine.Digest() != digest_) {
    machines_[0]->Snapshot(&real_);
    machine.Adopt(real_);
  }
  return std::nullopt;
}

std::optional<Failure> Lockstep::Excuse(Machine& machine, const State* before) {
  if (before != nullptr) {
    machine.Snapshot(&real_);
    const std::optional<size_t> divergence = DivergenceAfter(
        machine.name(), PlayedBy(machine, *before, after_), got_, real_);
    if (divergence) return Meet(*divergence, machine, before);
    if (follows_ && IsAboutVmemmap(*before)) return Follow(machine, *before);
  }
  if (!(got_ == observation_)) return Disagreement(machine, before);
  return Difference(machine, before);
}

std::optional<Failure> Lockstep::Meet(size_t divergence, Machine& machine,
                                      const State* before) {
  ++known_[divergence];
  if (strict_) {
    const Divergence& it = kDivergences[divergence];
    return Failed(Failure::Kind::kDivergence, it.name, std::string(it.why),
                  machine, before);
  }
  machine.Adopt(after_);
  return std::nullopt;
}

Failure Lockstep::Failed(Failure::Kind kind, absl::string_view what,
                         std::string sentence, const Machine& machine,
                         const State* before) const {
  Failure failure;
  failure.kind = kind;
  failure.what = std::string(what);
  failure.sentence = std::move(sentence);
  failure.reference = std::string(machines_[0]->name());
  failure.machine = std::string(machine.name());
  failure.op_index = ops_ == 0 ? 0 : ops_ - 1;
  failure.op = op_;
  failure.want = observation_;
  failure.got = observation_;
  if (before != nullptr) failure.before = *before;
  machines_[0]->Snapshot(&failure.want_state);
  machine.Snapshot(&failure.got_state);
  return failure;
}

Failure Lockstep::Disagreement(const Machine& machine,
                               const State* before) const {
  std::string want = ObservationText(observation_);
  std::string got = ObservationText(got_);
  if (want == got) {
    want = ObservationDetails(observation_);
    got = ObservationDetails(got_);
  }
  Failure failure =
      Failed(Failure::Kind::kDisagreement, "observation",
             absl::StrCat("want ", want, ", got ", got), machine, before);
  failure.got = got_;
  return failure;
}

// The digests differ. If one of the machines breaks an invariant or a law, then
// that says more than that they differ, and says who is to blame.
Failure Lockstep::Difference(const Machine& machine,
                             const State* before) const {
  const Machine* const both[] = {machines_[0], &machine};
  for (const Machine* each : both) {
    State state;
    each->Snapshot(&state);
    std::optional<Broken> broken = BrokenInvariant(state);
    if (!broken) {
      broken =
          BrokenLawOf(*each, PlayedBy(*each, before ? *before : after_, state),
                      before != nullptr, vmemmap_laws_);
    }
    if (!broken) continue;
    return Failed(broken->kind, broken->name, std::move(broken->sentence),
                  *each, before);
  }
  Failure failure =
      Failed(Failure::Kind::kDisagreement, "state", "", machine, before);
  failure.sentence = StateDifference(failure.want_state, failure.got_state);
  return failure;
}

std::optional<Failure> Lockstep::Finish() {
  is_reset_ = false;
  for (const Machine* machine : machines_) {
    machine->Snapshot(&before_);
    if (machine == machines_[0]) after_ = before_;
    if (auto broken = BrokenInvariant(before_)) {
      return Failed(broken->kind, broken->name, std::move(broken->sentence),
                    *machine, nullptr);
    }
    if (!(before_ == after_)) {
      return Failed(Failure::Kind::kDisagreement, "state",
                    StateDifference(after_, before_), *machine, nullptr);
    }
    const uint64_t digest = StateDigest(before_);
    if (machine->Digest() != digest) {
      return Failed(
          Failure::Kind::kInvariant, "DigestMatchesState",
          absl::StrCat("the digest is 0x", absl::Hex(machine->Digest()),
                       ", and of the state it is 0x", absl::Hex(digest)),
          *machine, nullptr);
    }
  }
  is_known_ = true;
  return std::nullopt;
}

std::optional<Failure> Lockstep::Play(const Trace& trace) {
  if (!is_reset_) Reset();
  for (const Op& op : trace.ops) {
    if (auto failure = Step(op)) return failure;
  }
  return Finish();
}

std::optional<Failure> Check(const Trace& trace,
                             absl::Span<Machine* const> machines) {
  return Lockstep(machines).Play(trace);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/check.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/invariants.h"
#include "properties/laws.h"

namespace restree {
namespace {

// A sentence that does not hold, and its name.
struct Broken {
  Failure::Kind kind;
  absl::string_view name;
  std::string sentence;
};

std::optional<Broken> BrokenInvariant(const State& state) {
  for (const Invariant& invariant : kInvariants) {
    if (auto sentence = invariant.broken(state)) {
      return Broken{Failure::Kind::kInvariant, invariant.name,
                    *std::move(sentence)};
    }
  }
  return std::nullopt;
}

std::optional<Broken> BrokenLaw(const Played& played, bool states_are_known) {
  for (const Law& law : kLaws) {
    if (!law.IsAbout(played.op.verb)) continue;
    if (law.reads_the_state && !states_are_known) continue;
    if (auto sentence = law.broken(played)) {
      return Broken{Failure::Kind::kLaw, law.name, *std::move(sentence)};
    }
  }
  return std::nullopt;
}

// Says how the two states differ, by the first resource that does.
std::string StateDifference(const State& want, const State& got) {
  const size_t common = std::min(want.rows.size(), got.rows.size());
  size_t i = 0;
  while (i < common && want.rows[i] == got.rows[i]) ++i;
  if (i == want.rows.size() && i == got.rows.size()) {
    return "the digests of equal states differ";
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
  assert(!machines_.empty());
  Reset();
}

void Lockstep::Reset() {
  for (Machine* machine : machines_) machine->Reset();
  machines_.back()->Snapshot(&after_);
  op_ = Op();
  observation_ = Observation();
  digest_ = 0;
  ops_ = 0;
  rest_ops_ = 0;
  is_known_ = true;
  is_reset_ = true;
}

std::optional<Failure> Lockstep::Step(const Op& op) {
  op_ = op;
  is_reset_ = false;
  ++ops_;
  observation_ = machines_[0]->Apply(op);
  for (size_t i = 1; i < machines_.size(); ++i) {
    got_ = machines_[i]->Apply(op);
    if (!(got_ == observation_)) return Disagreement(*machines_[i]);
  }
  const uint64_t digest = machines_[0]->Digest();
  for (size_t i = 1; i < machines_.size(); ++i) {
    if (machines_[i]->Digest() != digest) return Difference(*machines_[i]);
  }
  const bool changed = digest != digest_ || ops_ == 1;
  digest_ = digest;
  return Judge(changed);
}

// All machines agree: what holds for one holds for all. Where nothing has
// changed, after_ is what there was before, too.
std::optional<Failure> Lockstep::Judge(bool changed) {
  const Machine& machine = *machines_.back();
  const bool was_known = is_known_;
  if (changed) {
    if (rest_ops_ > 0) {
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
  if (auto broken =
          BrokenLaw({before, op_, observation_, after_}, states_are_known)) {
    return Failed(broken->kind, broken->name, std::move(broken->sentence),
                  machine, states_are_known ? &before : nullptr);
  }
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

Failure Lockstep::Disagreement(const Machine& machine) const {
  Failure failure = Failed(Failure::Kind::kDisagreement, "observation",
                           absl::StrCat("want ", ObservationText(observation_),
                                        ", got ", ObservationText(got_)),
                           machine, is_known_ ? &after_ : nullptr);
  failure.got = got_;
  return failure;
}

// The digests differ. If one of the machines breaks an invariant or a law, then
// that says more than that they differ, and says who is to blame.
Failure Lockstep::Difference(const Machine& machine) const {
  const State* before = is_known_ ? &after_ : nullptr;
  for (const Machine* each : machines_) {
    State state;
    each->Snapshot(&state);
    std::optional<Broken> broken = BrokenInvariant(state);
    if (!broken) broken = BrokenLaw({after_, op_, observation_, state}, before);
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

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_WATCHED_H_
#define RESTREE_TRIAGE_WATCHED_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "model/machine.h"
#include "model/trace.h"
#include "properties/check.h"
#include "triage/black_box.h"
#include "triage/lineups.h"

namespace restree {

// A machine that notes in a black box when it is its turn.
class Watched final : public Machine {
 public:
  // REQUIRES: both outlive this.
  Watched(Machine& machine, size_t number, BlackBox& box)
      : machine_(machine), number_(number), box_(box) {}

  absl::string_view name() const override { return machine_.name(); }
  Observation Apply(const Op& op) override {
    box_.Turn(number_);
    return machine_.Apply(op);
  }
  void Snapshot(State* state) const override {
    box_.Turn(number_);
    machine_.Snapshot(state);
  }
  uint64_t Digest() const override { return machine_.Digest(); }
  void Reset() override {
    box_.Turn(number_);
    machine_.Reset();
  }
  bool Plays(Verb verb) const override { return machine_.Plays(verb); }
  bool JudgesMisuse() const override { return machine_.JudgesMisuse(); }
  AltmapVariant altmap() const override { return machine_.altmap(); }
  void Adopt(const State& state) override {
    box_.Turn(number_);
    machine_.Adopt(state);
  }

 private:
  Machine& machine_;
  const size_t number_;
  BlackBox& box_;
};

// Plays `trace` in lockstep, as Check() does, and notes in `box` what is being
// played.
std::optional<Failure> PlayWatched(const Trace& trace,
                                   const Lineups::Machines& machines,
                                   bool strict, BlackBox& box);

}  // namespace restree

#endif  // RESTREE_TRIAGE_WATCHED_H_

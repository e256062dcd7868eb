// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_STATEFUL_H_
#define RESTREE_PROPERTIES_STATEFUL_H_

#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include "model/machine.h"
#include "model/oracle.h"
#include "model/trace.h"
#include "properties/check.h"

namespace restree {

// What a test plays on, and what it has played.
struct Subject {
  Lockstep lockstep;
  Trace trace;
  std::optional<Failure> failure;
};

// One op as RapidCheck plays it. The oracle says in which state an op is drawn;
// the subject, which has an oracle of its own, plays and judges it. Every op
// means something in every state, so there are no preconditions, and whatever
// a shrinker leaves out, the rest is still a trace.
class Step : public rc::state::Command<Oracle, Subject> {
 public:
  explicit Step(const Oracle& oracle);
  explicit Step(const Op& op) : op_(op) {}

  const Op& op() const { return op_; }

  void apply(Oracle& oracle) const override;  // never throws
  void run(const Oracle& oracle, Subject& subject) const override;

  // Shows a line of trace text, to be pasted into a file.
  void show(std::ostream& os) const override;

 private:
  Op op_;
};

// What RapidCheck made of a machine that fails.
struct Shrunk {
  uint64_t ops = 0;  // played until the first failure
  Trace trace;       // after shrinking
  Failure failure;   // what that one ends in
  std::string text;  // RapidCheck's counterexample, with a line an op
};

// Plays up to `tests` random traces of up to 101 ops on the oracle and
// `machine`. Returns nothing if none fails.
std::optional<Shrunk> RunStateful(uint64_t seed, int tests, Machine& machine);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_STATEFUL_H_

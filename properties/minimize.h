// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_MINIMIZE_H_
#define RESTREE_PROPERTIES_MINIMIZE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "model/trace.h"
#include "properties/check.h"

namespace restree {

// What playing a trace came to: the first thing that failed.
struct Attempt {
  std::string signature;  // "" if nothing failed
  size_t op_index = 0;    // of the op that failed

  // Where nothing failed, a number that traces share only if they end in the
  // same state; 0 if the player cannot tell.
  uint64_t state = 0;

  // Effect() of what failed. A player that cannot tell leaves it empty.
  std::string effect = {};
};

// Plays a trace. Deterministic: the same trace, the same attempt.
using Player = absl::FunctionRef<Attempt(const Trace&)>;

// A Player over machines in lockstep: Signature() of Lockstep::Play().
Attempt AttemptOn(Lockstep& lockstep, const Trace& trace);

struct MinimizeOptions {
  uint64_t evaluations_max = 50'000;  // traces played, in all passes together

  enum class Keep {
    kSignature,  // every accepted trace has the signature of the input

    // For grouping: the op that failed must fail to no other effect, but may do
    // so with another signature, and the function that its verb wraps may take
    // its place.
    // Findings of one bug come to the same trace as far as possible.
    kBug,
  };
  Keep keep = Keep::kSignature;
  bool explain = false;
};

// A trace that failed in another way while a failure was minimized.
struct OtherFinding {
  Trace trace;  // ends with the failing op
  Attempt attempt;
};

struct Minimized {
  Trace trace;      // ends with the failing op
  Attempt attempt;  // signature "": the input does not fail
  uint64_t evaluations = 0;
  bool complete = false;  // the search covered its scope within the budget
  std::string scope;      // what was searched exhaustively, in words
  std::vector<OtherFinding> others;      // one a signature, the simplest met
  std::vector<std::string> explanation;  // lines, with `explain`
};

// Returns the simplest trace (properties/trace_order.h) that can be found and
// that fails as `trace` does. Cuts, exchanges and renames (properties/moves.h)
// for as long as anything helps, then plays every shorter or simpler trace over
// the words of what it has, within the budget. Equal arguments, equal result.
//
//   Lockstep lockstep({&model, &linux});
//   const auto play = [&](const Trace& t) { return AttemptOn(lockstep, t); };
//   const Minimized minimized = Minimize(trace, play);
Minimized Minimize(const Trace& trace, Player play,
                   const MinimizeOptions& options = {});

}  // namespace restree

#endif  // RESTREE_PROPERTIES_MINIMIZE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_PLAY_H_
#define RESTREE_TRIAGE_PLAY_H_

#include <cstddef>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "triage/child.h"
#include "triage/finding_document.h"
#include "triage/intake.h"
#include "triage/lineups.h"

namespace restree {

// What an input came to.
struct InputOutcome {
  // Of most of the plays that failed; "" if none did. A machine that died is
  // known by what the sanitizers say, or as PlayerProcess has it.
  std::string signature;
  std::string effect;   // Attempt::effect
  std::string machine;  // that failed
  size_t op_index = 0;
  size_t failed = 0;  // plays with that signature
  size_t of = 0;      // plays

  // The known divergence that an input has which fails only if played strict.
  std::string divergence;
  Death death;  // if a machine died; its kind is "" otherwise
};

struct PlayInputsOptions {
  const Lineups* lineups = nullptr;
  size_t plays = 3;  // of one input, if it fails or is said to
  size_t jobs = 1;
  ChildLimits limits = {};
  bool strict = false;

  // A libFuzzer binary with sanitizers, "" if there is none, and the names that
  // it finds in RESTREE_MACHINES.
  std::string sanitized_fuzzer = {};
  std::string machines = {};
};

// Plays each of `inputs`, each time in a child of its own with machines that
// are new. What kills one, and what a fuzzer died of and nobody dies of here,
// is played once more by the fuzzer with sanitizers, which knows more. Calls
// `on_outcome` for each, not in order; ends early if it must stop.
void PlayInputs(absl::Span<const Input> inputs,
                const PlayInputsOptions& options,
                absl::FunctionRef<void(size_t, const InputOutcome&)> on_outcome,
                absl::FunctionRef<bool()> must_stop);

}  // namespace restree

#endif  // RESTREE_TRIAGE_PLAY_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_CRASH_H_
#define RESTREE_TRIAGE_CRASH_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "fuzz/crash_log.h"
#include "model/trace.h"
#include "properties/minimize.h"
#include "triage/finding_document.h"

namespace restree {

// How to run a libFuzzer binary with sanitizers on inputs.
struct SanitizedFuzzer {
  std::string path;
  std::string machines = {};  // for RESTREE_MACHINES
  double seconds = 10;        // for an input, then it hangs
  size_t jobs = 1;            // how many at a time
};

// Which of some inputs a fuzzer dies of, and how.
struct SanitizedCrash {
  size_t number = 0;  // into the inputs
  Crash crash;
};

// Runs the fuzzer on `inputs`, as bytes, and again on those behind one that it
// died of. Returns those that it did not survive, by number: a crash that has a
// signature is a check that failed. What it cannot be run on is not among them.
std::vector<SanitizedCrash> CrashesOf(const SanitizedFuzzer& fuzzer,
                                      absl::Span<const std::string> inputs,
                                      absl::FunctionRef<bool()> must_stop);

// Plays `trace` by the fuzzer. The signature is the crash's name, "" if there
// is none; in which op it came about the fuzzer does not say.
Attempt AttemptWithFuzzer(const Trace& trace, const std::string& fuzzer,
                          const std::string& machines, double seconds_max);

// Returns how the machine died that crashed so.
Death DeathOf(const Crash& crash);

}  // namespace restree

#endif  // RESTREE_TRIAGE_CRASH_H_

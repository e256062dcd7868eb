// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_TRIAGE_H_
#define RESTREE_TRIAGE_TRIAGE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "triage/json_read.h"
#include "triage/lineups.h"

namespace restree {

struct TriageOptions {
  std::string directory;  // DIR, of which nothing is changed
  std::string out;  // OUT, see triage/report/out_directory.h; not inside DIR

  // The judges, the reference first, and the machines under test.
  std::vector<TriageMachine> judges;
  std::vector<TriageMachine> under_test;
  std::string machines;  // those under test, as --machine takes them
  std::string command;   // for the document: no absolute path

  // A fuzzer of traces with sanitizers, which tells what crashes are; or "".
  std::string sanitized_fuzzer;

  // Where the exported tests are compiled and run from: Bazel's directory of
  // runfiles; or "", and none is verified.
  std::string runfiles;

  std::vector<std::string> known;  // directories of traces of known bugs
  bool strict = false;             // known divergences are new findings
  uint64_t timeout_seconds = 10;   // for one trace
  size_t jobs = 1;                 // how many processes at a time

  // Is told how far things are, if it is set.
  std::function<void(absl::string_view what, size_t done, size_t total)>
      progress;

  // Asked many times a second, if it is set: whether to end early.
  std::function<bool()> must_stop;
};

struct TriageResult {
  Json document;             // docs/triage.md
  bool interrupted = false;  // it tells of a part of the inputs only
};

// Plays what lies in DIR, each input three times in a process of its own;
// minimizes one input for each signature; finds out which signatures are one
// bug; and writes OUT. Whatever ends it early, a later triage with the same OUT
// goes on where it stopped, and ends with the same bytes.
//
// What was found while minimizing, and what an earlier triage has left in OUT,
// is looked at as well. Returns an error if DIR cannot be read or OUT cannot be
// written.
absl::StatusOr<TriageResult> Triage(const TriageOptions& options);

}  // namespace restree

#endif  // RESTREE_TRIAGE_TRIAGE_H_

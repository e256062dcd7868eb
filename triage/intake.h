// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_INTAKE_H_
#define RESTREE_TRIAGE_INTAKE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/trace.h"
#include "triage/file_list.h"

namespace restree {

// What is larger is no artifact of a fuzzer of ours, and takes too long.
inline constexpr size_t kInputBytesMax = size_t{4} << 20;
inline constexpr size_t kInputOpsMax = 10'000;

// A trace to play, as it lay in the directory.
struct Input {
  std::string name;               // the path below the directory
  std::vector<std::string> also;  // other files with the same trace

  // What libFuzzer calls it, "crash", "leak", "timeout", "oom" or "slow-unit",
  // if its name begins so; otherwise "trace" for text and "bytes" for others.
  std::string kind;

  // The signature that it had when it was found; "" if nobody says.
  std::string was;

  std::string bytes;  // as fuzzers read it; text is encoded
  Trace trace;        // of normal ops, one at least
  uint64_t hash = 0;  // of the bytes, the same in every process
};

// What there is to play, by name, and what there is besides.
struct Intake {
  std::vector<Input> inputs;
  std::vector<Skipped> skipped;
};

// Reads the inputs of a directory, as ListFiles() lists them, each trace once.
// Text is what is called *.trace, or spells a trace; what has mistakes is
// skipped with `name:line:column: what is wrong`. All other files are bytes,
// which always spell something, unless they look like text that is something
// else. Skipped are files that are empty, too large or cannot be read.
//
// Nothing in the directory is written or changed. Fails as ListFiles() does.
absl::StatusOr<Intake> ReadInputs(const std::string& directory);

// Returns the input that a trace of such a kind is which lies nowhere.
Input InputOf(const Trace& trace, const std::string& kind,
              const std::string& was);

}  // namespace restree

#endif  // RESTREE_TRIAGE_INTAKE_H_

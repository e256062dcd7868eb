// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_HUNT_H_
#define RESTREE_FUZZ_HUNT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "fuzz/hunt_report.h"

namespace restree {

struct HuntOptions {
  std::string fuzzer;  // a libFuzzer binary of a TraceTarget

  // The same with sanitizers, which every fourth job runs, from the first on,
  // if there are two or more: it is some five times slower. May be empty.
  std::string sanitized_fuzzer;

  // Names of machines, with commas between them, that the fuzzer finds in
  // RESTREE_MACHINES; "" for all that it has.
  std::string machines;

  std::string directory;  // where the campaign lives, see HuntDirectory
  std::vector<std::string> seeds;  // directories of inputs to begin with
  uint64_t seconds = 60;           // 0: until interrupted
  size_t jobs = 1;
  uint64_t seed = 1;
  std::vector<std::string> fuzzer_flags;  // after ours, so that they win
};

// A hunt is one campaign: `jobs` fuzzers that share a corpus, watched until the
// time is up, SIGINT or SIGTERM comes, or the disk is full. A fuzzer that dies
// leaves a finding and is started again. No fuzzer outlives the process that
// hunts, whatever ends it, and no finding is lost with it: the next hunt on the
// directory goes on with corpus and findings, and looks for the bugs of those
// findings first.
//
// Progress goes to standard error. The report is written to the directory's
// report.txt; the summary that it is made of is returned, whatever was found
// and whatever ended the hunt. Its problem is Unavailable if nothing else went
// wrong, but no fuzzer has played a trace.
//
// Returns NotFound if a fuzzer is missing, and another error if the directory
// or the seeds cannot be used.
absl::StatusOr<HuntSummary> Hunt(const HuntOptions& options);

}  // namespace restree

#endif  // RESTREE_FUZZ_HUNT_H_

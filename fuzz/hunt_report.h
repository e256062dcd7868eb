// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_HUNT_REPORT_H_
#define RESTREE_FUZZ_HUNT_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "fuzz/hunt_directory.h"
#include "fuzz/stats.h"

namespace restree {

// One bug of a campaign.
struct HuntFinding {
  FindingFile file;
  uint64_t count = 0;   // how often this hunt met it
  bool is_new = false;  // whether this hunt was the first to
};

// What there is to tell about a hunt, while it runs or when it is over.
struct HuntSummary {
  double seconds = 0;
  uint64_t seconds_max = 0;  // 0: until interrupted
  size_t jobs = 0;
  uint64_t seed = 0;
  std::string directory;
  std::string fuzzer;
  std::string machines;   // HuntOptions::machines
  std::string ended_by;   // the signal that did; may be empty
  absl::Status problem;   // what ended it, or what could not be written
  Figures figures;        // of this hunt, but `states` of all on the directory
  bool resumed = false;   // whether there was a hunt on the directory before
  uint64_t coverage = 0;  // of `fuzzer`, or of the one without sanitizers
  size_t corpus_files = 0;
  size_t restarts = 0;  // of fuzzers that died
  size_t finding_files = 0;
  std::vector<HuntFinding> findings;
};

// Returns one line, without newline, about a hunt that runs. `earlier` is what
// the line before was about: rates are those since then. What has no room in
// `width` columns is abbreviated, and then left out; 0 is without limit.
std::string HuntProgress(const HuntSummary& now, const HuntSummary& earlier,
                         size_t width);

// Returns the whole report, for people.
std::string HuntReport(const HuntSummary& summary);

}  // namespace restree

#endif  // RESTREE_FUZZ_HUNT_REPORT_H_

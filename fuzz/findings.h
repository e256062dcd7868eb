// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_FINDINGS_H_
#define RESTREE_FUZZ_FINDINGS_H_

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "fuzz/stats.h"
#include "model/trace.h"
#include "properties/check.h"

namespace restree {

// Findings are where the failures of a fuzz target go: into a directory, a file
// `<signature>.trace` for each signature, so that known bugs do not end a
// campaign. Each file is a trace that ends with the failing op, with the report
// in its leading comments:
//
//   restree run restree-hunt/findings/state-insert.trace
//
// Without a directory the first failure is printed and ends the process.
class Findings {
 public:
  // `stats` must outlive this. "" is no directory.
  Findings(std::string directory, Stats* stats)
      : directory_(std::move(directory)), stats_(stats) {}

  // Counts the failure of `trace`, and writes its file if there is none yet.
  void Add(const Trace& trace, const Failure& failure);

 private:
  std::string directory_;
  Stats* stats_;
  absl::flat_hash_set<std::string> known_;  // signatures with a file
};

// Returns `signature` as a file's name without suffix. Other signatures have
// other names.
std::string FileNameOf(absl::string_view signature);

}  // namespace restree

#endif  // RESTREE_FUZZ_FINDINGS_H_

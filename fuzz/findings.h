// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_FINDINGS_H_
#define RESTREE_FUZZ_FINDINGS_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "fuzz/stats.h"
#include "model/machine.h"
#include "model/trace.h"
#include "properties/check.h"

namespace restree {

// Findings are where the failures of a fuzz target go: into a directory, a file
// `<signature>.trace` for each signature, so that known bugs do not end a
// campaign. Each file is a trace that ends with the failing op, with the report
// in its leading comments. It is written as it was found at once, and then made
// as short as it goes, which is what the signature is taken from in the end:
//
//   restree run restree-hunt/findings/state-insert.trace
//
// What fails in another way on the way there is kept as a finding of its own.
// Without a directory the first failure is printed and ends the process.
class Findings {
 public:
  // `stats` must outlive this, and `referee`, which gives the verdict and may
  // be null. "" is no directory.
  Findings(std::string directory, Stats* stats, Machine* referee = nullptr)
      : directory_(std::move(directory)), stats_(stats), referee_(referee) {}

  // Counts the failure of `trace` in `lockstep`, and writes its file if there
  // is none yet. Plays on `lockstep` to find a shorter trace.
  void Add(const Trace& trace, const Failure& failure, Lockstep& lockstep);

 private:
  // A trace that ends with the op that fails.
  struct Finding {
    Trace trace;
    Failure failure;
  };

  // Returns the name of the file that holds the finding, or "" if none could be
  // written.
  std::string Keep(const std::string& found_as, const Finding& found,
                   Lockstep& lockstep);

  // Makes the finding as simple as it goes, and writes what else failed.
  Finding Simplest(const Finding& found, Lockstep& lockstep);
  bool Write(const std::string& name, const Finding& finding);
  std::string ReportOf(const Finding& finding, const std::string& path);
  std::string PathOf(const std::string& name) const;

  std::string directory_;
  Stats* stats_;
  Machine* referee_;
  // What a failure was called when it was found, and the file it ended up in.
  absl::flat_hash_map<std::string, std::string> known_;
};

// Returns `signature` as a file's name without suffix. Other signatures have
// other names.
std::string FileNameOf(absl::string_view signature);

}  // namespace restree

#endif  // RESTREE_FUZZ_FINDINGS_H_

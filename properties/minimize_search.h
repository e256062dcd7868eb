// SPDX-License-Identifier: Apache-2.0
//
// Internal to minimize.h: what its passes share.

#ifndef RESTREE_PROPERTIES_MINIMIZE_SEARCH_H_
#define RESTREE_PROPERTIES_MINIMIZE_SEARCH_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "model/trace.h"
#include "properties/minimize.h"
#include "properties/trace_order.h"

namespace restree {

// How often candidates came to the same end, and the first that did.
struct Rejection {
  uint64_t count = 0;
  Trace example;
};

// The simplest trace so far, and everything that was tried.
class Search {
 public:
  Search(const Trace& trace, Player play, const MinimizeOptions& options);

  // Whether the trace fails at all.
  bool fails() const { return !attempt_.signature.empty(); }
  const Trace& best() const { return best_; }
  const Attempt& attempt() const { return attempt_; }

  uint64_t evaluations() const { return evaluations_; }
  bool is_spent() const { return evaluations_ >= evaluations_max_; }

  // Gives what Explain() has to itself.
  void SpendAll() { evaluations_max_ = options_.evaluations_max; }

  // Plays a trace that is no candidate. Returns whether it shows the bug.
  bool Shows(const Trace& trace);

  // Plays a trace that is simpler than the best and was not tried yet, and
  // takes it for the best one if it fails as it should. Returns whether it did.
  bool Try(const Trace& candidate);
  bool TryAny(const std::vector<Trace>& candidates);

  // Plays whatever it is, and books it as Try() does. Returns nothing if the
  // budget is spent.
  Attempt Play(const Trace& trace);

  // Returns whether a trace that came to `attempt` shows the bug in its last
  // op.
  bool IsWanted(const Trace& trace, const Attempt& attempt) const;

  // The verbs that the failing op may have.
  const std::vector<Verb>& last_verbs() const { return last_verbs_; }

  const std::map<std::string, OtherFinding>& others() const { return others_; }
  const std::map<std::string, Rejection>& rejections() const {
    return rejections_;
  }

 private:
  void Reject(const Trace& trace, const Attempt& attempt);

  Player play_;
  MinimizeOptions options_;
  Trace best_;
  Weight weight_;  // of the best
  Attempt attempt_;
  Attempt wanted_;  // what the input came to
  std::vector<Verb> last_verbs_;
  uint64_t evaluations_ = 0;
  uint64_t evaluations_max_;  // less what Explain() needs
  absl::flat_hash_set<std::string> tried_;
  std::map<std::string, OtherFinding> others_;
  std::map<std::string, Rejection> rejections_;  // by signature
};

// Returns `trace` up to the op that failed.
Trace CutAfter(const Trace& trace, size_t op_index);

// Whether a search has tried all there is in its scope, which it names.
struct Scoped {
  bool complete = false;
  std::string text;
};

// Plays every trace of the words of the best one that is shorter or simpler,
// the shortest first. Traces that lead to the same state go on as one.
Scoped SearchShorter(Search* search, uint64_t evaluations_max);

// Lines about what can vary, and what was rejected.
std::vector<std::string> Explain(Search* search);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_MINIMIZE_SEARCH_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_GROUP_H_
#define RESTREE_TRIAGE_GROUP_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace restree {

// What is known of a finding that may be of the same bug as another.
struct Clue {
  std::string verb;    // of the op that failed
  std::string effect;  // Effect() of its minimal trace
  std::string form;    // text of what Keep::kBug makes of it
};

// Returns, for each finding, the first one of the same bug. Two are of one bug
// if they have the same form, or if the same verb breaks the same invariant or
// law: a trace of a bug that comes in two forms, neither of which is on the way
// from the other, breaks the same all the same.
std::vector<size_t> FirstOfSameBug(absl::Span<const Clue> clues);

}  // namespace restree

#endif  // RESTREE_TRIAGE_GROUP_H_

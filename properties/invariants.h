// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_INVARIANTS_H_
#define RESTREE_PROPERTIES_INVARIANTS_H_

#include <array>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "model/state.h"

namespace restree {

// An Invariant is a sentence that is true of every state that any sequence of
// ops can lead to. Asking returns nothing while it holds, and otherwise a
// sentence that says who breaks it, with the numbers:
//
//   ChildrenLieInsideParent
//   "r2 0x1000-0x2fff escapes its parent r1 0x1000-0x1fff"
//
// Each looks at one thing and takes the others for granted: where a row was met
// (its depth) says who its parent and siblings are, whatever its own `parent`
// says. So a broken state is named by one invariant, not by all. Each takes
// time proportional to the number of rows and of what the ledger has (one
// looks each of these up) and, while it holds, no memory.
struct Invariant {
  absl::string_view name;
  absl::string_view why;
  std::optional<std::string> (*broken)(const State& state);
};

extern const std::array<Invariant, 15> kInvariants;

}  // namespace restree

#endif  // RESTREE_PROPERTIES_INVARIANTS_H_

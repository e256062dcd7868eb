// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_BROKEN_H_
#define RESTREE_PROPERTIES_BROKEN_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "model/state.h"
#include "properties/check.h"
#include "properties/laws.h"

namespace restree {

// An invariant or a law that does not hold: its name, and what is wrong.
struct Broken {
  Failure::Kind kind;
  absl::string_view name;
  std::string sentence;
};

std::optional<Broken> BrokenInvariant(const State& state);

// The first of kLaws, or of kVmemmapLaws, that an op breaks. Laws that read the
// states around it are asked only where those are known.
std::optional<Broken> BrokenLaw(const Played& played, bool states_are_known);
std::optional<Broken> BrokenVmemmapLaw(const Played& played,
                                       bool states_are_known);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_BROKEN_H_

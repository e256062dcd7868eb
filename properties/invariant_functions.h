// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_INVARIANT_FUNCTIONS_H_
#define RESTREE_PROPERTIES_INVARIANT_FUNCTIONS_H_

#include <optional>
#include <string>

#include "model/state.h"

// What stands behind the part of kInvariants that is about device memory.
// Include invariants.h instead.
namespace restree {

// invariants_memory.cc
std::optional<std::string> PagemapsAreInDisorder(const State& state);
std::optional<std::string> PagemapsOverlap(const State& state);
std::optional<std::string> LookupDisagrees(const State& state);
std::optional<std::string> MemoryUseDisagrees(const State& state);
std::optional<std::string> ReferencesDisagree(const State& state);
std::optional<std::string> PageIsNobodys(const State& state);
std::optional<std::string> AltmapIsOverdrawn(const State& state);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_INVARIANT_FUNCTIONS_H_

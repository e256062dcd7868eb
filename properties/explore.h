// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_EXPLORE_H_
#define RESTREE_PROPERTIES_EXPLORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "model/machine.h"
#include "model/trace.h"
#include "properties/check.h"
#include "properties/scope.h"

namespace restree {

// What an exploration has seen, and the shortest way to a failure if any.
struct Exploration {
  uint64_t states = 0;  // distinct ones
  uint64_t ops = 0;     // every op of the scope from each, but the last ones
  std::optional<Failure> failure;
  Trace trace;  // leads to the failure; no trace in the scope is shorter
};

// Plays every trace of at most `ops_max` ops of the scope on the machines in
// lockstep, shortest first. Traces that lead to the same state go on as one.
Exploration Explore(const Scope& scope, size_t ops_max,
                    absl::Span<Machine* const> machines);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_EXPLORE_H_

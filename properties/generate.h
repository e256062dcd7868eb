// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_GENERATE_H_
#define RESTREE_PROPERTIES_GENERATE_H_

#include <cstddef>
#include <string>

#include "absl/types/span.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/choices.h"
#include "properties/taste.h"

namespace restree {

// Returns some normal op that makes sense in `state` (most of the time: misuse
// is generated too, rarely). Every verb is possible, and every address near an
// edge of what exists is likely. Op::name is 0 or one of the NamesOfAnyOp().
// Takes no memory from the heap. REQUIRES: state.rows is not empty; no
// machine's is.
Op AnyOp(Choices& choices, const State& state);
Op AnyOp(Choices& choices, const State& state, const Taste& taste);

// Returns the names that the trace must have in which AnyOp() puts its ops.
// Few: what has equal names can be merged.
absl::Span<const std::string> NamesOfAnyOp();

// Returns a trace of at most `ops_max` ops, each generated in the state that
// the model is in after those before it, with one taste for all.
Trace AnyTrace(Choices& choices, size_t ops_max);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_GENERATE_H_

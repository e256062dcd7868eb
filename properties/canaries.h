// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_CANARIES_H_
#define RESTREE_PROPERTIES_CANARIES_H_

#include <cstddef>
#include <memory>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/trace.h"

namespace restree {

// A Canary is the model with one bug planted in it. It says whether an engine
// is alive: each must find each within its budget. What it found shrinks to
// `ops_min` ops, or, where two places would have to change at once, to one
// more.
struct Canary {
  absl::string_view name;      // CamelCase, also the machine's
  absl::string_view sentence;  // what is wrong with it

  // The shortest trace that shows the bug, as text, and how many ops it has.
  // No shorter one exists.
  size_t ops_min;
  absl::string_view trace;

  // Whether the bug leaves a tree that breaks an invariant or an op that breaks
  // a law, so that it is found without a second machine to compare with.
  bool shows_alone;

  // Performs `op` on the model, wrongly where the bug is.
  Observation (*apply)(Model& model, const Op& op);
};

absl::Span<const Canary> Canaries();

// Returns a new machine with the bug of that name, or null if there is none.
std::unique_ptr<Machine> MakeCanary(absl::string_view name);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_CANARIES_H_

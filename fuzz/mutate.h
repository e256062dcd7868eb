// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_MUTATE_H_
#define RESTREE_FUZZ_MUTATE_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/trace.h"
#include "properties/choices.h"

namespace restree {

// An Edit is one way to change a trace at the level of its ops, with the weight
// that it is drawn with. All edits keep every op normal, never make a trace
// longer than `ops_max`, and never make one empty.
struct Edit {
  absl::string_view name;
  uint32_t weight;

  // Returns whether the edit applied; if not, the trace is as it was.
  bool (*apply)(Choices& choices, size_t ops_max, Trace* trace);
};

// Returns the table that Mutate() draws from.
absl::Span<const Edit> Edits();

// Applies one or a few edits to `trace`, each drawn by weight. The result is
// never empty. It depends on `choices` and on the trace alone.
// REQUIRES: every op of `trace` is normal, ops_max >= 1.
void Mutate(Choices& choices, size_t ops_max, Trace* trace);

// Returns a trace that begins as `a` does and goes on with ops of `b`, then
// perhaps with the rest of `a`. It has ops of both, unless one of them is empty
// or ops_max is 1.
// REQUIRES: every op of `a` and `b` is normal, ops_max >= 1.
Trace CrossOver(Choices& choices, const Trace& a, const Trace& b,
                size_t ops_max);

}  // namespace restree

#endif  // RESTREE_FUZZ_MUTATE_H_

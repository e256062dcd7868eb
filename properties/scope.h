// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_SCOPE_H_
#define RESTREE_PROPERTIES_SCOPE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/choices.h"

namespace restree {

// A Scope is a universe so small that everything in it can be tried: a few
// slots, a few addresses, some verbs. What holds for all traces in a scope is
// proved, not sampled.
struct Scope {
  absl::string_view name;
  absl::Span<const Verb> verbs;
  size_t ops_max = 3;      // the longest traces that the tests try
  uint32_t slots = 3;      // r0, r1, ...
  bool ioport = false;     // whether resources are placed below ioport too
  uint64_t base = 0;       // the lowest address
  uint64_t unit = 1;       // bytes from one address to the next
  uint64_t addresses = 3;  // how many there are
  bool isa = false;        // whether allocations may look past ISA aliases
  NameId name_of_all = 0;  // 1: what all resources are called
  absl::Span<const uint64_t> flags = {};
  absl::Span<const uint64_t> descs = {};
  uint32_t pagemaps = 1;                  // p0, p1, ...
  absl::Span<const uint64_t> types = {};  // of memory
};

// Returns "regions: 3 slots, 4 addresses of 0x1 from 0x0, 4 verbs, ...".
std::string ScopeText(const Scope& scope);

// Returns some op of the scope. Under EveryChoice, each op once: every verb,
// every slot and parent that exists (so misuse is among them), every range
// between two addresses. Slots are alike, so only the lowest empty one and
// those that may be defined anew are defined.
// REQUIRES: `state` was reached with ops of the scope.
Op OpInScope(Choices& choices, const State& state, const Scope& scope);

// The scopes that the tests prove.
absl::Span<const Scope> Scopes();

}  // namespace restree

#endif  // RESTREE_PROPERTIES_SCOPE_H_

// SPDX-License-Identifier: Apache-2.0
#include "properties/broken.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/check.h"
#include "properties/invariants.h"
#include "properties/laws.h"

namespace restree {
namespace {

// The laws about each verb, since few are about any one.
using LawsByVerb = std::array<std::vector<const Law*>, kVerbs>;

LawsByVerb SortLaws(absl::Span<const Law> some) {
  LawsByVerb laws;
  for (size_t i = 0; i < laws.size(); ++i) {
    for (const Law& law : some) {
      if (law.IsAbout(static_cast<Verb>(i))) laws[i].push_back(&law);
    }
  }
  return laws;
}

std::optional<Broken> BrokenOf(const LawsByVerb& by_verb, const Played& played,
                               bool states_are_known) {
  for (const Law* law : by_verb[static_cast<size_t>(played.op.verb)]) {
    if (law->reads_the_state && !states_are_known) continue;
    if (auto sentence = law->broken(played)) {
      return Broken{Failure::Kind::kLaw, law->name, *std::move(sentence)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Broken> BrokenInvariant(const State& state) {
  for (const Invariant& invariant : kInvariants) {
    if (auto sentence = invariant.broken(state)) {
      return Broken{Failure::Kind::kInvariant, invariant.name,
                    *std::move(sentence)};
    }
  }
  return std::nullopt;
}

std::optional<Broken> BrokenLaw(const Played& played, bool states_are_known) {
  static const LawsByVerb& laws = *new LawsByVerb(SortLaws(kLaws));
  return BrokenOf(laws, played, states_are_known);
}

std::optional<Broken> BrokenVmemmapLaw(const Played& played,
                                       bool states_are_known) {
  static const LawsByVerb& laws = *new LawsByVerb(SortLaws(kVmemmapLaws));
  return BrokenOf(laws, played, states_are_known);
}

}  // namespace restree

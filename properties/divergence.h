// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_DIVERGENCE_H_
#define RESTREE_PROPERTIES_DIVERGENCE_H_

#include <array>
#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/laws.h"

namespace restree {

// A Divergence is something that the real kernel does and that breaks a law,
// confirmed by reading the source: docs/divergences.md tells each one's story,
// and corpus/divergences/ has a minimal trace of each. Whoever compares a real
// machine with the model reports them as known, counts them, and goes on.
struct Divergence {
  // How the comparison goes on.
  enum class Handling {
    // The op is played. What the machine shows is held against `excuses`; if
    // that is what happened, the machine adopts the model's state.
    kExcused,

    // The op is not played, since it would crash or hang the kernel's code or
    // leave a tree that nobody can walk.
    kSitsOut,

    // The op is played and must go as in the model. Then the machine starts
    // over from the model's state, because it has kept something that nobody
    // can see and that would do harm later.
    kStartsOver,
  };

  absl::string_view name;

  // The one machine that has it, such as "linux-6.1"; "" for every kernel. The
  // user's own tree, "linux", may have any.
  absl::string_view machine;
  absl::string_view why;  // one sentence: what the source does
  VerbSet verbs;
  Handling handling;

  // Returns whether the op `want`, as the model played it, is one of those.
  bool (*applies)(const Played& want);

  // For kExcused, if it applies: returns whether what a machine saw and shows
  // is what the divergence makes of it, and nothing else.
  bool (*excuses)(const Played& want, const Observation& got,
                  const State& got_state);

  bool IsOf(absl::string_view machine_name) const;
};

inline constexpr size_t kDivergenceCount = 17;
extern const std::array<Divergence, kDivergenceCount> kDivergences;

// Returns the index of the divergence that says how `machine` is to play an op,
// before it does: one that is kSitsOut or kStartsOver.
std::optional<size_t> DivergenceBefore(absl::string_view machine,
                                       const Played& want);

// Returns the index of the one that explains what `machine` saw and shows.
std::optional<size_t> DivergenceAfter(absl::string_view machine,
                                      const Played& want,
                                      const Observation& got,
                                      const State& got_state);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_DIVERGENCE_H_

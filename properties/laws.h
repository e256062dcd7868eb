// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_LAWS_H_
#define RESTREE_PROPERTIES_LAWS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// One op as it was played: what there was, what was asked and seen, and what
// there is now. Where an op changes nothing, `before` and `after` may be the
// same object.
struct Played {
  const State& before;
  const Op& op;
  const Observation& seen;
  const State& after;
  AltmapVariant variant = AltmapVariant::kNone;  // of the machine
};

// A Law is a sentence that is true of every op, in whatever state it is played.
// Asking returns nothing while it holds, and otherwise a sentence that says
// what breaks it, with the numbers:
//
//   AdjustSetsExactlyTheRange
//   "r1 was adjusted to 0x1000-0x1fff and has 0x1000-0x2fff"
//
// Laws take the invariants for granted, and each other: an op that does one
// thing wrong breaks one law. Each takes time proportional to the number of
// rows and visits (release_child sorts) and, while it holds, next to no memory.
struct Law {
  absl::string_view name;
  absl::string_view why;
  VerbSet verbs;         // that it is about
  bool reads_the_state;  // else `before` and `after` may be empty
  std::optional<std::string> (*broken)(const Played& played);

  bool IsAbout(Verb verb) const { return (verbs & SetOf(verb)) != 0; }
};

extern const std::array<Law, 64> kLaws;

// Those about the separate resource of an altmap, which are asked of machines
// that register one. What is proposed breaks most of them.
extern const std::array<Law, 8> kVmemmapLaws;

}  // namespace restree

#endif  // RESTREE_PROPERTIES_LAWS_H_

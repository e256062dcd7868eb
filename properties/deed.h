// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_DEED_H_
#define RESTREE_PROPERTIES_DEED_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// One op that was done, to be tampered with in tests of laws.
struct Deed {
  State before;
  Op op;
  Observation seen;
  State after;
  AltmapVariant variant = AltmapVariant::kNone;  // of the model

  Row& was(Slot slot);
  Row& is(Slot slot);
};

// Returns the last op of the trace that `text` spells, as the model does it.
// `seen`, if any, is what ObservationText() must say.
Deed LastOf(absl::string_view text, absl::string_view seen = "",
            AltmapVariant variant = AltmapVariant::kNone);

// Returns the names of all laws that `deed` breaks, those of kVmemmapLaws where
// the model has a variant, with the sentence in
// `*sentence` if there is just one.
std::vector<std::string> BrokenLaws(const Deed& deed,
                                    std::string* sentence = nullptr);

// Returns the last op of the trace `tree` + `line` as the model does it. All
// laws must hold of it.
Deed LawfulDeed(absl::string_view tree, absl::string_view line,
                absl::string_view seen,
                AltmapVariant variant = AltmapVariant::kNone);

// Removes the row of `slot`.
void Drop(State* state, Slot slot);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_DEED_H_

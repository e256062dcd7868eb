// SPDX-License-Identifier: Apache-2.0
#include "triage/measure/regression.h"

#include "model/model.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

Observation ShallowIntersects::Apply(const Op& op) {
  if (op.verb != Verb::kRegionIntersects) return Model::Apply(op);
  State state;
  Snapshot(&state);
  Model shallow;
  for (const Row& row : state.rows) {
    if (row.parent != kIomem || row.depth != 1) continue;
    Op place;
    place.verb = Verb::kRequest;
    place.slot = row.slot;
    place.range = row.range;
    place.flags = row.flags;
    place.desc = row.desc;
    shallow.Apply(Normal(place));
  }
  return shallow.Apply(op);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_WALK_H_
#define RESTREE_MODEL_WALK_H_

#include "model/observation.h"
#include "model/resource_tree.h"
#include "model/trace.h"

namespace restree {

// Returns what the callback and the caller of one of the five walks of
// kernel/resource.c see; `iomem` is the root that they all walk.
// REQUIRES: op.verb is one of Verb::kWalk....
Observation Walk(const Resource& iomem, const Op& op);

}  // namespace restree

#endif  // RESTREE_MODEL_WALK_H_

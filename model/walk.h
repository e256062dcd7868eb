// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_WALK_H_
#define RESTREE_MODEL_WALK_H_

#include "absl/functional/function_ref.h"
#include "model/observation.h"
#include "model/resource_tree.h"
#include "model/trace.h"

namespace restree {

// Returns what the callback and the caller of one of the four forward walks of
// kernel/resource.c see; `iomem` is the root that they all walk.
// REQUIRES: op.verb is one of Verb::kWalk..., but not kWalkSystemRamRev.
Observation Walk(const Resource& iomem, const Op& op);

// Returns the same for walk_system_ram_res_rev(), which allocates memory:
// `fails` is called for each allocation, and says whether it fails.
Observation WalkBackward(const Resource& iomem, const Op& op,
                         absl::FunctionRef<bool()> fails);

}  // namespace restree

#endif  // RESTREE_MODEL_WALK_H_

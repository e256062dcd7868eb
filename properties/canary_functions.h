// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_CANARY_FUNCTIONS_H_
#define RESTREE_PROPERTIES_CANARY_FUNCTIONS_H_

#include "model/model.h"
#include "model/observation.h"
#include "model/trace.h"

// The bugs behind Canaries(). Include canaries.h instead.
namespace restree {

// What the model itself does, from within a machine that is a model.
Observation Right(Model& model, const Op& op);

// Loses one object of the allocator's.
void Leak(Model& model);

// canary_functions.cc: resources that the caller places.
Observation RequestOverlapsByOneByte(Model& model, const Op& op);
Observation DeepChildSticksOut(Model& model, const Op& op);
Observation RequestRefusesTheLastAddress(Model& model, const Op& op);
Observation ReleaseLosesTheNextSibling(Model& model, const Op& op);
Observation RemoveLeavesAStaleParent(Model& model, const Op& op);
Observation ReleaseRegionTakesAShorterRange(Model& model, const Op& op);
Observation RequestRegionDropsSysram(Model& model, const Op& op);
Observation RequestRegionInheritsFromItsOperand(Model& model, const Op& op);
Observation MuxedRegionIsRefused(Model& model, const Op& op);
Observation InsertAdoptsAllButTheLast(Model& model, const Op& op);
Observation InsertOfAnEqualRangeGoesBelow(Model& model, const Op& op);
Observation FailedExpandLeavesATrace(Model& model, const Op& op);
Observation AdjustCutsThroughAChild(Model& model, const Op& op);
Observation AllocateIgnoresAlignment(Model& model, const Op& op);
Observation AllocatePassesTheMaximumByOne(Model& model, const Op& op);
Observation ReleaseChildForgetsGrandchildren(Model& model, const Op& op);
Observation WalkMissesTheLastByte(Model& model, const Op& op);
Observation IntersectsMissesTheLastByte(Model& model, const Op& op);
Observation LookupFindsWhatCovers(Model& model, const Op& op);

// canary_kernel.cc: resources that the kernel makes, and what else it keeps.
Observation ReserveForgetsTheLastGap(Model& model, const Op& op);
Observation SplitLosesSysram(Model& model, const Op& op);
Observation MergeReachesOverAGap(Model& model, const Op& op);
Observation AllocFreeForgetsTheLastByte(Model& model, const Op& op);
Observation ExclusiveMissesTheLastByte(Model& model, const Op& op);
Observation ProcTellsEverybody(Model& model, const Op& op);
Observation FailedDevmRequestLeaks(Model& model, const Op& op);
Observation UnbindUndoesTheOldestFirst(Model& model, const Op& op);
Observation WokenRegionIsLost(Model& model, const Op& op);
Observation ListAddGoesToTheTail(Model& model, const Op& op);

// canary_memory.cc: device memory.
Observation FailedMapLeaksItsReference(Model& model, const Op& op);
Observation PfnsStartInTheAltmap(Model& model, const Op& op);
Observation DumpLeavesTheLastOut(Model& model, const Op& op);
Observation UnmapLeavesTheLookup(Model& model, const Op& op);
Observation AltmapForgetsItsPadding(Model& model, const Op& op);
Observation GetTakesNoReference(Model& model, const Op& op);
Observation LastPutDoesNotWake(Model& model, const Op& op);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_CANARY_FUNCTIONS_H_

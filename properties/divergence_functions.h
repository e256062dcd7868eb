// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_DIVERGENCE_FUNCTIONS_H_
#define RESTREE_PROPERTIES_DIVERGENCE_FUNCTIONS_H_

#include <cstdint>

#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/laws.h"

namespace restree {

// The predicates of the table of divergences, which says what each is about.

// What may place a region, or wake someone who does.
inline constexpr VerbSet kRegionVerbs =
    SetOf(Verb::kRequestRegion, Verb::kDevmRequestRegion, Verb::kReleaseRegion,
          Verb::kDevmReleaseRegion, Verb::kUnbind);

// Whether an op, as the model played it, is one that a divergence is about.
bool AdjustsToAnInvertedRange(const Played& want);
bool IsBehindTheLastAddress(const Played& want);
bool RemovesAParent(const Played& want);
bool WalksPastTheEnd(const Played& want);
bool Always(const Played& want);
bool FindsNoFreeRegion(const Played& want);
bool TriesManyPlaces(const Played& want);
bool MovesAWaiter(const Played& want);
bool IsOneByte(const Played& want);
bool ReleasesNothing(const Played& want);
bool AsksAboutTheLastAddress(const Played& want);
bool AsksBelowAPlacedResource(const Played& want);
bool AsksBelowALooseResource(const Played& want);
bool UnmapsPrivateAltmap(const Played& want);
bool FailsToMapOverAnother(const Played& want);
bool DumpsPastTheEnd(const Played& want);

// Whether what a machine saw and shows is what the divergence makes of such an
// op, and nothing else.
bool HasTheInvertedRange(const Played& want, const Observation& got,
                         const State& got_state);
bool HasMoved(const Played& want, const Observation& got,
              const State& got_state);
bool HasAStaleChild(const Played& want, const Observation& got,
                    const State& got_state);
bool WarnsWithoutNeed(const Played& want, const Observation& got,
                      const State& got_state);
bool HasLeakedOne(const Played& want, const Observation& got,
                  const State& got_state);
bool EndsBeyondPhysmem(const Played& want, const Observation& got,
                       const State& got_state);
bool IsElsewhere(const Played& want, const Observation& got,
                 const State& got_state);
bool HasReleasedNothing(const Played& want, const Observation& got,
                        const State& got_state);
bool SaysNo(const Played& want, const Observation& got, const State& got_state);
bool SaysYes(const Played& want, const Observation& got,
             const State& got_state);
bool KeepsThePages(const Played& want, const Observation& got,
                   const State& got_state);
bool HasForgottenAnother(const Played& want, const Observation& got,
                         const State& got_state);

// Returns whether the lookup of `is` is that of `was` without what the failure
// to map the pagemap with that number may have taken from others.
bool LosesLookup(const State& was, uint32_t failed, const State& is);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_DIVERGENCE_FUNCTIONS_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_LAW_FUNCTIONS_H_
#define RESTREE_PROPERTIES_LAW_FUNCTIONS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/laws.h"

// What stands behind kLaws, a file a topic. Include laws.h instead.
namespace restree {

// nothing, or a sentence that says what is broken
using Verdict = std::optional<std::string>;

// laws_place.cc: ops that place a resource.
Verdict SomebodyElseComesOrGoes(const Played& played);
Verdict SomebodyElseChanges(const Played& played);
Verdict StrangerIsAdopted(const Played& played);
Verdict NewcomerIsOtherThanAsked(const Played& played);
Verdict NewcomerStandsElsewhere(const Played& played);
Verdict ExpandsTooFar(const Played& played);
Verdict AllocatesAmiss(const Played& played);
Verdict RegionInheritsAmiss(const Played& played);
Verdict NothingStandsInTheWay(const Played& played);

// laws_leave.cc: ops that take resources away, or change one.
Verdict FailureChangesSomething(const Played& played);
Verdict ReleasesAmiss(const Played& played);
Verdict RemovesAmiss(const Played& played);
Verdict ReleasesChildrenAmiss(const Played& played);
Verdict ReleasesAnotherRegion(const Played& played);
Verdict OverlooksTheRegion(const Played& played);
Verdict AdjustsAmiss(const Played& played);

// laws_query.cc: ops that only look.
Verdict QueryChangesSomething(const Played& played);
Verdict LookupIsWrong(const Played& played);
Verdict AlignmentIsWrong(const Played& played);
Verdict IntersectsIsWrong(const Played& played);

// laws_walk.cc
Verdict WalkLeavesItsRange(const Played& played);
Verdict WalkVisitsAnother(const Played& played);
Verdict WalkLeavesOut(const Played& played);
Verdict WalkEndsAmiss(const Played& played);

// Rows below `slot` and itself: rows[first] and those behind it that are
// deeper. Empty at the end of the rows if there is no such row.
struct Subtree {
  size_t first = 0;
  size_t last = 0;  // one past

  bool empty() const { return first == last; }
  size_t size() const { return last - first; }
};
Subtree SubtreeOf(const State& state, Slot slot);

// Returns the row of `slot`; null if there is none.
const Row* FindRow(const State& state, Slot slot);

// Returns the row above rows[index]; null for a root.
const Row* ParentOf(const State& state, size_t index);

// Returns a sentence on the first row in which the two differ.
std::string FirstDifference(const State& before, const State& after);

// Returns whether all is as it was. Costs nothing where the two are one object.
bool NothingChanged(const Played& played);

// Says what `seen` says that happened: "request says ok".
std::string Says(const Played& played);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_LAW_FUNCTIONS_H_

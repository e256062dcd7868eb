// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_LAW_FUNCTIONS_H_
#define RESTREE_PROPERTIES_LAW_FUNCTIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/inlined_vector.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/laws.h"
#include "properties/pagemaps.h"

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

// laws_own.cc: resources of the caller's own, and those that the kernel makes.
Verdict RootIsAmiss(const Played& played);
Verdict ReservesAmiss(const Played& played);
Verdict CutsOutAmiss(const Played& played);
Verdict MergesAmiss(const Played& played);

// laws_free.cc: regions that the kernel finds a place for.
Verdict FreeRegionIsTaken(const Played& played);
Verdict BetterPlaceIsFree(const Played& played);
Verdict FindsMoreThanSpace(const Played& played);

// laws_ledger.cc: what there is besides resources.
Verdict LedgerChangesAmiss(const Played& played);
Verdict CountsDownAmiss(const Played& played);
Verdict SwitchesAmiss(const Played& played);
Verdict DevicesRememberAmiss(const Played& played);
Verdict DevicesForgetAmiss(const Played& played);
Verdict ListsAmiss(const Played& played);

// laws_sleep.cc: who sleeps, who wakes, and whose mappings go.
Verdict SleepsAmiss(const Played& played);
Verdict WakesAmiss(const Played& played);
Verdict WokenIsOtherThanAsked(const Played& played);
Verdict RevokesAmiss(const Played& played);

// laws_ask.cc: questions that are answered with a number or a text.
Verdict ExclusiveIsWrong(const Played& played);
Verdict SanityIsWrong(const Played& played);
Verdict PairIsWrong(const Played& played);
Verdict SizeIsWrong(const Played& played);
Verdict ListFirstIsWrong(const Played& played);
Verdict ProcIsWrong(const Played& played);

// laws_query.cc: ops that only look.
Verdict QueryChangesSomething(const Played& played);
Verdict LookupIsWrong(const Played& played);
Verdict AlignmentIsWrong(const Played& played);
Verdict IntersectsIsWrong(const Played& played);

// Returns whether something below `parent` makes the range exclusive.
bool ExclusiveBelow(const State& state, Slot parent, const Range& range);

// laws_walk.cc
Verdict PageIsRamIsWrong(const Played& played);
Verdict WalkLeavesItsRange(const Played& played);
Verdict WalkVisitsAnother(const Played& played);
Verdict WalkLeavesOut(const Played& played);
Verdict WalkEndsAmiss(const Played& played);

// laws_pagemap.cc: device memory that is described, and altmaps.
Verdict PagemapIsOtherThanSaid(const Played& played);
Verdict AltmapGivesOutAmiss(const Played& played);

// Says that some pagemap but `own` is not what it was.
Verdict OtherPagemapsDiffer(const Played& played, uint32_t own);

// laws_map.cc: device memory that is mapped and unmapped.
Verdict MapsAmiss(const Played& played);
Verdict MapsRam(const Played& played);
Verdict MapIsRefusedForNothing(const Played& played);
Verdict FailedMapLeavesSomething(const Played& played);
Verdict StepsFailAmiss(const Played& played);
Verdict UnmapsAmiss(const Played& played);
Verdict BlocksAmiss(const Played& played);

// Returns the number of the pagemap that the op starts to unmap, if any.
std::optional<uint32_t> UnmappedBy(const Played& played);

// Returns what is left of `was` when its last reference has gone: `is`, as far
// as the separate resource goes.
Pagemap Unmapped(const Pagemap& was, const Pagemap& is);

// laws_pages.cc: references of device memory and of its pages.
Verdict FindsAnotherPagemap(const Played& played);
Verdict ReferencesChangeAmiss(const Played& played);
Verdict PagesChangeAmiss(const Played& played);
Verdict PfnIsWrong(const Played& played);

// laws_dump.cc: what is dumped after a crash.
Verdict DumpIsInDisorder(const Played& played);
Verdict DumpIsNotTheRam(const Played& played);
Verdict DumpHasOtherNames(const Played& played);
Verdict MarkerIsShared(const Played& played);

// laws_vmemmap.cc: the separate resource of an altmap.
Verdict VmemmapIsAbsent(const Played& played);
Verdict VmemmapFailsSilently(const Played& played);
Verdict VmemmapLooksOdd(const Played& played);
Verdict VmemmapReleasesAmiss(const Played& played);
Verdict VmemmapIsRemembered(const Played& played);
Verdict VmemmapGoesTooEarly(const Played& played);
Verdict VmemmapIsOrphaned(const Played& played);

// Sets of verbs.
constexpr bool IsIn(Verb verb, VerbSet verbs) {
  return (verbs & SetOf(verb)) != 0;
}
inline constexpr VerbSet kFreePlaces =
    SetOf(Verb::kRequestFree, Verb::kDevmRequestFree);  // and then a region
inline constexpr VerbSet kMakesRegion =
    SetOf(Verb::kRequestRegion, Verb::kDevmRequestRegion) | kFreePlaces;
inline constexpr VerbSet kTakesRegion =
    SetOf(Verb::kReleaseRegion, Verb::kDevmReleaseRegion, Verb::kUnbind);
inline constexpr VerbSet kDescribes =
    SetOf(Verb::kPagemap, Verb::kAddRange, Verb::kAltmap, Verb::kSetupPfn);
inline constexpr VerbSet kMaps = SetOf(Verb::kMemremap, Verb::kDevmMemremap);
inline constexpr VerbSet kUnmaps =
    SetOf(Verb::kMemunmap, Verb::kDevmMemunmap, Verb::kUnbind);
inline constexpr VerbSet kPuts =
    SetOf(Verb::kGetPagemap, Verb::kPutPagemap, Verb::kPageFree);
inline constexpr VerbSet kPageVerbs =
    SetOf(Verb::kPageInit, Verb::kPageFree, Verb::kPageGet, Verb::kPagePut);

// Rows below `slot` and itself: rows[first] and those behind it that are
// deeper. Empty at the end of the rows if there is no such row.
struct Subtree {
  size_t first = 0;
  size_t last = 0;  // one past

  bool empty() const { return first == last; }
  size_t size() const { return last - first; }
};
Subtree SubtreeOf(const State& state, Slot slot);

// Returns the row above rows[index]; null for a root.
const Row* ParentOf(const State& state, size_t index);

// Returns the children of the row at `index`, no deeper, in their order.
using Rows = absl::InlinedVector<const Row*, 32>;
Rows ChildrenOf(const State& state, size_t index);

// Returns the resource below which an op that places one looks for its place:
// mostly its parent operand.
Slot PlaceOf(const Op& op);

// Returns the devres entry that the op undoes, if it undoes one and there is
// one to be undone.
std::optional<Devres> UndoneBy(const Played& played);

// Returns whether the op made the row by waking who waited for it.
bool IsWoken(const Played& played, const Row& row);

// Returns the name of a row, that of its slot spelled out: resources have equal
// names if these are equal.
NameId FullName(const Row& row);

// Returns whether the ledgers are equal but for the countdown to failures and
// the number of objects.
bool SameBooks(const Ledger& a, const Ledger& b);

// Returns whether all is as it was but for these.
bool NothingButCounted(const Played& played);

// Says that `expected` is missing, and what `is` there instead, if anything;
// that it should not be there if the two are the same.
std::string InsteadOf(const Played& played, const Row& expected, const Row* is);

// Compares the rows after the op with what they should be, which `expect(i,
// emit)` says: it calls emit(row) for each row that stands in the place of row
// i of before. It is asked once more at the end, for i = their number.
template <typename Expect>
Verdict DiffersFrom(const Played& played, Expect expect) {
  const auto& after = played.after.rows;
  size_t next = 0;
  Verdict verdict;
  const auto emit = [&](const Row& row) {
    if (verdict) return;
    const Row* const is = next < after.size() ? &after[next] : nullptr;
    if (is != nullptr && *is == row) {
      ++next;
    } else {
      verdict = InsteadOf(played, row, is);
    }
  };
  for (size_t i = 0; i <= played.before.rows.size() && !verdict; ++i) {
    expect(i, emit);
  }
  if (verdict || next == after.size()) return verdict;
  return InsteadOf(played, after[next], &after[next]);
}

// Returns a sentence on the first row in which the two differ.
std::string FirstDifference(const State& before, const State& after);

// Returns whether all is as it was. Costs nothing where the two are one object.
bool NothingChanged(const Played& played);

// Says what `seen` says that happened: "request says ok".
std::string Says(const Played& played);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_LAW_FUNCTIONS_H_

// SPDX-License-Identifier: Apache-2.0
#include "properties/laws.h"

#include <array>
#include <cstdint>

#include "model/trace.h"
#include "properties/law_functions.h"

namespace restree {
namespace {

using enum Verb;

template <typename... Verbs>
constexpr VerbSet About(Verbs... verbs) {
  return (VerbSet{0} | ... | SetOf(verbs));
}

constexpr VerbSet kExpands = About(kInsertExpand, kInsertExpandAgain);
constexpr VerbSet kAllocates = About(kAllocate, kAllocateAgain);
constexpr VerbSet kConflicts =
    About(kRequest, kRequestAgain, kInsert, kInsertAgain);
constexpr VerbSet kPlaces =
    kConflicts | kExpands | kAllocates | About(kRequestRegion);
constexpr VerbSet kLeaves =
    About(kRelease, kRemove, kReleaseChildren, kReleaseRegion);
constexpr VerbSet kWalks = About(kWalkDesc, kWalkMem, kWalkSystemRam,
                                 kWalkSystemRamRev, kWalkSystemRamRange);
constexpr VerbSet kQueries =
    kWalks | About(kLookup, kAlignment, kRegionIntersects);
constexpr VerbSet kChanges = kPlaces | kLeaves | About(kAdjust);

static_assert((kChanges & kQueries) == 0);

}  // namespace

const std::array<Law, 24> kLaws = {{
    {"FailedOpChangesNothing",
     "a caller that is told no goes on as if it had not asked", kChanges, true,
     FailureChangesSomething},
    {"QueriesChangeNothing", "they hold the lock for reading", kQueries, true,
     QueryChangesSomething},

    {"RequestAddsExactlyOne",
     "whoever places a resource gets it into a tree, with what was below it, "
     "and nobody else comes, goes or leaps",
     kPlaces, true, SomebodyElseComesOrGoes},
    {"InsertKeepsEveryOtherRange",
     "other drivers hold pointers to the other resources and have not been "
     "asked",
     kPlaces, true, SomebodyElseChanges},
    {"AdoptedChildrenLieInsideTheNewcomer",
     "an insert takes over siblings that lie inside it; nothing else changes "
     "parents",
     kPlaces, true, StrangerIsAdopted},
    {"NewcomersAreWhatWasAskedFor",
     "range, name, flags and desc are the caller's", kPlaces, true,
     NewcomerIsOtherThanAsked},
    {"NewcomersStandBelowTheirParent",
     "request and allocate place directly below the parent operand, insert and "
     "request_region anywhere below, the latter not below what is busy",
     kPlaces, true, NewcomerStandsElsewhere},
    {"ExpandReachesOnlyToItsChildren",
     "insert_resource_expand_to_fit grows to cover what is in its way, and no "
     "further",
     kExpands, true, ExpandsTooFar},
    {"AllocateMeetsItsConstraints",
     "the range has the size asked for, lies between min and max and in the "
     "parent, and is aligned",
     kAllocates, true, AllocatesAmiss},
    {"RegionsInheritFromTheirParent",
     "request_region takes type, SYSRAM and desc from the parent that it ends "
     "up under, and is busy",
     About(kRequestRegion), true, RegionInheritsAmiss},
    {"RefusalsNameWhatIsInTheWay",
     "the conflict is the parent if it has no room, and else a resource that "
     "overlaps, or for an insert straddles, the range",
     kConflicts, true, NothingStandsInTheWay},

    {"ReleaseTakesOutOneSubtree",
     "the resource leaves its tree with all that is below it, and nothing else "
     "moves",
     About(kRelease), true, ReleasesAmiss},
    {"RemoveMovesTheChildrenUp",
     "the resource leaves its tree alone; its children go to its parent, and "
     "nothing else moves",
     About(kRemove), true, RemovesAmiss},
    {"ReleaseChildRestoresSizes",
     "all below the resource leave it, each for itself, with their sizes from "
     "address 0; the rest stays",
     About(kReleaseChildren), true, ReleasesChildrenAmiss},
    {"ReleaseRegionNeedsAnExactMatch",
     "release_region frees the one busy region that has just that range, and "
     "otherwise warns and changes nothing",
     About(kReleaseRegion), true, ReleasesAnotherRegion},
    {"ReleaseRegionFindsItsRegion",
     "a busy region of that range below the parent, with nothing busy between, "
     "is there to be released",
     About(kReleaseRegion), true, OverlooksTheRegion},
    {"AdjustSetsExactlyTheRange",
     "adjust_resource changes one start and one end, to what it was given",
     About(kAdjust), true, AdjustsAmiss},

    {"LookupFindsTheStart", "siblings are disjoint: at most one starts there",
     About(kLookup), true, LookupIsWrong},
    {"AlignmentFollowsTheFlags",
     "the size for sizealign, the start for startalign, and 0 for neither or "
     "both",
     About(kAlignment), true, AlignmentIsWrong},
    {"IntersectsAgreesWithTheRows",
     "disjoint if no match overlaps; mixed if also some child of iomem has "
     "bytes in the range that no match covers",
     About(kRegionIntersects), true, IntersectsIsWrong},

    {"WalksVisitInOrderInsideTheRange",
     "callers add the visits up, or stop at the first that is large enough",
     kWalks, false, WalkLeavesItsRange},
    {"WalksVisitOnlyWhatMatches",
     "each visit is a resource of iomem with the flags and desc asked for and "
     "no such resource above it, clipped to the range",
     kWalks, true, WalkVisitsAnother},
    {"WalksLeaveNothingOut",
     "each such resource is visited, until the callback stops or no more than "
     "one byte of the range is left",
     kWalks, true, WalkLeavesOut},
    {"WalksEndAsTheirCallbackSays",
     "a walk returns what the callback did the last time, and an error if it "
     "was never called",
     kWalks, false, WalkEndsAmiss},
}};

}  // namespace restree

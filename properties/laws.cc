// SPDX-License-Identifier: Apache-2.0
#include "properties/laws.h"

#include <array>
#include <cstdint>

#include "model/trace.h"
#include "properties/law_functions.h"

namespace restree {
namespace {

using enum Verb;

constexpr VerbSet kExpands = SetOf(kInsertExpand, kInsertExpandAgain);
constexpr VerbSet kAllocates = SetOf(kAllocate, kAllocateAgain);
constexpr VerbSet kConflicts =
    SetOf(kRequest, kRequestAgain, kInsert, kInsertAgain);
constexpr VerbSet kPlaces = kConflicts | kExpands | kAllocates | kMakesRegion |
                            SetOf(kDevmRequest, kAllocFree, kReserveSetup);
constexpr VerbSet kSearches = kFreePlaces | SetOf(kAllocFree);
constexpr VerbSet kUndoes =
    SetOf(kDevmRelease, kDevmReleaseRegion, kUnbind, kDevmMemunmap);
constexpr VerbSet kWalks = SetOf(kWalkDesc, kWalkMem, kWalkSystemRam,
                                 kWalkSystemRamRev, kWalkSystemRamRange);
constexpr VerbSet kPairs = SetOf(kContains, kOverlaps, kIntersection, kUnion);
constexpr VerbSet kQueries =
    kWalks | kPairs |
    SetOf(kLookup, kAlignment, kRegionIntersects, kSanityCheck, kIsExclusive,
          kIomemIsExclusive, kPageIsRam, kSize, kProc, kListFirst, kGetMapping,
          kPfnValid, kAltmapOffset, kDumpable);
constexpr VerbSet kEntries =
    SetOf(kListAdd, kListAddTail, kListDestroy, kListFree);
constexpr VerbSet kAsksForMemory =
    kMakesRegion | kMaps |
    SetOf(kWalkSystemRamRev, kReserve, kReleaseAdjustable, kAllocFree,
          kDevmRequest, kListAdd, kListAddTail, kInitInode);
constexpr VerbSet kOfMappings = kMaps | kUnmaps | kPuts | kPageVerbs;
constexpr VerbSet kAll = (VerbSet{1} << kVerbs) - 1;
constexpr VerbSet kChanges = kAll & ~kQueries;

}  // namespace

const std::array<Law, 64> kLaws = {{
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
     "range, name, flags and desc are the caller's, or the function's", kPlaces,
     true, NewcomerIsOtherThanAsked},
    {"NewcomersStandBelowTheirParent",
     "request and allocate place directly below the parent operand, insert and "
     "regions anywhere below, the latter not below what is busy",
     kPlaces, true, NewcomerStandsElsewhere},
    {"ExpandReachesOnlyToItsChildren",
     "insert_resource_expand_to_fit grows to cover what is in its way, and no "
     "further",
     kExpands, true, ExpandsTooFar},
    {"AllocateMeetsItsConstraints",
     "the range has the size asked for, lies between min and max and in the "
     "parent, and is aligned",
     kAllocates | SetOf(kFindSpace), true, AllocatesAmiss},
    {"RegionsInheritFromTheirParent",
     "a region takes type, SYSRAM and desc from the parent that it ends up "
     "under, and is busy; a free one is device private memory",
     kMakesRegion, true, RegionInheritsAmiss},
    {"RefusalsNameWhatIsInTheWay",
     "the conflict is the parent if it has no room, and else a resource that "
     "overlaps, or for an insert straddles, the range",
     kConflicts, true, NothingStandsInTheWay},

    {"ReleaseTakesOutOneSubtree",
     "the resource leaves its tree with all that is below it, and nothing else "
     "moves",
     SetOf(kRelease, kDevmRelease, kUnbind), true, ReleasesAmiss},
    {"RemoveMovesTheChildrenUp",
     "the resource leaves its tree alone; its children go to its parent, and "
     "nothing else moves",
     SetOf(kRemove), true, RemovesAmiss},
    {"ReleaseChildRestoresSizes",
     "all below the resource leave it, each for itself, with their sizes from "
     "address 0; the rest stays",
     SetOf(kReleaseChildren), true, ReleasesChildrenAmiss},
    {"ReleaseRegionNeedsAnExactMatch",
     "release_region frees the one busy region that has just that range, and "
     "otherwise warns and changes nothing",
     kTakesRegion, true, ReleasesAnotherRegion},
    {"ReleaseRegionFindsItsRegion",
     "a busy region of that range below the parent, with nothing busy between, "
     "is there to be released",
     kTakesRegion, true, OverlooksTheRegion},
    {"AdjustSetsExactlyTheRange",
     "adjust_resource changes one start and one end, to what it was given",
     SetOf(kAdjust), true, AdjustsAmiss},

    {"RootsStandAlone",
     "a resource of the caller's own is what the caller says, in no tree",
     SetOf(kRoot), true, RootIsAmiss},
    {"ReserveFillsExactlyTheGaps",
     "reserve_region_with_split takes what nobody has below the parent, all of "
     "it while there is memory, and nothing else",
     SetOf(kReserve), true, ReservesAmiss},
    {"SplitKeepsBothEnds",
     "release_mem_region_adjustable cuts the range out of the one busy memory "
     "resource that has it; what lies before and behind stays what it was",
     SetOf(kReleaseAdjustable), true, CutsOutAmiss},
    {"MergeCoversExactlyBoth",
     "System RAM that touches and is alike becomes one; nothing else does",
     SetOf(kMerge), true, MergesAmiss},
    {"FreeRegionIsFree",
     "what the kernel finds has the size asked for, lies in the base, is "
     "aligned, and nobody had a byte of it",
     kSearches, true, FreeRegionIsTaken},
    {"FreeRegionIsTheFirst",
     "request_free_mem_region takes the highest place, alloc_free_mem_region "
     "the lowest, and the latter some place if there is one",
     kSearches, true, BetterPlaceIsFree},
    {"FindSpaceSetsNothingButTheRange",
     "the resource that asks for space has not got it yet", SetOf(kFindSpace),
     true, FindsMoreThanSpace},

    {"LedgerChangesWhereItMay",
     "devices, lists, sleepers and switches each have their own verbs", kAll,
     true, LedgerChangesAmiss},
    {"FailuresCountDown",
     "fail_alloc says which allocations fail, and each allocation counts once; "
     "who is out of memory has asked for some",
     kAsksForMemory | SetOf(kFailAlloc), true, CountsDownAmiss},
    {"SwitchesDoWhatTheySay",
     "strict, inode and the number of reserved regions follow from what was "
     "said",
     SetOf(kStrictIomem, kInitInode, kReserveSetup), true, SwitchesAmiss},
    {"DevicesRememberTheirNewest",
     "what a device requests is the newest that it has",
     SetOf(kDevmRequest, kDevmRequestRegion, kDevmRequestFree, kDevmMemremap),
     true, DevicesRememberAmiss},
    {"DevicesForgetTheNewestFirst",
     "unbind undoes the newest, a release the newest like it; the rest stays "
     "in order",
     kUndoes, true, DevicesForgetAmiss},
    {"ListsKeepTheirOrder",
     "an entry comes in at the head or the tail and the first like it goes out",
     kEntries, true, ListsAmiss},

    {"SleepersWaitForSomethingMuxed",
     "who would block waits behind all others, with all that was asked, and "
     "nothing else changes",
     SetOf(kRequestRegion), true, SleepsAmiss},
    {"SleepersWakeWhenItGoes",
     "when a muxed region goes all wake, newest first; who finds another lies "
     "down again, and who finds none gets the region",
     kTakesRegion, true, WakesAmiss},
    {"SleepersGetWhatTheyWaitedFor",
     "a region that was waited for is what request_region would have made",
     kTakesRegion, true, WokenIsOtherThanAsked},
    {"RegionsOfIomemRevokeMappings",
     "a region of iomem takes the mappings of its range from /dev/mem if that "
     "is exclusive",
     kMakesRegion | kTakesRegion, true, RevokesAmiss},

    {"LookupFindsTheStart", "siblings are disjoint: at most one starts there",
     SetOf(kLookup), true, LookupIsWrong},
    {"AlignmentFollowsTheFlags",
     "the size for sizealign, the start for startalign, and 0 for neither or "
     "both",
     SetOf(kAlignment), true, AlignmentIsWrong},
    {"IntersectsAgreesWithTheRows",
     "disjoint if no match overlaps; mixed if also some child of iomem has "
     "bytes in the range that no match covers",
     SetOf(kRegionIntersects), true, IntersectsIsWrong},

    {"ExclusiveMeansBusyOrExclusive",
     "a range is exclusive if something in it is exclusive System RAM, or busy "
     "while iomem is strict",
     SetOf(kIsExclusive, kIomemIsExclusive), true, ExclusiveIsWrong},
    {"SanityCheckFindsWhatIsCrossed",
     "a mapping that ends inside a resource that is not busy is no good",
     SetOf(kSanityCheck), true, SanityIsWrong},
    {"PairsCompareByTheirRanges",
     "contains, overlaps, intersection and union are what they are of "
     "intervals; what is of another type, or unset, contains nothing",
     kPairs, true, PairIsWrong},
    {"SizeIsFromEndToEnd", "both ends included, modulo 2^64", SetOf(kSize),
     true, SizeIsWrong},
    {"FirstOfAListHasTheType", "the entries stand in their order",
     SetOf(kListFirst), true, ListFirstIsWrong},
    {"ProcShowsTheTree",
     "a line a resource, as deep as it stands; addresses are for the "
     "privileged",
     SetOf(kProc), true, ProcIsWrong},
    {"PageIsRamIfAWalkFindsIt",
     "page_is_ram asks walk_system_ram_range for one page", SetOf(kPageIsRam),
     true, PageIsRamIsWrong},

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

    {"PagemapsAreWhatTheDriverSays",
     "a driver fills its structure in, and nobody else hears of it; nvdimm "
     "leaves room for a struct page of each page behind its info block",
     kDescribes, true, PagemapIsOtherThanSaid},
    {"MapTakesWhatItWasGiven",
     "memory is mapped as its driver describes it, with the callbacks that "
     "its kind needs, and nothing else changes",
     kMaps, true, MapsAmiss},
    {"RamIsNotMapped", "a page of System RAM has its struct page already",
     kMaps, true, MapsRam},
    {"RefusedMapsHaveAReason",
     "a map that is refused is invalid, meets System RAM or another mapping, "
     "or lacks memory",
     kMaps, true, MapIsRefusedForNothing},
    {"FailedMapLeavesNothing",
     "each step that was done is undone; only what an altmap has spent on "
     "alignment is lost",
     kMaps, true, FailedMapLeavesSomething},
    {"StepsFailAsTold",
     "fail_step says which call fails, each counts once, and a map of which a "
     "step fails fails",
     kMaps | SetOf(kFailStep), true, StepsFailAmiss},
    {"UnmapRestoresEverything",
     "a mapping that ends leaves its pagemap as the driver made it, its altmap "
     "full, and everything else alone",
     kUnmaps, true, UnmapsAmiss},
    {"UnmapBlocksWhileOthersHold",
     "memunmap_pages() sleeps if and only if a reference is left that is not "
     "the mapping's own",
     kUnmaps, true, BlocksAmiss},
    {"AltmapBlocksAreDisjointAndInside",
     "what an altmap gives out lies behind its reserve, ascends, and is what "
     "the struct pages of the range take",
     kMaps | SetOf(kAltmapAlloc, kAltmapFree), true, AltmapGivesOutAmiss},

    {"GetPagemapFindsWhoIsMapped",
     "a page of a mapping that is not about to go leads to its pagemap; the "
     "one that the caller has already is found without a search",
     SetOf(kGetPagemap), true, FindsAnotherPagemap},
    {"LastReferenceEndsTheWait",
     "references come and go one by one, and the one that brings those of a "
     "dying mapping to 0 ends it",
     kPuts | kPageVerbs, true, ReferencesChangeAmiss},
    {"PagesAreCountedOneByOne",
     "a page in use has as many references as were taken and not put; its "
     "driver hears of the last one",
     kPageVerbs, true, PagesChangeAmiss},
    {"PfnsAreThoseOfTheRanges",
     "a pfn is valid if a range has it that is not the altmap's, and the "
     "altmap has the first ones",
     SetOf(kPfnValid, kAltmapOffset), true, PfnIsWrong},

    {"DumpsAscend", "who writes a dump goes from low to high addresses",
     SetOf(kDumpable), true, DumpIsInDisorder},
    {"DumpsHaveAllRam", "kexec dumps the busy System RAM, each byte of it once",
     SetOf(kDumpable), true, DumpIsNotTheRam},
    {"DumpsGoByName", "kexec-tools reads the names in /proc/iomem",
     SetOf(kDumpable), true, DumpHasOtherNames},
}};

const std::array<Law, 8> kVmemmapLaws = {{
    {"VmemmapIsThereWhileMapped",
     "a mapping whose altmap has a named parent has a resource below it, "
     "whoever maps",
     kMaps, true, VmemmapIsAbsent},
    {"VmemmapRequestFailsLoudly",
     "a request that failed is not reported as success", kMaps, true,
     VmemmapFailsSilently},
    {"VmemmapLooksAsDumpersExpect",
     "its range is the altmap's, and its flags and desc, which fit in 32 bits, "
     "are those that dumpers look for",
     kMaps, true, VmemmapLooksOdd},
    {"VmemmapMarkerIsItsOwn",
     "what has its marker is such a resource, and nothing else is dumped for "
     "it",
     SetOf(kDumpable), true, MarkerIsShared},
    {"VmemmapReleaseTakesItAndNothingElse",
     "what goes with a mapping is what came with it, whatever happened around "
     "it in between, and nothing is touched that is freed",
     kOfMappings, true, VmemmapReleasesAmiss},
    {"VmemmapIsForgottenAfterRelease",
     "a driver may map again what it has unmapped", kOfMappings, true,
     VmemmapIsRemembered},
    {"VmemmapOutlivesItsUse",
     "while somebody uses the mapping, its struct pages are where the resource "
     "says",
     kOfMappings, true, VmemmapGoesTooEarly},
    {"VmemmapParentOutlivesIt", "its parent pointer must lead somewhere", kAll,
     true, VmemmapIsOrphaned},
}};

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/divergence.h"

#include <array>
#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/divergence_functions.h"
#include "properties/laws.h"

namespace restree {
namespace {

using enum Verb;
using Handling = Divergence::Handling;

constexpr VerbSet kEveryVerb = ~VerbSet{0};
constexpr VerbSet kFreeRegions =
    SetOf(kRequestFree, kAllocFree, kDevmRequestFree);
constexpr VerbSet kMaps = SetOf(kMemremap, kDevmMemremap);
constexpr VerbSet kEnds = SetOf(kMemunmap, kDevmMemunmap, kUnbind, kGetPagemap,
                                kPutPagemap, kPageFree);

}  // namespace

const std::array<Divergence, kDivergenceCount> kDivergences = {{
    {"AdjustAcceptsAnInvertedRange", "",
     "__adjust_resource() never compares start with end", SetOf(kAdjust),
     Handling::kExcused, AdjustsToAnInvertedRange, HasTheInvertedRange},
    {"AllocateFailureMovesTheResource", "",
     "__find_resource_space() adds 1 to the last address and takes what wraps "
     "for a gap at 0",
     SetOf(kAllocateAgain, kFindSpace), Handling::kExcused,
     IsBehindTheLastAddress, HasMoved},
    {"RemoveLeavesAStaleChild", "",
     "__release_resource(old, false) moves the children up and leaves "
     "old->child",
     SetOf(kRemove), Handling::kExcused, RemovesAParent, HasAStaleChild},
    {"WalkWrapsAtTheMaximum", "",
     "__walk_iomem_res_desc() goes on at res.end + 1, which is 0 behind the "
     "last address, and starts over",
     SetOf(kWalkDesc, kWalkMem, kWalkSystemRam, kWalkSystemRamRev,
           kWalkSystemRamRange, kPageIsRam, kDumpable),
     Handling::kSitsOut, WalksPastTheEnd, nullptr},
    {"WarnsUnaddressableAtEveryLevel", "linux-6.1",
     "__request_region_locked() of 6.1 warns of device private memory below "
     "any parent, not just below iomem",
     kRegionVerbs | kFreeRegions | SetOf(kDevmMemremap), Handling::kExcused,
     Always, WarnsWithoutNeed},
    {"AllocFreeMemRegionLeaks", "",
     "get_free_mem_region() frees its resource on -ERANGE only for a request "
     "or for a device",
     SetOf(kAllocFree), Handling::kExcused, FindsNoFreeRegion, HasLeakedOne},
    {"AllocFreeMemRegionEndsBeyondPhysmem", "",
     "gfr_continue() compares where a region starts with PHYSMEM_END, not "
     "where it ends",
     SetOf(kAllocFree), Handling::kExcused, FindsNoFreeRegion,
     EndsBeyondPhysmem},
    {"FreeMemRegionStepsBySize", "linux-6.1",
     "get_free_mem_region() of 6.1 steps by the size, not by the alignment, "
     "and gives up at once if it starts at 0",
     kFreeRegions, Handling::kExcused, Always, IsElsewhere},
    {"FreeMemRegionTriesEveryPlace", "",
     "get_free_mem_region() tries one aligned place after the other with the "
     "lock held, however many there are",
     kFreeRegions, Handling::kSitsOut, TriesManyPlaces, nullptr},
    {"MuxedWaiterKeepsItsParent", "",
     "__request_region_locked() sleeps with a pointer to the resource it had "
     "descended to, which may move or be freed meanwhile",
     kEveryVerb, Handling::kStartsOver, MovesAWaiter, nullptr},
    {"ReleaseAdjustableSkipsOneByte", "",
     "release_mem_region_adjustable() stops at res->start >= end, which is "
     "true of a region's first byte",
     SetOf(kReleaseAdjustable), Handling::kExcused, IsOneByte,
     HasReleasedNothing},
    {"ReleaseAdjustableOfNothingSplits", "",
     "release_mem_region_adjustable() of 0 bytes cuts a region in two, and of "
     "a size that wraps into two that overlap",
     SetOf(kReleaseAdjustable), Handling::kSitsOut, ReleasesNothing, nullptr},
    {"ExclusiveCheckWrapsAtTheMaximum", "",
     "resource_is_exclusive() compares with addr + size, which is 0 behind the "
     "last address",
     SetOf(kIsExclusive, kIomemIsExclusive) | kRegionVerbs, Handling::kExcused,
     AsksAboutTheLastAddress, SaysNo},
    {"ExclusiveCheckLeavesItsRoot", "",
     "next_resource() climbs past the root that resource_is_exclusive() was "
     "given and goes on with what follows it",
     SetOf(kIsExclusive), Handling::kExcused, AsksBelowAPlacedResource,
     SaysYes},
    {"ReleaseLeavesAStaleSibling", "",
     "__release_resource() leaves old->sibling, where next_resource() goes on "
     "behind the last resource below old",
     SetOf(kIsExclusive), Handling::kSitsOut, AsksBelowALooseResource, nullptr},
    {"PrivateAltmapIsNotGivenBack", "",
     "pageunmap_range() passes __remove_pages() no altmap for private memory, "
     "whose struct pages came out of one",
     kMaps | kEnds, Handling::kExcused, UnmapsPrivateAltmap, KeepsThePages},
    {"FailedMapForgetsAnother", "",
     "pagemap_range() looks at the ends of a range alone for another mapping, "
     "stores over one inside, and erases what it has stored when it fails",
     kMaps, Handling::kExcused, FailsToMapOverAnother, HasForgottenAnother},
}};

bool Divergence::IsOf(absl::string_view machine_name) const {
  const absl::string_view base = machine_name.substr(0, machine_name.find(':'));
  return machine.empty() || base == machine || base == "linux";
}

std::optional<size_t> DivergenceBefore(absl::string_view machine,
                                       const Played& want) {
  for (size_t i = 0; i < kDivergences.size(); ++i) {
    const Divergence& it = kDivergences[i];
    if (it.handling == Handling::kExcused) continue;
    if ((it.verbs & SetOf(want.op.verb)) == 0 || !it.applies(want)) continue;
    if (it.IsOf(machine)) return i;
  }
  return std::nullopt;
}

namespace {

std::optional<size_t> ExcuseFor(absl::string_view machine, const Played& want,
                                const Observation& got,
                                const State& got_state) {
  for (size_t i = 0; i < kDivergences.size(); ++i) {
    const Divergence& it = kDivergences[i];
    if (it.handling != Handling::kExcused || !it.IsOf(machine)) continue;
    if ((it.verbs & SetOf(want.op.verb)) == 0 || !it.applies(want)) continue;
    if (it.excuses(want, got, got_state)) return i;
  }
  return std::nullopt;
}

}  // namespace

// Two at once: a warning too many does not hide what else an op does.
std::optional<size_t> DivergenceAfter(absl::string_view machine,
                                      const Played& want,
                                      const Observation& got,
                                      const State& got_state) {
  const auto excuse = ExcuseFor(machine, want, got, got_state);
  if (excuse || got.warnings == want.seen.warnings) return excuse;
  Observation quiet = got;
  quiet.warnings = want.seen.warnings;
  const Played warned = {want.before, want.op, quiet, want.after, want.variant};
  if (!ExcuseFor(machine, warned, got, want.after)) return std::nullopt;
  return ExcuseFor(machine, want, quiet, got_state);
}

}  // namespace restree

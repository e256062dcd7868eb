// SPDX-License-Identifier: Apache-2.0
#include "properties/canaries.h"

#include <memory>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/trace.h"
#include "properties/canary_functions.h"

namespace restree {
namespace {

// Sorted by what it takes to see the bug.
const Canary kCanaries[] = {
    {"AllocateIgnoresAlignment", "allocate places without a look at align", 1,
     "r0 = allocate iomem 0x1-0x1fff size=0x1000 align=0x1000 mem\n", true,
     AllocateIgnoresAlignment},
    {"AllocatePassesTheMaximumByOne",
     "allocate may use the byte behind its maximum", 1,
     "r0 = allocate iomem 0x1-0xfff size=0x1000 align=0x1 mem\n", true,
     AllocatePassesTheMaximumByOne},
    {"RequestRefusesTheLastAddress",
     "request takes an end of 2^64 - 1 for an overflow", 1,
     "r0 = request iomem 0x1000-0xffffffffffffffff mem\n", true,
     RequestRefusesTheLastAddress},
    {"AllocFreeForgetsTheLastByte",
     "alloc_free_mem_region aligns one byte less than it was asked for", 1,
     "r0 = alloc_free_mem_region iomem size=0x1000 align=0x1\n", true,
     AllocFreeForgetsTheLastByte},
    {"FailedDevmRequestLeaks",
     "devm_request_resource that is refused keeps the entry", 1,
     "r0 = devm_request_resource d0 ioport 0x1000-0x1ffff mem\n", true,
     FailedDevmRequestLeaks},
    {"RequestOverlapsByOneByte",
     "request may start on the last byte of the sibling before", 2,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = request iomem 0x1fff-0x2fff mem\n",
     true, RequestOverlapsByOneByte},
    {"ReleaseRegionTakesAShorterRange",
     "release_region frees a region by its start alone", 2,
     "r0 = request_region iomem 0x1000-0x2fff\n"
     "release_region iomem 0x1000-0x1fff\n",
     true, ReleaseRegionTakesAShorterRange},
    {"RequestRegionDropsSysram",
     "request_region inherits the type but not SYSRAM", 2,
     "r0 = request iomem 0x1000-0x1fff mem sysram\n"
     "r1 = request_region iomem 0x1000-0x1fff\n",
     true, RequestRegionDropsSysram},
    {"RequestRegionInheritsFromItsOperand",
     "request_region takes desc from its operand, not from the parent", 2,
     "r0 = request iomem 0x1000-0x1fff mem desc=crash_kernel\n"
     "r1 = request_region iomem 0x1000-0x1fff\n",
     true, RequestRegionInheritsFromItsOperand},
    {"MuxedRegionIsRefused", "request_region never waits for a muxed region", 2,
     "r0 = request iomem 0x1000-0x1fff mem muxed busy\n"
     "r1 = request_region iomem 0x1000-0x1fff muxed\n",
     true, MuxedRegionIsRefused},
    {"InsertOfAnEqualRangeGoesBelow",
     "insert puts an equal range below instead of above", 2,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = insert iomem 0x1000-0x1fff mem\n",
     false, InsertOfAnEqualRangeGoesBelow},
    {"WalkMissesTheLastByte", "walk_mem_res stops one byte early", 2,
     "r0 = request iomem 0x1000-0x1fff mem busy\n"
     "walk_mem_res 0x1000-0x1fff\n",
     true, WalkMissesTheLastByte},
    {"IntersectsMissesTheLastByte",
     "region_intersects does not look at the last byte", 2,
     "r0 = request iomem 0x1fff-0x2fff mem\n"
     "region_intersects 0x1000-0x1fff mem\n",
     true, IntersectsMissesTheLastByte},
    {"LookupFindsWhatCovers",
     "lookup finds what covers the address, not what starts there", 2,
     "r0 = request iomem 0x1000-0x2fff mem\n"
     "lookup iomem 0x2000\n",
     true, LookupFindsWhatCovers},
    {"ReserveForgetsTheLastGap",
     "reserve_region_with_split leaves out what is behind the last child", 2,
     "r0 = request iomem 0x2000-0x2fff mem\n"
     "r1 = reserve_region_with_split iomem 0x1000-0x3fff\n",
     true, ReserveForgetsTheLastGap},
    {"SplitLosesSysram",
     "what release_mem_region_adjustable splits off is no System RAM", 2,
     "r0 = request iomem 0x1000-0x3fff mem sysram busy\n"
     "r1 = release_mem_region_adjustable 0x2000-0x2fff\n",
     true, SplitLosesSysram},
    {"ExclusiveMissesTheLastByte",
     "resource_is_exclusive does not look at the last byte", 2,
     "r0 = request iomem 0x1fff-0x2fff mem busy\n"
     "resource_is_exclusive iomem 0x1000-0x1fff\n",
     true, ExclusiveMissesTheLastByte},
    {"ProcTellsEverybody", "/proc/iomem shows addresses to the unprivileged", 2,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "proc iomem unprivileged\n",
     true, ProcTellsEverybody},
    {"ListAddGoesToTheTail", "resource_list_add adds at the wrong end", 2,
     "resource_list_add l0 iomem\n"
     "resource_list_add l0 ioport\n",
     true, ListAddGoesToTheTail},
    {"FailedMapLeaksItsReference",
     "memremap_pages that is refused keeps the object that counts references",
     2,
     "p0 = dev_pagemap generic 0x1000-0x1fff\n"
     "memremap_pages p0\n",
     true, FailedMapLeaksItsReference},
    {"PfnsStartInTheAltmap",
     "pgmap_pfn_valid takes the altmap's pages for others", 2,
     "p0 = dev_pagemap generic 0x1000-0x1fff lacks=range\n"
     "pgmap_pfn_valid p0 0x0\n",
     true, PfnsStartInTheAltmap},
    {"AltmapForgetsItsPadding",
     "what an altmap spends on alignment is not counted", 2,
     "p0 = nvdimm_setup_pfn generic 0x1000-0x2fffff align=0x1\n"
     "vmemmap_alloc_block_buf p0 size=0x2000\n",
     true, AltmapForgetsItsPadding},
    {"DumpLeavesTheLastOut", "the last of System RAM is not dumped", 2,
     "r0 = request iomem 0x1000-0x1fff mem sysram busy\n"
     "dumpable kexec_file\n",
     true, DumpLeavesTheLastOut},
    {"UnmapLeavesTheLookup",
     "memunmap_pages forgets to erase what leads to the pagemap", 3,
     "p0 = dev_pagemap generic 0x200000-0x3fffff\n"
     "memremap_pages p0\n"
     "memunmap_pages p0\n",
     true, UnmapLeavesTheLookup},
    {"GetTakesNoReference", "get_dev_pagemap finds and does not count", 3,
     "p0 = dev_pagemap generic 0x200000-0x3fffff\n"
     "memremap_pages p0\n"
     "get_dev_pagemap 0x200\n",
     true, GetTakesNoReference},
    {"ReleaseLosesTheNextSibling", "release takes out the next sibling too", 3,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = request iomem 0x2000-0x2fff mem\n"
     "release r0\n",
     true, ReleaseLosesTheNextSibling},
    {"RemoveLeavesAStaleParent",
     "remove moves children up and lets them name the old parent", 3,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = request r0 0x1000-0x1fff mem\n"
     "remove r0\n",
     true, RemoveLeavesAStaleParent},
    {"InsertAdoptsAllButTheLast",
     "insert leaves the last of what it covers beside itself", 3,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = request iomem 0x2000-0x2fff mem\n"
     "r2 = insert iomem 0x1000-0x2fff mem\n",
     true, InsertAdoptsAllButTheLast},
    {"AdjustCutsThroughAChild", "adjust may end before a child does", 3,
     "r0 = request iomem 0x1000-0x2fff mem\n"
     "r1 = request r0 0x1000-0x2fff mem\n"
     "adjust r0 0x1000-0x1fff\n",
     true, AdjustCutsThroughAChild},
    {"ReleaseChildForgetsGrandchildren",
     "release_child takes apart one level only", 3,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = request r0 0x1000-0x1fff mem\n"
     "release_child iomem\n",
     true, ReleaseChildForgetsGrandchildren},
    {"FailedExpandLeavesATrace",
     "insert_expand_to_fit that fails has widened the resource", 3,
     "r0 = root 0x1000-0x1fff mem\n"
     "r1 = root 0x2000-0x2fff mem\n"
     "insert_expand_to_fit r1 r0\n",
     true, FailedExpandLeavesATrace},
    {"MergeReachesOverAGap",
     "merge_system_ram_resource merges what does not touch", 3,
     "r0 = request iomem 0x1000-0x1fff \"a\" mem sysram busy\n"
     "r1 = request iomem 0x3000-0x3fff \"a\" mem sysram sysram_mergeable "
     "busy\n"
     "merge_system_ram_resource r0\n",
     true, MergeReachesOverAGap},
    {"UnbindUndoesTheOldestFirst",
     "unbind undoes what the device requested first", 3,
     "r0 = devm_request_resource d0 iomem 0x1000-0x1fff mem\n"
     "r1 = devm_request_resource d0 iomem 0x2000-0x2fff mem\n"
     "unbind d0\n",
     true, UnbindUndoesTheOldestFirst},
    {"WokenRegionIsLost",
     "who has waited for a muxed region gets it and drops it", 3,
     "r0 = request iomem 0x1000-0x1fff mem muxed busy\n"
     "r1 = request_region iomem 0x1000-0x1fff muxed\n"
     "release_region iomem 0x1000-0x1fff\n",
     true, WokenRegionIsLost},
    {"DeepChildSticksOut",
     "request below the third level may end one byte behind its parent", 4,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = request r0 0x1000-0x1fff mem\n"
     "r2 = request r1 0x1000-0x1fff mem\n"
     "r3 = request r2 0x1000-0x2000 mem\n",
     true, DeepChildSticksOut},
    {"LastPutDoesNotWake",
     "put_dev_pagemap of the last reference leaves memunmap_pages asleep", 5,
     "p0 = dev_pagemap generic 0x200000-0x3fffff\n"
     "memremap_pages p0\n"
     "get_dev_pagemap 0x200\n"
     "memunmap_pages p0\n"
     "put_dev_pagemap p0\n",
     true, LastPutDoesNotWake},
};

class Planted final : public Model {
 public:
  explicit Planted(const Canary& canary) : canary_(canary) {}

  absl::string_view name() const override { return canary_.name; }
  Observation Apply(const Op& op) override { return canary_.apply(*this, op); }

 private:
  const Canary& canary_;
};

}  // namespace

absl::Span<const Canary> Canaries() { return kCanaries; }

std::unique_ptr<Machine> MakeCanary(absl::string_view name) {
  for (const Canary& canary : kCanaries) {
    if (canary.name == name) return std::make_unique<Planted>(canary);
  }
  return nullptr;
}

}  // namespace restree

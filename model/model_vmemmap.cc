// SPDX-License-Identifier: Apache-2.0
// The separate resource that covers what an altmap takes, in each variant, and
// who looks for it.
#include <algorithm>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/pagemap.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/walk.h"

namespace restree {
namespace {

constexpr Range kEverything = {0, UINT64_MAX};

// Returns what the separate resource covers, as both variants count it.
Range CoveredBy(const Altmap& altmap) {
  return Range::OfSize(altmap.base_pfn << kPageShift, OffsetOf(altmap)
                                                          << kPageShift);
}

// Returns whether memremap_pages() would take the altmap: only then is there
// something to cover.
bool IsUsable(const Pagemap& map) {
  return map.nr_range == 1 && IsAddressable(map.ranges[0]) &&
         FitsInto(map.altmap, map.ranges[0]) && OffsetOf(map.altmap) != 0;
}

}  // namespace

// Returns whether the machine registers a separate resource for the pagemap.
bool Model::NamesParent(const Pagemap& map) const {
  return altmap_ != AltmapVariant::kNone && map.altmap.valid &&
         map.altmap.parent != kNoSlot;
}

// kSound: places the resource before anything is mapped. Returns what is in the
// way, or null.
const Resource* Model::PlaceVmemmap(uint32_t number) {
  const Pagemap& map = *FindPagemap(number);
  if (!NamesParent(map) || !IsUsable(map)) return nullptr;
  Resource* const parent = tree_.Find(map.altmap.parent);
  const VmemmapMarker marker = VmemmapMarkerOf(altmap_);
  Row row;
  row.slot = VmemmapSlot(number);
  row.name = kNameVmemmap;
  row.range = CoveredBy(map.altmap);
  row.flags = (parent->flags & kResourceTypeBits) | marker.flags;
  row.desc = marker.desc;
  Resource* const node = tree_.New(row);
  if (const Resource* const conflict = tree_.Request(parent, node)) {
    tree_.Free(node);
    return conflict;
  }
  tree_.Keep(node);
  Hold(row.slot);
  EditPagemap(number)->altmap.res = row.slot;
  return nullptr;
}

// kSound: takes the resource out, now that nothing is mapped. What others have
// placed below it moves up.
void Model::RemoveVmemmap(uint32_t number, Observation* seen) {
  if (altmap_ != AltmapVariant::kSound) return;
  Resource* const node = tree_.Find(VmemmapSlot(number));
  if (node == nullptr) return;
  if (node->parent != nullptr) {
    tree_.Remove(node);
  } else {
    seen->warnings |= kWarnOn;
  }
  tree_.Free(node);
  EditPagemap(number)->altmap.res = kNoSlot;
}

// kPatch: requests the resource when all is mapped, and does not mind if there
// is none.
void Model::RequestVmemmap(uint32_t number, Observation* seen) {
  Pagemap& map = *EditPagemap(number);
  if (!NamesParent(map)) return;
  map.altmap.res = kNoSlot;
  map.altmap.res_gone = false;
  if (Fails()) return;
  const Slot slot = VmemmapSlot(number);
  Observation own;
  const Resource* const node =
      TryRegion({slot, kNameVmemmap, map.altmap.parent, CoveredBy(map.altmap),
                 VmemmapMarkerOf(altmap_).flags},
                &own);
  seen->warnings |= own.warnings;
  if (node == nullptr) return;
  map.altmap.res = slot;
  if (map.altmap.parent == kIomem) Revoke(*node, seen);
}

// Returns why the region that kPatch would release must not go.
absl::string_view Model::WhyNotReleaseVmemmap(const Pagemap& map) {
  const Resource* const node = FindVmemmapRegion(map);
  return node == nullptr ? "" : WhyNotForget(*node);
}

// Returns what kPatch would release: whatever __release_region() finds where
// the resource says that it is.
Resource* Model::FindVmemmapRegion(const Pagemap& map) {
  const Altmap& altmap = map.altmap;
  if (altmap_ != AltmapVariant::kPatch || !NamesParent(map)) return nullptr;
  if (altmap.res == kNoSlot || altmap.res_gone) return nullptr;
  return FindRegion(altmap.parent, tree_.Find(altmap.res)->range);
}

// kPatch: releases the resource before anything is unmapped, and remembers it.
void Model::ReleaseVmemmap(uint32_t number, Observation* seen) {
  const Pagemap& map = *FindPagemap(number);
  if (altmap_ != AltmapVariant::kPatch || !NamesParent(map)) return;
  if (map.altmap.res == kNoSlot) return;
  if (map.altmap.res_gone) {
    seen->warnings |= kWarnBug;  // reads what was freed
  } else if (Resource* const node = FindVmemmapRegion(map)) {
    TakeRegion(node, seen);
  } else {
    seen->warnings |= kWarnNonexistent;
  }
}

// Returns what whoever dumps memory after a crash takes for memory.
Observation Model::Dumpable(const Op& op) const {
  const Resource& iomem = *tree_.Find(kIomem);
  Observation seen;
  const auto walk = [&iomem, &seen](const Op& walk) {
    for (const Visit& visit : Walk(iomem, walk).visits) {
      seen.visits.push_back({.range = visit.range});
    }
  };
  const auto view = static_cast<DumpView>(op.number);
  if (view == DumpView::kKexecTools) {
    const Resource* node = &iomem;
    while ((node = ResourceTree::NextOverlap(iomem, node, kEverything))) {
      if (op.name == 0 || node->name != op.name) continue;
      seen.visits.push_back({.range = node->range});
    }
  } else {
    walk({.verb = Verb::kWalkSystemRam, .range = kEverything});
  }
  const VmemmapMarker marker = VmemmapMarkerOf(altmap_);
  if (view == DumpView::kKexecFileVmemmap && marker.flags != 0) {
    walk({.verb = Verb::kWalkDesc,
          .range = kEverything,
          .flags = marker.flags,
          .desc = marker.desc});
  }
  std::sort(seen.visits.begin(), seen.visits.end(),
            [](const Visit& a, const Visit& b) { return a.range < b.range; });
  return seen;
}

}  // namespace restree

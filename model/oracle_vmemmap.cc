// SPDX-License-Identifier: Apache-2.0

// What an Oracle does about the separate resource of an altmap, and what those
// see who dump memory.
#include <algorithm>
#include <cstdint>

#include "model/device_memory.h"
#include "model/flags.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr uint64_t kRamBusy = kResourceSystemRam | kResourceBusy;

// Returns what the driver's altmap covers.
Range BytesOf(const Altmap& altmap) {
  return Range::OfSize(altmap.base_pfn * kPageBytes,
                       (altmap.reserve + altmap.free) * kPageBytes);
}

bool NamesParent(const Altmap& altmap) {
  return altmap.valid && altmap.parent != kNoSlot;
}

// Returns whether add_pages() will take the altmap for one of the pagemap's
// range.
bool CoversItsRange(const Pagemap& map) {
  if (map.nr_range != 1) return false;
  const Range& range = map.ranges[0];
  if (range.inverted() || range.end > kPhysmemEnd) return false;
  const Altmap& altmap = map.altmap;
  return altmap.base_pfn == range.start / kPageBytes &&
         altmap.reserve + altmap.free <= range.size() / kPageBytes;
}

}  // namespace

Observation Oracle::Announce(Pagemap* map) {
  Altmap& altmap = map->altmap;
  if (variant_ != AltmapVariant::kSound || !NamesParent(altmap) ||
      OffsetOf(altmap) == 0 || !CoversItsRange(*map)) {
    return {};
  }
  const VmemmapMarker marker = VmemmapMarkerOf(variant_);
  Row row;
  row.slot = VmemmapSlot(map->number);
  row.parent = altmap.parent;
  row.name = kNameVmemmap;
  row.range = BytesOf(altmap);
  row.flags = (Find(altmap.parent)->flags & kResourceTypeBits) | marker.flags;
  row.desc = marker.desc;
  const Slot in_the_way = InTheWay(altmap.parent, row.range);
  if (in_the_way != kNoSlot) {
    return {.outcome = Outcome::kBusy, .found = in_the_way};
  }
  Put(row);
  altmap.res = row.slot;
  return {};
}

// Whoever took it out of its tree did what was not theirs to do.
void Oracle::Withdraw(Pagemap* map, Observation* seen) {
  const Slot slot = map->altmap.res;
  if (variant_ != AltmapVariant::kSound || slot == kNoSlot) return;
  if (Find(slot)->parent == kNoSlot) {
    seen->warnings |= kWarnOn;
  } else {
    Op remove;
    remove.verb = Verb::kRemove;
    remove.slot = slot;
    Remove(remove);
  }
  Forget(slot);
  map->altmap.res = kNoSlot;
}

void Oracle::Register(Pagemap* map, Observation* seen) {
  Altmap& altmap = map->altmap;
  if (variant_ != AltmapVariant::kPatch || !NamesParent(altmap)) return;
  altmap.res = kNoSlot;
  if (Fails()) return;
  const Slot slot = VmemmapSlot(map->number);
  const Observation its = Claim({.slot = slot,
                                 .name = kNameVmemmap,
                                 .parent = altmap.parent,
                                 .range = BytesOf(altmap),
                                 .flags = VmemmapMarkerOf(variant_).flags});
  if (its.outcome == Outcome::kOk) altmap.res = slot;
  seen->warnings |= its.warnings;
  seen->visits.insert(seen->visits.end(), its.visits.begin(), its.visits.end());
}

// The region is found by its address, whatever lies there now.
void Oracle::Unregister(const Pagemap& map, Observation* seen) {
  const Altmap& altmap = map.altmap;
  if (variant_ != AltmapVariant::kPatch || !altmap.valid) return;
  if (altmap.res == kNoSlot) return;
  const Row* row = Find(altmap.res);
  if (row == nullptr) {
    seen->warnings |= kWarnBug;
    return;
  }
  const Range range = row->range;
  const Observation its = ReleaseRegion(altmap.parent, range);
  seen->warnings |= its.warnings;
  seen->visits.insert(seen->visits.end(), its.visits.begin(), its.visits.end());
}

Observation Oracle::Dumpable(const Op& op) const {
  constexpr Range kAll = {0, UINT64_MAX};
  Observation seen;
  const auto add = [&seen](const Range& range) {
    seen.visits.push_back({.range = range});
  };
  const auto view = static_cast<DumpView>(op.number);
  if (view == DumpView::kKexecTools) {
    for (const Row& row : rows_) {
      if (op.name == 0 || row.name != op.name) continue;
      if (IsBelow(row.slot, kIomem)) add(row.range);
    }
  } else {
    const Observation ram = Matches(kAll, kRamBusy, kDescNone);
    for (const Visit& visit : ram.visits) add(visit.range);
  }
  if (view == DumpView::kKexecFileVmemmap && variant_ != AltmapVariant::kNone) {
    const VmemmapMarker marker = VmemmapMarkerOf(variant_);
    const Observation marked = Matches(kAll, marker.flags, marker.desc);
    for (const Visit& visit : marked.visits) add(visit.range);
  }
  std::sort(seen.visits.begin(), seen.visits.end(),
            [](const Visit& a, const Visit& b) { return a.range < b.range; });
  return seen;
}

}  // namespace restree

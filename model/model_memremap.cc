// SPDX-License-Identifier: Apache-2.0
// Mappings of device memory, as mm/memremap.c makes and ends them.
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/pagemap.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// Returns whether memremap_pages() refuses what the driver has filled in. It
// complains then, and about a type that it does not know.
bool IsRefused(const Pagemap& map, Observation* seen) {
  uint32_t needed = 0;
  if (map.type == kMemoryPrivate) {
    needed = kLacksOps | kLacksMigrateToRam | kLacksPageFree | kLacksOwner;
  } else if (map.type == kMemoryCoherent) {
    needed = kLacksPageFree | kLacksOwner;
  }
  const bool refused = map.nr_range == 0 || (map.lacks & needed) != 0;
  if (refused || map.type < kMemoryPrivate || map.type > kMemoryP2pdma) {
    seen->warnings |= kWarnOn;
  }
  return refused;
}

// Adds an entry and keeps the pfns of one pagemap that touch in one.
void AddLookup(const Lookup& entry, std::vector<Lookup>* all) {
  const auto behind = std::find_if(
      all->begin(), all->end(),
      [&entry](const Lookup& it) { return it.pfns.start > entry.pfns.start; });
  auto it = all->insert(behind, entry);
  const auto joins = [](const Lookup& a, const Lookup& b) {
    return a.pagemap == b.pagemap && a.pfns.end + 1 == b.pfns.start;
  };
  if (it + 1 != all->end() && joins(*it, it[1])) {
    it->pfns.end = it[1].pfns.end;
    all->erase(it + 1);
  }
  if (it != all->begin() && joins(it[-1], *it)) {
    it[-1].pfns.end = it->pfns.end;
    all->erase(it);
  }
}

}  // namespace

// Returns why a caller must not map the pagemap.
absl::string_view Model::WhyNotMap(uint32_t number) const {
  const absl::string_view why = WhyNotChange(number);
  if (!why.empty()) return why;
  if (HasVmemmap(number)) return "its separate resource is still there";
  const Pagemap& map = *FindPagemap(number);
  if (map.type == kMemoryCoherent && (map.lacks & kLacksOps) != 0) {
    return "the kernel reads its ops";
  }
  return NamesParent(map) && tree_.Find(map.altmap.parent) == nullptr
             ? kNoResource
             : "";
}

Observation Model::Memremap(const Op& op) {
  const absl::string_view why = WhyNotMap(op.slot);
  return why.empty() ? Map(op.slot) : Misuse(why);
}

Observation Model::DevmMemremap(const Op& op) {
  const absl::string_view why = WhyNotMap(op.slot);
  if (!why.empty()) return Misuse(why);
  Observation seen = Map(op.slot);
  if (seen.outcome != Outcome::kOk) return seen;
  const size_t blocks = seen.visits.size();
  if (altmap_ == AltmapVariant::kPatch) RequestVmemmap(op.slot, &seen);
  if (!Fails()) {
    AddDevres({.device = op.number, .slot = op.slot, .pagemap = true});
    return seen;
  }
  ReleaseVmemmap(op.slot, &seen);
  Unmap(op.slot, &seen);
  assert(seen.outcome == Outcome::kOk);  // nobody can have a reference yet
  seen.visits.erase(seen.visits.begin(), seen.visits.begin() + blocks);
  seen.outcome = Outcome::kNoMem;
  seen.value = 0;
  return seen;
}

// memremap_pages(), with the separate resource of kSound around it.
Observation Model::Map(uint32_t number) {
  if (altmap_ == AltmapVariant::kSound) {
    const Resource* const conflict = PlaceVmemmap(number);
    if (conflict != nullptr) {
      return {.outcome = Outcome::kBusy, .found = conflict->slot};
    }
  }
  Observation seen;
  seen.outcome = MapRanges(number, &seen);
  const Pagemap& map = *FindPagemap(number);
  if (seen.outcome != Outcome::kOk) {
    seen.visits.clear();
    RemoveVmemmap(number, &seen);
    return seen;
  }
  if (NamesParent(map)) Hold(map.altmap.parent);
  ++mapping_objects_;
  seen.value = map.ranges[0].start;
  return seen;
}

// Maps all ranges or none. nr_range says how far it has come, as in the kernel.
Outcome Model::MapRanges(uint32_t number, Observation* seen) {
  if (IsRefused(*FindPagemap(number), seen)) return Outcome::kInval;
  if (Fails()) return Outcome::kNoMem;  // the percpu_ref
  Pagemap& map = *EditPagemap(number);
  const uint32_t ranges = map.nr_range;
  map.phase = Pagemap::Phase::kMapped;
  map.refs = 1;
  if (map.type == kMemoryFsDax) ++ledger_.memory.managed;
  Outcome outcome = Outcome::kOk;
  for (map.nr_range = 0; map.nr_range < ranges; ++map.nr_range) {
    outcome = MapRange(&map, seen);
    if (outcome != Outcome::kOk) break;
  }
  if (outcome != Outcome::kOk) {
    EndMapping(&map, seen);
    map.nr_range = ranges;
  }
  return outcome;
}

// pagemap_range(), of the range number nr_range.
Outcome Model::MapRange(Pagemap* map, Observation* seen) {
  const Range& range = map->ranges[map->nr_range];
  const Range pfns = LookupPfns(range);
  const auto complain = [seen](Outcome outcome) {
    seen->warnings |= kWarnOn;
    return outcome;
  };
  if (map->altmap.valid && map->nr_range > 0) return complain(Outcome::kInval);
  if (LivePagemapAt(pfns.start) != nullptr ||
      LivePagemapAt(pfns.end) != nullptr) {
    return complain(Outcome::kNoMem);
  }
  Op ram;
  ram.verb = Verb::kRegionIntersects;
  ram.range = range;
  ram.flags = kResourceSystemRam;
  if (RegionIntersects(ram).outcome != Outcome::kDisjoint) {
    return complain(Outcome::kNxIo);
  }
  if (pfns.inverted()) return Outcome::kInval;
  if (StepFails(MapStep::kXaStore)) return Outcome::kNoMem;
  if (StepFails(MapStep::kTrackPfn)) return Outcome::kNoMem;
  if (!IsAddressable(range)) {
    seen->warnings |= kWarnOther;
    return Outcome::kInval;
  }
  if (map->type != kMemoryPrivate && StepFails(MapStep::kKasan)) {
    return Outcome::kNoMem;
  }
  const Outcome outcome = AddMemory(map, seen);
  if (outcome != Outcome::kOk) return outcome;

  Ledger& ledger = Edit();
  AddLookup({pfns, map->number}, &ledger.lookup);
  const uint64_t bytes = range.size();
  ledger.memory.tracked_bytes += bytes;
  if (map->type != kMemoryPrivate) ledger.memory.shadow_bytes += bytes;
  ledger.memory.zone_pages += bytes >> kPageShift;
  ledger.memory.memory_pages += bytes >> kPageShift;
  map->refs += PageRefs(*map, map->nr_range);
  return Outcome::kOk;
}

// arch_add_memory() or add_pages(), down to the struct pages.
Outcome Model::AddMemory(Pagemap* map, Observation* seen) {
  if (StepFails(MapStep::kAddMemory)) return Outcome::kNoMem;
  const Range& range = map->ranges[map->nr_range];
  if (map->altmap.valid) {
    if (!FitsInto(map->altmap, range)) {
      seen->warnings |= kWarnOther;
      return Outcome::kInval;
    }
    map->altmap.alloc = 0;
  }
  if ((range.start | range.size()) % kSubsectionBytes != 0) {
    seen->warnings |= kWarnOn;
    return Outcome::kInval;
  }
  if (HasMemory(range)) return Outcome::kExist;
  if (map->altmap.valid && !Populate(MemoryPfns(range), &map->altmap, seen)) {
    return Outcome::kNoMem;
  }
  return Outcome::kOk;
}

// Returns whether some of `range` has struct pages of a mapping already.
bool Model::HasMemory(const Range& range) const {
  for (const Pagemap& map : ledger_.pagemaps) {
    if (map.phase == Pagemap::Phase::kIdle) continue;
    for (uint32_t i = 0; i < map.nr_range; ++i) {
      if (map.ranges[i].Overlaps(range)) return true;
    }
  }
  return false;
}

// Returns what get_dev_pagemap() finds and gets a reference of, or null.
const Pagemap* Model::LivePagemapAt(uint64_t pfn) const {
  for (const Lookup& it : ledger_.lookup) {
    if (!it.pfns.Contains(pfn)) continue;
    const Pagemap* const map = FindPagemap(it.pagemap);
    if (map->phase == Pagemap::Phase::kMapped) return map;
  }
  return nullptr;
}

// Returns where the devres entry of the mapping is, or nothing.
std::optional<size_t> Model::DevresOf(uint32_t number) const {
  const std::vector<Devres>& all = ledger_.devres;
  const auto it =
      std::find_if(all.begin(), all.end(), [number](const Devres& entry) {
        return entry.pagemap && entry.slot == number;
      });
  if (it == all.end()) return std::nullopt;
  return it - all.begin();
}

Observation Model::Memunmap(const Op& op) {
  const Pagemap* const map = FindPagemap(op.slot);
  if (map == nullptr) return Misuse(kNoSuchPagemap);
  if (map->phase != Pagemap::Phase::kMapped) return Misuse("it is not mapped");
  if (DevresOf(op.slot).has_value()) return Misuse("a device has mapped it");
  const absl::string_view why = WhyNotPut(*map, 1 + PageRefs(*map));
  if (!why.empty()) return Misuse(why);
  Observation seen;
  Unmap(op.slot, &seen);
  return seen;
}

Observation Model::DevmMemunmap(const Op& op) {
  if (FindPagemap(op.slot) == nullptr) return Misuse(kNoSuchPagemap);
  const auto index =
      NewestDevres({.device = op.number, .slot = op.slot, .pagemap = true});
  if (!index.has_value()) return {.warnings = kWarnOn};
  return ReleaseMapping(*index);
}

// devm_memremap_pages_release() of a devres entry, which is out of its device
// from the beginning and freed at the end.
Observation Model::ReleaseMapping(size_t index) {
  const Devres entry = ledger_.devres[index];
  const Pagemap& map = *FindPagemap(entry.slot);
  absl::string_view why = WhyNotReleaseVmemmap(map);
  if (why.empty()) why = WhyNotPut(map, 1 + PageRefs(map));
  if (!why.empty()) return Misuse(why);
  RemoveDevres(index);
  Observation seen;
  ReleaseVmemmap(entry.slot, &seen);
  Unmap(entry.slot, &seen);
  if (seen.outcome == Outcome::kWouldBlock) {
    Pagemap& sleeping = *EditPagemap(entry.slot);
    sleeping.releasing = true;
    sleeping.device = entry.device;
    ++mapping_objects_;
  }
  return seen;
}

// Returns whether a release of the device's sleeps until a mapping ends.
bool Model::IsReleasing(uint32_t device) const {
  const auto is_one = [device](const Pagemap& map) {
    return map.releasing && map.device == device;
  };
  return std::any_of(ledger_.pagemaps.begin(), ledger_.pagemaps.end(), is_one);
}

// memunmap_pages(), down to where it waits for the last reference.
void Model::Unmap(uint32_t number, Observation* seen) {
  Pagemap& map = *EditPagemap(number);
  map.phase = Pagemap::Phase::kDying;
  const uint64_t refs = 1 + PageRefs(map);
  if (map.refs > refs) seen->outcome = Outcome::kWouldBlock;
  PutRefs(&map, refs, seen);
}

// Returns why a caller must not put so many references of the mapping.
absl::string_view Model::WhyNotPut(const Pagemap& map, uint64_t refs) const {
  if (map.refs != refs || altmap_ != AltmapVariant::kSound) return "";
  const Resource* const node = tree_.Find(VmemmapSlot(map.number));
  if (node == nullptr) return "";
  if (node->holds > 1) return "something holds its separate resource";
  return node->parent == nullptr && !node->children.empty()
             ? "its separate resource is in no tree and has children"
             : "";
}

// Puts references. With the last one, whoever waits for it in memunmap_pages()
// goes on.
void Model::PutRefs(Pagemap* map, uint64_t refs, Observation* seen) {
  map->refs -= refs;
  if (map->refs != 0) return;
  mapping_objects_ -= map->releasing ? 2 : 1;
  EndMapping(map, seen);
  RemoveVmemmap(map->number, seen);
  if (NamesParent(*map)) LetGo(map->altmap.parent);
}

// Takes back what the first nr_range ranges have led to; then nobody knows the
// pagemap any more.
void Model::EndMapping(Pagemap* map, Observation* seen) {
  Ledger& ledger = Edit();
  for (uint32_t i = 0; i < map->nr_range; ++i) {
    const uint64_t bytes = map->ranges[i].size();
    ledger.memory.zone_pages -= bytes >> kPageShift;
    ledger.memory.memory_pages -= bytes >> kPageShift;
    ledger.memory.tracked_bytes -= bytes;
    if (map->type != kMemoryPrivate) ledger.memory.shadow_bytes -= bytes;
    const Range pfns = MemoryPfns(map->ranges[i]);
    std::erase_if(ledger.pages, [&pfns](const PageUse& page) {
      return pfns.Contains(page.pfn);
    });
    map->altmap.alloc = 0;
  }
  std::erase_if(ledger.lookup,
                [map](const Lookup& it) { return it.pagemap == map->number; });
  // Only altmap_alloc can have left some.
  if (map->altmap.alloc != 0) seen->warnings |= kWarnOn;
  if (map->type == kMemoryFsDax) --ledger.memory.managed;
  map->phase = Pagemap::Phase::kIdle;
  map->releasing = false;
  map->device = 0;
  map->refs = 0;
}

}  // namespace restree

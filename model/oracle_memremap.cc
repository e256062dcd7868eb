// SPDX-License-Identifier: Apache-2.0

// How an Oracle maps device memory and ends that. It keeps the phase of each
// pagemap, what was got and not put, and the pages in use. References, lookup
// and the memory that is taken follow from these.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/device_memory.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

using Phase = Pagemap::Phase;

// A section of which all is mapped has its struct pages in one block, as much
// as a huge page; else each subsection has its own, page by page.
constexpr uint64_t kSectionBlock =
    kSectionPages * kStructPageBytes / kPageBytes;
constexpr uint64_t kSubsectionBlocks =
    kSubsectionPages * kStructPageBytes / kPageBytes;

Range PfnsOf(const Range& bytes) {
  return {bytes.start / kPageBytes, bytes.end / kPageBytes};
}

bool IsComplete(const Pagemap& map) {
  uint32_t needs = 0;
  if (map.type == kMemoryPrivate) {
    needs = kLacksOps | kLacksPageFree | kLacksMigrateToRam | kLacksOwner;
  } else if (map.type == kMemoryCoherent) {
    needs = kLacksPageFree | kLacksOwner;
  }
  return map.nr_range != 0 && (map.lacks & needs) == 0;
}

Outcome Refuse(Outcome outcome, Warning warning, Observation* seen) {
  seen->warnings |= warning;
  return outcome;
}

void Show(const Range& block, Observation* seen) {
  auto& visits = seen->visits;
  if (!visits.empty() && visits.back().range.end + 1 == block.start) {
    visits.back().range.end = block.end;
  } else {
    visits.push_back({.range = block});
  }
}

// Returns the sizes of the blocks for the struct pages of `pfns`, in order.
std::vector<uint64_t> BlocksFor(const Range& pfns) {
  std::vector<uint64_t> blocks;
  for (uint64_t pfn = pfns.start; pfn <= pfns.end;) {
    if (pfn % kSectionPages == 0 && pfns.end - pfn + 1 >= kSectionPages) {
      blocks.push_back(kSectionBlock);
      pfn += kSectionPages;
    } else {
      blocks.insert(blocks.end(), kSubsectionBlocks, 1);
      pfn += kSubsectionPages;
    }
  }
  return blocks;
}

// Returns what leads to the pagemaps that have their memory.
std::vector<Lookup> LookupOf(const std::vector<Pagemap>& pagemaps) {
  std::vector<Lookup> all;
  for (const Pagemap& map : pagemaps) {
    if (map.phase == Phase::kIdle) continue;
    for (uint32_t i = 0; i < map.nr_range; ++i) {
      all.push_back({PfnsOf(map.ranges[i]), map.number});
    }
  }
  std::sort(all.begin(), all.end(),
            [](const Lookup& a, const Lookup& b) { return a.pfns < b.pfns; });
  std::vector<Lookup> merged;
  for (const Lookup& it : all) {
    const bool goes_on = !merged.empty() &&
                         merged.back().pagemap == it.pagemap &&
                         merged.back().pfns.end + 1 == it.pfns.start;
    if (!goes_on) {
      merged.push_back(it);
    } else {
      merged.back().pfns.end = it.pfns.end;
    }
  }
  return merged;
}

// Returns what the pagemaps have taken from the rest of the kernel.
MemoryUse MemoryOf(const std::vector<Pagemap>& pagemaps) {
  MemoryUse use;
  for (const Pagemap& map : pagemaps) {
    if (map.phase == Phase::kIdle) continue;
    if (map.type == kMemoryFsDax) ++use.managed;
    for (uint32_t i = 0; i < map.nr_range; ++i) {
      const uint64_t bytes = map.ranges[i].size();
      use.zone_pages += bytes / kPageBytes;
      use.memory_pages += bytes / kPageBytes;
      use.tracked_bytes += bytes;
      if (map.type != kMemoryPrivate) use.shadow_bytes += bytes;
    }
  }
  return use;
}

}  // namespace

const Pagemap* Oracle::LivePagemap(uint64_t pfn) const {
  for (const Pagemap& map : ledger_.pagemaps) {
    if (map.phase != Phase::kMapped) continue;
    for (uint32_t i = 0; i < map.nr_range; ++i) {
      if (PfnsOf(map.ranges[i]).Contains(pfn)) return &map;
    }
  }
  return nullptr;
}

uint64_t Oracle::RefsOf(const Pagemap& map) const {
  if (map.phase == Phase::kIdle) return 0;
  uint64_t refs = map.gets;
  for (const PageUse& page : ledger_.pages) {
    if (page.holds_ref && OwnerOf(page.pfn) == &map) ++refs;
  }
  if (map.phase == Phase::kDying) return refs;
  ++refs;
  if (IsOnDemand(map)) return refs;
  for (uint32_t i = 0; i < map.nr_range; ++i) {
    uint64_t pages = map.ranges[i].size() / kPageBytes;
    if (i == 0) pages -= OffsetOf(map.altmap);
    refs += pages >> map.shift;
  }
  return refs;
}

bool Oracle::StepFails(MapStep step) {
  if (ledger_.fail_step_nth == 0 || ledger_.fail_step != step) return false;
  if (--ledger_.fail_step_nth != 0) return false;
  ledger_.fail_step = MapStep();
  return true;
}

// A pagemap that is being mapped has the ranges that it has got so far: they
// are in the way of its others.
Observation Oracle::MapPages(uint32_t number) {
  Pagemap& map = *FindPagemap(number);
  if (!IsComplete(map)) {
    return {.outcome = Outcome::kInval, .warnings = kWarnOn};
  }
  Observation seen;
  if (map.type < kMemoryPrivate || map.type > kMemoryP2pdma) {
    seen.warnings |= kWarnOn;
  }
  if (Fails()) {
    seen.outcome = Outcome::kNoMem;
    return seen;
  }
  const uint32_t ranges = map.nr_range;
  map.phase = Phase::kMapped;
  for (map.nr_range = 0; map.nr_range < ranges; ++map.nr_range) {
    seen.outcome = MapRange(&map, &seen);
    if (seen.outcome != Outcome::kOk) break;
  }
  if (map.nr_range == ranges) {
    seen.value = map.ranges[0].start;
    return seen;
  }
  // PrivateAltmapIsNotGivenBack: here it is.
  if (map.nr_range > 0) map.altmap.alloc = 0;
  if (map.altmap.alloc != 0) seen.warnings |= kWarnOn;
  map.nr_range = ranges;
  map.phase = Phase::kIdle;
  seen.visits.clear();
  return seen;
}

// FailedMapForgetsAnother: a range around another's is refused by AddMemory(),
// and nothing of the other is lost.
Outcome Oracle::MapRange(Pagemap* map, Observation* seen) {
  const Range range = map->ranges[map->nr_range];
  const Range pfns = PfnsOf(range);
  if (map->altmap.valid && map->nr_range > 0) {
    return Refuse(Outcome::kInval, kWarnOn, seen);
  }
  if (LivePagemap(pfns.start) != nullptr || LivePagemap(pfns.end) != nullptr) {
    return Refuse(Outcome::kNoMem, kWarnOn, seen);
  }
  Op ram;
  ram.verb = Verb::kRegionIntersects;
  ram.range = range;
  ram.flags = kResourceSystemRam;
  if (RegionIntersects(ram).outcome != Outcome::kDisjoint) {
    return Refuse(Outcome::kNxIo, kWarnOn, seen);
  }
  if (pfns.inverted()) return Outcome::kInval;
  if (StepFails(MapStep::kXaStore)) return Outcome::kNoMem;
  if (StepFails(MapStep::kTrackPfn)) return Outcome::kNoMem;
  if (range.inverted() || range.end > kPhysmemEnd) {
    return Refuse(Outcome::kInval, kWarnOther, seen);
  }
  if (map->type != kMemoryPrivate && StepFails(MapStep::kKasan)) {
    return Outcome::kNoMem;
  }
  if (StepFails(MapStep::kAddMemory)) return Outcome::kNoMem;
  return AddMemory(map, seen);
}

Outcome Oracle::AddMemory(Pagemap* map, Observation* seen) {
  const Range& range = map->ranges[map->nr_range];
  const Range pfns = PfnsOf(range);
  Altmap& altmap = map->altmap;
  if (altmap.valid) {
    if (altmap.base_pfn != pfns.start ||
        OffsetOf(altmap) > range.size() / kPageBytes) {
      return Refuse(Outcome::kInval, kWarnOther, seen);
    }
    altmap.alloc = 0;
  }
  if (range.start % kSubsectionBytes != 0 ||
      range.size() % kSubsectionBytes != 0) {
    return Refuse(Outcome::kInval, kWarnOn, seen);
  }
  for (const Pagemap& other : ledger_.pagemaps) {
    if (other.phase == Phase::kIdle) continue;
    for (uint32_t i = 0; i < other.nr_range; ++i) {
      if (other.ranges[i].Overlaps(range)) return Outcome::kExist;
    }
  }
  if (!altmap.valid) return Outcome::kOk;
  for (const uint64_t pages : BlocksFor(pfns)) {
    const std::optional<Range> block = TakeBlock(pages, &altmap);
    if (!block.has_value()) {
      altmap.alloc = 0;  // what alignment has cost is gone
      return Outcome::kNoMem;
    }
    Show(*block, seen);
  }
  return Outcome::kOk;
}

Outcome Oracle::UnmapPages(uint32_t number) {
  Pagemap& map = *FindPagemap(number);
  map.phase = Phase::kDying;
  return RefsOf(map) == 0 ? Outcome::kOk : Outcome::kWouldBlock;
}

Observation Oracle::Memremap(uint32_t number) {
  Pagemap& map = *FindPagemap(number);
  const Observation refused = Announce(&map);
  if (refused.outcome != Outcome::kOk) return refused;
  Observation seen = MapPages(number);
  if (seen.outcome != Outcome::kOk) Withdraw(&map, &seen);
  return seen;
}

Observation Oracle::DevmMemremap(const Op& op) {
  Observation seen = Memremap(op.slot);
  if (seen.outcome != Outcome::kOk) return seen;
  const Devres entry = {.device = op.number, .slot = op.slot, .pagemap = true};
  const auto blocks = seen.visits.size();
  Register(FindPagemap(op.slot), &seen);
  if (!Fails()) {
    AddDevres(entry);
    return seen;
  }
  seen.visits.erase(seen.visits.begin(), seen.visits.begin() + blocks);
  Unregister(*FindPagemap(op.slot), &seen);
  UnmapPages(op.slot);
  seen.outcome = Outcome::kNoMem;
  seen.value = 0;
  return seen;
}

Observation Oracle::DevmMemunmap(const Op& op) {
  const Devres entry = {.device = op.number, .slot = op.slot, .pagemap = true};
  const auto index = NewestDevres(entry);
  if (!index.has_value()) return {.warnings = kWarnOn};
  DropDevres(*index);
  return ReleaseMapping(entry);
}

Observation Oracle::ReleaseMapping(const Devres& entry) {
  Pagemap& map = *FindPagemap(entry.slot);
  Observation seen;
  Unregister(map, &seen);
  map.releasing = true;
  map.device = entry.device;
  seen.outcome = UnmapPages(entry.slot);
  return seen;
}

void Oracle::Settle(Observation* seen) {
  for (Pagemap& map : ledger_.pagemaps) {
    if (map.phase != Phase::kDying || RefsOf(map) != 0) continue;
    std::erase_if(ledger_.pages, [this, &map](const PageUse& page) {
      return OwnerOf(page.pfn) == &map;
    });
    map.phase = Phase::kIdle;
    map.releasing = false;
    map.device = 0;
    map.altmap.alloc = 0;
    Withdraw(&map, seen);
  }
}

void Oracle::Recount() {
  ledger_.live = LiveObjects();
  for (Pagemap& map : ledger_.pagemaps) {
    map.refs = RefsOf(map);
    const Slot res = map.altmap.res;
    map.altmap.res_gone = res != kNoSlot && Find(res) == nullptr;
  }
  ledger_.lookup = LookupOf(ledger_.pagemaps);
  ledger_.memory = MemoryOf(ledger_.pagemaps);
}

}  // namespace restree

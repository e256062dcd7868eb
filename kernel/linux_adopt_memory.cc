// SPDX-License-Identifier: Apache-2.0
//
// How a LinuxMachine takes over the pagemaps of a state: see linux_adopt.cc.
#include <algorithm>
#include <cassert>
#include <cstdint>

#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/device_memory.h"
#include "kernel/devices.h"
#include "kernel/hooks.h"
#include "kernel/linux_machine.h"
#include "kernel/memory_api.h"
#include "kernel/runtime.h"
#include "model/device_memory.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

namespace {

// The entry of a pagemap, on a kernel that has none. It is never called.
extern "C" void ReleaseElsewhere(device*, void*) {}

}  // namespace

void* LinuxMachine::MakePagemapDevres(uint32_t number) {
  if (memory_.is_available) {
    return memory_.devres_make(PagemapAt(number), map_.altmap);
  }
  void* const data = runtime_.devices.Make(&ReleaseElsewhere, sizeof(uint32_t));
  *static_cast<uint32_t*>(data) = number;
  return data;
}

bool LinuxMachine::ViewPagemapDevres(device::Entry* entry,
                                     kernel_devres* view) const {
  if (memory_.is_available) {
    return memory_.devres_view(entry->release, entry->data(), view);
  }
  if (entry->release != &ReleaseElsewhere) return false;
  view->kind = KERNEL_DEVRES_PAGEMAP;
  view->pagemap = *static_cast<uint32_t*>(entry->data());
  return true;
}

// A kernel without device memory sits out all that is about it, and shows what
// the others have.
void LinuxMachine::CopyMemory(const Ledger& ledger) {
  ledger_.pagemaps = ledger.pagemaps;
  ledger_.lookup = ledger.lookup;
  ledger_.pages = ledger.pages;
  ledger_.memory = ledger.memory;
  ledger_.fail_step = ledger.fail_step;
  ledger_.fail_step_nth = ledger.fail_step_nth;
  for (const Pagemap& it : ledger.pagemaps) {
    if (it.phase != Pagemap::Phase::kIdle) live_elsewhere_ += 1 + it.releasing;
  }
}

void LinuxMachine::AdoptMemory(const Ledger& ledger) {
  if (!memory_.is_available) return CopyMemory(ledger);
  DeviceMemory& to = runtime_.device_memory;
  for (const Pagemap& it : ledger.pagemaps) {
    AdoptPagemap(it);
    if (it.phase == Pagemap::Phase::kIdle) continue;
    AdoptMapped(it);
    AdoptLookup(it, ledger);
  }
  const MemoryUse& use = ledger.memory;
  to.Count(KERNEL_ZONE_PAGES, use.zone_pages);
  to.Count(KERNEL_KASAN_BYTES, use.shadow_bytes);
  to.Count(KERNEL_TRACKED_BYTES, use.tracked_bytes);
  to.Count(KERNEL_MANAGED, use.managed);
  for (const PageUse& it : ledger.pages) {
    const kernel_page_view view = {true, static_cast<int>(it.count),
                                   it.holds_ref};
    memory_.page_adopt(it.pfn, &view);
  }
  for (const Pagemap& it : ledger.pagemaps) {
    if (it.phase == Pagemap::Phase::kDying) AdoptDying(it);
    if (it.altmap.res != kNoSlot) AdoptAltmapResource(it);
  }
  to.fail_step = static_cast<kernel_step>(ledger.fail_step);
  to.fail_nth = ledger.fail_step_nth;
}

void LinuxMachine::AdoptPagemap(const Pagemap& pagemap) {
  kernel_pagemap_view view = {};
  view.number = pagemap.number;
  view.type = pagemap.type;
  view.lacks = pagemap.lacks;
  view.shift = pagemap.shift;
  view.nr_range = static_cast<int>(pagemap.nr_range);
  for (uint32_t i = 0; i < kPagemapRanges; ++i) {
    view.ranges[i] = {pagemap.ranges[i].start, pagemap.ranges[i].end};
  }
  DefinePagemap(view);
  pagemaps_[pagemap.number].gets = pagemap.gets;
  const Altmap& altmap = pagemap.altmap;
  if (!altmap.valid) return;
  view.base_pfn = altmap.base_pfn;
  view.end_pfn = altmap.end_pfn;
  view.reserve = altmap.reserve;
  view.free = altmap.free;
  view.align = altmap.align;
  view.alloc = altmap.alloc;
  SetAltmap(view, altmap.parent);
}

// An altmap is of the first range, and nobody allocates from it by hand while
// it is mapped: all that is out is that range's.
void LinuxMachine::AdoptMapped(const Pagemap& pagemap) {
  kernel_pagemap* const it = PagemapAt(pagemap.number);
  const Slot slot = pagemap.altmap.parent;
  const Object* const parent = slot == kNoSlot ? nullptr : resources_.At(slot);
  map_.parent = parent == nullptr ? nullptr : parent->memory;
  memory_.adopt_mapped(it, &map_, static_cast<long>(pagemap.refs),
                       pagemap.phase == Pagemap::Phase::kDying);
  for (uint32_t i = 0; i < pagemap.nr_range; ++i) {
    const Range& range = pagemap.ranges[i];
    const uint64_t first = range.start >> kPageShift;
    const uint64_t pages = range.size() >> kPageShift;
    runtime_.device_memory.Add(
        {first, first + pages - 1, i == 0 ? pagemap.altmap.alloc : 0});
    memory_.adopt_pages(it, first, pages);
  }
}

// Range by range, as pagemap_range() stores them and will erase them.
void LinuxMachine::AdoptLookup(const Pagemap& pagemap, const Ledger& ledger) {
  for (uint32_t i = 0; i < pagemap.nr_range; ++i) {
    const uint64_t first = pagemap.ranges[i].start >> kPageShift;
    const uint64_t last = pagemap.ranges[i].end >> kPageShift;
    for (const Lookup& it : ledger.lookup) {
      if (it.pagemap != pagemap.number) continue;
      const uint64_t start = std::max(first, it.pfns.start);
      const uint64_t end = std::min(last, it.pfns.end);
      if (start > end) continue;
      memory_.adopt_lookup(PagemapAt(pagemap.number), start, end);
    }
  }
}

// It goes to sleep as it did, with no resource yet that it could release.
void LinuxMachine::AdoptDying(const Pagemap& pagemap) {
  Observation nobody;
  Op op;
  op.verb = Verb::kMemunmap;
  op.slot = pagemap.number;
  if (pagemap.releasing) {
    device* const owner = runtime_.devices.At(pagemap.device);
    runtime_.devices.Add(
        owner, memory_.devres_make(PagemapAt(pagemap.number), map_.altmap));
    op.verb = Verb::kUnbind;
    op.number = pagemap.device;
    unbound_ = runtime_.devices.RemoveNewest(owner);
  }
  MapOrUnmap(op, &nobody);
  assert(nobody.outcome == Outcome::kWouldBlock);
}

void LinuxMachine::AdoptAltmapResource(const Pagemap& pagemap) {
  Driven& driven = pagemaps_[pagemap.number];
  Object* object = resources_.At(pagemap.altmap.res);
  if (pagemap.altmap.res_gone) {
    object = runtime_.arena.New(sizeof(resource), /*is_kernel=*/true);
    runtime_.arena.Free(object);
  } else if (altmap_ == AltmapVariant::kSound) {
    driven.own = object;
  }
  memory_.adopt_res(PagemapAt(pagemap.number), map_.altmap, object->memory);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// Ops about the pages of pagemaps, and what a LinuxMachine shows of both.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/device_memory.h"
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

Pagemap::Phase PhaseOf(const kernel_pagemap_view& view) {
  if (!view.has_ref) return Pagemap::Phase::kIdle;
  return view.is_dying ? Pagemap::Phase::kDying : Pagemap::Phase::kMapped;
}

Pagemap PagemapOf(const kernel_pagemap_view& view) {
  Pagemap it;
  it.number = view.number;
  it.phase = PhaseOf(view);
  it.type = view.type;
  it.shift = view.shift;
  it.lacks = view.lacks;
  it.nr_range = static_cast<uint32_t>(view.nr_range);
  for (uint32_t i = 0; i < std::min(it.nr_range, kPagemapRanges); ++i) {
    it.ranges[i] = {view.ranges[i].start, view.ranges[i].end};
  }
  it.refs = static_cast<uint64_t>(view.refs);
  it.altmap.valid = view.has_altmap;
  it.altmap.base_pfn = view.base_pfn;
  it.altmap.end_pfn = view.end_pfn;
  it.altmap.reserve = view.reserve;
  it.altmap.free = view.free;
  it.altmap.align = view.align;
  it.altmap.alloc = view.alloc;
  return it;
}

}  // namespace

// Returns the number of a pagemap of the kernel's, kNoPagemap for NULL.
uint32_t LinuxMachine::NumberOf(const kernel_pagemap* pagemap) {
  if (pagemap == nullptr) return kNoPagemap;
  for (uint32_t i = 0; i < kPagemaps; ++i) {
    if (pagemaps_[i].object != nullptr && PagemapAt(i) == pagemap) return i;
  }
  runtime_.Warn(kWarnBug);
  return kNoPagemap;
}

// A reference is the driver's to count; one that it hands over, cached, it has
// back if it is of the same pagemap.
void LinuxMachine::GetPagemap(const Op& op, Observation* seen) {
  kernel_pagemap* cached = nullptr;
  if (op.slot != 0) {
    cached = PagemapAt(op.slot - 1);
    --pagemaps_[op.slot - 1].gets;
  }
  seen->pagemap = NumberOf(memory_.get_dev_pagemap(op.range.start, cached));
  if (seen->pagemap == kNoPagemap) {
    seen->outcome = Outcome::kNull;
  } else {
    ++pagemaps_[seen->pagemap].gets;
  }
}

void LinuxMachine::Page(const Op& op, Observation* seen) {
  const uint64_t pfn = op.range.start;
  switch (op.verb) {
    case Verb::kGetPagemap:
      return GetPagemap(op, seen);
    case Verb::kPutPagemap:
      --pagemaps_[op.slot].gets;
      return memory_.put_dev_pagemap(PagemapAt(op.slot));
    case Verb::kPfnValid:
      seen->value = memory_.pgmap_pfn_valid(PagemapAt(op.slot), pfn);
      return;
    case Verb::kPageInit:
      return memory_.zone_device_page_init(pfn);
    case Verb::kPageFree:
      return memory_.free_zone_device_page(pfn, op.number != 0);
    case Verb::kPageGet:
      return memory_.get_page(pfn);
    default:  // kPagePut
      seen->value = memory_.put_devmap_page(pfn, static_cast<int>(op.size));
      return;
  }
}

void LinuxMachine::ShowMemory() {
  ledger_.pagemaps.clear();
  for (uint32_t i = 0; i < kPagemaps; ++i) {
    const Driven& driven = pagemaps_[i];
    if (driven.object == nullptr) continue;
    const kernel_pagemap_view view = ViewOf(i);
    Pagemap it = PagemapOf(view);
    it.releasing = driven.is_releasing;
    it.device = driven.is_releasing ? driven.device : 0;
    it.gets = driven.gets;
    it.altmap.parent = driven.parent;
    if (view.res != nullptr) {
      const Object* const object = resources_.ObjectOf(view.res);
      it.altmap.res = VmemmapSlot(i);
      it.altmap.res_gone = object == nullptr || !object->is_live;
    }
    ledger_.pagemaps.push_back(it);
  }
  ShowLookup();
  ShowPages();
  const DeviceMemory& from = runtime_.device_memory;
  MemoryUse& use = ledger_.memory;
  use = {.zone_pages = from.counter(KERNEL_ZONE_PAGES),
         .shadow_bytes = from.counter(KERNEL_KASAN_BYTES),
         .tracked_bytes = from.counter(KERNEL_TRACKED_BYTES),
         .managed = from.counter(KERNEL_MANAGED)};
  for (const DeviceMemory::Span& span : from.spans()) {
    use.memory_pages += span.last - span.first + 1;
  }
  ledger_.fail_step = static_cast<MapStep>(from.fail_step);
  ledger_.fail_step_nth = from.fail_nth;
}

// A range takes several entries, by how the array's nodes divide it.
void LinuxMachine::ShowLookup() {
  ledger_.lookup.clear();
  unsigned long first = 0, last = 0;
  while (const kernel_pagemap* const found =
             memory_.lookup_next(&first, &last)) {
    const uint32_t number = NumberOf(found);
    Lookup* const before =
        ledger_.lookup.empty() ? nullptr : &ledger_.lookup.back();
    if (before != nullptr && before->pagemap == number &&
        before->pfns.end + 1 == first) {
      before->pfns.end = last;
    } else {
      ledger_.lookup.push_back({{first, last}, number});
    }
    if (last == UINT64_MAX) break;
    first = last + 1;
  }
}

// Shown is what differs from a page that nobody uses.
void LinuxMachine::ShowPages() {
  ledger_.pages.clear();
  for (const auto& [pfn, object] : runtime_.device_memory.pages()) {
    kernel_page_view view;
    memory_.page_view(reinterpret_cast<page*>(object->memory), &view);
    if (view.is_used) {
      ledger_.pages.push_back(
          {pfn, static_cast<uint64_t>(view.count), view.is_held});
    }
  }
}

}  // namespace restree

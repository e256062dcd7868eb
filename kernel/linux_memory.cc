// SPDX-License-Identifier: Apache-2.0
//
// Ops about pagemaps: how they are made, mapped and unmapped, and what a crash
// dump would read.
#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <tuple>

#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/device_memory.h"
#include "kernel/devices.h"
#include "kernel/fibers.h"
#include "kernel/linux_machine.h"
#include "kernel/memory_api.h"
#include "kernel/outcome.h"
#include "kernel/runtime.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/trace.h"

namespace restree {
namespace {

// MAX_PHYSMEM_BITS of x86-64 with page tables of four levels.
constexpr uint64_t kPhysmemBits = 46;

// struct nd_pfn_sb takes 8 KiB at the start of a namespace.
constexpr uint64_t kInfoBytes = 8192;

uint64_t AlignUp(uint64_t n, uint64_t align) {
  return (n + align - 1) & ~(align - 1);
}

// What drivers/nvdimm/pfn_devs.c puts where on a namespace. `dataoff` is where
// its data begins: info block and struct pages come before.
Outcome SetupPfn(const Range& range, uint64_t align, uint64_t* dataoff) {
  if (!std::has_single_bit(align)) return Outcome::kInval;
  const uint64_t size = range.size();
  if (range.start > range.end || range.end >> kPhysmemBits != 0 ||
      (range.start | size) % kPageBytes != 0 || size <= kInfoBytes) {
    return Outcome::kNxIo;
  }
  const uint64_t pages = (size - kInfoBytes) / kPageBytes;
  *dataoff = AlignUp(range.start + kInfoBytes + kStructPageBytes * pages,
                     std::max(align, kSubsectionBytes)) -
             range.start;
  return *dataoff >= size ? Outcome::kNxIo : Outcome::kOk;
}

extern "C" int VisitRange(resource* it, void* runtime) {
  static_cast<Runtime*>(runtime)->Visited({.range = {it->start, it->end}});
  return 0;
}

}  // namespace

void LinuxMachine::FailNodes(uint32_t nth, uint32_t times) {
  runtime_.device_memory.fail_node = nth;
  runtime_.device_memory.fail_nodes = times;
}

kernel_pagemap* LinuxMachine::PagemapAt(uint32_t number) const {
  const Object* const object = pagemaps_[number].object;
  assert(object != nullptr);
  return reinterpret_cast<kernel_pagemap*>(object->memory);
}

kernel_pagemap_view LinuxMachine::ViewOf(uint32_t number) const {
  kernel_pagemap_view view;
  memory_.pagemap_view(PagemapAt(number), &view);
  return view;
}

void LinuxMachine::DefinePagemap(const kernel_pagemap_view& view) {
  Driven& driven = pagemaps_[view.number];
  if (driven.object == nullptr) {
    driven.object =
        runtime_.arena.New(memory_.pagemap_bytes, /*is_kernel=*/false);
    ++pagemaps_used_;
  }
  driven.parent = kNoSlot;
  memory_.pagemap_init(PagemapAt(view.number), &view);
}

void LinuxMachine::SetAltmap(const kernel_pagemap_view& view, Slot parent) {
  memory_.pagemap_set_altmap(PagemapAt(view.number), &view);
  pagemaps_[view.number].parent = parent;
}

// What a driver does before it maps: no function of the kernel's is called.
void LinuxMachine::Describe(const Op& op, Observation* seen) {
  kernel_pagemap_view view = {};
  view.number = op.slot;
  view.type = static_cast<unsigned int>(op.desc);
  view.nr_range = 1;
  view.ranges[0] = {op.range.start, op.range.end};
  switch (op.verb) {
    case Verb::kPagemap:
      view.shift = static_cast<unsigned int>(op.align);
      view.lacks = static_cast<unsigned int>(op.flags);
      if ((view.lacks & KERNEL_LACKS_RANGE) != 0) view.nr_range = 0;
      return DefinePagemap(view);
    case Verb::kAddRange:
      return memory_.pagemap_add_range(PagemapAt(op.slot), op.range.start,
                                       op.range.end);
    case Verb::kAltmap:
      view.base_pfn = op.range.start;
      view.end_pfn = op.range.end;
      view.reserve = op.align;
      view.free = op.size;
      return SetAltmap(view, op.parent);
    default: {  // kSetupPfn
      uint64_t dataoff = 0;
      seen->outcome = SetupPfn(op.range, op.align, &dataoff);
      if (seen->outcome != Outcome::kOk) return;
      seen->value = dataoff;
      view.base_pfn = op.range.start >> kPageShift;
      view.end_pfn = op.range.end >> kPageShift;
      view.reserve = kInfoBytes / kPageBytes;
      view.free = (dataoff - kInfoBytes) / kPageBytes;
      DefinePagemap(view);
      return SetAltmap(view, op.parent);
    }
  }
}

void LinuxMachine::Memory(const Op& op, Observation* seen) {
  switch (op.verb) {
    case Verb::kPagemap:
    case Verb::kAddRange:
    case Verb::kAltmap:
    case Verb::kSetupPfn:
      return Describe(op, seen);
    case Verb::kMemremap:
    case Verb::kMemunmap:
    case Verb::kDevmMemremap:
    case Verb::kDevmMemunmap:
      return MapOrUnmap(op, seen);
    case Verb::kAltmapOffset:
      seen->value = memory_.vmem_altmap_offset(PagemapAt(op.slot));
      return;
    case Verb::kAltmapAlloc:
      if (memory_.vmemmap_alloc_block_buf(PagemapAt(op.slot), op.size)) {
        ShowBlocks(seen);
      } else {
        seen->outcome = Outcome::kNull;
      }
      return;
    case Verb::kAltmapFree:
      return memory_.vmem_altmap_free(PagemapAt(op.slot), op.size);
    case Verb::kFailStep:
      runtime_.device_memory.fail_nth = op.number;
      runtime_.device_memory.fail_step =
          op.number == 0 ? KERNEL_STEP_XA_STORE
                         : static_cast<kernel_step>(op.desc);
      return;
    case Verb::kDumpable:
      return Dump(op, seen);
    default:
      return Page(op, seen);
  }
}

// Whatever was revoked meanwhile comes behind the blocks.
void LinuxMachine::ShowBlocks(Observation* seen) {
  const auto revoked = seen->visits;
  seen->visits.clear();
  for (const DeviceMemory::Span& it : runtime_.device_memory.TakeBlocks()) {
    seen->visits.push_back({.range = {it.first, it.last}});
  }
  seen->visits.insert(seen->visits.end(), revoked.begin(), revoked.end());
}

// Runs on a fiber: who unmaps sleeps until the last reference is put.
void LinuxMachine::MapOnFiber(Fiber* fiber) {
  LinuxMachine& machine = *static_cast<LinuxMachine*>(fiber->owner);
  const kernel_memory_api& memory = machine.memory_;
  const Op& op = fiber->op;
  kernel_pagemap* const it = machine.PagemapAt(op.slot);
  device* const owner = machine.runtime_.devices.At(op.number);
  int error = 0;
  switch (op.verb) {
    case Verb::kMemremap:
      error = memory.memremap_pages(it, &machine.map_);
      break;
    case Verb::kMemunmap:
      memory.memunmap_pages(it, machine.map_.altmap);
      break;
    case Verb::kDevmMemremap:
      error = memory.devm_memremap_pages(owner, it, &machine.map_);
      break;
    case Verb::kDevmMemunmap:
      memory.devm_memunmap_pages(owner, it, machine.map_.altmap);
      break;
    default: {  // kUnbind
      device::Entry* const entry = machine.unbound_;
      entry->release(owner, entry->data());
      machine.runtime_.FreeDevres(entry->data());
      break;
    }
  }
  fiber->result = reinterpret_cast<void*>(static_cast<intptr_t>(error));
}

void LinuxMachine::MapOrUnmap(const Op& op, Observation* seen) {
  Driven& driven = pagemaps_[op.slot];
  const bool maps =
      op.verb == Verb::kMemremap || op.verb == Verb::kDevmMemremap;
  map_.parent = map_.own = map_.conflict = nullptr;
  const Object* const parent =
      driven.parent == kNoSlot ? nullptr : resources_.At(driven.parent);
  if (maps && parent != nullptr) {
    map_.parent = parent->memory;
    if (altmap_ == AltmapVariant::kSound) {
      driven.own = runtime_.arena.New(sizeof(resource), /*is_kernel=*/false);
      map_.own = driven.own->memory;
      // A driver's memory may have held a resource before.
      map_.own->parent = map_.own->sibling = map_.own->child = api_.ioport;
    }
  }
  Fiber* const fiber = runtime_.CallAndMaySleep(op, &MapOnFiber, this);
  if (!fiber->is_done && !fiber->is_dead) {
    seen->outcome = Outcome::kWouldBlock;
    driven.is_releasing = op.verb != Verb::kMemunmap;
    driven.device = op.number;
    return;
  }
  const int error = EndMapFiber(fiber);
  seen->outcome = OutcomeOfErrno(error);
  if (error == 0 && maps) {
    seen->value = ViewOf(op.slot).ranges[0].start;
    ShowBlocks(seen);
  }
  runtime_.device_memory.TakeBlocks();
  if (map_.conflict != nullptr) seen->found = resources_.SlotOf(map_.conflict);
}

// An unbind is of the pagemap that its device's newest entry is about.
void LinuxMachine::UnbindPagemap(const Op& op, device::Entry* entry,
                                 uint32_t number, Observation* seen) {
  unbound_ = entry;
  Op of_pagemap = op;
  of_pagemap.slot = number;
  MapOrUnmap(of_pagemap, seen);
}

// Returns what the kernel's function has returned.
int LinuxMachine::EndMapFiber(Fiber* fiber) {
  const uint32_t number = fiber->op.slot;
  const auto error =
      static_cast<int>(reinterpret_cast<intptr_t>(fiber->result));
  runtime_.fibers.Finish(fiber);
  // Somebody else may have found nothing to do while this one sleeps.
  if (!ViewOf(number).has_ref) pagemaps_[number].is_releasing = false;
  FindAltmapResource(number);
  return error;
}

// The resource of an altmap is in its slot as long as somebody remembers it.
void LinuxMachine::FindAltmapResource(uint32_t number) {
  if (altmap_ == AltmapVariant::kTree) return FindTreesResource(number);
  Driven& driven = pagemaps_[number];
  const Slot slot = VmemmapSlot(number);
  resource* const res = ViewOf(number).res;
  if (driven.own == nullptr) {
    Object* const object = resources_.ObjectOf(res);
    if (object != nullptr && object->is_live && object->slot == kNoSlot) {
      DefineMade(slot, res);
    }
  } else if (res != nullptr) {
    if (driven.own->slot == kNoSlot) Define(slot, driven.own);
  } else {
    if (driven.own->slot == slot) {
      Drop(slot);
    } else {
      resources_.Discard(driven.own);
    }
    driven.own = nullptr;
  }
}

// A tree may keep it anywhere: its allocator's memory, the driver's or its own
// variables. Its name is a text, which is not for the trace to have.
void LinuxMachine::FindTreesResource(uint32_t number) {
  const Slot slot = VmemmapSlot(number);
  resource* const res = ViewOf(number).res;
  Object* const known = resources_.At(slot);
  if (known != nullptr && known->is_live && known->memory != res) {
    if (known->memory->parent != nullptr) return;  // it shows for itself
    runtime_.CheckLinks();
    resources_.Forget(known);
  }
  if (res == nullptr) return;
  Object* object = resources_.ObjectOf(res);
  if (object == nullptr) object = resources_.AddStatic(res);
  if (!object->is_live || object->slot != kNoSlot) return;
  if (res->name != nullptr) res->name = NamePointer(kNameVmemmap);
  Define(slot, object);
}

// A tree's own, whether it has a name in the tree or can be read off a resource
// that has it.
VmemmapMarker LinuxMachine::MarkerToDump() const {
  if (altmap_ != AltmapVariant::kTree) return VmemmapMarkerOf(altmap_);
  if (memory_.vmemmap_flags != 0) return {memory_.vmemmap_flags, kDescNone};
  for (const Object* it : resources_.all()) {
    if (!IsVmemmapSlot(it->slot)) continue;
    return {it->memory->flags & ~kResourceTypeBits, it->memory->desc};
  }
  return {};
}

// What kexec would tell the crash kernel of: System RAM, as the kernel walks it
// or as kexec-tools reads /proc/iomem, by its name; and the marked resources of
// altmaps.
void LinuxMachine::Dump(const Op& op, Observation* seen) {
  if (static_cast<DumpView>(op.number) == DumpView::kKexecTools) {
    runtime_.text.clear();
    runtime_.rows.clear();
    api_.proc_read(api_.iomem, /*privileged=*/true);
    for (const resource* it : runtime_.rows) {
      if (op.name != 0 && it->name == NamePointer(op.name)) {
        seen->visits.push_back({.range = {it->start, it->end}});
      }
    }
  } else {
    api_.walk_system_ram_res(0, UINT64_MAX, &runtime_, &VisitRange);
  }
  const VmemmapMarker marker = MarkerToDump();
  if (static_cast<DumpView>(op.number) == DumpView::kKexecFileVmemmap &&
      marker.flags != 0) {
    api_.walk_iomem_res_desc(marker.desc, marker.flags, 0, UINT64_MAX,
                             &runtime_, &VisitRange);
  }
  std::sort(seen->visits.begin(), seen->visits.end(),
            [](const Visit& a, const Visit& b) {
              return std::tie(a.range.start, a.range.end) <
                     std::tie(b.range.start, b.range.end);
            });
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// The functions of kernel/resource.c, prefixed as those of one more kernel, and
// behind them a Machine: what a KUnit test is linked with to be played there.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "kernel/api.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/trace.h"
#include "triage/host/machine_tree.h"

namespace restree {
namespace {

using Size = unsigned long long;
using AlignFunction = Size (*)(void*, const resource*, Size, Size);

MachineTree* tree = nullptr;

// include/uapi/asm-generic/errno-base.h and errno.h.
int ErrnoOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return 0;
    case Outcome::kStopped:
      return 1;
    case Outcome::kPerm:
      return -1;
    case Outcome::kNxIo:
      return -6;
    case Outcome::kNoMem:
      return -12;
    case Outcome::kBusy:
      return -16;
    case Outcome::kExist:
      return -17;
    case Outcome::kRange:
      return -34;
    default:
      return -22;
  }
}

resource* PointerOf(int error) {
  return reinterpret_cast<resource*>(static_cast<intptr_t>(error));
}

int Place(Verb defines, Verb again, resource* parent, resource* it) {
  return ErrnoOf(
      tree->Apply(tree->Placing(defines, again, parent, it)).outcome);
}

resource* Conflict(Verb defines, Verb again, resource* parent, resource* it) {
  const Op op = tree->Placing(defines, again, parent, it);
  const Observation seen = tree->Apply(op);
  return seen.outcome == Outcome::kOk ? nullptr : tree->At(seen.found);
}

Op OpOf(Verb verb, Range range = {}) {
  Op op;
  op.verb = verb;
  op.range = range;
  return op;
}

// An op that defines a region below `parent`, which may take a slot itself.
Op RegionOf(Verb verb, resource* parent, const char* name, Range range = {}) {
  Op op = OpOf(verb, range);
  op.parent = tree->SlotOf(parent);
  op.slot = tree->NewSlot();
  op.name = tree->NameOf(name);
  return op;
}

Observation OneOf(Verb verb, resource* it, Range range = {}) {
  Op op = OpOf(verb, range);
  op.slot = tree->SlotOf(it);
  return tree->Apply(op);
}

Observation Below(Verb verb, resource* parent, Size start, Size size) {
  Op op = OpOf(verb, Range::OfSize(start, size));
  op.parent = tree->SlotOf(parent);
  return tree->Apply(op);
}

Observation About(Verb verb, Range range) {
  return tree->Apply(OpOf(verb, range));
}

resource* Made(const Op& op) {
  const Observation seen = tree->Apply(op);
  if (seen.outcome == Outcome::kOk) return tree->At(op.slot);
  return op.verb == Verb::kRequestRegion ? nullptr
                                         : PointerOf(ErrnoOf(seen.outcome));
}

// The callback decides where the walk stops, and the machine wants to know
// before it walks; but a walk changes nothing, so it can be done again.
template <typename Visitor>
int Walk(Op op, Visitor visit) {
  Observation seen = tree->Apply(op);
  for (size_t i = 0; i < seen.visits.size(); ++i) {
    if (visit(seen.visits[i]) == 0 || op.number != 0) continue;
    op.number = i + 1;
    seen = tree->Apply(op);
  }
  return ErrnoOf(seen.outcome);
}

using VisitFunction = int (*)(resource*, void*);

int WalkResources(Verb verb, Range range, uint64_t flags, uint64_t desc,
                  void* data, VisitFunction function) {
  Op op = OpOf(verb, range);
  op.flags = flags;
  op.desc = desc;
  return Walk(op, [data, function](const Visit& visit) {
    resource shown = {};
    shown.start = visit.range.start;
    shown.end = visit.range.end;
    shown.flags = visit.flags;
    shown.desc = visit.desc;
    return function(&shown, data);
  });
}

}  // namespace
}  // namespace restree

using namespace restree;  // NOLINT(google-build-using-namespace)

extern "C" {

resource machine_iomem_resource, machine_ioport_resource;

int machine_request_resource(resource* root, resource* it) {
  return Place(Verb::kRequest, Verb::kRequestAgain, root, it);
}

resource* machine_request_resource_conflict(resource* root, resource* it) {
  return Conflict(Verb::kRequest, Verb::kRequestAgain, root, it);
}

int machine_insert_resource(resource* root, resource* it) {
  return Place(Verb::kInsert, Verb::kInsertAgain, root, it);
}

resource* machine_insert_resource_conflict(resource* root, resource* it) {
  return Conflict(Verb::kInsert, Verb::kInsertAgain, root, it);
}

// One that fails may still change the resource, so the machine has to have it.
void machine_insert_resource_expand_to_fit(resource* root, resource* it) {
  tree->SlotOf(it);
  Place(Verb::kInsertExpand, Verb::kInsertExpandAgain, root, it);
}

int machine_allocate_resource(resource* root, resource* it, Size size, Size min,
                              Size max, Size align, AlignFunction alignf,
                              void*) {
  Op op = tree->Placing(Verb::kAllocate, Verb::kAllocateAgain, root, it);
  op.range = {min, max};
  op.size = size;
  op.align = align;
  op.number = alignf != nullptr ? 1 : 0;
  return ErrnoOf(tree->Apply(op).outcome);
}

int machine_find_resource_space(resource* root, resource* it, Size size,
                                const void* constraint) {
  struct Constraint {
    Size min, max, align;
    AlignFunction alignf;
  };
  const auto* wanted = static_cast<const Constraint*>(constraint);
  Op op = OpOf(Verb::kFindSpace, {wanted->min, wanted->max});
  op.slot = tree->SlotOf(it);
  op.parent = tree->SlotOf(root);
  op.size = size;
  op.align = wanted->align;
  op.number = wanted->alignf != nullptr ? 1 : 0;
  return ErrnoOf(tree->Apply(op).outcome);
}

int machine_release_resource(resource* it) {
  return ErrnoOf(OneOf(Verb::kRelease, it).outcome);
}

int machine_remove_resource(resource* it) {
  return ErrnoOf(OneOf(Verb::kRemove, it).outcome);
}

int machine_adjust_resource(resource* it, Size start, Size size) {
  return ErrnoOf(OneOf(Verb::kAdjust, it, Range::OfSize(start, size)).outcome);
}

void machine_release_child_resources(resource* it) {
  OneOf(Verb::kReleaseChildren, it);
}

void machine_merge_system_ram_resource(resource* it) {
  OneOf(Verb::kMerge, it);
}

Size machine_resource_alignment(resource* it) {
  return OneOf(Verb::kAlignment, it).value;
}

resource* machine___request_region(resource* parent, Size start, Size size,
                                   const char* name, int flags) {
  Op op =
      RegionOf(Verb::kRequestRegion, parent, name, Range::OfSize(start, size));
  op.flags = static_cast<uint32_t>(flags);
  return Made(op);
}

void machine___release_region(resource* parent, Size start, Size size) {
  Below(Verb::kReleaseRegion, parent, start, size);
}

resource* machine_request_free_mem_region(resource* base, unsigned long size,
                                          const char* name) {
  Op op = RegionOf(Verb::kRequestFree, base, name);
  op.size = size;
  return Made(op);
}

resource* machine_alloc_free_mem_region(resource* base, unsigned long size,
                                        unsigned long align, const char* name) {
  Op op = RegionOf(Verb::kAllocFree, base, name);
  op.size = size;
  op.align = align;
  return Made(op);
}

void machine_reserve_region_with_split(resource* root, Size start, Size end,
                                       const char* name) {
  tree->Apply(RegionOf(Verb::kReserve, root, name, {start, end}));
}

void machine_release_mem_region_adjustable(Size start, Size size) {
  Op op = OpOf(Verb::kReleaseAdjustable, Range::OfSize(start, size));
  op.slot = tree->NewSlot();
  tree->Apply(op);
}

resource* machine_lookup_resource(resource* root, Size start) {
  Op op = OpOf(Verb::kLookup, {start, start});
  op.parent = tree->SlotOf(root);
  return tree->At(tree->Apply(op).found);
}

bool machine_resource_is_exclusive(resource* root, Size start, Size size) {
  return Below(Verb::kIsExclusive, root, start, size).value != 0;
}

bool machine_iomem_is_exclusive(Size address) {
  return About(Verb::kIomemIsExclusive, {address, address}).value != 0;
}

int machine_page_is_ram(unsigned long pfn) {
  return About(Verb::kPageIsRam, {pfn, pfn}).value != 0;
}

int machine_iomem_map_sanity_check(Size start, unsigned long size) {
  return ErrnoOf(About(Verb::kSanityCheck, Range::OfSize(start, size)).outcome);
}

int machine_region_intersects(Size start, unsigned long size,
                              unsigned long flags, unsigned long desc) {
  Op op = OpOf(Verb::kRegionIntersects, Range::OfSize(start, size));
  op.flags = flags;
  op.desc = desc;
  switch (tree->Apply(op).outcome) {
    case Outcome::kIntersects:
      return 0;
    case Outcome::kDisjoint:
      return 1;
    case Outcome::kMixed:
      return 2;
    default:
      return -1;
  }
}

int machine_walk_iomem_res_desc(unsigned long desc, unsigned long flags,
                                Size start, Size end, void* data,
                                VisitFunction function) {
  return WalkResources(Verb::kWalkDesc, {start, end}, flags, desc, data,
                       function);
}

int machine_walk_mem_res(Size start, Size end, void* data,
                         VisitFunction function) {
  return WalkResources(Verb::kWalkMem, {start, end}, 0, 0, data, function);
}

int machine_walk_system_ram_res(Size start, Size end, void* data,
                                VisitFunction function) {
  return WalkResources(Verb::kWalkSystemRam, {start, end}, 0, 0, data,
                       function);
}

int machine_walk_system_ram_res_rev(Size start, Size end, void* data,
                                    VisitFunction function) {
  return WalkResources(Verb::kWalkSystemRamRev, {start, end}, 0, 0, data,
                       function);
}

int machine_walk_system_ram_range(unsigned long pfn, unsigned long pages,
                                  void* data,
                                  int (*function)(unsigned long, unsigned long,
                                                  void*)) {
  return Walk(OpOf(Verb::kWalkSystemRamRange, Range::OfSize(pfn, pages)),
              [data, function](const Visit& visit) {
                return function(visit.range.start, visit.range.size(), data);
              });
}

}  // extern "C"

namespace restree {

void SetMachineOfKunit(std::unique_ptr<Machine> machine) {
  delete tree;
  tree = new MachineTree(std::move(machine), &machine_iomem_resource,
                         &machine_ioport_resource);
}

}  // namespace restree

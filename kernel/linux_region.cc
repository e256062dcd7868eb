// SPDX-License-Identifier: Apache-2.0
//
// Ops that make the kernel allocate a resource.
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <vector>

#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/fibers.h"
#include "kernel/linux_machine.h"
#include "kernel/outcome.h"
#include "kernel/runtime.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/trace.h"

namespace restree {
namespace {

const char* NameOf(const Op& op) {
  return NamePointer(FullName(op.name, op.slot));
}

}  // namespace

void LinuxMachine::DefineMade(Slot slot, resource* made) {
  Object* const object = resources_.ObjectOf(made);
  if (object == nullptr || !object->is_live || object->slot != kNoSlot) {
    return runtime_.Warn(kWarnBug);
  }
  Define(slot, object);
}

resource* LinuxMachine::CallRequestRegion(const Op& op) {
  return api_.request_region(At(op.parent), op.range.start, op.range.size(),
                             NameOf(op), static_cast<int>(op.flags));
}

void LinuxMachine::RequestOnFiber(Fiber* fiber) {
  fiber->result =
      static_cast<LinuxMachine*>(fiber->owner)->CallRequestRegion(fiber->op);
}

// Returns whether there is a region now.
bool LinuxMachine::EndFiber(Fiber* fiber) {
  auto* const made = static_cast<resource*>(fiber->result);
  const Slot slot = fiber->op.slot;
  runtime_.fibers.Finish(fiber);
  if (made != nullptr) DefineMade(slot, made);
  return made != nullptr;
}

// Only a muxed region may sleep, and only it pays for a stack.
void LinuxMachine::RequestRegion(const Op& op, Observation* seen) {
  if ((op.flags & kResourceMuxed) == 0) {
    resource* const made = CallRequestRegion(op);
    if (made == nullptr) {
      seen->outcome = Outcome::kNull;
    } else {
      DefineMade(op.slot, made);
    }
    return;
  }
  Fiber* const fiber = runtime_.CallAndMaySleep(op, &RequestOnFiber, this);
  if (fiber->is_done || fiber->is_dead) {
    if (!EndFiber(fiber)) seen->outcome = Outcome::kNull;
    return;
  }
  seen->outcome = Outcome::kWouldBlock;
  Drop(op.slot);
}

// Returns whether a waiter will define `slot`.
bool LinuxMachine::IsSpokenFor(Slot slot) const {
  for (const Fiber* fiber : runtime_.fibers.queue()) {
    if (fiber->op.slot == slot) return true;
  }
  return false;
}

// Returns the lowest slot from `slot` upwards that is empty, r0 being next to
// the last.
Slot LinuxMachine::EmptyFrom(Slot slot) const {
  while (resources_.At(slot) != nullptr || IsSpokenFor(slot)) {
    if (++slot == kFirstVmemmap) slot = kFirstSlot;
  }
  return slot;
}

// The pieces get the slots from the op's upwards, in the order of addresses.
void LinuxMachine::Reserve(const Op& op) {
  api_.reserve_region_with_split(At(op.parent), op.range.start, op.range.end,
                                 NameOf(op));
  DefinePieces(op.slot);
}

void LinuxMachine::ReleaseAdjustable(const Op& op) {
  api_.release_mem_region_adjustable(op.range.start, op.range.size());
  DefinePieces(op.slot);
}

// What was allocated and lies in a tree now gets slots. The rest is garbage
// that only the count of live objects shows.
void LinuxMachine::DefinePieces(Slot slot) {
  std::vector<Object*>& pieces = runtime_.made;
  pieces.erase(std::remove_if(pieces.begin(), pieces.end(),
                              [](const Object* object) {
                                return !object->is_live ||
                                       object->memory->parent == nullptr;
                              }),
               pieces.end());
  std::sort(pieces.begin(), pieces.end(), [](const Object* a, const Object* b) {
    return a->memory->start < b->memory->start;
  });
  for (Object* object : pieces) {
    slot = EmptyFrom(slot);
    Define(slot, object);
  }
}

void LinuxMachine::FreeRegion(const Op& op, Observation* seen) {
  int error = 0;
  resource* const base = At(op.parent);
  resource* made = nullptr;
  switch (op.verb) {
    case Verb::kRequestFree:
      made = api_.request_free_mem_region(base, op.size, NameOf(op), &error);
      break;
    case Verb::kAllocFree:
      made = api_.alloc_free_mem_region(base, op.size, op.align, NameOf(op),
                                        &error);
      break;
    default:
      made = api_.devm_request_free_mem_region(runtime_.devices.At(op.number),
                                               base, op.size, &error);
      break;
  }
  seen->outcome = OutcomeOfErrno(error);
  if (made != nullptr) DefineMade(op.slot, made);
}

}  // namespace restree

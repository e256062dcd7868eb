// SPDX-License-Identifier: Apache-2.0
//
// How a LinuxMachine becomes one that shows a given state: the kernel's
// structures are written by hand, and what only the kernel's code can make is
// made by calling it.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/linux_machine.h"
#include "kernel/resources.h"
#include "kernel/runtime.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

void LinuxMachine::Adopt(const State& state) {
  Reset();
  Observation nobody;
  runtime_.Begin(&nobody);
  const bool is_whole = runtime_.Call([&] {
    AdoptBoot(state.ledger);
    AdoptRows(state);
    AdoptMemory(state.ledger);
    AdoptLedger(state.ledger);
  });
  assert(is_whole);
  runtime_.End();
  runtime_.fail_nth = state.ledger.fail_nth;
  runtime_.fail_times = state.ledger.fail_times;
  memory_changed_ = true;
  RefreshLedger();
  ComputeRowsDigest();
}

// How many regions reserve_setup() has made is a variable inside it, so it has
// to make them. They are in the way of nobody: the rows come later.
void LinuxMachine::AdoptBoot(const Ledger& ledger) {
  for (; reserved_ < ledger.reserved; ++reserved_) {
    char text[] = "0x0,1";
    text[2] = static_cast<char>('0' + reserved_);
    api_.reserve_setup(text);
  }
  api_.ioport->child = nullptr;
  if (ledger.relaxed) {
    char relaxed[] = "relaxed";
    api_.strict_iomem(relaxed);
  }
  if (ledger.inode) api_.iomem_init_inode();
}

void LinuxMachine::AdoptRows(const State& state) {
  for (const Row& row : state.rows) {
    Object* object = resources_.At(row.slot);
    if (object == nullptr) {
      object = runtime_.arena.New(sizeof(resource), row.region);
      object->memory->name = NamePointer(FullName(row.name, row.slot));
      resources_.Define(row.slot, object);
    }
    object->memory->start = row.range.start;
    object->memory->end = row.range.end;
    object->memory->flags = row.flags;
    object->memory->desc = row.desc;
  }
  std::vector<resource*> path;  // the last resource of each depth
  for (const Row& row : state.rows) {
    resource* const it = At(row.slot);
    if (row.parent != kNoSlot) it->parent = At(row.parent);
    if (row.depth > 0 && row.depth < path.size()) {
      path[row.depth]->sibling = it;
    } else if (row.depth > 0) {
      assert(row.depth == path.size());
      path.back()->child = it;
    }
    path.resize(row.depth);
    path.push_back(it);
  }
}

void LinuxMachine::AdoptLedger(const Ledger& ledger) {
  for (const Devres& it : ledger.devres) {
    if (it.pagemap) {
      runtime_.devices.Add(runtime_.devices.At(it.device),
                           MakePagemapDevres(it.slot));
      continue;
    }
    kernel_devres view = {};
    view.kind = it.region ? KERNEL_DEVRES_REGION : KERNEL_DEVRES_RESOURCE;
    view.resource = At(it.slot);
    view.start = it.range.start;
    view.bytes = it.range.size();
    runtime_.devices.Add(runtime_.devices.At(it.device),
                         api_.devres_make(&view));
  }
  for (const Listed& it : ledger.listed) {
    api_.list_add(ListAt(it.list), At(it.slot), /*at_tail=*/true);
  }
  for (const Waiter& it : ledger.waiters) AdoptWaiter(it);
}

// Whatever the waiter wants is out of reach of a parent that ends before it
// starts, and if that is muxed it waits for it.
void LinuxMachine::AdoptWaiter(const Waiter& waiter) {
  resource* const parent = At(waiter.parent);
  const resource before = *parent;
  parent->start = 1;
  parent->end = 0;
  parent->child = nullptr;
  parent->flags |= kResourceMuxed;
  Op op;
  op.verb = Verb::kRequestRegion;
  op.slot = waiter.slot;
  op.name = waiter.name;
  op.parent = waiter.parent;
  op.range = waiter.range;
  op.flags = waiter.flags | kResourceMuxed;
  const Fiber* const fiber =
      runtime_.CallAndMaySleep(op, &RequestOnFiber, this);
  assert(!fiber->is_done);
  assert(!fiber->is_dead);
  *parent = before;
}

}  // namespace restree

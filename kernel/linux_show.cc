// SPDX-License-Identifier: Apache-2.0
//
// What a LinuxMachine shows: its digest after every op, hence in a hurry, and
// its state in full.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/devices.h"
#include "kernel/linux_machine.h"
#include "kernel/resources.h"
#include "kernel/runtime.h"
#include "model/machine.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// Visits a resource and all below it in pre-order, as the kernel's child and
// sibling links have it: visit(object, parent, depth), parent being the object
// that it was met below. Whatever the links are, it ends: a pointer to nowhere
// is visited as nullptr and not followed, and a circle is followed so often and
// no more. `path` is the caller's memory.
template <typename Visit>
void Climb(const Resources& resources, const Object* root,
           std::vector<const Object*>* path, Visit visit) {
  size_t left = 2 * resources.all().size() + 64;
  visit(root, nullptr, uint32_t{0});
  path->clear();
  const Object* parent = root;
  const resource* at = root->memory->child;
  for (;;) {
    while (at == nullptr) {
      if (path->empty()) return;
      at = parent->memory->sibling;
      parent = path->back();
      path->pop_back();
    }
    if (left-- == 0) return;
    const Object* object = resources.ObjectOf(at);
    if (object != nullptr && !object->is_live) object = nullptr;
    visit(object, parent, static_cast<uint32_t>(path->size() + 1));
    if (object == nullptr) {
      at = nullptr;  // nor are its siblings known
    } else if (at->child != nullptr) {
      path->push_back(parent);
      parent = object;
      at = at->child;
    } else {
      at = at->sibling;
    }
  }
}

bool HasSameLinks(const resource& a, const resource& b) {
  return a.parent == b.parent && a.sibling == b.sibling && a.child == b.child;
}

bool HasSameFields(const resource& a, const resource& b) {
  return ((a.start ^ b.start) | (a.end ^ b.end) | (a.flags ^ b.flags) |
          (a.desc ^ b.desc)) == 0 &&
         a.name == b.name;
}

void Remember(const Resources& resources, Object* object) {
  const Row row = resources.RowOf(*object);
  object->shown = *object->memory;
  object->shown_parent = row.parent;
  object->digest = RowDigest(row);
}

// A row for a pointer that leads nowhere.
Row NowhereBelow(const Object* parent) {
  Row row;
  row.slot = kNoSlot;
  row.parent = parent->slot;
  return row;
}

}  // namespace

// Most ops change a field or two, or nothing. As long as all links are as they
// were, the same resources are met as last time, each once: then it is enough
// to look at each by itself, which takes a third of the time.
void LinuxMachine::RefreshRows() {
  const bool is_quick =
      all_met_once_ && rows_digest_changes_ == resources_.changes();
  if (is_quick && RefreshRowsDigest()) return;
  links_changed_ = is_quick;
  ComputeRowsDigest();
  // A walk, or a function that forgot to lock: nobody else was kept out.
  if (links_changed_ && !runtime_.took_write_lock()) runtime_.Warn(kWarnLock);
}

// Returns false if a link has changed.
bool LinuxMachine::RefreshRowsDigest() {
  const auto refresh = [this](Object* object) {
    const resource& it = *object->memory;
    if (!HasSameLinks(it, object->shown)) return false;
    if (HasSameFields(it, object->shown)) return true;
    rows_digest_ -= object->digest;
    Remember(resources_, object);
    rows_digest_ += object->digest;
    return true;
  };
  if (!refresh(resources_.At(kIomem))) return false;
  if (!refresh(resources_.At(kIoport))) return false;
  for (Object* object : resources_.all()) {
    if (!refresh(object)) return false;
  }
  return true;
}

void LinuxMachine::ComputeRowsDigest() {
  uint64_t digest = 0;
  size_t met = 0;
  ++visit_;
  const auto add = [&](const Object* shown, const Object* parent,
                       uint32_t) __attribute__((always_inline)) {
    if (shown == nullptr) {
      all_met_once_ = false;
      digest += RowDigest(NowhereBelow(parent));
      return;
    }
    Object* const object = const_cast<Object*>(shown);
    const resource& it = *object->memory;
    if (object->met == visit_ || object->slot == kNoSlot) {
      all_met_once_ = false;
    }
    object->met = visit_;
    ++met;
    const Slot above = parent != nullptr && it.parent == parent->memory
                           ? parent->slot
                           : resources_.SlotOf(it.parent);
    const bool same_links = HasSameLinks(it, object->shown);
    if (object->digest == 0 || object->shown_parent != above ||
        !HasSameFields(it, object->shown)) {
      if (object->digest != 0 && !same_links) links_changed_ = true;
      Remember(resources_, object);
    } else if (!same_links) {
      links_changed_ = true;
      object->shown = it;
    }
    digest += object->digest;
  };
  all_met_once_ = true;
  Climb(resources_, resources_.At(kIomem), &path_, add);
  Climb(resources_, resources_.At(kIoport), &path_, add);
  for (const Object* object : resources_.all()) {
    if (object->memory->parent == nullptr) {
      Climb(resources_, object, &path_, add);
    }
  }
  if (met != resources_.all().size() + 2) all_met_once_ = false;
  rows_digest_ = digest;
  rows_digest_changes_ = resources_.changes();
}

void LinuxMachine::Snapshot(State* state) const {
  state->rows.clear();
  state->ledger = ledger_;
  const auto add = [&](const Object* object, const Object* parent,
                       uint32_t depth) {
    state->rows.push_back(object == nullptr ? NowhereBelow(parent)
                                            : resources_.RowOf(*object));
    state->rows.back().depth = depth;
  };
  Climb(resources_, resources_.At(kIomem), &path_, add);
  Climb(resources_, resources_.At(kIoport), &path_, add);
  std::vector<const Object*> loose;
  for (const Object* object : resources_.all()) {
    if (object->memory->parent == nullptr) loose.push_back(object);
  }
  std::sort(loose.begin(), loose.end(),
            [](const Object* a, const Object* b) { return a->slot < b->slot; });
  for (const Object* object : loose) Climb(resources_, object, &path_, add);
}

// The ledger changes with few ops, and its vectors with fewer.
void LinuxMachine::RefreshLedger() {
  const uint64_t changes =
      runtime_.devices.changes() + runtime_.fibers.changes() + list_changes_;
  Ledger& to = ledger_;
  const bool has_new_vectors = changes != ledger_changes_;
  // A resource of an altmap may go with any op; otherwise pagemaps change with
  // their own, or with who slept.
  if (memory_changed_ ||
      (pagemaps_used_ > 0 &&
       (has_new_vectors || altmap_ != AltmapVariant::kNone))) {
    memory_changed_ = false;
    if (memory_.is_available) ShowMemory();
    to.live = UINT64_MAX;  // so that the digest is computed
  }
  if (has_new_vectors) {
    ledger_changes_ = changes;
    ShowDevres();
    ShowLists();
    ShowWaiters();
  }
  const bool relaxed = !api_.is_strict();
  const bool inode = api_.has_inode();
  const uint64_t live = runtime_.arena.kernel_live() + live_elsewhere_;
  if (!has_new_vectors && to.live == live && to.fail_nth == runtime_.fail_nth &&
      to.fail_times == runtime_.fail_times && to.relaxed == relaxed &&
      to.inode == inode && to.reserved == reserved_) {
    return;
  }
  to.live = live;
  to.fail_nth = runtime_.fail_nth;
  to.fail_times = runtime_.fail_times;
  to.relaxed = relaxed;
  to.inode = inode;
  to.reserved = reserved_;
  ledger_digest_ = LedgerDigest(to);
}

void LinuxMachine::ShowDevres() {
  ledger_.devres.clear();
  if (runtime_.devices.changes() == 0) return;
  for (const device& it : runtime_.devices.all()) {
    for (device::Entry* entry : it.entries) {
      const kernel_devres view = ViewOf(entry);
      Devres shown;
      shown.device = it.number;
      shown.pagemap = view.kind == KERNEL_DEVRES_PAGEMAP;
      shown.slot =
          shown.pagemap ? view.pagemap : resources_.SlotOf(view.resource);
      if (view.kind == KERNEL_DEVRES_REGION) {
        shown.region = true;
        shown.range = Range::OfSize(view.start, view.bytes);
      }
      ledger_.devres.push_back(shown);
    }
  }
}

void LinuxMachine::ShowLists() {
  ledger_.listed.clear();
  for (uint32_t i = 0; i < lists_used_; ++i) {
    kernel_list* const list = &lists_[i];
    for (void* at = api_.list_next(list, nullptr); at != nullptr;
         at = api_.list_next(list, at)) {
      ledger_.listed.push_back({i, resources_.SlotOf(api_.list_resource(at))});
    }
  }
}

void LinuxMachine::ShowWaiters() {
  ledger_.waiters.clear();
  const absl::Span<Fiber* const> queue = runtime_.fibers.queue();
  for (size_t i = queue.size(); i-- > 0;) {
    const Op& op = queue[i]->op;
    ledger_.waiters.push_back(
        {op.slot, op.name, op.parent, op.range, op.flags});
  }
}

}  // namespace restree

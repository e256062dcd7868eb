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
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// A Climb visits a resource and all below it in pre-order, as the kernel's
// child and sibling links have it. Whatever these are, it ends: a pointer to
// nowhere is visited as nullptr and not followed, and a circle is followed so
// often and no more.
class Climb {
 public:
  Climb(const Resources& resources)
      : resources_(resources), left_(2 * resources.all().size() + 64) {}

  // Calls visit(object, parent, depth); parent is the object it was met below.
  template <typename Visit>
  void Run(const Object* root, Visit visit) {
    visit(root, nullptr, uint32_t{0});
    path_.clear();
    const Object* parent = root;
    const resource* at = root->memory->child;
    for (;;) {
      while (at == nullptr) {
        if (path_.empty()) return;
        at = parent->memory->sibling;
        parent = path_.back();
        path_.pop_back();
      }
      if (left_-- == 0) {
        left_ = 0;
        return;
      }
      const Object* object = resources_.ObjectOf(at);
      if (object != nullptr && !object->is_live) object = nullptr;
      visit(object, parent, static_cast<uint32_t>(path_.size() + 1));
      if (object == nullptr) {
        at = nullptr;  // nor are its siblings known
      } else if (at->child != nullptr) {
        path_.push_back(parent);
        parent = object;
        at = at->child;
      } else {
        at = at->sibling;
      }
    }
  }

 private:
  const Resources& resources_;
  size_t left_;
  std::vector<const Object*> path_;
};

// Returns whether a resource is what it was when its digest was computed.
bool IsAsShown(const Object& object, Slot parent) {
  const resource& it = *object.memory;
  return object.digest != 0 && object.shown_start == it.start &&
         object.shown_end == it.end && object.shown_flags == it.flags &&
         object.shown_desc == it.desc && object.shown_name == it.name &&
         object.shown_parent == parent;
}

uint64_t DigestOf(const Resources& resources, Object* object, Slot parent) {
  if (IsAsShown(*object, parent)) return object->digest;
  const resource& it = *object->memory;
  object->shown_start = it.start;
  object->shown_end = it.end;
  object->shown_flags = it.flags;
  object->shown_desc = it.desc;
  object->shown_name = it.name;
  object->shown_parent = parent;
  object->digest = RowDigest(resources.RowOf(*object));
  return object->digest;
}

// A row for a pointer that leads nowhere.
Row NowhereBelow(const Object* parent) {
  Row row;
  row.slot = kNoSlot;
  row.parent = parent->slot;
  return row;
}

}  // namespace

uint64_t LinuxMachine::Digest() const {
  uint64_t digest = ledger_digest_;
  Climb climb(resources_);
  const auto add = [&](const Object* object, const Object* parent, uint32_t) {
    if (object == nullptr) {
      digest += RowDigest(NowhereBelow(parent));
      return;
    }
    const resource* const above = object->memory->parent;
    Slot slot = kNoSlot;
    if (above != nullptr) {
      slot = parent != nullptr && above == parent->memory
                 ? parent->slot
                 : resources_.SlotOf(above);
    }
    digest += DigestOf(resources_, const_cast<Object*>(object), slot);
  };
  climb.Run(resources_.At(kIomem), add);
  climb.Run(resources_.At(kIoport), add);
  for (const Object* object : resources_.all()) {
    if (object->memory->parent == nullptr) climb.Run(object, add);
  }
  return digest;
}

void LinuxMachine::Snapshot(State* state) const {
  state->rows.clear();
  state->ledger = ledger_;
  Climb climb(resources_);
  const auto add = [&](const Object* object, const Object* parent,
                       uint32_t depth) {
    state->rows.push_back(object == nullptr ? NowhereBelow(parent)
                                            : resources_.RowOf(*object));
    state->rows.back().depth = depth;
  };
  climb.Run(resources_.At(kIomem), add);
  climb.Run(resources_.At(kIoport), add);
  std::vector<const Object*> loose;
  for (const Object* object : resources_.all()) {
    if (object->memory->parent == nullptr) loose.push_back(object);
  }
  std::sort(loose.begin(), loose.end(),
            [](const Object* a, const Object* b) { return a->slot < b->slot; });
  for (const Object* object : loose) climb.Run(object, add);
}

// The ledger changes with few ops, and its vectors with fewer.
void LinuxMachine::RefreshLedger() {
  const uint64_t changes =
      runtime_.devices.changes() + runtime_.fibers.changes() + list_changes_;
  Ledger& to = ledger_;
  const bool has_new_vectors = changes != ledger_changes_;
  if (has_new_vectors) {
    ledger_changes_ = changes;
    ShowDevres();
    ShowLists();
    ShowWaiters();
  }
  const bool relaxed = !api_.is_strict();
  const bool inode = api_.has_inode();
  const uint64_t live = runtime_.arena.kernel_live();
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
      kernel_devres view = {};
      api_.devres_view(entry->release, entry->data(), &view);
      Devres shown;
      shown.device = it.number;
      shown.slot = resources_.SlotOf(view.resource);
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
  if (list_changes_ == 0) return;
  for (uint32_t i = 0; i < kLists; ++i) {
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

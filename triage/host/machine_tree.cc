// SPDX-License-Identifier: Apache-2.0
#include "triage/host/machine_tree.h"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "kernel/api.h"
#include "kernel/hooks.h"
#include "kernel/runtime.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

MachineTree::MachineTree(std::unique_ptr<Machine> machine, resource* iomem,
                         resource* ioport)
    : machine_(std::move(machine)) {
  machine_->Reset();
  slots_ = {{iomem, kIomem}, {ioport, kIoport}};
  resources_ = {{kIomem, iomem}, {kIoport, ioport}};
  Sync();
}

Slot MachineTree::NewSlot() {
  while (resources_.contains(next_)) ++next_;
  return next_;
}

NameId MachineTree::NameOf(const char* name) {
  return names_.try_emplace(name, names_.size() + 1).first->second;
}

resource* MachineTree::At(Slot slot) const {
  const auto it = resources_.find(slot);
  return it == resources_.end() ? nullptr : it->second;
}

// A caller may write to a resource that is in no tree; then it is another.
bool MachineTree::Knows(const resource* it) const {
  const auto slot = slots_.find(it);
  if (slot == slots_.end()) return false;
  for (const Row& row : state_.rows) {
    if (row.slot != slot->second) continue;
    return row.depth != 0 || (row.range == Range{it->start, it->end} &&
                              row.flags == it->flags && row.desc == it->desc);
  }
  return false;
}

Op MachineTree::Placing(Verb defines, Verb again, resource* parent,
                        resource* it) {
  Op op;
  op.parent = SlotOf(parent);
  if (Knows(it)) {
    op.verb = again;
    op.slot = slots_[it];
    return op;
  }
  op.verb = defines;
  op.slot = slots_.contains(it) ? slots_[it] : NewSlot();
  op.name = NameOf(it->name);
  op.range = {it->start, it->end};
  op.flags = it->flags;
  op.desc = it->desc;
  slots_[it] = op.slot;
  resources_[op.slot] = it;
  return op;
}

Slot MachineTree::SlotOf(resource* it) {
  if (!Knows(it)) {
    const Op op = Placing(Verb::kRoot, Verb::kRoot, resources_[kIomem], it);
    Apply(op);
  }
  return slots_[it];
}

Observation MachineTree::Apply(const Op& op) {
  Observation seen = machine_->Apply(Normal(op));
  if (seen.outcome == Outcome::kMisuse) seen.warnings |= kWarnBug;
  CurrentRuntime()->Warn(seen.warnings);
  Sync();
  return seen;
}

// A resource that the machine made is the kernel's memory, so that the test may
// free it.
resource* MachineTree::Make(const Row& row) {
  auto* const made = static_cast<resource*>(kernel_alloc(sizeof(resource), 0));
  resources_[row.slot] = made;
  slots_[made] = row.slot;
  made_.insert(made);
  return made;
}

void MachineTree::Sync() {
  machine_->Snapshot(&state_);
  for (auto& [slot, it] : resources_) {
    it->parent = it->sibling = it->child = nullptr;
  }
  absl::flat_hash_map<Slot, resource*> there;
  for (const Row& row : state_.rows) {
    resource* const known = At(row.slot);
    resource* const it = known != nullptr ? known : Make(row);
    there[row.slot] = it;
    it->start = row.range.start;
    it->end = row.range.end;
    it->flags = row.flags;
    it->desc = row.desc;
  }
  // Who stands above, and the last one met on each level.
  std::vector<resource*> last;
  for (const Row& row : state_.rows) {
    resource* const it = there[row.slot];
    it->parent = row.parent == kNoSlot ? nullptr : At(row.parent);
    if (row.depth != 0) {
      resource** const link = last.size() > row.depth
                                  ? &last[row.depth]->sibling
                                  : &last[row.depth - 1]->child;
      *link = it;
    }
    last.resize(row.depth);
    last.push_back(it);
  }
  for (const auto& [slot, it] : resources_) {
    if (there.contains(slot)) continue;
    slots_.erase(it);
    if (made_.erase(it) != 0 && kernel_is_live(it)) kernel_free(it);
  }
  resources_ = std::move(there);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_HOST_MACHINE_TREE_H_
#define RESTREE_TRIAGE_HOST_MACHINE_TREE_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "kernel/api.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// The tree of a Machine in the words of a caller of kernel/resource.c: a slot
// for every `struct resource` that the machine has met, whose fields and links
// say after each op what the machine shows. So a KUnit test can be played on a
// machine that is no kernel.
class MachineTree {
 public:
  // `iomem` and `ioport` become the machine's roots.
  MachineTree(std::unique_ptr<Machine> machine, resource* iomem,
              resource* ioport);

  // Plays `op` and brings all resources up to date. What the machine complains
  // about, the kernel of the running test complains about.
  Observation Apply(const Op& op);

  // Begins an op that places `it`: the form that defines, unless the machine
  // knows `it` as it is.
  Op Placing(Verb defines, Verb again, resource* parent, resource* it);

  // Returns the slot of a resource, which the machine gets to know now if it
  // has to.
  Slot SlotOf(resource* it);

  Slot NewSlot();
  NameId NameOf(const char* name);
  resource* At(Slot slot) const;  // or null

 private:
  bool Knows(const resource* it) const;
  void Sync();
  resource* Make(const Row& row);

  std::unique_ptr<Machine> machine_;
  State state_;
  Slot next_ = kFirstSlot;
  absl::flat_hash_map<const resource*, Slot> slots_;
  absl::flat_hash_map<Slot, resource*> resources_;
  absl::flat_hash_set<const resource*> made_;  // by the machine
  absl::flat_hash_map<const char*, NameId> names_;
};

// Plays what is loaded from now on upon `machine`.
void SetMachineOfKunit(std::unique_ptr<Machine> machine);

}  // namespace restree

#endif  // RESTREE_TRIAGE_HOST_MACHINE_TREE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_LINUX_MACHINE_H_
#define RESTREE_KERNEL_LINUX_MACHINE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/devices.h"
#include "kernel/fibers.h"
#include "kernel/memory_api.h"
#include "kernel/resources.h"
#include "kernel/runtime.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// A LinuxMachine is the kernel's own code: one version of kernel/resource.c and
// mm/memremap.c, unmodified (kernel/import.c, kernel/memremap_import.c). Each
// op is a call of the function that the table of verbs names, and the state is
// read off the kernel's own structures.
//
//   LinuxMachine linux(linux_6_12_api);
//   linux.Apply(op);   // what linux-6.12 does
//
// With an AltmapVariant, our own code (kernel/vmemmap_resource.c) stands
// between the op and the kernel's, and registers the resource of an altmap.
// With kTree it is the kernel's own code that does, where it has any.
//
// It shows what the kernel does, right or wrong. What goes against the kernel's
// own rules, such as a BUG() or a sleep under a lock, is a warning of the
// observation (kernel/runtime.h). It cannot tell misuse: an op that the model
// calls misuse must not reach it.
//
// The kernel's variables are its state, so that there is one machine a version
// at a time. Not thread-safe, across versions too.
class LinuxMachine final : public Machine {
 public:
  explicit LinuxMachine(const kernel_api& api,
                        AltmapVariant altmap = AltmapVariant::kNone);
  ~LinuxMachine() override;

  absl::string_view name() const override { return name_; }
  Observation Apply(const Op& op) override;
  void Snapshot(State* state) const override;
  uint64_t Digest() const override { return rows_digest_ + ledger_digest_; }
  void Reset() override;
  bool Plays(Verb verb) const override;
  bool JudgesMisuse() const override { return false; }
  AltmapVariant altmap() const override { return altmap_; }
  void Adopt(const State& state) override;

  // For tests: the nth allocation of a node of the lookup from now fails, and
  // so do those after it, `times` in all. No verb says so: what a kernel leaves
  // of a range that it has stored in part is nobody's to predict.
  void FailNodes(uint32_t nth, uint32_t times);
  uint64_t nodes() const { return runtime_.device_memory.nodes(); }

 private:
  // linux_machine.cc
  void SaveVariables();
  void RestoreVariables();
  void FinishGone();
  void ResumeWoken(Observation* seen);

  // linux_show.cc
  void RefreshLedger();
  void ShowDevres();
  void ShowLists();
  void ShowWaiters();
  void RefreshRows();
  bool RefreshRowsDigest();
  void ComputeRowsDigest();

  // Each plays some verbs, and says what their caller sees in *seen.
  void Play(const Op& op, Observation* seen);
  void Place(const Op& op, Observation* seen);          // linux_place.cc
  void ReleaseOrMove(const Op& op, Observation* seen);  // linux_place.cc
  void FindSpace(const Op& op, Observation* seen);      // linux_place.cc
  void RequestRegion(const Op& op, Observation* seen);  // linux_region.cc
  void Reserve(const Op& op);                           // linux_region.cc
  void ReleaseAdjustable(const Op& op);                 // linux_region.cc
  void FreeRegion(const Op& op, Observation* seen);     // linux_region.cc
  void Walk(const Op& op, Observation* seen);           // linux_ask.cc
  void Ask(const Op& op, Observation* seen);            // linux_ask.cc
  void Compare(const Op& op, Observation* seen);        // linux_ask.cc
  void Device(const Op& op, Observation* seen);         // linux_device.cc
  void List(const Op& op, Observation* seen);           // linux_device.cc
  void Boot(const Op& op, Observation* seen);           // linux_device.cc
  void ReserveSetup(const Op& op, Observation* seen);   // linux_device.cc

  void Memory(const Op& op, Observation* seen);      // linux_memory.cc
  void Describe(const Op& op, Observation* seen);    // linux_memory.cc
  void MapOrUnmap(const Op& op, Observation* seen);  // linux_memory.cc
  void Dump(const Op& op, Observation* seen);        // linux_memory.cc
  void Page(const Op& op, Observation* seen);        // linux_pages.cc
  void GetPagemap(const Op& op, Observation* seen);  // linux_pages.cc
  void UnbindPagemap(const Op& op, device::Entry* entry, uint32_t number,
                     Observation* seen);

  // linux_memory.cc
  kernel_pagemap* PagemapAt(uint32_t number) const;  // REQUIRES: it is defined
  kernel_pagemap_view ViewOf(uint32_t number) const;
  void DefinePagemap(const kernel_pagemap_view& view);
  void SetAltmap(const kernel_pagemap_view& view, Slot parent);
  static void MapOnFiber(Fiber* fiber);
  int EndMapFiber(Fiber* fiber);
  void FindAltmapResource(uint32_t number);
  void FindTreesResource(uint32_t number);
  VmemmapMarker MarkerToDump() const;
  void ShowBlocks(Observation* seen);

  // linux_pages.cc
  uint32_t NumberOf(const kernel_pagemap* pagemap);
  void ShowMemory();
  void ShowLookup();
  void ShowPages();

  // What a devres entry is about.
  kernel_devres ViewOf(device::Entry* entry) const;
  bool ViewPagemapDevres(device::Entry* entry, kernel_devres* view) const;
  void* MakePagemapDevres(uint32_t number);

  // Returns a list that is about to change.
  kernel_list* ListAt(uint32_t number);

  // Returns the resource in a slot. REQUIRES: there is one.
  resource* At(Slot slot) const;

  // Returns a resource of the trace's own, in no slot yet.
  Object* NewOwn(const Op& op);

  using PlaceFunction = int (*)(resource*, resource*);
  using ConflictFunction = resource* (*)(resource*, resource*);
  void PlaceOrConflict(PlaceFunction place, ConflictFunction conflict,
                       resource* parent, resource* it, Observation* seen);

  // As those of Resources, once the kernel's code has returned.
  void Define(Slot slot, Object* object);
  void Drop(Slot slot);

  // Puts what the kernel made into a slot, or into the empty ones from there.
  void DefineMade(Slot slot, resource* made);
  void DefinePieces(Slot slot);
  bool IsSpokenFor(Slot slot) const;
  Slot EmptyFrom(Slot slot) const;

  // A muxed request_region on a stack of its own, and how it ends.
  resource* CallRequestRegion(const Op& op);
  static void RequestOnFiber(Fiber* fiber);
  bool EndFiber(Fiber* fiber);

  // linux_adopt.cc
  void AdoptBoot(const Ledger& ledger);
  void AdoptRows(const State& state);
  void AdoptLedger(const Ledger& ledger);
  void AdoptWaiter(const Waiter& waiter);

  // linux_adopt_memory.cc
  void AdoptMemory(const Ledger& ledger);
  void CopyMemory(const Ledger& ledger);
  void AdoptPagemap(const Pagemap& pagemap);
  void AdoptAltmapResource(const Pagemap& pagemap);
  void AdoptMapped(const Pagemap& pagemap);
  void AdoptLookup(const Pagemap& pagemap, const Ledger& ledger);
  void AdoptDying(const Pagemap& pagemap);

  // A pagemap, and what its driver knows of it.
  struct Driven {
    Object* object = nullptr;  // nullptr: not defined
    Slot parent = kNoSlot;     // of the altmap's resource
    uint64_t gets = 0;         // references that it has not put yet
    bool is_releasing = false;
    uint32_t device = 0;    // whose release sleeps
    Object* own = nullptr;  // the memory of that resource, if it is its own
  };

  const kernel_api& api_;
  const kernel_memory_api& memory_;
  const AltmapVariant altmap_;
  const std::string name_;
  Runtime runtime_;
  Resources resources_;
  std::array<std::vector<char>, 2> saved_;  // the kernel's variables
  std::array<kernel_list, kLists> lists_;
  uint32_t lists_used_ = 0;  // none from here on has had an entry
  uint64_t list_changes_ = 0;
  uint8_t reserved_ = 0;  // reserve_setup() counts for itself

  std::array<Driven, kPagemaps> pagemaps_;
  uint32_t pagemaps_used_ = 0;
  bool memory_changed_ = false;       // in a way that ledger_ does not have yet
  uint64_t live_elsewhere_ = 0;       // objects of pagemaps that it sits out
  kernel_map map_ = {};               // for who maps
  device::Entry* unbound_ = nullptr;  // for who unbinds

  Ledger ledger_;
  uint64_t ledger_changes_ = 0;  // what it was made from
  uint64_t ledger_digest_ = 0;

  // What Digest() returns is up to date after each op.
  uint64_t rows_digest_ = 0;
  uint64_t rows_digest_changes_ = 0;  // Resources::changes() then
  bool all_met_once_ = false;         // every resource, and nothing else
  bool links_changed_ = false;        // of resources known before
  uint32_t visit_ = 0;
  mutable std::vector<const Object*> path_;
};

}  // namespace restree

#endif  // RESTREE_KERNEL_LINUX_MACHINE_H_

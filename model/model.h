// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_MODEL_H_
#define RESTREE_MODEL_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/device_memory.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// The readable specification: what kernel/resource.c of Linux 6.12 does, on a
// tree that scales to a million siblings. Preconditions, outcomes, and the few
// places where it parts from the source are in model/preconditions.md.
class Model : public Machine {
 public:
  // `altmap` says what it does about the separate resources of altmaps. With
  // kTree that is what kSound does, as a first guess at what a tree does.
  explicit Model(AltmapVariant altmap = AltmapVariant::kNone)
      : shown_altmap_(altmap),
        altmap_(altmap == AltmapVariant::kTree ? AltmapVariant::kSound
                                               : altmap) {}

  absl::string_view name() const override;
  Observation Apply(const Op& op) override;
  void Snapshot(State* state) const override;
  uint64_t Digest() const override { return tree_.digest() + LedgerPart(); }
  void Reset() override;
  AltmapVariant altmap() const override { return shown_altmap_; }
  void Adopt(const State& state) override;

  // For machines with planted bugs, which are models that meddle with the tree
  // or the ledger.
  ResourceTree& tree() { return tree_; }
  Ledger& ledger() { return Edit(); }

 private:
  // What was observed, in short.
  static Observation Is(Outcome outcome) { return {.outcome = outcome}; }
  static Observation OkOr(Outcome otherwise, bool ok) {
    return Is(ok ? Outcome::kOk : otherwise);
  }
  static Observation Misuse(absl::string_view why) {
    return {.outcome = Outcome::kMisuse, .why = why};
  }
  static constexpr absl::string_view kNoResource = "a resource does not exist";
  static constexpr absl::string_view kNoSuchPagemap =
      "there is no such pagemap";
  static constexpr absl::string_view kNoHandle = "nobody has a handle to it";

  // model.cc: the caller's own resources.
  Observation Manage(const Op& op);
  Observation Define(const Op& op);
  Observation PlaceAgain(const Op& op);
  Observation Place(const Op& op, Resource* parent, Resource* node);
  Observation Allocate(const Op& op, Resource* parent, Resource* node);
  Observation Reallocate(const Op& op, Resource* parent, Resource* node);
  Observation FindSpace(const Op& op);
  Observation ChangeOne(const Op& op);
  Observation MakeRoot(const Op& op);

  // Returns why no op may define `slot` for `parent`, which may be null; why
  // the kernel may not make a resource in it that the op does not name; and why
  // `node` must not be forgotten. "" for no reason.
  absl::string_view WhyNotDefine(Slot slot, const Resource* parent) const;
  absl::string_view WhyNotEmpty(Slot slot) const;
  static absl::string_view WhyNotForget(const Resource& node);

  // model_adopt.cc: how it takes over a state.
  void AdoptRows(absl::Span<const Row> rows);
  void AdoptHolds();

  // Returns whether a sleeping call will define `slot`.
  bool IsSpokenFor(Slot slot) const;

  // Forgets a resource that is in a tree: free_resource() frees what the kernel
  // made, and nobody has a handle to what it did not. REQUIRES: !WhyNotForget.
  void Forget(Resource* node);

  // model_region.cc: regions, and the calls that sleep until one goes. Such a
  // call is a Waiter from its beginning.
  Observation RequestRegion(const Op& op);
  Observation ReleaseRegion(const Op& op);
  Resource* TryRegion(const Waiter& call, Observation* seen);
  void Wait(const Waiter& call);
  void Wake(Observation* seen);
  void Revoke(const Resource& node, Observation* seen) const;
  Resource* FindRegion(Slot parent, const Range& range);
  void TakeRegion(Resource* node, Observation* seen);

  // model_hotplug.cc: memory that comes and goes.
  Observation Reserve(const Op& op);
  Observation ReleaseAdjustable(const Op& op);
  Resource* FindAdjustable(const Range& range);
  void Split(const Op& op, Resource* node, Observation* seen);
  Observation Merge(const Op& op);

  // model_free.cc: regions wherever there is room.
  Observation RequestFree(const Op& op);
  Observation AllocFree(const Op& op);

  // model_devm.cc: devices and lists.
  Observation DevmRequest(const Op& op);
  Observation DevmRelease(const Op& op);
  Observation DevmRequestRegion(const Op& op);
  Observation DevmReleaseRegion(const Op& op);
  Observation Unbind(const Op& op);
  void AddDevres(const Devres& entry);
  void RemoveDevres(size_t index);
  std::optional<size_t> NewestDevres(const Devres& entry) const;
  Observation ListAdd(const Op& op);
  Observation ListDestroy(const Op& op);
  Observation ListFree(const Op& op);

  // model_setup.cc: what else decides how ops end.
  Observation FailAlloc(const Op& op);
  Observation ReserveSetup(const Op& op);
  Observation InitInode();

  // model_pagemap.cc: what drivers say in their struct dev_pagemap.
  Observation ManageMemory(const Op& op);
  Observation MakePagemap(const Op& op);
  Observation AddRange(const Op& op);
  Observation SetAltmap(const Op& op);
  Observation SetupPfn(const Op& op);
  Observation AskPagemap(const Op& op) const;
  Observation UseAltmap(const Op& op);
  Observation FailStep(const Op& op);
  bool StepFails(MapStep step);
  const Pagemap* FindPagemap(uint32_t number) const;
  Pagemap* EditPagemap(uint32_t number);
  void KeepPagemap(const Pagemap& map);
  bool HasVmemmap(uint32_t number) const;
  absl::string_view WhyNotRedefine(uint32_t number) const;
  absl::string_view WhyNotChange(uint32_t number) const;

  // model_memremap.cc: mappings.
  Observation Memremap(const Op& op);
  Observation DevmMemremap(const Op& op);
  Observation Map(uint32_t number);
  Outcome MapRanges(uint32_t number, Observation* seen);
  Outcome MapRange(Pagemap* map, Observation* seen);
  Outcome AddMemory(Pagemap* map, Observation* seen);
  bool HasMemory(const Range& range) const;
  const Pagemap* LivePagemapAt(uint64_t pfn) const;
  std::optional<size_t> DevresOf(uint32_t number) const;
  Observation Memunmap(const Op& op);
  Observation DevmMemunmap(const Op& op);
  Observation ReleaseMapping(size_t index);
  bool IsReleasing(uint32_t device) const;
  void Unmap(uint32_t number, Observation* seen);
  void PutRefs(Pagemap* map, uint64_t refs, Observation* seen);
  void EndMapping(Pagemap* map, Observation* seen);
  absl::string_view WhyNotMap(uint32_t number) const;
  absl::string_view WhyNotPut(const Pagemap& map, uint64_t refs) const;

  // model_pages.cc: references and pages.
  Observation GetPagemap(const Op& op);
  Observation PutPagemap(const Op& op);
  void PutGet(uint32_t number, Observation* seen);
  const Pagemap* PagemapOfPage(uint64_t pfn) const;
  Observation UsePage(const Op& op);
  Observation InitPage(const Pagemap& map, uint64_t pfn);
  Observation FreePage(const Pagemap& map, const PageUse& page);
  Observation PutPage(const Pagemap& map, const PageUse& page, uint64_t refs);
  void KeepPage(const PageUse& page);

  // model_vmemmap.cc: the separate resources of altmaps.
  bool NamesParent(const Pagemap& map) const;
  const Resource* PlaceVmemmap(uint32_t number);
  void RemoveVmemmap(uint32_t number, Observation* seen);
  void RequestVmemmap(uint32_t number, Observation* seen);
  void ReleaseVmemmap(uint32_t number, Observation* seen);
  Resource* FindVmemmapRegion(const Pagemap& map);
  absl::string_view WhyNotReleaseVmemmap(const Pagemap& map);
  Observation Dumpable(const Op& op) const;

  // model_query.cc: questions.
  Observation Ask(const Op& op) const;
  Observation LookUp(const Op& op) const;
  Observation AskAboutOne(const Op& op) const;
  Observation RegionIntersects(const Op& op) const;
  Observation SanityCheck(const Op& op) const;
  Observation IsExclusive(const Op& op) const;
  Observation PageIsRam(const Op& op) const;
  Observation AskAboutTwo(const Op& op) const;
  Observation Proc(const Op& op) const;
  Observation ListFirst(const Op& op) const;
  bool HasExclusive(const Resource& root, const Range& range) const;
  bool IsIomemExclusive(uint64_t address) const;

  // Counts an allocation. Returns whether it fails.
  bool Fails();

  // Counts what keeps the resource in `slot` from being forgotten.
  void Hold(Slot slot) { ++tree_.Find(slot)->holds; }
  void LetGo(Slot slot) { --tree_.Find(slot)->holds; }

  // Returns the ledger for a change.
  Ledger& Edit() {
    ledger_changed_ = true;
    return ledger_;
  }

  // Returns Ledger::live without the regions, which the tree counts: what the
  // rest of the ledger accounts for.
  uint64_t LiveInLedger() const {
    return ledger_.devres.size() + ledger_.listed.size() +
           ledger_.waiters.size() + mapping_objects_ +
           (ledger_.inode ? kInodeObjects : 0);
  }

  // Returns LedgerDigest() of what Snapshot() would write. Most ops leave the
  // ledger alone, and many of the others only make or free a region.
  uint64_t LedgerPart() const {
    if (ledger_changed_) DigestLedger();
    return ledger_digest_ + tree_.regions() * kLiveDigest;
  }
  void DigestLedger() const;

  AltmapVariant shown_altmap_;  // that of its name
  AltmapVariant altmap_;        // that it plays
  ResourceTree tree_;
  uint64_t mapping_objects_ = 0;  // the live ones that the pagemaps account for
  mutable Ledger ledger_;         // `live` is LiveInLedger() when digested
  mutable uint64_t ledger_digest_ = 0;
  mutable bool ledger_changed_ = false;
};

}  // namespace restree

#endif  // RESTREE_MODEL_MODEL_H_

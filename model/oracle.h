// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_ORACLE_H_
#define RESTREE_MODEL_ORACLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/device_memory.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// An Oracle is the second opinion about every op: a flat list of rows, one a
// resource, in no order. There is no tree. A row names its parent, and what the
// kernel reads off its links is a question to all rows:
//
//   the children of X        the rows whose parent is X, by start
//   what is in the way       the first child that overlaps, or X itself
//   the neighbours of X      the other rows with X's parent
//   what a walk meets next   the lowest row below iomem that matches
//
// Every question costs the whole list, which is right for the few dozen
// resources of a fuzzed trace and wrong for a million. What is kept besides the
// resources is the Ledger that Snapshot() shows, as it stands.
//
// What it relies on, and keeps: a row that has a parent is not inverted, lies
// inside its parent and overlaps no other row of that parent. A row without a
// parent may have any range, but one with children contains them.
//
// Copyable. A copy is the same machine in the same state.
class Oracle final : public Machine {
 public:
  // With kTree it does what it does with kSound.
  explicit Oracle(AltmapVariant variant = AltmapVariant::kNone)
      : shown_variant_(variant),
        variant_(variant == AltmapVariant::kTree ? AltmapVariant::kSound
                                                 : variant) {
    Reset();
  }

  absl::string_view name() const override;
  AltmapVariant altmap() const override { return shown_variant_; }
  Observation Apply(const Op& op) override;
  void Snapshot(State* state) const override;
  uint64_t Digest() const override;
  void Reset() override;

 private:
  // Returns the resource of `slot`, or nullptr if it does not exist. Put() and
  // Forget() move rows about in memory.
  const Row* Find(Slot slot) const;
  Row* Find(Slot slot);

  // Returns the child of `parent` with the lowest start among those for which
  // `holds(row)`, or nullptr.
  template <typename Predicate>
  const Row* FirstChild(Slot parent, Predicate holds) const {
    const Row* first = nullptr;
    for (const Row& row : rows_) {
      if (row.parent != parent || !holds(row)) continue;
      if (first == nullptr || row.range.start < first->range.start) {
        first = &row;
      }
    }
    return first;
  }

  bool HasChildren(Slot slot) const;

  // Returns whether `slot` lies below `ancestor`, at any depth.
  bool IsBelow(Slot slot, Slot ancestor) const;

  // Returns what keeps `range` from being a child of `parent`: `parent` itself
  // if the range is inverted or does not fit, else the first child that
  // overlaps it, else kNoSlot.
  Slot InTheWay(Slot parent, const Range& range) const;

  // Returns the precondition of model/preconditions.md that `op` breaks, or "":
  // model/oracle_misuse.cc.
  absl::string_view Misuse(const Op& op) const;
  absl::string_view MisuseOfSlots(const Op& op) const;
  absl::string_view MisuseOfDefinition(const Op& op) const;
  absl::string_view MisuseOfPlacement(const Op& op) const;
  absl::string_view MisuseOfLedger(const Op& op) const;
  absl::string_view MisuseOfForgetting(Slot slot) const;
  absl::string_view MisuseOfRelease(Slot parent, const Range& range) const;
  absl::string_view MisuseOfMerge(const Row& row) const;
  absl::string_view MisuseOfDevmRelease(const Op& op) const;
  absl::string_view MisuseOfUnbind(uint32_t device) const;

  // Of device memory: model/oracle_misuse_memory.cc.
  absl::string_view MisuseOfMemory(const Op& op) const;
  absl::string_view MisuseOfChange(const Op& op) const;
  absl::string_view MisuseOfMapping(uint32_t number) const;
  absl::string_view MisuseOfUnmapping(const Op& op) const;
  absl::string_view MisuseOfPage(const Op& op) const;
  absl::string_view MisuseOfStorage(const Op& op) const;
  absl::string_view MisuseOfWithdrawal(uint32_t number) const;
  absl::string_view MisuseOfLastRef(const Op& op) const;

  // Returns whether something that is kept refers to the resource of `slot`,
  // whether that or its own memory keeps it from being forgotten, and whether a
  // waiter will define it.
  bool IsReferredTo(Slot slot) const;
  bool IsHeld(Slot slot) const;
  bool IsSpokenFor(Slot slot) const;

  // What Apply() does with an op that is no misuse.
  Observation Perform(const Op& op);
  Observation PerformOnLedger(const Op& op);
  Observation Answer(const Op& op) const;

  // Returns the resource that `op` places: a new one if the op defines it.
  Row Subject(const Op& op) const;

  // Appends `top` and what lies below it, in pre-order.
  void AppendTree(const Row& top, uint32_t depth, State* state) const;

  // Makes `row` the resource of its slot, in place of what was there.
  void Put(const Row& row);

  // Empties the slot.
  void Forget(Slot slot);

  // The resources of the caller's own: model/oracle_place.cc.
  //
  // Places `row` as __insert_resource() does and returns kNoSlot, or returns
  // what is in the way and changes nothing.
  Slot InsertBelow(Slot parent, Row row);

  // Returns the range that `op` gives `row`: the lowest in the gaps between
  // the other children of its parent.
  std::optional<Range> SpaceFor(const Row& row, const Op& op) const;

  // Takes everything below `slot` apart.
  void Scatter(Slot slot);

  Observation Root(const Op& op);
  Observation Request(const Op& op);
  Observation Insert(const Op& op);
  Observation InsertExpand(const Op& op);
  Observation Allocate(const Op& op);
  Observation FindSpace(const Op& op);
  Observation Release(const Op& op);
  Observation Remove(const Op& op);
  Observation Adjust(const Op& op);

  // Regions and who waits for them: model/oracle_region.cc.
  //
  // Makes the region that `call` asks for, or the newest waiter of it.
  Observation Claim(const Waiter& call);

  // Lets each waiter try again, and adds what they see to `seen`.
  void WakeWaiters(Observation* seen);

  // Adds the visit of a region's range if /dev/mem must not map it any more.
  void Revoke(const Range& range, Observation* seen) const;

  // Returns the busy region that release_region(parent, range) frees.
  const Row* ReleaseTarget(Slot parent, const Range& range) const;

  Observation RequestRegion(const Op& op);
  Observation ReleaseRegion(Slot parent, const Range& range);

  // Memory that is reserved, unplugged and merged: model/oracle_memory.cc.
  //
  // Returns the resource that release_mem_region_adjustable(range) cuts.
  const Row* AdjustTarget(const Range& range) const;

  // Returns the sibling that merge_system_ram_resource() makes one with `row`,
  // the one above or the one below.
  enum class Side : uint8_t { kBelow, kAbove };
  Slot MergePartner(const Row& row, Side side) const;

  Slot EmptySlotFrom(Slot first) const;
  Observation Reserve(const Op& op);
  Observation ReleaseAdjustable(const Op& op);
  Observation Merge(const Op& op);

  // Free regions: model/oracle_free.cc.
  bool IsFree(Slot base, const Range& range) const;
  Observation AllocFree(const Op& op);
  Observation RequestFree(const Op& op);

  // What a machine keeps besides its resources: model/oracle_ledger.cc.
  //
  // Makes one allocation and returns whether it fails.
  bool Fails();

  // Counts the objects that the allocator has given out.
  uint64_t LiveObjects() const;

  void AddDevres(const Devres& entry);

  // Returns the newest entry of a device, or the newest that is `entry`, as an
  // index into the ledger; nothing if there is none.
  std::optional<size_t> NewestDevres(uint32_t device) const;
  std::optional<size_t> NewestDevres(const Devres& entry) const;
  void DropDevres(size_t index);

  Observation DevmRequest(const Op& op);
  Observation DevmRelease(const Op& op);
  Observation DevmRequestRegion(const Op& op);
  Observation DevmReleaseRegion(const Op& op);
  Observation Unbind(const Op& op);
  Observation ListAdd(const Op& op);
  Observation ListDestroy(const Op& op);
  Observation ListFirst(const Op& op) const;
  Observation ListFree(const Op& op);
  Observation FailAlloc(const Op& op);
  Observation ReserveSetup(const Op& op);
  Observation InitInode();

  // Questions about any resource: model/oracle_query.cc.
  Observation Lookup(const Op& op) const;
  Observation Alignment(const Op& op) const;
  Observation SanityCheck(const Op& op) const;
  bool IsExclusive(Slot top, const Range& range) const;
  bool IsExclusivePage(uint64_t address) const;
  Observation Compare(const Op& op) const;
  Observation Proc(const Op& op) const;

  // Questions about iomem: model/oracle_walk.cc.
  Observation RegionIntersects(const Op& op) const;
  bool IsCovered(Slot top, const Range& part, const Op& op) const;
  bool Precedes(const Row& a, const Row& b) const;
  const Row* NextMatch(const Range& range, uint64_t flags, uint64_t desc) const;
  Observation Matches(const Range& range, uint64_t flags, uint64_t desc) const;
  Observation Walk(const Op& op) const;
  Observation WalkReversed(const Op& op);
  Observation PageIsRam(const Op& op) const;

  // What drivers say about their memory, and its pages:
  // model/oracle_pagemap.cc.
  //
  // Returns the pagemap of that number, or nullptr if there is none.
  const Pagemap* FindPagemap(uint32_t number) const;
  Pagemap* FindPagemap(uint32_t number);
  void PutPagemap(const Pagemap& map);

  // Returns how many pages at the head of the first range are the altmap's,
  // whether a page holds a reference only while somebody uses it, and whether
  // the pagemap calls a pfn its own.
  static uint64_t OffsetOf(const Altmap& altmap);
  static bool IsOnDemand(const Pagemap& map);
  static bool IsValidPfn(const Pagemap& map, uint64_t pfn);

  // Returns the pagemap whose memory the page lies in, and who uses the page.
  const Pagemap* OwnerOf(uint64_t pfn) const;
  const PageUse* FindPage(uint64_t pfn) const;
  void PutPage(const PageUse& page);
  void DropPage(uint64_t pfn);

  // Takes a block out of an altmap. Returns its pfns, or nothing.
  static std::optional<Range> TakeBlock(uint64_t pages, Altmap* altmap);

  Observation PerformOnMemory(const Op& op);
  Observation DefinePagemap(const Op& op);
  Observation DefineAltmap(const Op& op);
  Observation SetupPfn(const Op& op);
  Observation GetPagemap(const Op& op);
  Observation PageInit(const Op& op);
  Observation PageFree(const Op& op);
  Observation PageGet(const Op& op);
  Observation PagePut(const Op& op);
  Observation AltmapAlloc(const Op& op);

  // Mappings: model/oracle_memremap.cc.
  //
  // Returns the mapped pagemap that a lookup of the pfn finds, or nullptr.
  const Pagemap* LivePagemap(uint64_t pfn) const;

  // Counts the references of a pagemap's percpu_ref.
  uint64_t RefsOf(const Pagemap& map) const;

  // Counts a call of that step and returns whether it fails.
  bool StepFails(MapStep step);

  // memremap_pages(), pagemap_range() for the first range that is not mapped
  // yet, and what add_pages() does for it.
  Observation MapPages(uint32_t number);
  Outcome MapRange(Pagemap* map, Observation* seen);
  Outcome AddMemory(Pagemap* map, Observation* seen);

  // Ends a mapping, or lets it wait for its last reference.
  Outcome UnmapPages(uint32_t number);

  Observation Memremap(uint32_t number);
  Observation DevmMemremap(const Op& op);
  Observation DevmMemunmap(const Op& op);
  Observation ReleaseMapping(const Devres& entry);

  // Finishes what has waited for the reference that the op put, and counts
  // anew whatever follows from the rest of the state.
  void Settle(Observation* seen);
  void Recount();

  // The separate resource of an altmap: model/oracle_vmemmap.cc.
  //
  // kSound: places it before the mapping, or says what is in the way; takes it
  // away again after the mapping.
  Observation Announce(Pagemap* map);
  void Withdraw(Pagemap* map, Observation* seen);

  // kPatch: requests it after the mapping, whatever comes of it; releases what
  // the pointer leads to before the mapping goes.
  void Register(Pagemap* map, Observation* seen);
  void Unregister(const Pagemap& map, Observation* seen);

  Observation Dumpable(const Op& op) const;

  AltmapVariant shown_variant_;  // that of its name
  AltmapVariant variant_;        // that it plays
  std::vector<Row> rows_;  // their `depth` is not kept: Snapshot() counts it
  Ledger ledger_;          // Recount() fills in all that can be counted
};

}  // namespace restree

#endif  // RESTREE_MODEL_ORACLE_H_

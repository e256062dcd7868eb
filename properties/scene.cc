// SPDX-License-Identifier: Apache-2.0
#include "properties/scene.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "model/device_memory.h"
#include "model/flags.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr uint64_t kMemBusy = kResourceMem | kResourceBusy;
constexpr uint64_t kRamBusy = kResourceSystemRam | kResourceBusy;

bool HasAll(uint64_t flags, uint64_t bits) { return (flags & bits) == bits; }

// The bit of `slot` among the first 64; none for a root.
uint64_t BitOf(Slot slot) {
  if (slot < kFirstSlot || slot >= kNoSlot) return 0;
  return uint64_t{1} << std::min<Slot>(slot - kFirstSlot, 63);
}

}  // namespace

void MemoryScene::Add(const Pagemap& it) {
  const uint64_t bit = uint64_t{1} << it.number;
  defined |= bit;
  if (it.gets > 0) gotten |= bit;
  if (it.phase == Pagemap::Phase::kIdle) {
    if (it.altmap.res != kNoSlot && !it.altmap.res_gone) return;
    idle |= bit;
    if (it.altmap.valid) altmap |= bit;
    return;
  }
  mapped |= bit;
  if (it.phase == Pagemap::Phase::kMapped) ours |= bit;
  if (it.phase == Pagemap::Phase::kDying) dying |= bit;
  if (it.type == kMemoryFsDax) fsdax |= bit;
  if (it.type == kMemoryPrivate || it.type == kMemoryCoherent) migrated |= bit;
}

Scene::Scene(const State& of) : state(of) {
  AddLedger();
  bool in_iomem = false;
  uint32_t hidden = UINT32_MAX;  // below a row of this depth nothing is found
  for (size_t i = 0; i < state.rows.size(); ++i) {
    const Row& it = row(i);
    AddRow(i);
    if (it.depth == 0) in_iomem = it.slot == kIomem;
    if (it.depth <= hidden) hidden = UINT32_MAX;
    if (!in_iomem || it.depth == 0 || hidden != UINT32_MAX) continue;
    if (HasAll(it.flags, kMemBusy)) adjustable.Add(i);
    const bool is_open =
        HasAll(it.flags, kResourceMem) && !HasAll(it.flags, kResourceBusy);
    if (!is_open) hidden = it.depth;
  }
  DenyVerbs();
}

void Scene::AddLedger() {
  for (const Listed& it : state.ledger.listed) held |= BitOf(it.slot);
  for (const Devres& it : state.ledger.devres) {
    if (!it.pagemap) held |= BitOf(it.slot);
    if (it.pagemap) memory.managed |= uint64_t{1} << it.slot;
  }
  for (const Pagemap& it : state.ledger.pagemaps) {
    memory.Add(it);
    if (it.phase != Pagemap::Phase::kIdle) held |= BitOf(it.altmap.parent);
  }
  memory.ours &= ~memory.managed;
  for (const Waiter& it : state.ledger.waiters) {
    held |= BitOf(it.parent);
    if (it.slot < R(64)) used |= BitOf(it.slot);
  }
}

// Siblings of which the first has no children stand right behind each other.
void Scene::AddTouching(size_t i) {
  if (i + 1 == state.rows.size()) return;
  const Row& it = row(i);
  const Row& next = row(i + 1);
  if (next.depth != it.depth || !HasAll(next.flags, kRamBusy)) return;
  if (it.range.end + 1 != next.range.start) return;
  touching.Add(i);
  touching.Add(i + 1);
}

void Scene::AddRow(size_t i) {
  const Row& it = row(i);
  const bool children = HasChildren(i);
  if (children) families.Add(i);
  if (it.slot < kFirstSlot) return;
  if (it.slot < R(64)) used |= BitOf(it.slot);
  const bool named = !IsVmemmapSlot(it.slot);  // nobody has a handle to a vN
  if (it.depth == 0 && !named) return;
  if (it.depth == 0) {
    loose.Add(i);
    if (!children) loose_leaves.Add(i);
    return;
  }
  if (named) placed.Add(i);
  if (named && HasAll(it.flags, kRamBusy)) rams.Add(i);
  if (named && HasAll(it.flags, kRamBusy)) AddTouching(i);
  if (!HasAll(it.flags, kResourceBusy) || children || IsHeld(it.slot)) return;
  regions.Add(i);
  if (HasAll(it.flags, kResourceMuxed)) muxed.Add(i);
}

void Scene::DenyVerbs() {
  using enum Verb;
  if (loose.empty()) denied |= SetOf(kRequestAgain);
  if (families.empty()) denied |= SetOf(kReleaseChildren);
  if (placed.empty()) {
    denied |= SetOf(kRelease) | SetOf(kRemove) | SetOf(kMerge);
  }
  denied |= SetOf(state.ledger.inode ? kInitInode : kGetMapping);
  DenyMemoryVerbs();
  if (!loose_leaves.empty()) return;
  denied |= SetOf(kInsertAgain) | SetOf(kFindSpace);
  if (!placed.empty()) return;
  denied |= SetOf(kInsertExpandAgain) | SetOf(kAllocateAgain);
}

void Scene::DenyMemoryVerbs() {
  using enum Verb;
  const MemoryScene& it = memory;
  const auto deny = [this](uint64_t needed, VerbSet verbs) {
    if (needed == 0) denied |= verbs;
  };
  deny(it.defined,
       SetOf(kDevmMemunmap) | SetOf(kPfnValid) | SetOf(kAltmapOffset));
  deny(it.idle, SetOf(kAddRange) | SetOf(kAltmap) | SetOf(kMemremap) |
                    SetOf(kDevmMemremap));
  deny(it.altmap, SetOf(kAltmapAlloc) | SetOf(kAltmapFree));
  deny(it.ours, SetOf(kMemunmap));
  deny(it.gotten, SetOf(kPutPagemap));
  deny(it.fsdax, SetOf(kPageGet));
  deny(it.migrated, SetOf(kPageInit));
  if (!state.ledger.pages.empty()) return;
  deny(it.mapped & ~it.fsdax, SetOf(kPagePut));
  deny(it.mapped & ~it.fsdax & ~it.migrated, SetOf(kPageFree));
}

// Rows are in pre-order: what lies below a row follows it, deeper.
bool Scene::IsWithin(size_t i, size_t root) const {
  if (i < root) return false;
  for (size_t at = root + 1; at <= i; ++at) {
    if (row(at).depth <= row(root).depth) return false;
  }
  return true;
}

}  // namespace restree

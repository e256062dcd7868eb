// SPDX-License-Identifier: Apache-2.0

// What an Oracle refuses to do with device memory.
#include <algorithm>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "model/device_memory.h"
#include "model/machine.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

using Phase = Pagemap::Phase;

constexpr uint64_t kPageRefsMax = 1000;

// Returns whether no sum of the altmap's pfns is more than a caller can have.
bool IsAddressable(const Op& op) {
  const uint64_t terms[] = {op.range.start, op.align, op.size};
  uint64_t left = kAltmapPagesMax;
  for (const uint64_t term : terms) {
    if (term > left) return false;
    left -= term;
  }
  return true;
}

}  // namespace

absl::string_view Oracle::MisuseOfMemory(const Op& op) const {
  const VerbInfo& info = InfoOf(op.verb);
  if (info.Has(Field::kPagemap) && FindPagemap(op.slot) == nullptr) {
    return "the pagemap does not exist";
  }
  switch (op.verb) {
    case Verb::kPagemap:
    case Verb::kAddRange:
    case Verb::kAltmap:
    case Verb::kSetupPfn:
      return MisuseOfChange(op);
    case Verb::kMemremap:
    case Verb::kDevmMemremap:
      return MisuseOfMapping(op.slot);
    case Verb::kMemunmap:
    case Verb::kDevmMemunmap:
      return MisuseOfUnmapping(op);
    case Verb::kGetPagemap:
      if (op.slot == 0) return "";
      if (FindPagemap(op.slot - 1) == nullptr ||
          FindPagemap(op.slot - 1)->gets == 0) {
        return "nobody has a reference to put";
      }
      return MisuseOfLastRef(op);
    case Verb::kPutPagemap:
      if (FindPagemap(op.slot)->gets == 0) {
        return "nobody has a reference to put";
      }
      return MisuseOfLastRef(op);
    case Verb::kPageInit:
    case Verb::kPageFree:
    case Verb::kPageGet:
    case Verb::kPagePut:
      return MisuseOfPage(op);
    case Verb::kAltmapAlloc:
    case Verb::kAltmapFree:
      return MisuseOfStorage(op);
    default:
      return "";
  }
}

absl::string_view Oracle::MisuseOfChange(const Op& op) const {
  const Pagemap* map = FindPagemap(op.slot);
  if (map != nullptr && map->phase != Phase::kIdle) {
    return "the pagemap is in use";
  }
  if (op.verb == Verb::kAddRange) {
    return map->nr_range < kPagemapRanges ? "" : "there is room for no more";
  }
  if (Find(VmemmapSlot(op.slot)) != nullptr) {
    return "its separate resource exists";
  }
  if (op.verb == Verb::kPagemap) return "";
  if (op.parent != kNoSlot && Find(op.parent) == nullptr) {
    return "the parent does not exist";
  }
  if (op.verb == Verb::kSetupPfn || IsAddressable(op)) return "";
  return "no memory has so many pages";
}

absl::string_view Oracle::MisuseOfMapping(uint32_t number) const {
  const Pagemap& map = *FindPagemap(number);
  if (map.phase != Phase::kIdle) return "the pagemap is in use";
  if (map.type == kMemoryCoherent && (map.lacks & kLacksOps)) {
    return "the pagemap has no ops";
  }
  if (Find(VmemmapSlot(number)) != nullptr) {
    return "its separate resource exists";
  }
  if (variant_ == AltmapVariant::kNone || map.altmap.parent == kNoSlot) {
    return "";
  }
  return Find(map.altmap.parent) == nullptr ? "the parent does not exist" : "";
}

absl::string_view Oracle::MisuseOfUnmapping(const Op& op) const {
  if (op.verb == Verb::kDevmMemunmap) {
    const auto entry =
        NewestDevres({.device = op.number, .slot = op.slot, .pagemap = true});
    return entry.has_value() ? MisuseOfWithdrawal(op.slot) : "";
  }
  if (FindPagemap(op.slot)->phase != Phase::kMapped) {
    return "the pagemap is not mapped";
  }
  for (const Devres& entry : ledger_.devres) {
    if (entry.pagemap && entry.slot == op.slot) {
      return "the mapping is a device's";
    }
  }
  return MisuseOfLastRef(op);
}

absl::string_view Oracle::MisuseOfPage(const Op& op) const {
  const uint64_t pfn = op.range.start;
  const Pagemap* map = OwnerOf(pfn);
  if (map == nullptr || !IsValidPfn(*map, pfn)) return "there is no such page";
  const PageUse* page = FindPage(pfn);
  switch (op.verb) {
    case Verb::kPageInit:
      if (!IsOnDemand(*map)) return "its pages are always there";
      return page == nullptr ? "" : "the page is in use";
    case Verb::kPageFree:
      if (map->type == kMemoryFsDax) return "nobody frees such a page";
      if (!IsOnDemand(*map)) return "";
      if (page == nullptr || !page->holds_ref) return "nobody uses the page";
      return MisuseOfLastRef(op);
    case Verb::kPageGet:
      if (map->type != kMemoryFsDax) return "nobody counts such a page";
      if (page == nullptr || page->count < kPageRefsMax) return "";
      return "so many references cannot be had";
    default:
      if (map->type != kMemoryFsDax) return "";
      if (page != nullptr && op.size >= 1 && op.size < page->count) return "";
      return "nobody has the references to put";
  }
}

absl::string_view Oracle::MisuseOfStorage(const Op& op) const {
  const Pagemap& map = *FindPagemap(op.slot);
  if (map.phase != Phase::kIdle) return "the pagemap is in use";
  if (!map.altmap.valid) return "the pagemap has no altmap";
  if (op.verb == Verb::kAltmapAlloc) {
    return op.size != 0 ? "" : "nobody allocates nothing";
  }
  return op.size <= map.altmap.alloc ? "" : "so much is not allocated";
}

// A device's mapping goes, and its separate resource in one way or another.
absl::string_view Oracle::MisuseOfWithdrawal(uint32_t number) const {
  const Altmap& altmap = FindPagemap(number)->altmap;
  if (variant_ == AltmapVariant::kPatch && altmap.res != kNoSlot) {
    const Row* row = Find(altmap.res);
    return row == nullptr ? "" : MisuseOfRelease(altmap.parent, row->range);
  }
  Op op;
  op.verb = Verb::kMemunmap;
  op.slot = number;
  return MisuseOfLastRef(op);
}

// What lies in the driver's memory is no more once the driver has it back.
absl::string_view Oracle::MisuseOfLastRef(const Op& op) const {
  if (variant_ != AltmapVariant::kSound) return "";
  Oracle after = *this;
  after.Perform(op);
  for (const Pagemap& map : after.ledger_.pagemaps) {
    const Slot slot = map.altmap.res;
    if (map.phase != Phase::kDying || slot == kNoSlot) continue;
    if (after.RefsOf(map) != 0) continue;
    if (after.IsReferredTo(slot)) return "its separate resource is held";
    if (Find(slot)->parent == kNoSlot && HasChildren(slot)) {
      return "its separate resource has children";
    }
  }
  return "";
}

}  // namespace restree

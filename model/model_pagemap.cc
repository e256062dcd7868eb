// SPDX-License-Identifier: Apache-2.0
// What a driver says in its struct dev_pagemap, and questions about it.
#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/pagemap.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// The info block of a namespace: struct nd_pfn_sb at 4096, behind it the struct
// pages, and the data from where they end (drivers/nvdimm/pfn_devs.c).
constexpr uint64_t kInfoPages = 2;
constexpr uint64_t kInfoBytes = kInfoPages * kPageBytes;

constexpr absl::string_view kInUse = "the pagemap is in use";

bool ByNumber(const Pagemap& map, uint32_t number) {
  return map.number < number;
}

}  // namespace

Observation Model::ManageMemory(const Op& op) {
  switch (op.verb) {
    case Verb::kPagemap:
      return MakePagemap(op);
    case Verb::kAddRange:
      return AddRange(op);
    case Verb::kAltmap:
      return SetAltmap(op);
    case Verb::kSetupPfn:
      return SetupPfn(op);
    case Verb::kMemremap:
      return Memremap(op);
    case Verb::kMemunmap:
      return Memunmap(op);
    case Verb::kDevmMemremap:
      return DevmMemremap(op);
    case Verb::kDevmMemunmap:
      return DevmMemunmap(op);
    case Verb::kGetPagemap:
      return GetPagemap(op);
    case Verb::kPutPagemap:
      return PutPagemap(op);
    case Verb::kPageInit:
    case Verb::kPageFree:
    case Verb::kPageGet:
    case Verb::kPagePut:
      return UsePage(op);
    case Verb::kPfnValid:
    case Verb::kAltmapOffset:
      return AskPagemap(op);
    case Verb::kAltmapAlloc:
    case Verb::kAltmapFree:
      return UseAltmap(op);
    case Verb::kFailStep:
      return FailStep(op);
    case Verb::kDumpable:
      return Dumpable(op);
    default:
      assert(false);
      return {};
  }
}

const Pagemap* Model::FindPagemap(uint32_t number) const {
  const std::vector<Pagemap>& all = ledger_.pagemaps;
  const auto it = std::lower_bound(all.begin(), all.end(), number, ByNumber);
  return it == all.end() || it->number != number ? nullptr : &*it;
}

Pagemap* Model::EditPagemap(uint32_t number) {
  ledger_changed_ = true;
  return const_cast<Pagemap*>(FindPagemap(number));
}

// Makes `map` what the driver has, whatever it had before.
void Model::KeepPagemap(const Pagemap& map) {
  std::vector<Pagemap>& all = Edit().pagemaps;
  const auto it =
      std::lower_bound(all.begin(), all.end(), map.number, ByNumber);
  if (it != all.end() && it->number == map.number) {
    *it = map;
  } else {
    all.insert(it, map);
  }
}

bool Model::HasVmemmap(uint32_t number) const {
  return altmap_ != AltmapVariant::kNone &&
         tree_.Find(VmemmapSlot(number)) != nullptr;
}

// Returns why no op may define the pagemap, or give it an altmap.
absl::string_view Model::WhyNotRedefine(uint32_t number) const {
  const Pagemap* const map = FindPagemap(number);
  if (map != nullptr && map->phase != Pagemap::Phase::kIdle) return kInUse;
  return HasVmemmap(number) ? "its separate resource is still there" : "";
}

// Returns why no op may change the pagemap while it is not mapped.
absl::string_view Model::WhyNotChange(uint32_t number) const {
  const Pagemap* const map = FindPagemap(number);
  if (map == nullptr) return kNoSuchPagemap;
  return map->phase != Pagemap::Phase::kIdle ? kInUse : "";
}

Observation Model::MakePagemap(const Op& op) {
  const absl::string_view why = WhyNotRedefine(op.slot);
  if (!why.empty()) return Misuse(why);
  Pagemap map;
  map.number = op.slot;
  map.type = static_cast<uint32_t>(op.desc);
  map.shift = static_cast<uint32_t>(op.align);
  map.lacks = static_cast<uint32_t>(op.flags);
  if ((map.lacks & kLacksRange) == 0) map.ranges[map.nr_range++] = op.range;
  KeepPagemap(map);
  return Is(Outcome::kOk);
}

Observation Model::AddRange(const Op& op) {
  const absl::string_view why = WhyNotChange(op.slot);
  if (!why.empty()) return Misuse(why);
  if (FindPagemap(op.slot)->nr_range == kPagemapRanges) {
    return Misuse("there is no room for another range");
  }
  Pagemap& map = *EditPagemap(op.slot);
  map.ranges[map.nr_range++] = op.range;
  return Is(Outcome::kOk);
}

Observation Model::SetAltmap(const Op& op) {
  if (FindPagemap(op.slot) == nullptr) return Misuse(kNoSuchPagemap);
  const absl::string_view why = WhyNotRedefine(op.slot);
  if (!why.empty()) return Misuse(why);
  if (op.parent != kNoSlot && tree_.Find(op.parent) == nullptr) {
    return Misuse(kNoResource);
  }
  // Each is below the limit before they are added up.
  if (op.range.start > kAltmapPagesMax || op.align > kAltmapPagesMax ||
      op.size > kAltmapPagesMax ||
      op.range.start + op.align + op.size > kAltmapPagesMax) {
    return Misuse("no altmap is that large");
  }
  Altmap altmap;
  altmap.valid = true;
  altmap.base_pfn = op.range.start;
  altmap.end_pfn = op.range.end;
  altmap.reserve = op.align;
  altmap.free = op.size;
  altmap.parent = op.parent;
  EditPagemap(op.slot)->altmap = altmap;
  return Is(Outcome::kOk);
}

// __nvdimm_setup_pfn() and nd_pfn_init() for PFN_MODE_PMEM: the namespace holds
// its own struct pages, and the data begin where those end.
Observation Model::SetupPfn(const Op& op) {
  const absl::string_view why = WhyNotRedefine(op.slot);
  if (!why.empty()) return Misuse(why);
  if (op.parent != kNoSlot && tree_.Find(op.parent) == nullptr) {
    return Misuse(kNoResource);
  }
  if (!std::has_single_bit(op.align)) return Is(Outcome::kInval);
  const Range& range = op.range;
  const uint64_t size = range.size();
  const bool whole_pages = (range.start | size) % kPageBytes == 0;
  if (!whole_pages || range.inverted() || range.end > kPhysmemEnd ||
      size <= kInfoBytes) {
    return Is(Outcome::kNxIo);
  }
  const uint64_t pages = (size - kInfoBytes) / kPageBytes;
  const uint64_t align = std::max(op.align, kSubsectionBytes);
  const uint64_t meta = range.start + kInfoBytes + pages * kStructPageBytes;
  const uint64_t data = (meta + align - 1) & ~(align - 1);
  const uint64_t offset = data - range.start;
  if (offset >= size) return Is(Outcome::kNxIo);

  Pagemap map;
  map.number = op.slot;
  map.type = static_cast<uint32_t>(op.desc);
  map.nr_range = 1;
  map.ranges[0] = range;
  map.altmap.valid = true;
  map.altmap.base_pfn = range.start >> kPageShift;
  map.altmap.end_pfn = range.end >> kPageShift;
  map.altmap.reserve = kInfoPages;
  map.altmap.free = (offset - kInfoBytes) >> kPageShift;
  map.altmap.parent = op.parent;
  KeepPagemap(map);
  return {.value = offset};
}

Observation Model::AskPagemap(const Op& op) const {
  const Pagemap* const map = FindPagemap(op.slot);
  if (map == nullptr) return Misuse(kNoSuchPagemap);
  if (op.verb == Verb::kAltmapOffset) return {.value = OffsetOf(map->altmap)};
  return {.value = IsValidPfn(*map, op.range.start) ? 1u : 0u};
}

// What arch_add_memory() and its counterpart do to an altmap, by hand.
Observation Model::UseAltmap(const Op& op) {
  const absl::string_view why = WhyNotChange(op.slot);
  if (!why.empty()) return Misuse(why);
  const Altmap& now = FindPagemap(op.slot)->altmap;
  if (!now.valid) return Misuse("it has no altmap");
  if (op.verb == Verb::kAltmapFree) {
    if (op.size > now.alloc) return Misuse("not so much is allocated");
    EditPagemap(op.slot)->altmap.alloc -= op.size;
    return Is(Outcome::kOk);
  }
  if (op.size == 0) return Misuse("the size is 0");
  if (op.size % kPageBytes != 0) {
    return {.outcome = Outcome::kNull, .warnings = kWarnOther};
  }
  Altmap& altmap = EditPagemap(op.slot)->altmap;
  const auto block = TakeBlocks(&altmap, op.size >> kPageShift, 1);
  if (!block.has_value()) return Is(Outcome::kNull);
  return {.visits = {{.range = *block}}};
}

Observation Model::FailStep(const Op& op) {
  Ledger& ledger = Edit();
  ledger.fail_step_nth = op.number;
  ledger.fail_step = static_cast<MapStep>(op.number == 0 ? 0 : op.desc);
  return Is(Outcome::kOk);
}

// Counts a call of `step`. Returns whether it fails.
bool Model::StepFails(MapStep step) {
  if (ledger_.fail_step_nth == 0 || ledger_.fail_step != step) return false;
  Ledger& ledger = Edit();
  if (--ledger.fail_step_nth != 0) return false;
  ledger.fail_step = {};
  return true;
}

}  // namespace restree

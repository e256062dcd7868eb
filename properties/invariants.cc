// SPDX-License-Identifier: Apache-2.0
#include "properties/invariants.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/invariant_functions.h"
#include "properties/pagemaps.h"
#include "properties/row_text.h"

namespace restree {
namespace {

// The rows from a root down to the row met last, at the index of their depth.
class Path {
 public:
  // Returns the row that was at `row`'s depth under the same parent before it;
  // null for a first child.
  const Row* Enter(const Row& row) {
    const size_t depth = std::min<size_t>(row.depth, size_);
    const Row*& place = At(depth);
    const Row* sibling = depth < size_ ? place : nullptr;
    place = &row;
    size_ = depth + 1;
    return sibling;
  }

  // Returns the parent of the row that was entered last; null for a root.
  const Row* parent() { return size_ < 2 ? nullptr : At(size_ - 2); }

 private:
  // Few trees are deeper than this; the others pay for memory.
  static constexpr size_t kNear = 32;

  const Row*& At(size_t depth) {
    if (depth < kNear) return near_[depth];
    if (depth - kNear >= far_.size()) far_.resize(depth - kNear + 1);
    return far_[depth - kNear];
  }

  size_t size_ = 0;
  const Row* near_[kNear];  // the first size_ of them
  std::vector<const Row*> far_;
};

std::optional<std::string> RootIsMissing(const State& state) {
  Slot next = kIomem;
  for (const Row& row : state.rows) {
    if (row.depth != 0) continue;
    if (next <= kIoport && row.slot != next) {
      return absl::StrCat(SlotText(row.slot), " stands where ", SlotText(next),
                          " should");
    }
    if (row.slot < next) {
      return absl::StrCat(RowText(row), " stands behind ", SlotText(next - 1));
    }
    next = row.slot + 1;
  }
  if (next > kIoport) return std::nullopt;
  return absl::StrCat(SlotText(next), " is missing");
}

std::optional<std::string> TwiceMet(const State& state) {
  std::vector<Slot> slots;
  slots.reserve(state.rows.size());
  for (const Row& row : state.rows) slots.push_back(row.slot);
  std::sort(slots.begin(), slots.end());
  const auto twice = std::adjacent_find(slots.begin(), slots.end());
  if (twice == slots.end()) return std::nullopt;
  return absl::StrCat(SlotText(*twice), " is met twice");
}

// Answers without memory while all slots are different modulo kBits.
std::optional<std::string> AnyTwice(const State& state) {
  constexpr uint32_t kBits = 1024;
  std::array<uint64_t, kBits / 64> met{};
  for (const Row& row : state.rows) {
    uint64_t& word = met[row.slot % kBits / 64];
    const uint64_t bit = uint64_t{1} << (row.slot % 64);
    if (word & bit) return TwiceMet(state);
    word |= bit;
  }
  return std::nullopt;
}

std::optional<std::string> LinkDisagrees(const State& state) {
  Path path;
  uint32_t depth = 0;
  for (const Row& row : state.rows) {
    if (row.depth > depth) {
      return absl::StrCat(RowText(row), " is met at depth ", row.depth,
                          ", where nothing stands above it");
    }
    depth = row.depth + 1;
    path.Enter(row);
    const Row* parent = path.parent();
    if (parent == nullptr || row.parent == parent->slot) continue;
    return absl::StrCat(RowText(row), " says that its parent is ",
                        SlotText(row.parent), " and is met below ",
                        SlotText(parent->slot));
  }
  return AnyTwice(state);
}

std::optional<std::string> SomethingLeaks(const State& state) {
  for (const Row& row : state.rows) {
    if (row.depth != 0 || row.parent == kNoSlot) continue;
    return absl::StrCat(RowText(row), " says that its parent is ",
                        SlotText(row.parent), " and is not met below it");
  }
  const uint64_t objects = LiveObjects(state);
  if (state.ledger.live == objects) return std::nullopt;
  return absl::StrCat("the allocator has given out ", state.ledger.live,
                      " objects, and ", objects, " are there to be seen");
}

bool Exists(const State& state, Slot slot) {
  return std::any_of(state.rows.begin(), state.rows.end(),
                     [slot](const Row& row) { return row.slot == slot; });
}

std::optional<std::string> LedgerPointsNowhere(const State& state) {
  for (const Devres& it : state.ledger.devres) {
    if (it.pagemap) {
      const Pagemap* const mapped = FindPagemap(state, it.slot);
      if (mapped != nullptr && IsMapped(*mapped)) continue;
      return absl::StrCat("d", it.device, " has p", it.slot,
                          ", which is not mapped");
    }
    if (Exists(state, it.slot)) continue;
    return absl::StrCat("d", it.device, " has ", SlotText(it.slot),
                        ", which is gone");
  }
  for (const Listed& it : state.ledger.listed) {
    if (Exists(state, it.slot)) continue;
    return absl::StrCat("l", it.list, " has ", SlotText(it.slot),
                        ", which is gone");
  }
  for (const Waiter& it : state.ledger.waiters) {
    if (!Exists(state, it.parent)) {
      return absl::StrCat(SlotText(it.slot), " waits below ",
                          SlotText(it.parent), ", which is gone");
    }
    if (!Exists(state, it.slot)) continue;
    return absl::StrCat(SlotText(it.slot), " waits and is there");
  }
  return std::nullopt;
}

std::optional<std::string> LedgerIsInDisorder(const State& state) {
  const Ledger& ledger = state.ledger;
  const auto is_behind = [](const Devres& a, const Devres& b) {
    return a.device > b.device;
  };
  const auto& devres = ledger.devres;
  if (const auto it =
          std::adjacent_find(devres.begin(), devres.end(), is_behind);
      it != devres.end()) {
    return absl::StrCat("d", (it + 1)->device, " stands behind d", it->device);
  }
  const auto is_lower = [](const Listed& a, const Listed& b) {
    return a.list > b.list;
  };
  const auto& listed = ledger.listed;
  if (const auto it =
          std::adjacent_find(listed.begin(), listed.end(), is_lower);
      it != listed.end()) {
    return absl::StrCat("l", (it + 1)->list, " stands behind l", it->list);
  }
  const auto& waiters = ledger.waiters;
  for (auto it = waiters.begin(); it != waiters.end(); ++it) {
    const auto same = [&](const Waiter& a) { return a.slot == it->slot; };
    if (std::none_of(waiters.begin(), it, same)) continue;
    return absl::StrCat(SlotText(it->slot), " waits twice");
  }
  if ((ledger.fail_nth == 0) != (ledger.fail_times == 0)) {
    return absl::StrCat("fail_alloc counts nth=", ledger.fail_nth,
                        " times=", ledger.fail_times);
  }
  if (ledger.reserved <= 4) return std::nullopt;
  return absl::StrCat(ledger.reserved, " regions are reserved");
}

std::optional<std::string> ChildEscapes(const State& state) {
  Path path;
  for (const Row& row : state.rows) {
    path.Enter(row);
    const Row* parent = path.parent();
    if (parent == nullptr || parent->range.Contains(row.range)) continue;
    return absl::StrCat(RowText(row), " escapes its parent ", RowText(*parent));
  }
  return std::nullopt;
}

std::optional<std::string> SiblingsMeet(const State& state) {
  Path path;
  for (const Row& row : state.rows) {
    const Row* sibling = path.Enter(row);
    if (row.depth == 0 || sibling == nullptr) continue;
    if (sibling->range.end < row.range.start) continue;
    const bool overlap = sibling->range.Overlaps(row.range);
    return absl::StrCat(RowText(row), overlap ? " overlaps" : " stands behind",
                        " its sibling ", RowText(*sibling));
  }
  return std::nullopt;
}

std::optional<std::string> RangeIsInverted(const State& state) {
  for (const Row& row : state.rows) {
    if (row.depth == 0 || !row.range.inverted()) continue;
    return absl::StrCat(RowText(row), " ends before it starts, below ",
                        SlotText(row.parent));
  }
  return std::nullopt;
}

}  // namespace

const std::array<Invariant, 15> kInvariants = {{
    {"RootsStandFirst",
     "iomem and ioport are there for ever; a state shows them first, and then "
     "what is in no tree by slot, so that equal states are equal rows",
     RootIsMissing},
    {"LinksAgree",
     "each resource's parent pointer leads to the list that it is found in, "
     "and "
     "no resource is in two lists",
     LinkDisagrees},
    {"NothingLeaks",
     "a resource that says that it is in a tree can be reached from there, and "
     "each object of the allocator's is there to be seen; nobody could ever "
     "release it otherwise",
     SomethingLeaks},
    {"LedgerRefersToWhatExists",
     "a device, a list or a sleeper that has a resource will use it; a "
     "sleeper's own slot is empty until it wakes",
     LedgerPointsNowhere},
    {"LedgerIsInOrder",
     "entries stand by device and by list, nobody waits twice, and a countdown "
     "has both numbers or none, so that equal states are equal",
     LedgerIsInDisorder},
    {"ChildrenLieInsideParent",
     "a parent vouches for all addresses of its children", ChildEscapes},
    {"SiblingsAreSortedAndDisjoint",
     "every search stops at the first sibling that starts too high, and an "
     "address has one owner a level",
     SiblingsMeet},
    {"RangesInATreeAreNotInverted",
     "a resource that ends before it starts owns nothing, and yet the "
     "comparisons of a search find it in the way",
     RangeIsInverted},

    {"PagemapsAreInOrder",
     "pagemaps stand by number and pages by pfn, and what is not in use is 0, "
     "so that equal states are equal",
     PagemapsAreInDisorder},
    {"PagemapsDoNotOverlap",
     "a page of device memory has one struct page, which is in one pagemap",
     PagemapsOverlap},
    {"LookupMatchesPagemaps",
     "get_dev_pagemap() finds what is mapped, and nothing that may be freed",
     LookupDisagrees},
    {"MemoryUseMatchesPagemaps",
     "what a mapping takes of zone, memory map, shadow and tracking it gives "
     "back when it goes",
     MemoryUseDisagrees},
    {"ReferencesAreAccountedFor",
     "each reference of a pagemap is the mapping's own, was got, or is a "
     "page's; who waits for the last one can be woken",
     ReferencesDisagree},
    {"PagesBelongToPagemaps",
     "a page in use is one that is mapped, and not the altmap's",
     PageIsNobodys},
    {"AltmapWithinRange",
     "struct pages that were put behind an altmap's end would be in data",
     AltmapIsOverdrawn},
}};

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/device_memory.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/invariant_functions.h"
#include "properties/pagemaps.h"
#include "properties/row_text.h"

namespace restree {
namespace {

std::string PfnText(uint64_t pfn) { return absl::StrCat("0x", absl::Hex(pfn)); }

// Calls visit(pagemap, range) for each range that is mapped or dying, until one
// returns something.
template <typename Visit>
std::optional<std::string> ForMapped(const State& state, Visit visit) {
  for (const Pagemap& it : state.ledger.pagemaps) {
    if (IsIdle(it)) continue;
    for (const Range& range : RangesOf(it)) {
      if (auto verdict = visit(it, range)) return verdict;
    }
  }
  return std::nullopt;
}

std::optional<std::string> IsAmiss(const Pagemap& it) {
  if (it.number >= kPagemaps || it.nr_range > kPagemapRanges) {
    return absl::StrCat(PagemapText(it.number), " has ", it.nr_range,
                        " ranges");
  }
  for (size_t i = it.nr_range; i < kPagemapRanges; ++i) {
    if (it.ranges[i] == Range()) continue;
    return absl::StrCat(PagemapText(it.number), " has ", it.nr_range,
                        " ranges, and then ", RangeText(it.ranges[i]));
  }
  if (it.releasing ? !IsDying(it) : it.device != 0) {
    return absl::StrCat(PagemapText(it.number), " is released from d",
                        it.device, ", and is not");
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> PagemapsAreInDisorder(const State& state) {
  const Ledger& ledger = state.ledger;
  for (size_t i = 0; i < ledger.pagemaps.size(); ++i) {
    if (auto verdict = IsAmiss(ledger.pagemaps[i])) return verdict;
    if (i == 0 || ledger.pagemaps[i - 1].number < ledger.pagemaps[i].number) {
      continue;
    }
    return absl::StrCat(PagemapText(ledger.pagemaps[i].number),
                        " stands behind ",
                        PagemapText(ledger.pagemaps[i - 1].number));
  }
  for (size_t i = 1; i < ledger.pages.size(); ++i) {
    if (ledger.pages[i - 1].pfn < ledger.pages[i].pfn) continue;
    return absl::StrCat("page ", PfnText(ledger.pages[i].pfn),
                        " stands behind ", PfnText(ledger.pages[i - 1].pfn));
  }
  if (ledger.fail_step_nth != 0 || ledger.fail_step == MapStep{}) {
    return std::nullopt;
  }
  return absl::StrCat("no call of ", MapStepText(ledger.fail_step), " fails");
}

std::optional<std::string> PagemapsOverlap(const State& state) {
  return ForMapped(state, [&](const Pagemap& one, const Range& range) {
    return ForMapped(state,
                     [&](const Pagemap& other,
                         const Range& its) -> std::optional<std::string> {
                       if (&range == &its || !range.Overlaps(its))
                         return std::nullopt;
                       return absl::StrCat(PagemapText(one.number), " and ",
                                           PagemapText(other.number),
                                           " both have ",
                                           RangeText(range.Intersection(its)));
                     });
  });
}

// Each range leads to its pagemap, and no other pfn does: the ranges are
// disjoint, so it is enough to count.
std::optional<std::string> LookupDisagrees(const State& state) {
  const auto& lookup = state.ledger.lookup;
  uint64_t pages = 0;
  auto verdict = ForMapped(
      state,
      [&](const Pagemap& it, const Range& range) -> std::optional<std::string> {
        const Range pfns = PagesOf(range);
        pages += pfns.size();
        for (const Lookup& entry : lookup) {
          if (entry.pagemap == it.number && entry.pfns.Contains(pfns)) {
            return std::nullopt;
          }
        }
        return absl::StrCat(PagemapText(it.number), " is there, and ",
                            RangeText(pfns), " does not lead to it");
      });
  if (verdict) return verdict;
  for (size_t i = 0; i < lookup.size(); ++i) {
    pages -= lookup[i].pfns.size();
    if (i == 0) continue;
    const Lookup& low = lookup[i - 1];
    const bool touches = low.pfns.end + 1 == lookup[i].pfns.start;
    if (low.pfns.end < lookup[i].pfns.start &&
        !(touches && low.pagemap == lookup[i].pagemap)) {
      continue;
    }
    return absl::StrCat("the lookup of ", RangeText(lookup[i].pfns),
                        " stands behind ", RangeText(low.pfns));
  }
  if (pages == 0) return std::nullopt;
  return absl::StrCat(-pages, " pages more lead to a pagemap than are mapped");
}

std::optional<std::string> MemoryUseDisagrees(const State& state) {
  MemoryUse due;
  ForMapped(
      state,
      [&](const Pagemap& it, const Range& range) -> std::optional<std::string> {
        due.zone_pages += range.size() >> kPageShift;
        due.memory_pages += range.size() >> kPageShift;
        due.tracked_bytes += range.size();
        if (it.type != kMemoryPrivate) due.shadow_bytes += range.size();
        return std::nullopt;
      });
  for (const Pagemap& it : state.ledger.pagemaps) {
    due.managed += !IsIdle(it) && it.type == kMemoryFsDax ? 1 : 0;
  }
  const MemoryUse& use = state.ledger.memory;
  if (use == due) return std::nullopt;
  const auto text = [](const MemoryUse& is) {
    return absl::StrCat("zone=", is.zone_pages, " memory=", is.memory_pages,
                        " shadow=0x", absl::Hex(is.shadow_bytes), " tracked=0x",
                        absl::Hex(is.tracked_bytes), " managed=", is.managed);
  };
  return absl::StrCat("mappings take ", text(use), " and call for ", text(due));
}

std::optional<std::string> ReferencesDisagree(const State& state) {
  for (const Pagemap& it : state.ledger.pagemaps) {
    const uint64_t due =
        IsIdle(it) ? 0
                   : OwnReferences(it) + it.gets + PageReferences(state, it);
    if (it.refs != due || (IsIdle(it) && it.gets != 0)) {
      return absl::StrCat(PagemapText(it.number), " has ", it.refs,
                          " references, of which ", it.gets, " were got, and ",
                          due, " are accounted for");
    }
    if (!IsDying(it) || due != 0) continue;
    return absl::StrCat(PagemapText(it.number),
                        " waits for a last reference, and has none");
  }
  return std::nullopt;
}

std::optional<std::string> PageIsNobodys(const State& state) {
  for (const PageUse& page : state.ledger.pages) {
    const Pagemap* const it = OwnerOf(state, page.pfn);
    if (it == nullptr) {
      return absl::StrCat("page ", PfnText(page.pfn),
                          " is in use and nobody's");
    }
    const bool counted = it->type == kMemoryFsDax;
    if (counted ? page.count > 1 && !page.holds_ref
                : IsMigrated(*it) && page.count == 1) {
      continue;
    }
    return absl::StrCat("page ", PfnText(page.pfn), " of ",
                        PagemapText(it->number), ", which is ",
                        MemoryTypeText(it->type), ", has count ", page.count,
                        page.holds_ref ? " and a reference" : "");
  }
  return std::nullopt;
}

std::optional<std::string> AltmapIsOverdrawn(const State& state) {
  for (const Pagemap& it : state.ledger.pagemaps) {
    const Altmap& altmap = it.altmap;
    const uint64_t spent = altmap.align + altmap.alloc;
    if (altmap.valid ? spent <= altmap.free : spent == 0) continue;
    return absl::StrCat("of ", altmap.valid ? altmap.free : 0, " pages ",
                        PagemapText(it.number), " has given out ", altmap.alloc,
                        " and spent ", altmap.align, " on alignment");
  }
  return std::nullopt;
}

}  // namespace restree

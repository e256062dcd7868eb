// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/law_functions.h"
#include "properties/laws.h"
#include "properties/pagemaps.h"
#include "properties/row_text.h"

namespace restree {
namespace {

constexpr uint64_t kRamBusy = kResourceSystemRam | kResourceBusy;

bool IsView(const Op& op, DumpView view) {
  return op.number == static_cast<uint32_t>(view);
}

// The resources of iomem that match, and have nothing above them that does.
template <typename Matches>
Rows Outermost(const State& state, Matches matches) {
  Rows rows;
  const Subtree iomem = SubtreeOf(state, kIomem);
  uint32_t depth = UINT32_MAX;  // of the match that the row is below
  for (size_t i = iomem.first + 1; i < iomem.last; ++i) {
    const Row& row = state.rows[i];
    if (row.depth > depth) continue;
    depth = UINT32_MAX;
    if (!matches(row)) continue;
    depth = row.depth;
    rows.push_back(&row);
  }
  return rows;
}

bool IsBusyRam(const Row& row) { return (row.flags & kRamBusy) == kRamBusy; }

template <typename Visits>
bool IsVisited(const Visits& visits, const Range& range) {
  return std::any_of(visits.begin(), visits.end(),
                     [&](const Visit& it) { return it.range.Contains(range); });
}

// A tree's flags are its own.
std::string FlagsText(AltmapVariant variant) {
  if (variant == AltmapVariant::kTree) return "";
  return absl::StrCat(" 0x", absl::Hex(VmemmapMarkerOf(variant).flags));
}

}  // namespace

Verdict DumpIsInDisorder(const Played& played) {
  const auto& visits = played.seen.visits;
  for (size_t i = 0; i < visits.size(); ++i) {
    if (visits[i].flags != 0 || visits[i].desc != 0) {
      return absl::StrCat(Says(played), ", and tells what ",
                          RangeText(visits[i].range), " is");
    }
    if (i == 0 || (visits[i - 1].range <= visits[i].range &&
                   !(IsView(played.op, DumpView::kKexecFile) &&
                     visits[i - 1].range.Overlaps(visits[i].range)))) {
      continue;
    }
    return absl::StrCat(Says(played), " with ", RangeText(visits[i].range),
                        " behind ", RangeText(visits[i - 1].range));
  }
  return std::nullopt;
}

Verdict DumpIsNotTheRam(const Played& played) {
  if (IsView(played.op, DumpView::kKexecTools)) return std::nullopt;
  const Rows rams = Outermost(played.before, IsBusyRam);
  const auto& visits = played.seen.visits;
  for (const Row* row : rams) {
    // A walk may stop where no more than a byte is left.
    if (row->range.start == UINT64_MAX) continue;
    if (IsVisited(visits, row->range)) continue;
    return absl::StrCat(Says(played), ", and ", RowText(*row),
                        " would not be dumped");
  }
  if (played.variant != AltmapVariant::kNone &&
      IsView(played.op, DumpView::kKexecFileVmemmap)) {
    return std::nullopt;  // VmemmapMarkerIsItsOwn
  }
  for (const Visit& visit : visits) {
    const auto same = [&](const Row* row) { return row->range == visit.range; };
    if (std::any_of(rams.begin(), rams.end(), same)) continue;
    return absl::StrCat(Says(played), " with ", RangeText(visit.range),
                        ", which is no busy System RAM");
  }
  return std::nullopt;
}

Verdict DumpHasOtherNames(const Played& played) {
  if (!IsView(played.op, DumpView::kKexecTools)) return std::nullopt;
  const Subtree iomem = SubtreeOf(played.before, kIomem);
  absl::InlinedVector<Range, 16> named;
  for (size_t i = iomem.first + 1; i < iomem.last; ++i) {
    const Row& row = played.before.rows[i];
    if (row.name != 0 && row.name == played.op.name) named.push_back(row.range);
  }
  std::sort(named.begin(), named.end());
  const bool same = std::equal(
      named.begin(), named.end(), played.seen.visits.begin(),
      played.seen.visits.end(),
      [](const Range& range, const Visit& it) { return range == it.range; });
  if (same) return std::nullopt;
  return absl::StrCat(Says(played), " with ", played.seen.visits.size(),
                      " lines, and ", named.size(), " have the name");
}

Verdict MarkerIsShared(const Played& played) {
  if (!IsView(played.op, DumpView::kKexecFileVmemmap)) return std::nullopt;
  const State& state = played.before;
  const auto& visits = played.seen.visits;
  const Subtree iomem = SubtreeOf(state, kIomem);
  for (size_t i = iomem.first + 1; i < iomem.last; ++i) {
    const Row& row = state.rows[i];
    if (!IsVmemmapSlot(row.slot) || IsVisited(visits, row.range)) continue;
    return absl::StrCat(Says(played), ", and ", RowText(row),
                        " would not be dumped");
  }
  // Who sets a bit that no kernel uses means it.
  const auto is_marked = [&](const Row& row) {
    if (!IsVmemmapSlot(row.slot)) return (row.flags & kResourceVmemmap) != 0;
    const Pagemap* const it = FindPagemap(state, row.slot - kFirstVmemmap);
    return it != nullptr && !IsIdle(*it);
  };
  const Rows rams = Outermost(state, IsBusyRam);
  for (const Visit& visit : visits) {
    const auto same = [&](const Row* row) { return row->range == visit.range; };
    if (std::any_of(rams.begin(), rams.end(), same)) continue;
    bool its_own = false;
    for (size_t i = iomem.first + 1; i < iomem.last && !its_own; ++i) {
      its_own =
          is_marked(state.rows[i]) && state.rows[i].range.Contains(visit.range);
    }
    if (its_own) continue;
    return absl::StrCat(Says(played), " with ", RangeText(visit.range),
                        ", which has the marker", FlagsText(played.variant),
                        " and is no altmap's");
  }
  return std::nullopt;
}

}  // namespace restree

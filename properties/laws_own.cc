// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/law_functions.h"
#include "properties/laws.h"
#include "properties/row_text.h"

namespace restree {
namespace {

constexpr uint64_t kMemBusy = kResourceMem | kResourceBusy;
constexpr uint64_t kMergeable = kResourceSystemRam | kResourceBusy;

bool HasAll(uint64_t flags, uint64_t bits) { return (flags & bits) == bits; }

using Ranges = absl::InlinedVector<Range, 16>;

// Returns what of `range` lies in none of `rows`, which are sorted.
Ranges Gaps(Range range, const Rows& rows) {
  Ranges gaps;
  if (range.inverted()) return gaps;
  for (const Row* row : rows) {
    if (row->range.end < range.start) continue;
    if (row->range.start > range.end) break;
    if (row->range.start > range.start) {
      gaps.push_back({range.start, row->range.start - 1});
    }
    if (row->range.end >= range.end) return gaps;
    range.start = row->range.end + 1;
  }
  gaps.push_back(range);
  return gaps;
}

// Returns the index of what release_mem_region_adjustable has to cut `range`
// out of: the highest busy resource of iomem that contains it, with nothing but
// memory above. The number of rows if there is none.
size_t CutOutOf(const State& state, const Range& range) {
  const Subtree iomem = SubtreeOf(state, kIomem);
  uint32_t hidden = UINT32_MAX;
  for (size_t i = iomem.first + 1; i < iomem.last; ++i) {
    const Row& row = state.rows[i];
    if (row.depth > hidden) continue;
    hidden = row.depth;
    if (!row.range.Contains(range)) continue;
    if (HasAll(row.flags, kMemBusy)) return i;
    if (HasAll(row.flags, kResourceMem)) hidden = UINT32_MAX;
  }
  return state.rows.size();
}

// What is left of a resource when `range` is cut out of it.
struct Left {
  bool low = false;   // something before `range`
  bool high = false;  // and behind it
  Range own;          // what the resource keeps
};

Left LeftOf(const Range& whole, const Range& range) {
  Left left{whole.start < range.start, range.end < whole.end, whole};
  if (left.low) {
    left.own.end = range.start - 1;
  } else if (left.high) {
    left.own.start = range.end + 1;
  }
  return left;
}

bool MayMerge(const State& state, const Row& low, const Row& high,
              uint64_t flags) {
  const auto is_leaf = [&](const Row& row) {
    const size_t next = static_cast<size_t>(&row - state.rows.data()) + 1;
    return next == state.rows.size() || state.rows[next].depth <= row.depth;
  };
  return is_leaf(low) && is_leaf(high) &&
         low.range.end + 1 == high.range.start &&
         FullName(low) == FullName(high) && low.desc == high.desc &&
         (low.flags | kResourceSysramMergeable) == flags &&
         (high.flags | kResourceSysramMergeable) == flags;
}

}  // namespace

Verdict RootIsAmiss(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Op& op = played.op;
  Row root;
  root.slot = op.slot;
  root.name = op.name;
  root.range = op.range;
  root.flags = op.flags;
  root.desc = op.desc;
  bool done = false;
  return DiffersFrom(played, [&](size_t i, auto emit) {
    const auto& rows = played.before.rows;
    const bool is_end = i == rows.size();
    const bool is_behind =
        is_end || (rows[i].depth == 0 && rows[i].slot >= op.slot);
    if (!done && is_behind) {
      done = true;
      emit(root);
    }
    if (!is_end && rows[i].slot != op.slot) emit(rows[i]);
  });
}

Verdict ReservesAmiss(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Op& op = played.op;
  const Subtree below = SubtreeOf(played.before, op.parent);
  if (below.empty()) return std::nullopt;
  const auto& before = played.before.rows;
  const Row& parent = before[below.first];
  const Range clipped = {std::max(parent.range.start, op.range.start),
                         std::min(parent.range.end, op.range.end)};
  const Ranges gaps = Gaps(clipped, ChildrenOf(played.before, below.first));
  size_t i = 0;
  size_t pieces = 0;
  for (const Row& row : played.after.rows) {
    if (i < before.size() && before[i] == row) {
      ++i;
      continue;
    }
    if (pieces == gaps.size()) {
      return absl::StrCat("beyond what is free of ", RangeText(clipped),
                          " there is ", RowText(row), " now");
    }
    Row piece;
    piece.slot = row.slot;
    piece.depth = parent.depth + 1;
    piece.parent = parent.slot;
    piece.name = OwnName(FullName(op.name, op.slot), row.slot);
    piece.region = true;
    piece.range = gaps[pieces++];
    piece.flags = (parent.flags & kResourceTypeBits) | kResourceBusy;
    if (row != piece) return InsteadOf(played, piece, &row);
  }
  if (i < before.size()) return InsteadOf(played, before[i], nullptr);
  if (pieces == gaps.size() || played.before.ledger.fail_times > 0) {
    return std::nullopt;
  }
  return absl::StrCat("of ", RangeText(clipped), " nobody has reserved ",
                      RangeText(gaps[pieces]), ", which is free");
}

Verdict CutsOutAmiss(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Op& op = played.op;
  const auto& before = played.before.rows;
  const Row* const iomem = FindRow(played.before, kIomem);
  size_t at = before.size();
  if (!op.range.inverted() && iomem != nullptr &&
      iomem->range.Contains(op.range)) {
    at = CutOutOf(played.before, op.range);
  }
  if (at == before.size() || (played.seen.warnings & kWarnOn) != 0) {
    return DiffersFrom(played, [&](size_t i, auto emit) {
      if (i < before.size()) emit(before[i]);
    });
  }
  const Row& old = before[at];
  const Left left = LeftOf(old.range, op.range);
  const size_t last = SubtreeOf(played.before, old.slot).last;
  return DiffersFrom(played, [&](size_t i, auto emit) {
    if (i == last && left.low && left.high) {
      Row high = old;
      high.slot = op.slot;
      high.name = OwnName(FullName(old), op.slot);
      high.region = true;
      high.range = {op.range.end + 1, old.range.end};
      emit(high);
    }
    if (i == before.size()) return;
    Row row = before[i];
    if (i == at) row.range = left.own;
    if (i != at || left.low || left.high) emit(row);
  });
}

Verdict MergesAmiss(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Subtree own = SubtreeOf(played.before, played.op.slot);
  if (own.empty()) return std::nullopt;
  const auto& before = played.before.rows;
  const Row& old = before[own.first];
  const bool merges = HasAll(old.flags, kMergeable);
  const uint64_t flags =
      merges ? old.flags | kResourceSysramMergeable : old.flags;
  const Row* high = nullptr;
  if (merges && own.last < before.size() &&
      before[own.last].depth == old.depth && before[own.last].flags == flags &&
      MayMerge(played.before, old, before[own.last], flags)) {
    high = &before[own.last];
  }
  const Row* low = nullptr;
  for (size_t i = own.first; merges && i-- > 0;) {
    if (before[i].depth > old.depth) continue;
    const bool is_sibling = before[i].depth == old.depth;
    if (is_sibling && before[i].flags == flags &&
        MayMerge(played.before, before[i], old, flags)) {
      low = &before[i];
    }
    break;
  }
  const uint64_t end = high == nullptr ? old.range.end : high->range.end;
  return DiffersFrom(played, [&](size_t i, auto emit) {
    if (i == before.size() || &before[i] == high) return;
    Row row = before[i];
    if (&before[i] == &old) {
      if (low != nullptr) return;
      row.flags = flags;
      row.range.end = end;
    }
    if (&before[i] == low) row.range.end = end;
    emit(row);
  });
}

}  // namespace restree

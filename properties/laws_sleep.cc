// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

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

constexpr uint64_t kInherited = kResourceTypeBits | kResourceExtTypeBits;

std::string WaiterText(const Waiter& waiter) {
  return absl::StrCat(SlotText(waiter.slot), " ", RangeText(waiter.range));
}

const Waiter* FindWaiter(const State& state, Slot slot) {
  for (const Waiter& waiter : state.ledger.waiters) {
    if (waiter.slot == slot) return &waiter;
  }
  return nullptr;
}

// Returns whether something muxed is in the way of `range` below `parent`,
// which may be `parent` itself.
bool MuxedIsInTheWay(const State& state, Slot parent, const Range& range) {
  return std::any_of(state.rows.begin(), state.rows.end(), [&](const Row& row) {
    return (row.flags & kResourceMuxed) != 0 &&
           (row.slot == parent || row.range.Overlaps(range));
  });
}

// Returns whether `range` has room directly below `parent`.
bool IsFree(const State& state, Slot parent, const Range& range) {
  const Subtree below = SubtreeOf(state, parent);
  if (below.empty() || range.inverted()) return false;
  if (!state.rows[below.first].range.Contains(range)) return false;
  for (size_t i = below.first + 1; i < below.last; ++i) {
    if (state.rows[i].range.Overlaps(range)) return false;
  }
  return true;
}

// Whether the op took a region away that others may wait for.
bool MuxedIsGone(const Played& played) {
  if (&played.before == &played.after) return false;
  for (const Row& row : played.before.rows) {
    if ((row.flags & kResourceMuxed) == 0) continue;
    if (FindRow(played.after, row.slot) == nullptr) return true;
  }
  return false;
}

// What iomem_is_exclusive() says of the page of an address.
bool IsExclusive(const State& state, uint64_t address) {
  return ExclusiveBelow(state, kIomem, {address & ~0xfffULL, address | 0xfff});
}

// The kernel looks nowhere if the page's end plus 1 wraps: nothing is said of
// the last page of all.
bool IsInTheLastPage(const Range& range) {
  return (std::max(range.start, range.end) | 0xfff) == UINT64_MAX;
}

bool LosesItsMappings(const State& state, const Range& range) {
  return state.ledger.inode &&
         (IsExclusive(state, range.start) || IsExclusive(state, range.end));
}

}  // namespace

Verdict SleepsAmiss(const Played& played) {
  const Op& op = played.op;
  if (played.seen.outcome != Outcome::kWouldBlock) {
    if (played.before.ledger.waiters == played.after.ledger.waiters) {
      return std::nullopt;
    }
    return absl::StrCat(Says(played), ", and yet somebody else waits");
  }
  if ((op.flags & kResourceMuxed) == 0 ||
      !MuxedIsInTheWay(played.before, op.parent, op.range)) {
    return absl::StrCat(Says(played), ", and nothing muxed is in the way of ",
                        RangeText(op.range));
  }
  const auto& before = played.before.ledger.waiters;
  const auto& after = played.after.ledger.waiters;
  const Waiter waiter = {op.slot, op.name, op.parent, op.range, op.flags};
  if (after.size() != before.size() + 1 || after.back() != waiter ||
      !std::equal(before.begin(), before.end(), after.begin())) {
    return absl::StrCat(Says(played), ", and ", WaiterText(waiter),
                        " is not the one more who waits");
  }
  return DiffersFrom(played, [&](size_t i, auto emit) {
    if (i == played.before.rows.size()) return;
    if (played.before.rows[i].slot != op.slot) emit(played.before.rows[i]);
  });
}

Verdict WakesAmiss(const Played& played) {
  const auto& before = played.before.ledger.waiters;
  const auto& after = played.after.ledger.waiters;
  if (before.empty() && after.empty()) return std::nullopt;
  if (!MuxedIsGone(played)) {
    if (before == after) return std::nullopt;
    return absl::StrCat(Says(played), ", and nothing muxed is gone, and yet ",
                        before.size(), " waited and ", after.size(), " do now");
  }
  auto next = before.rbegin();  // they wake and lie down again newest first
  for (const Waiter& waiter : after) {
    next = std::find(next, before.rend(), waiter);
    if (next == before.rend()) {
      return absl::StrCat(Says(played), ", and ", WaiterText(waiter),
                          " waits at the wrong place");
    }
    ++next;
    if (MuxedIsInTheWay(played.after, waiter.parent, waiter.range)) continue;
    return absl::StrCat(WaiterText(waiter), " waits for nothing");
  }
  for (const Waiter& waiter : before) {
    if (FindWaiter(played.after, waiter.slot) != nullptr) continue;
    if (FindRow(played.after, waiter.slot) != nullptr) continue;
    if (!IsFree(played.after, waiter.parent, waiter.range)) continue;
    return absl::StrCat(WaiterText(waiter),
                        " has given up, and nothing is in its way");
  }
  return std::nullopt;
}

Verdict WokenIsOtherThanAsked(const Played& played) {
  if (&played.before == &played.after) return std::nullopt;
  for (size_t i = 0; i < played.after.rows.size(); ++i) {
    const Row& row = played.after.rows[i];
    const Waiter* const waiter = FindWaiter(played.before, row.slot);
    if (waiter == nullptr) continue;
    const Row* above = ParentOf(played.after, i);
    if (above == nullptr) {
      return absl::StrCat(RowText(row), " has woken and is in no tree");
    }
    Row asked = row;
    asked.name = waiter->name;
    asked.region = true;
    asked.range = waiter->range;
    asked.flags = (above->flags & kInherited) | kResourceBusy | waiter->flags;
    asked.desc = above->desc;
    if (row != asked) {
      return absl::StrCat(RowText(row), " has woken, is not what ",
                          WaiterText(*waiter), " asked for");
    }
    while (above != nullptr && above->slot != waiter->parent) {
      const bool is_busy = (above->flags & kResourceBusy) != 0;
      above = is_busy
                  ? nullptr
                  : ParentOf(played.after, above - played.after.rows.data());
    }
    if (above != nullptr) continue;
    return absl::StrCat(RowText(row), " has woken, and stands not below ",
                        SlotText(waiter->parent));
  }
  return std::nullopt;
}

Verdict RevokesAmiss(const Played& played) {
  const Op& op = played.op;
  const auto& visits = played.seen.visits;
  absl::InlinedVector<Range, 4> due;
  if (IsIn(op.verb, kMakesRegion)) {
    const Row* const row = FindRow(played.after, op.slot);
    if (row != nullptr && IsInTheLastPage(row->range)) return std::nullopt;
    if (played.seen.outcome == Outcome::kOk && PlaceOf(op) == kIomem &&
        row != nullptr && LosesItsMappings(played.after, row->range)) {
      due.push_back(row->range);
    }
  } else {
    const auto& waiters = played.before.ledger.waiters;
    for (auto it = waiters.rbegin(); it != waiters.rend(); ++it) {
      if (it->parent != kIomem) continue;
      if (IsInTheLastPage(it->range)) return std::nullopt;
      if (FindRow(played.after, it->slot) == nullptr) continue;
      // Later ones may have made it exclusive: then it is no duty.
      if (LosesItsMappings(played.after, it->range)) due.push_back(it->range);
    }
    if (played.before.ledger.relaxed && visits.size() <= due.size()) {
      return std::nullopt;
    }
  }
  const bool same = std::equal(
      visits.begin(), visits.end(), due.begin(), due.end(),
      [](const Visit& visit, const Range& range) {
        return visit.range == range && visit.flags == 0 && visit.desc == 0;
      });
  if (same) return std::nullopt;
  return absl::StrCat(Says(played), ", and takes ", visits.size(),
                      " mappings away; it should be ", due.size(),
                      due.empty() ? "" : ", first ",
                      due.empty() ? "" : RangeText(due.front()));
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/divergence_functions.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/flags.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/laws.h"
#include "properties/pagemaps.h"

namespace restree {

using enum Verb;

namespace {

// A kernel that tries one place after the other with the lock held may try so
// many before a machine is spared the op.
constexpr uint64_t kPlacesMax = 4096;

// Returns whether the states are the same but for the range of `slot`.
bool DifferInRangeOf(Slot slot, const State& want, const State& got) {
  const Row* const row = FindRow(want, slot);
  if (row == nullptr) return false;
  State same = got;
  for (Row& it : same.rows) {
    if (it.slot == slot) it.range = row->range;
  }
  return same == want;
}

// Returns the state without `slot`, and without what goes with it.
State Without(Slot slot, State state) {
  std::erase_if(state.rows,
                [slot](const Row& row) { return row.slot == slot; });
  state.ledger.devres.clear();
  state.ledger.live = 0;
  return state;
}

bool IsPlacedOrRefused(const Observation& seen) {
  return seen.outcome == Outcome::kOk || seen.outcome == Outcome::kRange;
}

}  // namespace

bool AdjustsToAnInvertedRange(const Played& want) {
  return want.seen.outcome == Outcome::kBusy && want.op.range.inverted();
}

bool HasTheInvertedRange(const Played& want, const Observation& got,
                         const State& got_state) {
  const Row* const row = FindRow(got_state, want.op.slot);
  return got.outcome == Outcome::kOk && row != nullptr &&
         row->range == want.op.range &&
         DifferInRangeOf(want.op.slot, want.after, got_state);
}

// The parent has one child, which goes on to the last address of all.
bool IsBehindTheLastAddress(const Played& want) {
  if (want.seen.outcome != Outcome::kBusy) return false;
  const Row* const parent = FindRow(want.before, want.op.parent);
  if (parent == nullptr) return false;
  return std::any_of(want.before.rows.begin(), want.before.rows.end(),
                     [parent](const Row& row) {
                       return row.parent == parent->slot &&
                              row.range.start == parent->range.start &&
                              row.range.end == UINT64_MAX;
                     });
}

bool HasMoved(const Played& want, const Observation& got,
              const State& got_state) {
  const Outcome due =
      want.op.verb == kFindSpace ? Outcome::kOk : Outcome::kBusy;
  return got.outcome == due &&
         DifferInRangeOf(want.op.slot, want.after, got_state);
}

namespace {

bool HasChildren(const State& state, Slot slot) {
  return std::any_of(state.rows.begin(), state.rows.end(),
                     [slot](const Row& row) { return row.parent == slot; });
}

}  // namespace

bool RemovesAParent(const Played& want) {
  return want.seen.outcome == Outcome::kOk &&
         HasChildren(want.before, want.op.slot);
}

// What seems to lie below the removed resource is also where it went.
bool HasAStaleChild(const Played& want, const Observation& got,
                    const State& got_state) {
  if (!(got == want.seen)) return false;
  State same = got_state;
  bool below = false;
  std::erase_if(same.rows, [&](const Row& row) {
    if (row.depth == 0) below = row.slot == want.op.slot;
    return below && row.depth > 0;
  });
  return same == want.after;
}

namespace {

uint64_t FlagsWalked(const Op& op) {
  if (op.verb == kWalkDesc) return op.flags;
  if (op.verb == kWalkMem) return kResourceMem | kResourceBusy;
  return kResourceSystemRam | kResourceBusy;
}

// A walk in pages skips what has no whole page, and goes on behind it.
bool WalksPagesPastTheEnd(const Played& want) {
  const Range& pfns = want.op.range;
  const uint64_t end = ((pfns.start + pfns.size()) << 12) - 1;
  if (end != UINT64_MAX || want.seen.outcome == Outcome::kStopped) return false;
  return std::any_of(want.before.rows.begin(), want.before.rows.end(),
                     [&want](const Row& row) {
                       const uint64_t flags = FlagsWalked(want.op);
                       return row.range.end == UINT64_MAX &&
                              (row.flags & flags) == flags;
                     });
}

}  // namespace

bool WalksPastTheEnd(const Played& want) {
  if (want.op.verb == kDumpable) return DumpsPastTheEnd(want);
  if (want.op.verb == kWalkSystemRamRange || want.op.verb == kPageIsRam) {
    return WalksPagesPastTheEnd(want);
  }
  if (want.op.range.end != UINT64_MAX || want.seen.visits.empty()) return false;
  // The reverse walk gathers everything before its first call.
  if (want.op.verb == kWalkSystemRamRev) {
    return want.seen.visits.front().range.end == UINT64_MAX;
  }
  return want.seen.outcome == Outcome::kOk &&
         want.seen.visits.back().range.end == UINT64_MAX;
}

bool Always(const Played&) { return true; }

bool WarnsWithoutNeed(const Played& want, const Observation& got,
                      const State& got_state) {
  Observation same = got;
  same.warnings &= static_cast<uint16_t>(~kWarnUnaddressable);
  same.warnings |= want.seen.warnings & kWarnUnaddressable;
  return same == want.seen && got_state == want.after;
}

bool FindsNoFreeRegion(const Played& want) {
  return want.seen.outcome == Outcome::kRange;
}

bool HasLeakedOne(const Played& want, const Observation& got,
                  const State& got_state) {
  State same = got_state;
  --same.ledger.live;
  return got == want.seen && same == want.after;
}

bool EndsBeyondPhysmem(const Played& want, const Observation& got,
                       const State& got_state) {
  const Row* const row = FindRow(got_state, want.op.slot);
  return got.outcome == Outcome::kOk && row != nullptr &&
         row->range.end > kPhysmemEnd &&
         Without(row->slot, got_state) == Without(row->slot, want.after);
}

namespace {

// What a free region is aligned to, and how large it becomes.
uint64_t FreeAlign(const Op& op) {
  return op.verb == kAllocFree ? op.align : kSectionBytes;
}
uint64_t FreeSize(const Op& op) {
  return (op.size + FreeAlign(op) - 1) & ~(FreeAlign(op) - 1);
}

// Returns whether the region may be there: wherever a kernel looks, it takes
// what is free.
bool IsFreePlace(const Played& want, const Range& range) {
  const Row* const base = FindRow(want.before, want.op.parent);
  if (base == nullptr || !base->range.Contains(range)) return false;
  return range.size() == FreeSize(want.op) &&
         std::none_of(want.before.rows.begin(), want.before.rows.end(),
                      [&](const Row& row) {
                        return row.parent == want.op.parent &&
                               row.range.Overlaps(range);
                      });
}

}  // namespace

bool IsElsewhere(const Played& want, const Observation& got,
                 const State& got_state) {
  if (!IsPlacedOrRefused(got) || !IsPlacedOrRefused(want.seen)) return false;
  if (got.outcome == Outcome::kOk) {
    const Row* const row = FindRow(got_state, want.op.slot);
    if (row == nullptr || !IsFreePlace(want, row->range)) return false;
    if (want.seen.outcome == Outcome::kOk &&
        got_state.ledger.live != want.after.ledger.live) {
      return false;
    }
  }
  return Without(want.op.slot, got_state) == Without(want.op.slot, want.after);
}

// Each place that is tried and refused overlaps a child.
bool TriesManyPlaces(const Played& want) {
  const uint64_t align = FreeAlign(want.op);
  const uint64_t size = FreeSize(want.op);
  uint64_t places = 0;
  for (const Row& row : want.before.rows) {
    if (row.parent != want.op.parent) continue;
    // 6.1 steps by the size, which is no step at all if it is 0.
    const uint64_t most = std::max(size, row.range.end - row.range.start);
    if (size == 0 || most / align > kPlacesMax) return true;
    places += (row.range.end - row.range.start) / align + size / align + 2;
  }
  return places > kPlacesMax;
}

bool IsOneByte(const Played& want) {
  return want.op.range.start == want.op.range.end;
}

bool HasReleasedNothing(const Played& want, const Observation& got,
                        const State& got_state) {
  return got == Observation() && got_state.rows == want.before.rows;
}

bool ReleasesNothing(const Played& want) { return want.op.range.inverted(); }

namespace {

// What touches the last page, where the kernel's question goes wrong.
bool IsInTheLastPage(const Visit& visit) {
  return (visit.range.end | 0xfff) == UINT64_MAX;
}

}  // namespace

// A region there is not taken for exclusive, so that no mapping is revoked.
bool AsksAboutTheLastAddress(const Played& want) {
  if ((SetOf(want.op.verb) & kRegionVerbs) != 0) {
    return std::any_of(want.seen.visits.begin(), want.seen.visits.end(),
                       IsInTheLastPage);
  }
  const uint64_t last = want.op.verb == kIomemIsExclusive
                            ? want.op.range.start | 0xfff
                            : want.op.range.end;
  return last == UINT64_MAX && want.seen.value == 1;
}

bool SaysNo(const Played& want, const Observation& got,
            const State& got_state) {
  Observation same = want.seen;
  same.value = 0;
  same.visits.clear();
  for (const Visit& visit : want.seen.visits) {
    const size_t next = same.visits.size();
    const bool is_there = next < got.visits.size() && got.visits[next] == visit;
    if (is_there || !IsInTheLastPage(visit)) same.visits.push_back(visit);
  }
  return got == same && got_state == want.after;
}

bool AsksBelowAPlacedResource(const Played& want) {
  const Row* const row = FindRow(want.before, want.op.parent);
  return row != nullptr && row->depth > 0 && want.seen.value == 0;
}

// The way out of a tree that is in neither root leads anywhere, in a circle
// too.
bool AsksBelowALooseResource(const Played& want) {
  if (!HasChildren(want.before, want.op.parent)) return false;
  const Row* top = FindRow(want.before, want.op.parent);
  while (top != nullptr && top->parent != kNoSlot) {
    top = FindRow(want.before, top->parent);
  }
  return top != nullptr && top->slot >= kFirstSlot;
}

bool SaysYes(const Played& want, const Observation& got,
             const State& got_state) {
  return got.value == 1 && got_state == want.after;
}

namespace {

// Returns the resources that a request for `waiter` descends through, to the
// one below which it is refused.
std::vector<Slot> PathOf(const State& state, const Waiter& waiter) {
  std::vector<Slot> path = {waiter.parent};
  for (;;) {
    const Row* const above = FindRow(state, path.back());
    if (above == nullptr || waiter.range.inverted() ||
        !above->range.Contains(waiter.range)) {
      return path;
    }
    const auto conflict =
        std::find_if(state.rows.begin(), state.rows.end(), [&](const Row& row) {
          return row.parent == path.back() && row.range.Overlaps(waiter.range);
        });
    if (conflict == state.rows.end() || (conflict->flags & kResourceBusy)) {
      return path;
    }
    path.push_back(conflict->slot);
  }
}

}  // namespace

bool MovesAWaiter(const Played& want) {
  const auto& now = want.after.ledger.waiters;
  return std::any_of(
      want.before.ledger.waiters.begin(), want.before.ledger.waiters.end(),
      [&](const Waiter& waiter) {
        return std::find(now.begin(), now.end(), waiter) != now.end() &&
               PathOf(want.before, waiter) != PathOf(want.after, waiter);
      });
}

}  // namespace restree

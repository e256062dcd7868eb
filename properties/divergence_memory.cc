// SPDX-License-Identifier: Apache-2.0
//
// What is known of mm/memremap.c.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "model/device_memory.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/divergence_functions.h"
#include "properties/laws.h"
#include "properties/pagemaps.h"

namespace restree {
namespace {

bool IsPrivateWithAltmap(const Pagemap& it) {
  return it.type == kMemoryPrivate && it.altmap.valid;
}

bool IsRefused(const Observation& seen) {
  return seen.outcome != Outcome::kOk && seen.outcome != Outcome::kMisuse;
}

// Returns whether each page of `pfns` is one of the pagemap's ranges.
bool IsWithin(Range pfns, const Pagemap& it) {
  const auto ranges = RangesOf(it);
  for (;;) {
    const auto has =
        std::find_if(ranges.begin(), ranges.end(), [&](const Range& range) {
          return PagesOf(range).Contains(pfns.start);
        });
    if (has == ranges.end()) return false;
    const uint64_t end = PagesOf(*has).end;
    if (end >= pfns.end) return true;
    pfns.start = end + 1;
  }
}

// Returns whether the pagemap's failure may have taken `lost` out of `whole`.
// Of one that is dying, what is stored over goes as a whole.
bool MayLose(const State& state, const Pagemap& failed, const Lookup& whole,
             const Range& lost) {
  if (IsWithin(lost, failed)) return true;
  const Pagemap* const owner = FindPagemap(state, whole.pagemap);
  const auto ranges = RangesOf(failed);
  return owner != nullptr && IsDying(*owner) &&
         std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
           return PagesOf(range).Overlaps(whole.pfns);
         });
}

}  // namespace

// A mapping ends, or a range of one that fails is unmapped.
bool UnmapsPrivateAltmap(const Played& want) {
  for (const Pagemap& it : want.after.ledger.pagemaps) {
    if (!IsPrivateWithAltmap(it) || !IsIdle(it)) continue;
    const Pagemap* const was = FindPagemap(want.before, it.number);
    if (was != nullptr && !IsIdle(*was)) return true;
    const bool maps =
        want.op.verb == Verb::kMemremap || want.op.verb == Verb::kDevmMemremap;
    if (maps && want.op.slot == it.number && IsRefused(want.seen)) return true;
  }
  return false;
}

// 6.1 may warn without need of the separate resource in the same op.
bool KeepsThePages(const Played& want, const Observation& got,
                   const State& got_state) {
  Observation same = got;
  same.warnings = want.seen.warnings;
  if (!(same == want.seen)) return false;
  const uint16_t warned = want.seen.warnings | kWarnOn;
  if ((got.warnings | kWarnUnaddressable) != (warned | kWarnUnaddressable)) {
    return false;
  }
  State given_back = got_state;
  for (Pagemap& it : given_back.ledger.pagemaps) {
    if (IsPrivateWithAltmap(it) && IsIdle(it)) it.altmap.alloc = 0;
  }
  State due = want.after;
  for (Pagemap& it : due.ledger.pagemaps) {
    if (IsPrivateWithAltmap(it) && IsIdle(it)) it.altmap.alloc = 0;
  }
  return given_back == due;
}

bool FailsToMapOverAnother(const Played& want) {
  if (!IsRefused(want.seen)) return false;
  const Pagemap* const own = FindPagemap(want.before, want.op.slot);
  if (own == nullptr) return false;
  for (const Range& range : RangesOf(*own)) {
    const Range pfns = PagesOf(range);
    const auto& lookup = want.before.ledger.lookup;
    if (std::any_of(lookup.begin(), lookup.end(),
                    [&](const Lookup& it) { return it.pfns.Overlaps(pfns); })) {
      return true;
    }
  }
  return false;
}

// Both are by pfn. What a whole entry of the one has left in the other is its
// parts, with what is lost between them.
bool LosesLookup(const State& was, uint32_t failed, const State& is) {
  const Pagemap* const own = FindPagemap(was, failed);
  if (own == nullptr) return false;
  auto part = is.ledger.lookup.begin();
  const auto end = is.ledger.lookup.end();
  for (const Lookup& whole : was.ledger.lookup) {
    uint64_t next = whole.pfns.start;
    for (; part != end && whole.pfns.Contains(part->pfns); ++part) {
      if (part->pagemap != whole.pagemap || part->pfns.start < next) {
        return false;
      }
      if (part->pfns.start > next &&
          !MayLose(was, *own, whole, {next, part->pfns.start - 1})) {
        return false;
      }
      next = part->pfns.end + 1;
    }
    if (next <= whole.pfns.end &&
        !MayLose(was, *own, whole, {next, whole.pfns.end})) {
      return false;
    }
  }
  return part == end;
}

bool HasForgottenAnother(const Played& want, const Observation& got,
                         const State& got_state) {
  if (!(got == want.seen)) return false;
  if (!LosesLookup(want.after, want.op.slot, got_state)) return false;
  State same = got_state;
  same.ledger.lookup = want.after.ledger.lookup;
  return same == want.after;
}

// kexec walks to the last address. What a tree looks for is not known here.
bool DumpsPastTheEnd(const Played& want) {
  if (want.op.number == static_cast<uint32_t>(DumpView::kKexecTools)) {
    return false;
  }
  if (want.variant == AltmapVariant::kTree) {
    const auto& rows = want.before.rows;
    return std::any_of(rows.begin(), rows.end(), [](const Row& it) {
      return it.slot >= kFirstSlot && it.range.end == UINT64_MAX;
    });
  }
  const auto& visits = want.seen.visits;
  return std::any_of(visits.begin(), visits.end(), [](const Visit& it) {
    return it.range.end == UINT64_MAX;
  });
}

}  // namespace restree

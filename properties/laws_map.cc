// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

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

using enum Verb;

// Returns what a kind of memory cannot be mapped without.
uint32_t NeededBy(uint32_t type) {
  if (type == kMemoryPrivate) {
    return kLacksOps | kLacksMigrateToRam | kLacksPageFree | kLacksOwner;
  }
  if (type == kMemoryCoherent) return kLacksPageFree | kLacksOwner;
  return 0;
}

bool IsRam(const Row& row) {
  return (row.flags & kResourceSystemRam) == kResourceSystemRam;
}

// Returns some System RAM that a range of the pagemap meets; null if none does.
const Row* RamIn(const State& state, const Pagemap& it) {
  const Subtree iomem = SubtreeOf(state, kIomem);
  for (size_t i = iomem.first + 1; i < iomem.last; ++i) {
    for (const Range& range : RangesOf(it)) {
      const Row& row = state.rows[i];
      if (IsRam(row) && row.range.Overlaps(range)) return &row;
    }
  }
  return nullptr;
}

// Returns whether some range of the pagemap, or an end of it, is in the way of
// another's, or of its own.
bool MeetsAMapping(const State& state, const Pagemap& it) {
  for (const Range& range : RangesOf(it)) {
    const Range pages = PagesOf(range);
    const auto meets = [&](const Range& other) {
      const Range its = PagesOf(other);
      return &other != &range &&
             (other.Overlaps(range) || its.Contains(pages.start) ||
              its.Contains(pages.end));
    };
    if (std::any_of(RangesOf(it).begin(), RangesOf(it).end(), meets)) {
      return true;
    }
    for (const Pagemap& other : state.ledger.pagemaps) {
      if (IsIdle(other)) continue;
      if (std::any_of(RangesOf(other).begin(), RangesOf(other).end(), meets)) {
        return true;
      }
    }
  }
  return false;
}

bool CanBeAdded(const Range& range) {
  return !range.inverted() && range.end <= kPhysmemEnd &&
         range.start % kSubsectionBytes == 0 &&
         range.size() % kSubsectionBytes == 0;
}

// Returns whether the altmap takes its pages where the one range begins, and
// not more than that has.
bool HasProperAltmap(const Pagemap& it) {
  const Range& range = it.ranges[0];
  return it.nr_range == 1 && it.altmap.base_pfn == range.start >> kPageShift &&
         AltmapPages(it.altmap) <= range.size() >> kPageShift;
}

bool IsInvalid(const Pagemap& it) {
  return it.nr_range == 0 || (it.lacks & NeededBy(it.type)) != 0 ||
         (it.altmap.valid && !HasProperAltmap(it)) ||
         !std::all_of(RangesOf(it).begin(), RangesOf(it).end(), CanBeAdded);
}

// Returns whether the struct pages may find no room in the altmap: to align the
// first block of a section's takes less than another one.
bool MayExhaustAltmap(const Pagemap& it) {
  const uint64_t pages = it.ranges[0].size() >> kPageShift;
  const uint64_t needed = pages * kStructPageBytes / kPageBytes;
  const uint64_t skipped = kSectionPages * kStructPageBytes / kPageBytes - 1;
  return it.altmap.valid && it.altmap.free < it.altmap.align + needed + skipped;
}

// Returns whether a request for the altmap has to be refused.
bool MeetsAResource(const State& state, const Altmap& it) {
  if (!it.valid || it.parent == kNoSlot) return false;
  const Range range = AltmapBytes(it);
  const Subtree below = SubtreeOf(state, it.parent);
  if (below.empty()) return true;
  if (range.inverted() || !state.rows[below.first].range.Contains(range)) {
    return true;
  }
  for (size_t i = below.first + 1; i < below.last; ++i) {
    if (state.rows[i].range.Overlaps(range)) return true;
  }
  return false;
}

// Returns whether somebody was told that there is no memory, or could be.
bool MayLackMemory(const Played& played, const Pagemap& it) {
  const Ledger& was = played.before.ledger;
  const Ledger& is = played.after.ledger;
  return is.fail_times < was.fail_times ||
         is.fail_step_nth < was.fail_step_nth || MayExhaustAltmap(it) ||
         MeetsAMapping(played.before, it);
}

}  // namespace

std::optional<uint32_t> UnmappedBy(const Played& played) {
  if (played.op.verb == kMemunmap) return played.op.slot;
  const std::optional<Devres> undone = UndoneBy(played);
  if (!undone || !undone->pagemap) return std::nullopt;
  return undone->slot;
}

Verdict MapsAmiss(const Played& played) {
  const Op& op = played.op;
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Pagemap* const was = FindPagemap(played.before, op.slot);
  const Pagemap* const is = FindPagemap(played.after, op.slot);
  if (was == nullptr || is == nullptr || !IsMapped(*is)) {
    return absl::StrCat(Says(played), ", and ", PagemapText(op.slot),
                        " is not mapped");
  }
  Pagemap due = *was;
  due.phase = Pagemap::Phase::kMapped;
  due.refs = is->refs;      // ReferencesAreAccountedFor
  due.altmap = is->altmap;  // AltmapBlocksAreDisjointAndInside
  if (due != *is) {
    return absl::StrCat(Says(played), ", and ", PagemapText(op.slot),
                        " is not what the driver said");
  }
  if (played.seen.value != is->ranges[0].start) {
    return absl::StrCat(Says(played), " 0x", absl::Hex(played.seen.value),
                        ", and ", PagemapText(op.slot), " starts at 0x",
                        absl::Hex(is->ranges[0].start));
  }
  if (is->nr_range == 0 || (is->lacks & NeededBy(is->type)) != 0) {
    return absl::StrCat(Says(played), " of ", MemoryTypeText(is->type),
                        " memory that lacks ", LacksText(is->lacks));
  }
  const bool known = is->type >= kMemoryPrivate && is->type <= kMemoryP2pdma;
  if (known != ((played.seen.warnings & kWarnOn) == 0)) {
    return absl::StrCat(Says(played), known ? " and warns of " : " of ",
                        MemoryTypeText(is->type));
  }
  if (played.variant == AltmapVariant::kNone &&
      played.before.rows != played.after.rows) {
    return absl::StrCat(Says(played), ", and ",
                        FirstDifference(played.before, played.after));
  }
  return OtherPagemapsDiffer(played, op.slot);
}

Verdict MapsRam(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Pagemap* const it = FindPagemap(played.before, played.op.slot);
  const Row* const ram = it == nullptr ? nullptr : RamIn(played.before, *it);
  if (ram == nullptr) return std::nullopt;
  return absl::StrCat(Says(played), " of ", PagemapText(played.op.slot),
                      ", which has bytes of ", RowText(*ram));
}

// A tree of its own may say what it likes of a resource that it cannot have.
Verdict MapIsRefusedForNothing(const Played& played) {
  const Pagemap* const it = FindPagemap(played.before, played.op.slot);
  if (it == nullptr) return std::nullopt;
  const State& before = played.before;
  const bool is_tree = played.variant == AltmapVariant::kTree;
  const bool is_refused =
      (is_tree || played.variant == AltmapVariant::kSound) &&
      MeetsAResource(before, it->altmap);
  bool has_reason = is_tree && is_refused;
  switch (played.seen.outcome) {
    case Outcome::kOk:
    case Outcome::kMisuse:
      return std::nullopt;
    case Outcome::kInval:
      has_reason |= IsInvalid(*it);
      break;
    case Outcome::kNoMem:
      has_reason |= MayLackMemory(played, *it);
      break;
    case Outcome::kExist:
      has_reason |= MeetsAMapping(before, *it);
      break;
    case Outcome::kNxIo:
      has_reason |= RamIn(before, *it) != nullptr;
      break;
    case Outcome::kBusy:
      has_reason |= is_refused;
      break;
    default:
      break;
  }
  if (has_reason) return std::nullopt;
  return absl::StrCat(Says(played), " of ", PagemapText(played.op.slot),
                      ", and there is no reason for it");
}

Verdict FailedMapLeavesSomething(const Played& played) {
  if (played.seen.outcome == Outcome::kOk ||
      played.seen.outcome == Outcome::kMisuse) {
    return std::nullopt;
  }
  const Ledger& before = played.before.ledger;
  const Ledger& after = played.after.ledger;
  if (played.before.rows != played.after.rows) {
    return absl::StrCat(Says(played), ", and ",
                        FirstDifference(played.before, played.after));
  }
  const Pagemap* const was = FindPagemap(played.before, played.op.slot);
  const Pagemap* const is = FindPagemap(played.after, played.op.slot);
  if (was == nullptr || is == nullptr) return std::nullopt;
  Pagemap due = *was;
  due.altmap.align = std::max(was->altmap.align, is->altmap.align);
  due.altmap.res = is->altmap.res;  // VmemmapIsForgottenAfterRelease
  due.altmap.res_gone = is->altmap.res_gone;
  if (is->altmap.alloc == 0) due.altmap.alloc = 0;
  if (due != *is) {
    return absl::StrCat(Says(played), ", and ", PagemapText(played.op.slot),
                        " is not as it was");
  }
  if (before.lookup != after.lookup || before.pages != after.pages ||
      before.memory != after.memory || before.devres != after.devres) {
    return absl::StrCat(Says(played), ", and what is mapped has changed");
  }
  if (!played.seen.visits.empty() && played.variant == AltmapVariant::kNone) {
    return absl::StrCat(Says(played), ", and gives out pages");
  }
  return OtherPagemapsDiffer(played, played.op.slot);
}

Verdict StepsFailAmiss(const Played& played) {
  const Ledger& was = played.before.ledger;
  const Ledger& is = played.after.ledger;
  bool right = is.fail_step_nth <= was.fail_step_nth &&
               (is.fail_step_nth == 0 || is.fail_step == was.fail_step);
  if (played.op.verb == kFailStep) {
    const uint64_t step = played.op.number == 0 ? 0 : played.op.desc;
    right = is.fail_step_nth == played.op.number &&
            is.fail_step == static_cast<MapStep>(step);
  } else if (right && played.seen.outcome == Outcome::kOk) {
    right = is.fail_step_nth != 0 || was.fail_step_nth == 0;
  }
  if (right) return std::nullopt;
  return absl::StrCat(Says(played), ", and of ", MapStepText(was.fail_step),
                      " nth=", was.fail_step_nth, " it leaves ",
                      MapStepText(is.fail_step), " nth=", is.fail_step_nth);
}

Pagemap Unmapped(const Pagemap& was, const Pagemap& is) {
  Pagemap due = was;
  due.phase = Pagemap::Phase::kIdle;
  due.releasing = false;
  due.device = 0;
  due.refs = 0;
  due.gets = 0;
  due.altmap.alloc = 0;
  due.altmap.res = is.altmap.res;  // laws_vmemmap.cc
  due.altmap.res_gone = is.altmap.res_gone;
  return due;
}

Verdict UnmapsAmiss(const Played& played) {
  const bool blocks = played.seen.outcome == Outcome::kWouldBlock;
  if (played.seen.outcome != Outcome::kOk && !blocks) return std::nullopt;
  const std::optional<uint32_t> number = UnmappedBy(played);
  if (!number) {
    if (played.op.verb != kDevmMemunmap || NothingButCounted(played)) {
      return std::nullopt;
    }
    return absl::StrCat(Says(played), ", and yet ",
                        FirstDifference(played.before, played.after));
  }
  const Pagemap* const was = FindPagemap(played.before, *number);
  const Pagemap* const is = FindPagemap(played.after, *number);
  if (was == nullptr || is == nullptr) return std::nullopt;
  Pagemap due = Unmapped(*was, *is);
  if (blocks) {
    due = *was;
    due.phase = Pagemap::Phase::kDying;
    due.releasing = played.op.verb != kMemunmap;
    due.device = due.releasing ? played.op.number : 0;
    due.refs = is->refs;  // ReferencesAreAccountedFor
    due.altmap.res = is->altmap.res;
    due.altmap.res_gone = is->altmap.res_gone;
  }
  if (due != *is) {
    return absl::StrCat(Says(played), ", and ", PagemapText(*number),
                        " is not as it was before it was mapped");
  }
  if (played.variant == AltmapVariant::kNone &&
      played.before.rows != played.after.rows) {
    return absl::StrCat(Says(played), ", and ",
                        FirstDifference(played.before, played.after));
  }
  for (const PageUse& page : played.before.ledger.pages) {
    const auto& pages = played.after.ledger.pages;
    if (!blocks && IsPageOf(*was, page.pfn)) continue;
    if (std::find(pages.begin(), pages.end(), page) != pages.end()) continue;
    return absl::StrCat(Says(played), ", and page 0x", absl::Hex(page.pfn),
                        " is no more in use");
  }
  return OtherPagemapsDiffer(played, *number);
}

Verdict BlocksAmiss(const Played& played) {
  const bool blocks = played.seen.outcome == Outcome::kWouldBlock;
  if (played.seen.outcome != Outcome::kOk && !blocks) return std::nullopt;
  const std::optional<uint32_t> number = UnmappedBy(played);
  if (!number) return std::nullopt;
  const Pagemap* const was = FindPagemap(played.before, *number);
  if (was == nullptr) return std::nullopt;
  const uint64_t users = was->gets + PageReferences(played.before, *was);
  if (blocks == (users > 0)) return std::nullopt;
  return absl::StrCat(Says(played), ", and others have ", users,
                      " references of ", PagemapText(*number));
}

}  // namespace restree

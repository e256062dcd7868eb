// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
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

// What was asked for: so many bytes, at a place that is a multiple of `align`
// bytes from one end of `within`.
struct Wanted {
  Range within;
  uint64_t size = 0;
  uint64_t align = kSectionBytes;
  bool from_the_top = true;

  // Returns whether `range` could be the answer if nothing were there.
  bool Fits(const Range& range) const {
    if (range.inverted() || range.size() != size || !within.Contains(range)) {
      return false;
    }
    if (!from_the_top) return range.start % align == 0;
    return range.start > align && (within.end - range.end) % align == 0;
  }
};

// Returns nothing for an op that nothing can be said of.
std::optional<Wanted> WantedBy(const Played& played) {
  const Op& op = played.op;
  const Row* const base = FindRow(played.before, op.parent);
  if (base == nullptr) return std::nullopt;
  Wanted wanted;
  wanted.from_the_top = op.verb != Verb::kAllocFree;
  if (!wanted.from_the_top) wanted.align = op.align;
  if (!std::has_single_bit(wanted.align)) return std::nullopt;
  wanted.size = (op.size + wanted.align - 1) & ~(wanted.align - 1);
  wanted.within = {base->range.start, std::min(base->range.end, kPhysmemEnd)};
  if (!wanted.from_the_top) {
    wanted.within.start = std::max(wanted.within.start, wanted.align);
  }
  return wanted;
}

Rows ChildrenOfBase(const Played& played) {
  const Subtree below = SubtreeOf(played.before, played.op.parent);
  return below.empty() ? Rows() : ChildrenOf(played.before, below.first);
}

// Returns the place nearest to the end from which `wanted` is searched that
// lies in the gap, if there is one.
std::optional<Range> PlaceInGap(const Wanted& wanted, const Range& gap) {
  const uint64_t size = wanted.size;
  if (gap.inverted() || gap.end - gap.start < size - 1) return std::nullopt;
  uint64_t start = 0;
  if (wanted.from_the_top) {
    const uint64_t behind = wanted.within.end - gap.end;
    const uint64_t skip = (wanted.align - behind % wanted.align) % wanted.align;
    if (gap.end - gap.start - (size - 1) < skip) return std::nullopt;
    start = gap.end - skip - (size - 1);
  } else {
    const uint64_t rest = gap.start % wanted.align;
    const uint64_t skip = rest == 0 ? 0 : wanted.align - rest;
    if (gap.end - gap.start - (size - 1) < skip) return std::nullopt;
    start = gap.start + skip;
  }
  const Range place = {start, start + (size - 1)};
  if (!wanted.Fits(place)) return std::nullopt;
  return place;
}

// Returns the first place that is free.
std::optional<Range> FirstPlace(const Wanted& wanted, const Rows& children) {
  std::optional<Range> found;
  if (wanted.size == 0 || wanted.within.inverted()) return found;
  const auto look = [&](const Range& gap) {
    if (found && !wanted.from_the_top) return;  // the first gap counts
    if (auto place = PlaceInGap(wanted, gap)) found = place;
  };
  uint64_t start = wanted.within.start;
  for (const Row* child : children) {
    if (child->range.end < start) continue;
    if (child->range.start > wanted.within.end) break;
    if (child->range.start > start) look({start, child->range.start - 1});
    if (child->range.end >= wanted.within.end) return found;
    start = child->range.end + 1;
  }
  look({start, wanted.within.end});
  return found;
}

}  // namespace

Verdict FreeRegionIsTaken(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const auto wanted = WantedBy(played);
  const Row* const got = FindRow(played.after, played.op.slot);
  if (!wanted || got == nullptr) return std::nullopt;
  if (!wanted->Fits(got->range)) {
    return absl::StrCat(RowText(*got), " should be 0x", absl::Hex(wanted->size),
                        " bytes in ", RangeText(wanted->within),
                        ", aligned to 0x", absl::Hex(wanted->align));
  }
  for (const Row* child : ChildrenOfBase(played)) {
    if (!child->range.Overlaps(got->range)) continue;
    return absl::StrCat(RowText(*got), " was said to be free, and overlaps ",
                        RowText(*child));
  }
  return std::nullopt;
}

// Whether request_free_mem_region gets what it finds is another question: it
// asks iomem for it, not the base.
Verdict BetterPlaceIsFree(const Played& played) {
  const bool ok = played.seen.outcome == Outcome::kOk;
  const bool none = played.seen.outcome == Outcome::kRange &&
                    played.op.verb == Verb::kAllocFree;
  if (!ok && !none) return std::nullopt;
  const auto wanted = WantedBy(played);
  if (!wanted) return std::nullopt;
  const auto first = FirstPlace(*wanted, ChildrenOfBase(played));
  if (!first) return std::nullopt;  // FreeRegionIsFree has more to say
  if (none) {
    return absl::StrCat(Says(played), ", and ", RangeText(*first), " is free");
  }
  const Row* const got = FindRow(played.after, played.op.slot);
  if (got == nullptr) return std::nullopt;
  const bool better = wanted->from_the_top ? first->start > got->range.start
                                           : first->start < got->range.start;
  if (!better) return std::nullopt;
  return absl::StrCat(RowText(*got), " was found although ", RangeText(*first),
                      " is free, which comes first");
}

Verdict FindsMoreThanSpace(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Row* const got = FindRow(played.after, played.op.slot);
  return DiffersFrom(played, [&](size_t i, auto emit) {
    if (i == played.before.rows.size()) return;
    Row row = played.before.rows[i];
    if (row.slot == played.op.slot && got != nullptr) row.range = got->range;
    emit(row);
  });
}

}  // namespace restree

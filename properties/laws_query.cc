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

// What region_intersects finds, by definition.
struct Found {
  const Row* match = nullptr;  // some resource that matches and overlaps
  const Row* other = nullptr;  // one of iomem's children that is in the range
                               // with bytes that belong to no match
};

bool Matches(const Row& row, const Op& op) {
  return (row.flags & op.flags) == op.flags &&
         (op.desc == kDescNone || op.desc == row.desc);
}

// Returns whether the matches among rows [first, last) cover all of `range`.
// They stand in the order of their starts.
bool Covered(Range range, const Row* first, const Row* last, const Op& op) {
  for (const Row* row = first; row != last; ++row) {
    if (!Matches(*row, op) || row->range.end < range.start) continue;
    if (row->range.start > range.start) return false;
    if (row->range.end >= range.end) return true;
    range.start = row->range.end + 1;
  }
  return false;
}

Found Find(const State& state, const Op& op) {
  Found found;
  const Subtree iomem = SubtreeOf(state, kIomem);
  const Row* const rows = state.rows.data();
  size_t next = iomem.first + 1;
  while (next < iomem.last) {
    const size_t top = next++;
    while (next < iomem.last && rows[next].depth > rows[top].depth) ++next;
    if (!rows[top].range.Overlaps(op.range)) continue;
    for (size_t i = top; i < next; ++i) {
      if (!Matches(rows[i], op) || !rows[i].range.Overlaps(op.range)) continue;
      found.match = &rows[i];
      break;
    }
    if (op.range.inverted()) continue;
    const Range common = rows[top].range.Intersection(op.range);
    if (!Covered(common, rows + top, rows + next, op)) found.other = &rows[top];
  }
  return found;
}

}  // namespace

Verdict QueryChangesSomething(const Played& played) {
  if (NothingButCounted(played)) return std::nullopt;
  return absl::StrCat(InfoOf(played.op.verb).name, " only looks, and yet ",
                      FirstDifference(played.before, played.after));
}

Verdict LookupIsWrong(const Played& played) {
  const uint64_t start = played.op.range.start;
  const Observation& seen = played.seen;
  if (seen.outcome == Outcome::kMisuse) return std::nullopt;
  const Row* child = nullptr;
  for (const Row& row : played.before.rows) {
    if (row.parent == played.op.parent && row.range.start == start) {
      child = &row;
    }
  }
  const Slot found = seen.outcome == Outcome::kOk ? seen.found : kNoSlot;
  if (found == (child == nullptr ? kNoSlot : child->slot)) return std::nullopt;
  return absl::StrCat("at 0x", absl::Hex(start), " lookup finds ",
                      SlotText(found), " and there is ",
                      child == nullptr ? "no child" : RowText(*child));
}

Verdict AlignmentIsWrong(const Played& played) {
  const Row* row = FindRow(played.before, played.op.slot);
  if (played.seen.outcome != Outcome::kOk || row == nullptr) {
    return std::nullopt;
  }
  const uint64_t by = row->flags & (kResourceSizeAlign | kResourceStartAlign);
  uint64_t alignment = 0;
  if (by == kResourceSizeAlign) alignment = row->range.size();
  if (by == kResourceStartAlign) alignment = row->range.start;
  if (played.seen.value == alignment) return std::nullopt;
  return absl::StrCat("the alignment of ", RowText(*row), " with flags 0x",
                      absl::Hex(row->flags), " is 0x", absl::Hex(alignment),
                      ", not 0x", absl::Hex(played.seen.value));
}

Verdict IntersectsIsWrong(const Played& played) {
  const Outcome outcome = played.seen.outcome;
  if (outcome == Outcome::kMisuse) return std::nullopt;
  const Found found = Find(played.before, played.op);
  const bool disjoint = outcome == Outcome::kDisjoint;
  if (disjoint != (found.match == nullptr)) {
    return absl::StrCat(
        Says(played), " of ", RangeText(played.op.range), ", where ",
        disjoint ? RowText(*found.match) : "nothing", " matches");
  }
  if (disjoint || played.op.range.inverted()) return std::nullopt;
  const bool mixed = outcome == Outcome::kMixed;
  if (mixed == (found.other != nullptr)) return std::nullopt;
  return absl::StrCat(Says(played), " of ", RangeText(played.op.range),
                      ", where ", mixed ? "nothing" : RowText(*found.other),
                      " is there beside what matches");
}

}  // namespace restree

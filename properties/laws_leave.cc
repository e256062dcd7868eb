// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
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

// Compares the two states row by row, where `own_was` of before may be anything
// and stands as `own_is` in after; `expected` makes of any other row of before
// what it must be in after.
template <typename Expected>
Verdict OthersDiffer(const Played& played, Subtree own_was, Subtree own_is,
                     Expected expected) {
  const auto& before = played.before.rows;
  const auto& after = played.after.rows;
  size_t i = 0;
  size_t j = 0;
  for (;; ++i, ++j) {
    if (i == own_was.first) i = own_was.last;
    if (j == own_is.first) j = own_is.last;
    if (i >= before.size() || j >= after.size()) break;
    if (expected(i) == after[j]) continue;
    return absl::StrCat(Says(played), ", and ", RowText(before[i]),
                        before[i].slot == after[j].slot
                            ? " is not as it should be: "
                            : " has given its place to ",
                        RowText(after[j]));
  }
  if (i < before.size()) {
    return absl::StrCat(Says(played), ", and ", RowText(before[i]), " is gone");
  }
  if (j < after.size()) {
    return absl::StrCat(Says(played), ", and ", RowText(after[j]), " appears");
  }
  return std::nullopt;
}

// The row as it is when it has left its tree.
Row Detached(Row row) {
  row.depth = 0;
  row.parent = kNoSlot;
  return row;
}

std::string NotAlone(const Played& played, const Row& was) {
  return absl::StrCat(Says(played), ", and ", RowText(was),
                      " is not alone outside any tree, as it was inside");
}

// The parent and the range of the region that the op releases; nothing if it
// does not release one.
std::optional<Devres> RegionOf(const Played& played) {
  if (played.op.verb == Verb::kUnbind) {
    const std::optional<Devres> undone = UndoneBy(played);
    return undone && undone->region ? undone : std::nullopt;
  }
  Devres region;
  region.slot = played.op.parent;
  region.range = played.op.range;
  return region;
}

// The busy region that release_region may release: below the parent, with
// exactly that range, and nothing busy between the two.
bool IsTheRegion(const State& state, const Devres& region, size_t index) {
  const Row& row = state.rows[index];
  if (row.range != region.range || !(row.flags & kResourceBusy)) return false;
  const Row* above = ParentOf(state, index);
  while (above != nullptr && above->slot != region.slot) {
    if (above->flags & kResourceBusy) return false;
    above = ParentOf(state, above - state.rows.data());
  }
  return above != nullptr;
}

bool IsFound(const Observation& seen) {
  return (seen.warnings & kWarnNonexistent) == 0;
}

}  // namespace

Verdict FailureChangesSomething(const Played& played) {
  if (played.seen.outcome == Outcome::kOk ||
      played.seen.outcome == Outcome::kWouldBlock ||
      NothingButCounted(played)) {
    return std::nullopt;
  }
  // FailedMapLeavesNothing; and a reference that the caller came with is put.
  const bool tries = IsIn(played.op.verb, kMaps | SetOf(Verb::kGetPagemap));
  if (tries && played.seen.outcome != Outcome::kMisuse) return std::nullopt;
  return absl::StrCat(Says(played), ", and yet ",
                      FirstDifference(played.before, played.after));
}

Verdict ReleasesAmiss(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  Slot slot = played.op.slot;
  if (played.op.verb != Verb::kRelease) {
    const std::optional<Devres> undone = UndoneBy(played);
    if (undone && (undone->region || undone->pagemap)) return std::nullopt;
    slot = undone ? undone->slot : kNoSlot;
  }
  const Subtree was = SubtreeOf(played.before, slot);
  const Subtree is = SubtreeOf(played.after, slot);
  if (was.empty() && slot != kNoSlot) return std::nullopt;
  const auto& before = played.before.rows;
  const auto& after = played.after.rows;
  if (was.size() != is.size()) {
    return absl::StrCat(Says(played), ", and ", RowText(before[was.first]),
                        " had ", was.size() - 1, " below it and has ",
                        is.empty() ? 0 : is.size() - 1);
  }
  for (size_t i = 0; i < was.size(); ++i) {
    Row row = before[was.first + i];
    row.depth -= before[was.first].depth;
    if (i == 0) row = Detached(row);
    if (row == after[is.first + i]) continue;
    return absl::StrCat(
        Says(played), ", and makes ", RowText(after[is.first + i]), " below ",
        SlotText(after[is.first + i].parent), " of ", RowText(row));
  }
  return OthersDiffer(played, was, is, [&](size_t i) { return before[i]; });
}

Verdict RemovesAmiss(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Subtree was = SubtreeOf(played.before, played.op.slot);
  Subtree is = SubtreeOf(played.after, played.op.slot);
  if (was.empty()) return std::nullopt;
  const auto& before = played.before.rows;
  const Row& old = before[was.first];
  if (is.size() != 1 || played.after.rows[is.first] != Detached(old)) {
    return NotAlone(played, old);
  }
  const auto moved_up = [&](size_t i) {
    Row row = before[i];
    if (i <= was.first || i >= was.last) return row;
    --row.depth;
    if (row.parent == old.slot) row.parent = old.parent;
    return row;
  };
  return OthersDiffer(played, {was.first, was.first + 1}, is, moved_up);
}

Verdict ReleasesChildrenAmiss(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Subtree was = SubtreeOf(played.before, played.op.slot);
  if (was.empty()) return std::nullopt;
  const auto& before = played.before.rows;
  absl::InlinedVector<const Row*, 32> freed;
  for (size_t i = was.first + 1; i < was.last; ++i) freed.push_back(&before[i]);
  std::sort(freed.begin(), freed.end(),
            [](const Row* a, const Row* b) { return a->slot < b->slot; });
  size_t next = 0;  // of freed: outside any tree rows stand by slot
  size_t i = 0;
  for (const Row& row : played.after.rows) {
    if (next < freed.size() && row.slot == freed[next]->slot) {
      Row expected = Detached(*freed[next++]);
      expected.range = {0, expected.range.size() - 1};
      if (row == expected) continue;
      return absl::StrCat(RowText(row), " was released and should be ",
                          RangeText(expected.range), " in no tree");
    }
    if (i == was.first + 1) i = was.last;
    if (i < before.size() && before[i] == row) {
      ++i;
      continue;
    }
    return absl::StrCat(Says(played), " of ", SlotText(played.op.slot),
                        ", and ", RowText(row), " is not as it should be");
  }
  if (i == was.first + 1) i = was.last;
  if (i == before.size() && next == freed.size()) return std::nullopt;
  return absl::StrCat(Says(played), ", and ",
                      RowText(next < freed.size() ? *freed[next] : before[i]),
                      " is gone");
}

Verdict ReleasesAnotherRegion(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const std::optional<Devres> region = RegionOf(played);
  if (!region) return std::nullopt;
  const absl::string_view verb = InfoOf(played.op.verb).name;
  const auto& before = played.before.rows;
  const Row* gone = nullptr;
  Verdict verdict;
  size_t i = 0;
  for (const Row& row : played.after.rows) {
    if (IsWoken(played, row)) continue;  // WokenRegionsAreWhatTheyWaitedFor
    if (gone == nullptr && i < before.size() && before[i] != row) {
      gone = &before[i++];
    }
    if (i < before.size() && before[i] == row) {
      ++i;
      continue;
    }
    return absl::StrCat(verb, " released ",
                        gone == nullptr ? "nothing" : RowText(*gone),
                        ", and more has changed");
  }
  if (i < before.size() && gone == nullptr) gone = &before[i++];
  if (!IsFound(played.seen) && (gone != nullptr || i < before.size())) {
    return absl::StrCat(verb, " found nothing to release, and yet ",
                        FirstDifference(played.before, played.after));
  }
  if (!IsFound(played.seen)) return std::nullopt;
  if (gone == nullptr || i < before.size()) {
    return absl::StrCat(verb, " releases one region, and of ", before.size(),
                        " resources ", played.after.rows.size(), " are left");
  }
  const auto index = static_cast<size_t>(gone - before.data());
  if (IsTheRegion(played.before, *region, index)) return std::nullopt;
  return absl::StrCat(verb, " of ", RangeText(region->range), " released ",
                      RowText(*gone),
                      ", which is no free busy region of that range below ",
                      SlotText(region->slot));
}

Verdict OverlooksTheRegion(const Played& played) {
  if (played.seen.outcome != Outcome::kOk || IsFound(played.seen)) {
    return std::nullopt;
  }
  const std::optional<Devres> region = RegionOf(played);
  if (!region) return std::nullopt;
  const auto& before = played.before.rows;
  for (size_t i = 0; i < before.size(); ++i) {
    if (!IsTheRegion(played.before, *region, i)) continue;
    return absl::StrCat(
        InfoOf(played.op.verb).name, " of ", RangeText(region->range),
        " found nothing to release, not even ", RowText(before[i]));
  }
  return std::nullopt;
}

Verdict AdjustsAmiss(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Subtree was = SubtreeOf(played.before, played.op.slot);
  if (was.empty()) return std::nullopt;
  const auto& before = played.before.rows;
  const auto& after = played.after.rows;
  Row expected = before[was.first];
  expected.range = played.op.range;
  if (was.first >= after.size() || after[was.first] != expected) {
    const Row* row = FindRow(played.after, played.op.slot);
    return absl::StrCat(SlotText(played.op.slot), " was adjusted to ",
                        RangeText(played.op.range), " and is ",
                        row == nullptr ? "gone" : RowText(*row));
  }
  const Subtree own = {was.first, was.first + 1};
  return OthersDiffer(played, own, own, [&](size_t i) { return before[i]; });
}

}  // namespace restree

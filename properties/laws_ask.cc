// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/device_memory.h"
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

constexpr uint64_t kPageMask = kPageBytes - 1;

// The pages that a range has a byte of, as numbers.
Range Pages(const Range& range) {
  return {range.start >> kPageShift, range.end >> kPageShift};
}

std::string AnswerText(const Played& played, uint64_t answer) {
  return absl::StrCat(InfoOf(played.op.verb).name, " answers 0x",
                      absl::Hex(played.seen.value), ", and it is 0x",
                      absl::Hex(answer));
}

}  // namespace

bool ExclusiveBelow(const State& state, Slot parent, const Range& range) {
  constexpr uint64_t kExclusiveRam = kResourceSystemRam | kResourceExclusive;
  const Subtree below = SubtreeOf(state, parent);
  for (size_t i = below.first + 1; i < below.last; ++i) {
    const Row& row = state.rows[i];
    if (!row.range.Overlaps(range)) continue;
    if ((row.flags & kExclusiveRam) == kExclusiveRam) return true;
    if ((row.flags & kResourceBusy) != 0 && !state.ledger.relaxed) return true;
  }
  return false;
}

Verdict ExclusiveIsWrong(const Played& played) {
  const Op& op = played.op;
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  Slot parent = op.parent;
  Range range = op.range;
  if (op.verb == Verb::kIomemIsExclusive) {
    parent = kIomem;
    range = {range.start & ~kPageMask, range.start | kPageMask};
  }
  if (range.end == UINT64_MAX) return std::nullopt;  // its end plus 1 wraps
  const uint64_t answer = ExclusiveBelow(played.before, parent, range) ? 1 : 0;
  if (played.seen.value == answer) return std::nullopt;
  return absl::StrCat(AnswerText(played, answer), " of ", RangeText(range));
}

Verdict SanityIsWrong(const Played& played) {
  const Range& range = played.op.range;
  const Subtree iomem = SubtreeOf(played.before, kIomem);
  const Row* crossed = nullptr;
  for (size_t i = iomem.first + 1; i < iomem.last; ++i) {
    const Row& row = played.before.rows[i];
    if (!row.range.Overlaps(range) || (row.flags & kResourceBusy) != 0) {
      continue;
    }
    if (!Pages(row.range).Contains(Pages(range))) crossed = &row;
  }
  const bool complains = played.seen.outcome == Outcome::kPerm;
  if (complains == ((played.seen.warnings & kWarnSpans) != 0) &&
      complains == (crossed != nullptr)) {
    return std::nullopt;
  }
  return absl::StrCat(Says(played), " of ", RangeText(range), ", and ",
                      crossed == nullptr ? "nothing" : RowText(*crossed),
                      " ends inside it");
}

Verdict PairIsWrong(const Played& played) {
  const Op& op = played.op;
  const Row* const a = FindRow(played.before, op.parent);
  const Row* const b = FindRow(played.before, op.slot);
  if (played.seen.outcome != Outcome::kOk || a == nullptr || b == nullptr) {
    return std::nullopt;
  }
  const bool overlap =
      a->range.start <= b->range.end && b->range.start <= a->range.end;
  const bool alike =
      (a->flags & kResourceTypeBits) == (b->flags & kResourceTypeBits) &&
      ((a->flags | b->flags) & kResourceUnset) == 0;
  const bool contains =
      a->range.start <= b->range.start && b->range.end <= a->range.end;
  const bool asks_contains = op.verb == Verb::kContains;
  const bool answer = asks_contains ? alike && contains : overlap;
  if ((played.seen.value != 0) != answer || played.seen.value > 1) {
    return absl::StrCat(AnswerText(played, answer ? 1 : 0), " of ", RowText(*a),
                        " and ", RowText(*b));
  }
  std::optional<Range> due;
  if (overlap && op.verb == Verb::kIntersection) {
    due = Range{std::max(a->range.start, b->range.start),
                std::min(a->range.end, b->range.end)};
  } else if (overlap && op.verb == Verb::kUnion) {
    due = Range{std::min(a->range.start, b->range.start),
                std::max(a->range.end, b->range.end)};
  }
  const auto& visits = played.seen.visits;
  const bool right = due ? visits.size() == 1 && visits[0] == Visit{*due, 0, 0}
                         : visits.empty();
  if (right) return std::nullopt;
  return absl::StrCat(InfoOf(op.verb).name, " of ", RowText(*a), " and ",
                      RowText(*b), " is ", due ? RangeText(*due) : "nothing");
}

Verdict SizeIsWrong(const Played& played) {
  const Row* const row = FindRow(played.before, played.op.slot);
  if (played.seen.outcome != Outcome::kOk || row == nullptr) {
    return std::nullopt;
  }
  const uint64_t size = row->range.end - row->range.start + 1;
  if (played.seen.value == size) return std::nullopt;
  return absl::StrCat(AnswerText(played, size), ": ", RowText(*row));
}

Verdict ListFirstIsWrong(const Played& played) {
  const Op& op = played.op;
  Slot first = kNoSlot;
  for (const Listed& it : played.before.ledger.listed) {
    const Row* const row = FindRow(played.before, it.slot);
    if (it.list != op.number || row == nullptr || first != kNoSlot) continue;
    if ((row->flags & kResourceTypeBits) == op.flags) first = it.slot;
  }
  const bool ok = played.seen.outcome == Outcome::kOk;
  if ((ok ? played.seen.found : kNoSlot) == first) return std::nullopt;
  return absl::StrCat(Says(played), " ", SlotText(played.seen.found),
                      ", and the first on l", op.number, " with that type is ",
                      SlotText(first));
}

Verdict ProcIsWrong(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const bool privileged = played.op.number == 0;
  const std::string text =
      IomemText(played.before, {}, played.op.parent, privileged);
  if (played.seen.text == text) return std::nullopt;
  return absl::StrCat("proc shows\n", played.seen.text, "and there is\n", text);
}

}  // namespace restree

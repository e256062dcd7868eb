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

// What a walk was asked, in the words of walk_iomem_res_desc.
struct Question {
  Range bytes;
  uint64_t flags = kResourceSystemRam | kResourceBusy;
  uint64_t desc = kDescNone;
  bool pages = false;    // visits are whole pages, in page frame numbers
  bool reverse = false;  // from high to low

  bool Matches(const Row& row) const {
    return (row.flags & flags) == flags &&
           (desc == kDescNone || desc == row.desc);
  }
};

Question QuestionOf(const Op& op) {
  Question question;
  question.bytes = op.range;
  switch (op.verb) {
    case Verb::kWalkDesc:
      question.flags = op.flags;
      question.desc = op.desc;
      break;
    case Verb::kWalkMem:
      question.flags = kResourceMem | kResourceBusy;
      break;
    case Verb::kWalkSystemRamRev:
      question.reverse = true;
      break;
    case Verb::kWalkSystemRamRange:
      question.pages = true;
      question.bytes = {op.range.start << kPageShift,
                        ((op.range.end + 1) << kPageShift) - 1};
      break;
    default:
      break;
  }
  return question;
}

using Visits = absl::InlinedVector<Visit, 16>;

// Appends the whole pages of `bytes`, as PFN_UP() and PFN_DOWN() round: modulo
// 2^64. Returns false where walk_system_ram_range gives up, which is when the
// first range has no whole page.
bool AppendPages(const Range& bytes, Visits* visits) {
  const uint64_t start = (bytes.start + kPageMask) >> kPageShift;
  const uint64_t end = (bytes.end + 1) >> kPageShift;
  if (end > start) visits->push_back({{start, end - 1}, 0, 0});
  return !visits->empty();
}

// Returns the visits of a walk that nobody stops, from low to high: each
// resource of iomem that matches and has nothing above it that does, clipped to
// the range. The walk ends where no more than one byte of the range is left.
Visits AllVisits(const State& state, const Question& question) {
  Visits visits;
  const Subtree iomem = SubtreeOf(state, kIomem);
  uint64_t start = question.bytes.start;
  uint32_t match_depth = UINT32_MAX;  // of the match that the row is below
  for (size_t i = iomem.first + 1; i < iomem.last; ++i) {
    if (start >= question.bytes.end) break;
    const Row& row = state.rows[i];
    if (row.range.start > question.bytes.end) break;
    if (row.depth > match_depth) continue;
    match_depth = UINT32_MAX;
    if (!question.Matches(row)) continue;
    match_depth = row.depth;
    if (row.range.end < start) continue;
    const Range clip = row.range.Intersection({start, question.bytes.end});
    if (!question.pages) {
      visits.push_back({clip, row.flags, row.desc});
    } else if (!AppendPages(clip, &visits)) {
      break;
    }
    if (clip.end == UINT64_MAX) break;
    start = clip.end + 1;
  }
  if (question.reverse) std::reverse(visits.begin(), visits.end());
  return visits;
}

// Returns whether `visits` has one that `same` likes; `hint` is where it should
// be.
template <typename List, typename Same>
bool Has(const List& visits, size_t hint, Same same) {
  if (hint < visits.size() && same(visits[hint])) return true;
  return std::any_of(visits.begin(), visits.end(), same);
}

std::string VisitText(const Played& played, const Visit& visit) {
  return absl::StrCat(InfoOf(played.op.verb).name, " visits ",
                      RangeText(visit.range));
}

}  // namespace

Verdict PageIsRamIsWrong(const Played& played) {
  const uint64_t pfn = played.op.range.start;
  Question question;
  question.pages = true;
  question.bytes = {pfn << kPageShift, ((pfn + 1) << kPageShift) - 1};
  const uint64_t answer = AllVisits(played.before, question).empty() ? 0 : 1;
  if (played.seen.value == answer) return std::nullopt;
  return absl::StrCat("page_is_ram answers ", played.seen.value, " of 0x",
                      absl::Hex(pfn), ", where ", answer == 0 ? "no" : "a",
                      " page of busy System RAM is");
}

Verdict WalkLeavesItsRange(const Played& played) {
  const Question question = QuestionOf(played.op);
  Range inside = question.bytes;
  if (question.pages) {
    // The start of the last page of all is rounded up to page 0.
    if (inside.end == UINT64_MAX) return std::nullopt;
    inside = {inside.start >> kPageShift, inside.end >> kPageShift};
  }
  const Visit* last = nullptr;
  for (const Visit& visit : played.seen.visits) {
    if (visit.range.inverted() || !inside.Contains(visit.range)) {
      return absl::StrCat(VisitText(played, visit), ", which is not inside ",
                          RangeText(inside));
    }
    const Visit* low = question.reverse ? &visit : last;
    const Visit* high = question.reverse ? last : &visit;
    if (last != nullptr && low->range.end >= high->range.start) {
      return absl::StrCat(VisitText(played, visit), " after ",
                          RangeText(last->range));
    }
    last = &visit;
  }
  return std::nullopt;
}

Verdict WalkVisitsAnother(const Played& played) {
  const auto& seen = played.seen.visits;
  if (seen.empty()) return std::nullopt;
  const Visits all = AllVisits(played.before, QuestionOf(played.op));
  for (size_t i = 0; i < seen.size(); ++i) {
    const auto same = [&](const Visit& visit) { return visit == seen[i]; };
    if (Has(all, i, same)) continue;
    return absl::StrCat(VisitText(played, seen[i]), " with flags 0x",
                        absl::Hex(seen[i].flags), " and desc 0x",
                        absl::Hex(seen[i].desc), ": nothing matches there");
  }
  return std::nullopt;
}

Verdict WalkLeavesOut(const Played& played) {
  if (played.seen.outcome == Outcome::kMisuse) return std::nullopt;
  if (played.seen.outcome == Outcome::kPerm &&
      played.after.ledger.fail_times < played.before.ledger.fail_times) {
    return std::nullopt;  // no memory to remember the visits in
  }
  const auto& seen = played.seen.visits;
  const Visits all = AllVisits(played.before, QuestionOf(played.op));
  size_t due = all.size();
  if (played.op.number != 0) due = std::min<size_t>(due, played.op.number);
  for (size_t i = 0; i < due; ++i) {
    const auto same = [&](const Visit& visit) {
      return visit.range == all[i].range;
    };
    if (Has(seen, i, same)) continue;
    return absl::StrCat(InfoOf(played.op.verb).name, " of ",
                        RangeText(played.op.range), " leaves out ",
                        RangeText(all[i].range));
  }
  return std::nullopt;
}

Verdict WalkEndsAmiss(const Played& played) {
  const Outcome outcome = played.seen.outcome;
  if (outcome == Outcome::kMisuse) return std::nullopt;
  const size_t visits = played.seen.visits.size();
  const uint32_t stop = played.op.number;
  Outcome due = Outcome::kOk;
  if (visits == 0) {
    due = played.op.verb == Verb::kWalkSystemRamRev ? Outcome::kPerm
                                                    : Outcome::kInval;
  } else if (stop != 0 && visits >= stop) {
    due = Outcome::kStopped;
  }
  if (outcome == due && (stop == 0 || visits <= stop)) return std::nullopt;
  return absl::StrCat(Says(played), " after ", visits,
                      " visits, where the callback stops at ", stop,
                      " (0: never); it should say ", OutcomeText(due));
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/signature.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/check.h"
#include "properties/pagemaps.h"

namespace restree {
namespace {

std::string ObservationDifference(const Observation& want,
                                  const Observation& got) {
  if (want.outcome != got.outcome) {
    return absl::StrCat(OutcomeText(want.outcome), "-",
                        OutcomeText(got.outcome));
  }
  if (want.warnings != got.warnings) return "warnings";
  if (want.found != got.found) return "found";
  if (want.pagemap != got.pagemap) return "pagemap";
  if (want.value != got.value) return "value";
  if (want.text != got.text) return "text";
  if (got.visits.size() < want.visits.size()) return "visits-missing";
  if (got.visits.size() > want.visits.size()) return "visits-extra";
  return want.visits == got.visits ? "nothing" : "visits";
}

// In the order of weight: a resource that is missing makes others differ, too.
enum class StateField {
  kMissing,
  kExtra,
  kParent,
  kRange,
  kFlags,
  kDesc,
  kRegion,
  kName,
  kOrder,
};

absl::string_view FieldText(StateField field) {
  switch (field) {
    case StateField::kMissing:
      return "missing";
    case StateField::kExtra:
      return "extra";
    case StateField::kParent:
      return "parent";
    case StateField::kRange:
      return "range";
    case StateField::kFlags:
      return "flags";
    case StateField::kDesc:
      return "desc";
    case StateField::kRegion:
      return "region";
    case StateField::kName:
      return "name";
    case StateField::kOrder:
      return "order";
  }
  return "";
}

StateField RowDifference(const Row& want, const Row& got) {
  if (want.parent != got.parent) return StateField::kParent;
  if (want.range != got.range) return StateField::kRange;
  if (want.flags != got.flags) return StateField::kFlags;
  if (want.desc != got.desc) return StateField::kDesc;
  if (want.region != got.region) return StateField::kRegion;
  if (want.name != got.name) return StateField::kName;
  return StateField::kOrder;
}

StateField StateDifference(const State& want, const State& got) {
  absl::flat_hash_map<Slot, const Row*> wanted;
  for (const Row& row : want.rows) wanted[row.slot] = &row;
  StateField difference = StateField::kOrder;
  size_t both = 0;
  for (const Row& row : got.rows) {
    const auto it = wanted.find(row.slot);
    both += it == wanted.end() ? 0 : 1;
    difference = std::min(difference, it == wanted.end()
                                          ? StateField::kExtra
                                          : RowDifference(*it->second, row));
  }
  return both < wanted.size() ? StateField::kMissing : difference;
}

// What differs where the rows do not. Objects that nobody sees come last: who
// forgets an entry has lost its object, too.
absl::string_view LedgerDifference(const Ledger& want, const Ledger& got) {
  if (want.waiters != got.waiters) return "waiters";
  if (want.devres != got.devres) return "devres";
  if (want.listed != got.listed) return "list";
  if (want.reserved != got.reserved) return "reserved";
  if (want.relaxed != got.relaxed) return "relaxed";
  if (want.inode != got.inode) return "inode";
  if (want.fail_nth != got.fail_nth || want.fail_times != got.fail_times) {
    return "fail_alloc";
  }
  if (want.pagemaps != got.pagemaps) return "pagemap";
  if (want.lookup != got.lookup) return "lookup";
  if (want.pages != got.pages) return "pages";
  if (want.memory != got.memory) return "memory";
  if (want.fail_step != got.fail_step ||
      want.fail_step_nth != got.fail_step_nth) {
    return "fail_step";
  }
  return want.live == got.live ? "order" : "leak";
}

absl::string_view StateDifferenceText(const State& want, const State& got) {
  if (want.rows == got.rows) return LedgerDifference(want.ledger, got.ledger);
  return FieldText(StateDifference(want, got));
}

std::string DifferenceText(const Failure& failure) {
  if (failure.kind != Failure::Kind::kDisagreement) {
    return std::string(OutcomeText(failure.got.outcome));
  }
  if (failure.what == "observation") {
    return ObservationDifference(failure.want, failure.got);
  }
  return std::string(
      StateDifferenceText(failure.want_state, failure.got_state));
}

// Returns the range that the op is about, in bytes; that of its resource if it
// gives none, or of where it looks for one; nothing if it is about no resource.
std::optional<Range> RangeOf(const Op& op, const State& before) {
  const VerbInfo& info = InfoOf(op.verb);
  if (info.Has(Field::kPfns) || info.Has(Field::kPfn)) {
    return Range{op.range.start << 12, ((op.range.end + 1) << 12) - 1};
  }
  if (info.Has(Field::kRange) || info.Has(Field::kAddress)) return op.range;
  if (info.Has(Field::kPagemap)) {
    const Pagemap* const pagemap = FindPagemap(before, op.slot);
    return pagemap == nullptr ? Range() : pagemap->ranges[0];
  }
  const bool defines = info.Has(Field::kDefines);
  if (!defines && !info.Has(Field::kSlot) && !info.Has(Field::kParent)) {
    return std::nullopt;
  }
  const bool is_own = !defines && info.Has(Field::kSlot);
  const Row* row = FindRow(before, is_own ? op.slot : op.parent);
  return row == nullptr ? Range() : row->range;
}

// Returns a resource in the tree that the op is about: its parent operand, or
// the resource that it changes, or iomem.
Slot PlaceOf(const Op& op) {
  const VerbInfo& info = InfoOf(op.verb);
  if (info.Has(Field::kParent)) return op.parent;
  if (info.Has(Field::kSlot)) return op.slot;
  return kIomem;
}

// In the order in which they win. Names are their own explanation in the
// header.
enum class Relation {
  kStraddles,
  kEqual,
  kCovers,
  kInside,
  kTouches,
  kDisjoint,
  kAlone,
};
constexpr absl::string_view kRelationTexts[] = {
    "straddles", "equal", "covers", "inside", "touches", "disjoint", "alone",
};

Relation RelationOf(const Range& range, const Range& other) {
  if (range == other) return Relation::kEqual;
  if (range.Overlaps(other)) {
    if (range.Contains(other)) return Relation::kCovers;
    if (other.Contains(range)) return Relation::kInside;
    return Relation::kStraddles;
  }
  const bool touches = range.start > other.end ? range.start - other.end == 1
                                               : other.start - range.end == 1;
  return touches ? Relation::kTouches : Relation::kDisjoint;
}

// Whether the op is about pagemaps, and not about resources.
bool IsOfPagemaps(Verb verb) {
  return verb >= Verb::kPagemap && verb <= Verb::kAltmapFree;
}

// How `range` lies to what is mapped, the op's own pagemap aside.
Relation RelationToMappings(const Op& op, const State& before,
                            const Range& range) {
  const bool has_own = !InfoOf(op.verb).Has(Field::kPfn);
  Relation relation = Relation::kAlone;
  for (const Pagemap& it : before.ledger.pagemaps) {
    if (IsIdle(it) || (has_own && it.number == op.slot)) continue;
    for (const Range& mapped : RangesOf(it)) {
      relation = std::min(relation, RelationOf(range, mapped));
    }
  }
  return relation;
}

std::string RelationText(const Failure& failure) {
  const State& before = failure.before;
  if (before.rows.empty()) return "unknown";
  const std::optional<Range> own = RangeOf(failure.op, before);
  if (!own) return "nowhere";
  const Range range = *own;
  if (range.inverted()) return "inverted";
  const Slot place = PlaceOf(failure.op);
  if (IsOfPagemaps(failure.op.verb)) {
    const Relation relation = RelationToMappings(failure.op, before, range);
    return std::string(kRelationTexts[static_cast<size_t>(relation)]);
  }
  Relation relation = Relation::kAlone;
  size_t first = 0;
  while (first < before.rows.size()) {
    size_t last = first + 1;
    while (last < before.rows.size() && before.rows[last].depth != 0) ++last;
    const bool is_the_tree =
        std::any_of(before.rows.begin() + first, before.rows.begin() + last,
                    [&](const Row& row) { return row.slot == place; });
    for (size_t i = first + 1; is_the_tree && i < last; ++i) {
      const Row& row = before.rows[i];
      if (row.slot == failure.op.slot) continue;
      relation = std::min(relation, RelationOf(range, row.range));
    }
    first = last;
  }
  return std::string(kRelationTexts[static_cast<size_t>(relation)]);
}

// What the machine's kernel complains of by itself; "" if it does not.
std::string Complaint(const Failure& failure) {
  const unsigned extra = failure.got.warnings & ~failure.want.warnings;
  if (failure.kind != Failure::Kind::kDisagreement) return "";
  const bool is_bug = (extra & kWarnBug) != 0;
  if (!is_bug && (extra & kWarnOn) == 0) return "";
  absl::string_view function = KernelFunction(failure.got.raised_in);
  // A loop without end, or a double kfree(), is noticed by others.
  if (function.empty()) {
    function = InfoOf(failure.op.verb).kernel;
    function = function.substr(0, function.find(','));
    if (function[0] == '(') function = InfoOf(failure.op.verb).name;
  }
  return absl::StrCat(is_bug ? "kernel-BUG." : "kernel-WARN.", function);
}

}  // namespace

absl::string_view KernelFunction(absl::string_view linked_name) {
  absl::string_view name = linked_name;
  if (!absl::ConsumePrefix(&name, "linux_")) return linked_name;
  if (absl::ConsumePrefix(&name, "tree_")) return name;
  const size_t end = name.find_first_not_of("0123456789_");
  // Of the underscores that follow the version, the first is its own.
  const size_t version = name.substr(0, end).find_last_of("0123456789");
  if (version == absl::string_view::npos || end == absl::string_view::npos) {
    return linked_name;
  }
  return name.substr(version + 2);
}

std::string Signature(const Failure& failure) {
  std::string complaint = Complaint(failure);
  if (!complaint.empty()) return complaint;
  return absl::StrCat(failure.what, ".", InfoOf(failure.op.verb).name, ".",
                      DifferenceText(failure), ".", RelationText(failure));
}

}  // namespace restree

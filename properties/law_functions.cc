// SPDX-License-Identifier: Apache-2.0
#include "properties/law_functions.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/laws.h"
#include "properties/row_text.h"

namespace restree {

Subtree SubtreeOf(const State& state, Slot slot) {
  const size_t size = state.rows.size();
  size_t first = 0;
  while (first < size && state.rows[first].slot != slot) ++first;
  if (first == size) return {size, size};
  const size_t depth = state.rows[first].depth;
  size_t last = first + 1;
  while (last < size && state.rows[last].depth > depth) ++last;
  return {first, last};
}

const Row* ParentOf(const State& state, size_t index) {
  const size_t depth = state.rows[index].depth;
  while (index > 0) {
    const Row& row = state.rows[--index];
    if (row.depth < depth) return &row;
  }
  return nullptr;
}

Rows ChildrenOf(const State& state, size_t index) {
  Rows children;
  for (size_t i = index + 1; i < state.rows.size(); ++i) {
    const uint32_t depth = state.rows[i].depth;
    if (depth <= state.rows[index].depth) break;
    if (depth == state.rows[index].depth + 1) {
      children.push_back(&state.rows[i]);
    }
  }
  return children;
}

Slot PlaceOf(const Op& op) {
  if (IsIn(op.verb, kFreePlaces)) return kIomem;
  if (op.verb == Verb::kReserveSetup) {
    return op.range.start < 0x10000 ? kIoport : kIomem;
  }
  return op.parent;
}

std::optional<Devres> UndoneBy(const Played& played) {
  const Op& op = played.op;
  if (!IsIn(op.verb, SetOf(Verb::kUnbind, Verb::kDevmRelease,
                           Verb::kDevmReleaseRegion, Verb::kDevmMemunmap))) {
    return std::nullopt;
  }
  Devres wanted;
  wanted.device = op.number;
  wanted.slot = op.slot;
  wanted.pagemap = op.verb == Verb::kDevmMemunmap;
  if (op.verb == Verb::kDevmReleaseRegion) {
    wanted.region = true;
    wanted.slot = op.parent;
    wanted.range = op.range;
  }
  const auto& devres = played.before.ledger.devres;
  for (size_t i = devres.size(); i-- > 0;) {
    if (devres[i].device != op.number) continue;
    if (op.verb == Verb::kUnbind || devres[i] == wanted) return devres[i];
  }
  return std::nullopt;
}

bool IsWoken(const Played& played, const Row& row) {
  const auto& waiters = played.before.ledger.waiters;
  return std::any_of(waiters.begin(), waiters.end(),
                     [&](const Waiter& it) { return it.slot == row.slot; });
}

NameId FullName(const Row& row) { return FullName(row.name, row.slot); }

bool SameBooks(const Ledger& a, const Ledger& b) {
  return a.devres == b.devres && a.listed == b.listed &&
         a.waiters == b.waiters && a.reserved == b.reserved &&
         a.relaxed == b.relaxed && a.inode == b.inode &&
         a.pagemaps == b.pagemaps && a.lookup == b.lookup &&
         a.pages == b.pages && a.memory == b.memory;
}

bool NothingButCounted(const Played& played) {
  return &played.before == &played.after ||
         (played.before.rows == played.after.rows &&
          SameBooks(played.before.ledger, played.after.ledger));
}

std::string InsteadOf(const Played& played, const Row& expected,
                      const Row* is) {
  if (is == nullptr) {
    return absl::StrCat(Says(played), ", and ", RowText(expected),
                        " is missing");
  }
  if (is == &expected) {
    return absl::StrCat(Says(played), ", and ", RowText(expected), " appears");
  }
  return absl::StrCat(Says(played), ", and where ", RowText(expected),
                      " should be there is ", RowText(*is),
                      RowText(*is) == RowText(expected)
                          ? ", which differs in something else"
                          : "");
}

std::string FirstDifference(const State& before, const State& after) {
  const size_t common = std::min(before.rows.size(), after.rows.size());
  size_t i = 0;
  while (i < common && before.rows[i] == after.rows[i]) ++i;
  if (i == before.rows.size() && i == after.rows.size()) {
    if (before.ledger == after.ledger) return "nothing has changed";
    return "what there is besides resources has changed";
  }
  if (i == before.rows.size()) {
    return absl::StrCat(RowText(after.rows[i]), " is new");
  }
  const Row& was = before.rows[i];
  if (i == after.rows.size()) return absl::StrCat(RowText(was), " is gone");
  const Row& is = after.rows[i];
  const bool same_text = RowText(was) == RowText(is);
  return absl::StrCat(RowText(is),
                      same_text
                          ? " has changed, but for its range"
                          : absl::StrCat(" is where ", RowText(was), " was"));
}

bool NothingChanged(const Played& played) {
  return &played.before == &played.after || played.before == played.after;
}

std::string Says(const Played& played) {
  return absl::StrCat(InfoOf(played.op.verb).name, " says ",
                      OutcomeText(played.seen.outcome));
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/law_functions.h"

#include <algorithm>
#include <cstddef>
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

const Row* FindRow(const State& state, Slot slot) {
  for (const Row& row : state.rows) {
    if (row.slot == slot) return &row;
  }
  return nullptr;
}

const Row* ParentOf(const State& state, size_t index) {
  const size_t depth = state.rows[index].depth;
  while (index > 0) {
    const Row& row = state.rows[--index];
    if (row.depth < depth) return &row;
  }
  return nullptr;
}

std::string FirstDifference(const State& before, const State& after) {
  const size_t common = std::min(before.rows.size(), after.rows.size());
  size_t i = 0;
  while (i < common && before.rows[i] == after.rows[i]) ++i;
  if (i == before.rows.size() && i == after.rows.size()) return "nothing";
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

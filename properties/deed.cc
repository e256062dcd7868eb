// SPDX-License-Identifier: Apache-2.0
#include "properties/deed.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/example_states.h"
#include "properties/laws.h"

namespace restree {

Row& Deed::was(Slot slot) { return RowOf(before, slot); }
Row& Deed::is(Slot slot) { return RowOf(after, slot); }

Deed LastOf(absl::string_view text, absl::string_view seen,
            AltmapVariant variant) {
  Deed deed;
  deed.variant = variant;
  const auto document = ParseTrace(text, "test");
  EXPECT_TRUE(document.ok()) << document.status();
  if (!document.ok()) return deed;
  Model model(variant);
  for (const Op& op : document->trace.ops) {
    model.Snapshot(&deed.before);
    deed.op = op;
    deed.seen = model.Apply(op);
  }
  model.Snapshot(&deed.after);
  const std::string got = ObservationText(deed.seen);
  EXPECT_TRUE(Meets(got, seen)) << got << " instead of " << seen;
  return deed;
}

std::vector<std::string> BrokenLaws(const Deed& deed, std::string* sentence) {
  std::vector<std::string> broken;
  const Played played = {deed.before, deed.op, deed.seen, deed.after,
                         deed.variant};
  const auto ask = [&](const Law& law) {
    if (!law.IsAbout(deed.op.verb)) return;
    auto verdict = law.broken(played);
    if (!verdict) return;
    broken.emplace_back(law.name);
    if (sentence != nullptr) *sentence = *std::move(verdict);
  };
  for (const Law& law : kLaws) ask(law);
  if (deed.variant == AltmapVariant::kNone) return broken;
  for (const Law& law : kVmemmapLaws) ask(law);
  return broken;
}

Deed LawfulDeed(absl::string_view tree, absl::string_view line,
                absl::string_view seen, AltmapVariant variant) {
  Deed deed = LastOf(absl::StrCat(tree, line, "\n"), seen, variant);
  EXPECT_EQ(BrokenLaws(deed), std::vector<std::string>()) << line;
  return deed;
}

void Drop(State* state, Slot slot) {
  const Row& row = RowOf(*state, slot);
  state->rows.erase(state->rows.begin() + (&row - state->rows.data()));
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// A model that has adopted a state is the model that has come to it.
#include <cctype>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/choices.h"
#include "properties/generate.h"
#include "properties/taste.h"

namespace restree {
namespace {

class AdoptTest : public testing::TestWithParam<AltmapVariant> {};

void ExpectEqual(const Model& a, const Model& b, State* state) {
  State other;
  a.Snapshot(state);
  b.Snapshot(&other);
  ASSERT_EQ(StateText(*state, {}), StateText(other, {}));
  ASSERT_EQ(*state, other);
  ASSERT_EQ(a.Digest(), b.Digest());
}

TEST_P(AdoptTest, AModelGoesOnAsTheOther) {
  constexpr int kTraces = 200, kOps = 100, kOpsBetween = 7;
  RandomChoices choices(1);
  for (int i = 0; i < kTraces; ++i) {
    const Taste taste = AnyTaste(choices);
    Model model(GetParam()), other(GetParam());
    State state;
    for (int op_index = 0; op_index < kOps; ++op_index) {
      model.Snapshot(&state);
      if (op_index % kOpsBetween == 0) other.Adopt(state);
      const Op op = AnyOp(choices, state, taste);
      const Observation seen = model.Apply(op);
      ASSERT_EQ(ObservationDetails(other.Apply(op)), ObservationDetails(seen));
      ASSERT_NO_FATAL_FAILURE(ExpectEqual(model, other, &state));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Variants, AdoptTest,
    testing::Values(AltmapVariant::kNone, AltmapVariant::kPatch,
                    AltmapVariant::kSound, AltmapVariant::kTree),
    [](const testing::TestParamInfo<AltmapVariant>& info) {
      std::string name = absl::StrCat("model", AltmapSuffix(info.param));
      for (char& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
      }
      return name;
    });

}  // namespace
}  // namespace restree

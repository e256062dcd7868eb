// SPDX-License-Identifier: Apache-2.0
#include "properties/effect.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/trace_text.h"
#include "properties/canaries.h"
#include "properties/check.h"
#include "properties/signature.h"

namespace restree {
namespace {

std::string EffectOn(absl::string_view canary, absl::string_view text) {
  const auto document = ParseTrace(text, "test");
  EXPECT_TRUE(document.ok()) << document.status();
  if (!document.ok()) return "";
  Model model;
  const std::unique_ptr<Machine> machine = MakeCanary(canary);
  const auto failure = Check(document->trace, {&model, machine.get()});
  return failure.has_value() ? Effect(*failure) : "nothing";
}

TEST(EffectTest, IsWhatTheMachineBreaksByItself) {
  EXPECT_EQ(EffectOn("RequestOverlapsByOneByte",
                     "r0 = request iomem 0x1000-0x1fff mem\n"
                     "r1 = request iomem 0x1fff-0x2fff mem\n"),
            "SiblingsAreSortedAndDisjoint");
  EXPECT_EQ(EffectOn("FailedDevmRequestLeaks",
                     "r0 = devm_request_resource d0 ioport 0x10000-0x10fff "
                     "mem\n"),
            "NothingLeaks");
}

TEST(EffectTest, IsTheDifferenceWhereNothingIsBroken) {
  EXPECT_EQ(EffectOn("InsertOfAnEqualRangeGoesBelow",
                     "r0 = request iomem 0x1000-0x1fff mem\n"
                     "r1 = insert iomem 0x1000-0x1fff mem\n"),
            "state.parent");
}

TEST(EffectTest, SaysWhetherSomethingWasAcceptedOrRefused) {
  Failure failure;
  failure.what = "observation";
  failure.want.outcome = Outcome::kBusy;
  failure.op.verb = Verb::kFailStep;
  EXPECT_EQ(Effect(failure), "observation.accepted");
  std::swap(failure.want, failure.got);
  EXPECT_EQ(Effect(failure), "observation.refused");
  failure.want.outcome = Outcome::kMisuse;
  EXPECT_EQ(Effect(failure), "observation.misuse-EBUSY");
  failure.got.warnings = kWarnBug;
  failure.got.raised_in = "linux_tree_insert_resource";
  EXPECT_EQ(Effect(failure), "kernel-BUG.insert_resource");
}

TEST(EffectTest, HasParts) {
  EXPECT_TRUE(IsPartOf("A", "A"));
  EXPECT_TRUE(IsPartOf("A+C", "A+B+C"));
  EXPECT_FALSE(IsPartOf("A+C", "A"));
  EXPECT_FALSE(IsPartOf("A", "AB"));
  EXPECT_TRUE(IsPartOf("", ""));
  EXPECT_FALSE(IsPartOf("", "A"));
}

TEST(EffectTest, IsTheNameOfWhatDoesNotHold) {
  Failure failure;
  failure.kind = Failure::Kind::kLaw;
  failure.what = "WalksLeaveNothingOut";
  EXPECT_EQ(Effect(failure), "WalksLeaveNothingOut");
}

}  // namespace
}  // namespace restree

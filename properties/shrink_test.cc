// SPDX-License-Identifier: Apache-2.0
#include "properties/shrink.h"

#include <memory>
#include <optional>

#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/oracle.h"
#include "model/trace.h"
#include "properties/campaign.h"
#include "properties/canaries.h"
#include "properties/check.h"

namespace restree {
namespace {

constexpr uint64_t kSeed = 2;
constexpr uint64_t kOps = 300'000;
constexpr size_t kLength = 40;

TEST(ShrinkTest, CanariesShrinkToTheirShortestTraces) {
  int shrunk_canaries = 0;
  int shortest = 0;
  for (const Canary& canary : Canaries()) {
    const std::unique_ptr<Machine> machine = MakeCanary(canary.name);
    Oracle oracle;
    Machine* const machines[] = {&oracle, machine.get()};
    const Campaign campaign = RunCampaign(kSeed, kOps, kLength, machines);
    // Not every bug falls to so few random ops; the canaries' own test sees to
    // that.
    if (!campaign.failure.has_value()) continue;
    Lockstep lockstep(machines);
    const ShrunkTrace shrunk =
        Shrink(campaign.trace, *campaign.failure, lockstep);
    // Only one edit at a time is tried, so some end an op above the minimum.
    EXPECT_LE(shrunk.trace.ops.size(), canary.ops_min + 1) << canary.name;
    shortest += shrunk.trace.ops.size() == canary.ops_min;
    EXPECT_EQ(shrunk.failure.op_index + 1, shrunk.trace.ops.size());
    EXPECT_EQ(shrunk.failure.what, campaign.failure->what) << canary.name;
    const std::optional<Failure> again = lockstep.Play(shrunk.trace);
    ASSERT_TRUE(again.has_value()) << canary.name;
    EXPECT_EQ(again->sentence, shrunk.failure.sentence) << canary.name;
    ++shrunk_canaries;
  }
  EXPECT_GE(shrunk_canaries, 15);
  // Some fail in another way than their shortest trace does, which takes more.
  EXPECT_GE(shortest, shrunk_canaries - 3);
}

}  // namespace
}  // namespace restree

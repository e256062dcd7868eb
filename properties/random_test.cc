// SPDX-License-Identifier: Apache-2.0
//
// The model against the oracle on random traces, with every invariant and law.

#include <cstdint>
#include <cstdio>

#include "gtest/gtest.h"
#include "model/model.h"
#include "model/oracle.h"
#include "properties/campaign.h"
#include "properties/report.h"
#include "properties/test_size.h"

namespace restree {
namespace {

class RandomTraces : public ::testing::TestWithParam<uint64_t> {};

void ExpectAgreement(uint64_t seed, uint64_t ops, size_t length) {
  Oracle oracle;
  Model model;
  const Campaign campaign = RunCampaign(seed, ops, length, {&oracle, &model});
  std::printf("seed %d: %d ops, %d traces, %d distinct end states\n",
              static_cast<int>(seed), static_cast<int>(campaign.ops),
              static_cast<int>(campaign.traces),
              static_cast<int>(campaign.end_states));
  EXPECT_GE(campaign.ops, ops);
  EXPECT_GT(campaign.end_states, campaign.traces / 2);
  if (campaign.failure) {
    ADD_FAILURE() << Report(campaign.trace, *campaign.failure, "");
  }
}

TEST_P(RandomTraces, AreTheSameOnModelAndOracle) {
  ExpectAgreement(GetParam(), TestSize(500000), 100);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTraces, ::testing::Values(1, 2, 3));

TEST(LongRandomTraces, AreTheSameOnModelAndOracle) {
  ExpectAgreement(4, TestSize(100000), 5000);
}

TEST(ShortRandomTraces, AreTheSameOnModelAndOracle) {
  ExpectAgreement(5, TestSize(100000), 5);
}

}  // namespace
}  // namespace restree

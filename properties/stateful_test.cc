// SPDX-License-Identifier: Apache-2.0
//
// RapidCheck against the model, and the quality of its shrinking.

#include "properties/stateful.h"

#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/trace_text.h"
#include "properties/canaries.h"
#include "properties/check.h"
#include "properties/test_size.h"

namespace restree {
namespace {

TEST(Stateful, ModelAgreesWithTheOracle) {
  Model model;
  const auto shrunk = RunStateful(1, static_cast<int>(TestSize(300)), model);
  EXPECT_FALSE(shrunk.has_value()) << shrunk->text;
}

TEST(Stateful, CounterexampleIsTraceText) {
  const auto canary = MakeCanary("RequestOverlapsByOneByte");
  const auto shrunk = RunStateful(1, 3000, *canary);
  ASSERT_TRUE(shrunk.has_value());
  const auto parsed = ParseTrace(shrunk->text, "counterexample");
  ASSERT_TRUE(parsed.ok()) << parsed.status().message() << shrunk->text;
  EXPECT_EQ(PrintTrace(parsed->trace), PrintTrace(shrunk->trace));
  EXPECT_TRUE(Check(parsed->trace, {canary.get()}).has_value());
}

TEST(Stateful, IsTheSameForASeed) {
  const auto canary = MakeCanary("ReleaseLosesTheNextSibling");
  const auto one = RunStateful(7, 3000, *canary);
  const auto two = RunStateful(7, 3000, *canary);
  ASSERT_TRUE(one.has_value());
  ASSERT_TRUE(two.has_value());
  EXPECT_EQ(one->trace, two->trace);
  EXPECT_EQ(one->ops, two->ops);
}

// A shrinker that gives up early, silently, is the usual way in which this
// breaks: then 60 ops are left, not one too many.
TEST(Stateful, ShrinksEveryCanaryToItsShortestTrace) {
  size_t runs = 0;
  size_t longer = 0;
  for (const Canary& canary : Canaries()) {
    size_t shortest = 1000;
    for (const uint64_t seed : {10, 11, 12}) {
      const auto machine = MakeCanary(canary.name);
      const auto shrunk = RunStateful(seed, 6000, *machine);
      ASSERT_TRUE(shrunk.has_value()) << canary.name;
      const size_t ops = shrunk->trace.ops.size();
      EXPECT_LE(ops, canary.ops_min + 1) << canary.name << "\n" << shrunk->text;
      shortest = std::min(shortest, ops);
      longer += ops > canary.ops_min;
      if (ops > canary.ops_min) {
        std::printf("%s, one op too many:\n%s",
                    std::string(canary.name).c_str(), shrunk->text.c_str());
      }
      ++runs;
    }
    EXPECT_EQ(shortest, canary.ops_min) << canary.name;
  }
  std::printf("%zu of %zu counterexamples are as short as can be\n",
              runs - longer, runs);
  EXPECT_LT(longer * 10, runs);
}

}  // namespace
}  // namespace restree

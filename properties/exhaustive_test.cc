// SPDX-License-Identifier: Apache-2.0
//
// The model against the oracle on all traces of each scope.

#include <cstdint>
#include <cstdio>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "model/model.h"
#include "model/oracle.h"
#include "model/trace.h"
#include "properties/choices.h"
#include "properties/explore.h"
#include "properties/report.h"
#include "properties/scope.h"
#include "properties/test_size.h"

namespace restree {
namespace {

class AllTraces : public ::testing::TestWithParam<Scope> {};

TEST_P(AllTraces, AreTheSameOnModelAndOracle) {
  const Scope& scope = GetParam();
  // A sanitizer makes the last step the first to go.
  const size_t ops_max = scope.ops_max - (TestSize(2) == 1 ? 1 : 0);
  Oracle oracle;
  Model model;
  const Exploration found = Explore(scope, ops_max, {&oracle, &model});
  std::printf("%s, %d ops a trace: %d states, %d ops, %d failures\n",
              ScopeText(scope).c_str(), static_cast<int>(ops_max),
              static_cast<int>(found.states), static_cast<int>(found.ops),
              found.failure ? 1 : 0);
  EXPECT_GT(found.states, 30u);
  EXPECT_GT(found.ops, found.states);
  if (found.failure) {
    ADD_FAILURE() << Report(found.trace, *found.failure, "");
  }
}

std::string NameOfScope(const ::testing::TestParamInfo<Scope>& info) {
  std::string name;
  for (const char c : info.param.name) name += c == ' ' ? '_' : c;
  return name;
}

INSTANTIATE_TEST_SUITE_P(Scopes, AllTraces,
                         ::testing::ValuesIn(Scopes().begin(), Scopes().end()),
                         NameOfScope);

constexpr Verb kTwoVerbs[] = {Verb::kRequest, Verb::kRelease};
constexpr uint64_t kZero[] = {0};
constexpr Scope kTiny = {.name = "tiny",
                         .verbs = kTwoVerbs,
                         .slots = 2,
                         .addresses = 2,
                         .flags = kZero,
                         .descs = kZero};

TEST(OpInScope, IsEachOpOnce) {
  Model model;
  State state;
  model.Snapshot(&state);
  EveryChoice every;
  std::set<uint64_t> ranges;
  int ops = 0;
  do {
    const Op op = OpInScope(every, state, kTiny);
    EXPECT_EQ(op, Normal(op));
    if (op.verb == Verb::kRequest) {
      ranges.insert(op.range.start * 16 + op.range.end);
    }
    ++ops;
  } while (every.Next());
  EXPECT_EQ(ranges, (std::set<uint64_t>{0x00, 0x01, 0x11}));
  EXPECT_EQ(ops, 3 + 1);  // and `release iomem`, which is misuse
}

// Worked out by hand: the states that two resources and two addresses make.
//   depth 1: r0 at 00, 01 or 11                               3
//   depth 2: r0 released, at each range                       3
//            r1 beside it, 00-11 and 11-00                    2
//            r1 below it: 00/00, 11/11, 01/{00,01,11}         5
TEST(Explore, CountsWhatCanBeCountedByHand) {
  Oracle oracle;
  EXPECT_EQ(Explore(kTiny, 0, {&oracle}).states, 1u);
  EXPECT_EQ(Explore(kTiny, 1, {&oracle}).states, 1u + 3);
  EXPECT_EQ(Explore(kTiny, 2, {&oracle}).states, 1u + 3 + 3 + 2 + 5);
  EXPECT_EQ(Explore(kTiny, 1, {&oracle}).ops, 4u);
}

}  // namespace
}  // namespace restree

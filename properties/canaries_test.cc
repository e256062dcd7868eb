// SPDX-License-Identifier: Apache-2.0
//
// Every engine finds every canary within its budget. libFuzzer's half of this
// is in fuzz/.

#include "properties/canaries.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/oracle.h"
#include "model/state.h"
#include "model/trace_text.h"
#include "properties/campaign.h"
#include "properties/check.h"
#include "properties/explore.h"
#include "properties/scope.h"
#include "properties/stateful.h"

namespace restree {
namespace {

constexpr uint64_t kRandomOpsMax = 200000;
constexpr uint64_t kAloneOpsMax = 200000;
constexpr int kTestsMax = 6000;

Trace Parsed(absl::string_view text) {
  const auto document = ParseTrace(text, "canary");
  EXPECT_TRUE(document.ok()) << document.status().message();
  return document.ok() ? document->trace : Trace();
}

TEST(Canaries, AreManyAndHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const Canary& canary : Canaries()) {
    names.insert(std::string(canary.name));
    EXPECT_EQ(MakeCanary(canary.name)->name(), canary.name);
  }
  EXPECT_GE(names.size(), 10u);
  EXPECT_EQ(names.size(), Canaries().size());
  EXPECT_EQ(MakeCanary("model"), nullptr);
}

TEST(Canaries, ShowTheirBugInTheirTraceAndNowhereBefore) {
  for (const Canary& canary : Canaries()) {
    const Trace trace = Parsed(canary.trace);
    Oracle oracle;
    Model model;
    const auto machine = MakeCanary(canary.name);
    const auto failure = Check(trace, {&oracle, machine.get()});
    EXPECT_EQ(trace.ops.size(), canary.ops_min) << canary.name;
    ASSERT_TRUE(failure.has_value()) << canary.name;
    EXPECT_EQ(failure->op_index + 1, canary.ops_min) << canary.name;
    EXPECT_FALSE(Check(trace, {&oracle, &model}).has_value()) << canary.name;
    EXPECT_EQ(Check(trace, {machine.get()}).has_value(), canary.shows_alone)
        << canary.name;
  }
}

TEST(Canaries, KeepTheirDigestsRight) {
  for (const Canary& canary : Canaries()) {
    const auto machine = MakeCanary(canary.name);
    for (const Op& op : Parsed(canary.trace).ops) machine->Apply(op);
    State state;
    machine->Snapshot(&state);
    EXPECT_EQ(machine->Digest(), StateDigest(state)) << canary.name;
  }
}

// Returns ops played until the failure, 0 if there was none.
uint64_t OpsAlone(Machine& machine) {
  const Campaign campaign = RunCampaign(1, kAloneOpsMax, 100, {&machine});
  return campaign.failure ? campaign.ops : 0;
}

// Returns the length of the shortest failing trace of all scopes, 0 if there is
// none of up to `ops_max` ops, and how many ops it took in its scope.
size_t ShortestInScopes(Machine& machine, size_t ops_max, uint64_t* ops) {
  Oracle oracle;
  size_t shortest = 0;
  for (const Scope& scope : Scopes()) {
    const Exploration found =
        Explore(scope, std::min(scope.ops_max, ops_max), {&oracle, &machine});
    if (!found.failure) continue;
    *ops = found.ops;
    shortest = found.trace.ops.size();
    ops_max = shortest - 1;  // is there a shorter one elsewhere?
  }
  return shortest;
}

std::string Count(uint64_t ops) {
  return ops == 0 ? "-" : absl::StrFormat("%d", ops);
}

TEST(Canaries, AreFoundByEveryEngine) {
  absl::PrintF("%-36s %8s %8s %10s %11s %6s\n", "ops until it is found",
               "random", "alone", "exhaustive", "RapidCheck", "shrunk");
  for (const Canary& canary : Canaries()) {
    const auto machine = MakeCanary(canary.name);
    Oracle oracle;
    const Campaign random =
        RunCampaign(1, kRandomOpsMax, 100, {&oracle, machine.get()});
    EXPECT_TRUE(random.failure.has_value()) << canary.name;
    const uint64_t alone = OpsAlone(*machine);
    EXPECT_EQ(alone != 0, canary.shows_alone) << canary.name;
    uint64_t explored = 0;
    EXPECT_EQ(ShortestInScopes(*machine, canary.ops_min, &explored),
              canary.ops_min)
        << canary.name;
    const auto shrunk = RunStateful(1, kTestsMax, *machine);
    ASSERT_TRUE(shrunk.has_value()) << canary.name;
    absl::PrintF("%-36s %8d %8s %10d %11d %6d\n", canary.name, random.ops,
                 Count(alone), explored, shrunk->ops, shrunk->trace.ops.size());
  }
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/minimize.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/oracle.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/campaign.h"
#include "properties/canaries.h"
#include "properties/check.h"
#include "properties/trace_order.h"

namespace restree {
namespace {

constexpr uint64_t kSeeds = 2;
constexpr uint64_t kOps = 100'000;
constexpr size_t kLength = 40;

Trace Parsed(absl::string_view text) {
  const auto document = ParseTrace(text, "test");
  EXPECT_TRUE(document.ok()) << document.status().message();
  return document.ok() ? document->trace : Trace();
}

// A canary beside the oracle.
class Pair {
 public:
  explicit Pair(absl::string_view canary) : machine_(MakeCanary(canary)) {}

  Campaign Run(uint64_t seed) {
    Campaign campaign = RunCampaign(seed, kOps, kLength, machines_);
    lockstep_.emplace(machines_);  // resets what the campaign has left
    return campaign;
  }
  Minimized Minimize(const Trace& trace, const MinimizeOptions& options = {}) {
    return restree::Minimize(
        trace, [this](const Trace& t) { return Play(t); }, options);
  }
  Attempt Play(const Trace& trace) {
    ++played_;
    return AttemptOn(*lockstep_, trace);
  }
  uint64_t played() const { return played_; }

 private:
  std::unique_ptr<Machine> machine_;
  Oracle oracle_;
  Machine* const machines_[2] = {&oracle_, machine_.get()};
  std::optional<Lockstep> lockstep_{machines_};
  uint64_t played_ = 0;
};

TEST(Minimize, KeepsTheSignatureAndEndsWithTheFailingOp) {
  int minimized_canaries = 0;
  for (const Canary& canary : Canaries()) {
    Pair pair(canary.name);
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const Campaign campaign = pair.Run(seed);
      if (!campaign.failure.has_value()) continue;
      const Attempt found = pair.Play(campaign.trace);
      const Minimized minimized = pair.Minimize(campaign.trace);
      EXPECT_EQ(minimized.attempt.signature, found.signature);
      EXPECT_EQ(minimized.attempt.op_index + 1, minimized.trace.ops.size());
      EXPECT_EQ(pair.Play(minimized.trace).signature, found.signature);
      EXPECT_LE(minimized.trace.ops.size(), campaign.trace.ops.size());
      ++minimized_canaries;
    }
  }
  EXPECT_GE(minimized_canaries, 50);
}

// Whatever trace shows the bug as the canary's own one does comes to that one.
TEST(Minimize, ComesToTheTraceOfTheCanary) {
  int minimized_traces = 0;
  int canonical = 0;
  for (const Canary& canary : Canaries()) {
    Pair pair(canary.name);
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const Campaign campaign = pair.Run(seed);
      if (!campaign.failure.has_value()) continue;
      const std::string signature = pair.Play(Parsed(canary.trace)).signature;
      if (pair.Play(campaign.trace).signature != signature) continue;
      const Minimized minimized = pair.Minimize(campaign.trace);
      EXPECT_EQ(minimized.trace.ops.size(), canary.ops_min) << canary.name;
      ++minimized_traces;
      canonical += PrintTrace(minimized.trace) == canary.trace;
    }
  }
  EXPECT_GE(minimized_traces, 20);
  EXPECT_EQ(canonical, minimized_traces);
}

TEST(Minimize, IsDeterministic) {
  Pair pair("DeepChildSticksOut");
  const Campaign campaign = pair.Run(1);
  const Minimized once = pair.Minimize(campaign.trace);
  const Minimized again = pair.Minimize(campaign.trace);
  EXPECT_EQ(once.trace, again.trace);
  EXPECT_EQ(once.evaluations, again.evaluations);
  EXPECT_EQ(once.scope, again.scope);
  EXPECT_EQ(once.others.size(), again.others.size());
}

TEST(Minimize, StaysWithinItsBudget) {
  Pair pair("DeepChildSticksOut");
  const Campaign campaign = pair.Run(1);
  for (const uint64_t budget : {1, 10, 100, 1000}) {
    const uint64_t before = pair.played();
    const Minimized minimized =
        pair.Minimize(campaign.trace, {.evaluations_max = budget});
    EXPECT_LE(minimized.evaluations, budget);
    EXPECT_EQ(minimized.evaluations, pair.played() - before);
    EXPECT_FALSE(minimized.attempt.signature.empty());
    EXPECT_EQ(pair.Play(minimized.trace).signature,
              minimized.attempt.signature);
  }
}

TEST(Minimize, LeavesATraceThatDoesNotFail) {
  Pair pair("DeepChildSticksOut");
  const Trace trace = Parsed("r0 = request iomem 0x1000-0x1fff mem\n");
  const Minimized minimized = pair.Minimize(trace);
  EXPECT_EQ(minimized.trace, trace);
  EXPECT_EQ(minimized.attempt.signature, "");
  EXPECT_EQ(minimized.evaluations, 1u);
}

// A player that knows two bugs: a trace with two releases, and one that ends
// with the first of them.
TEST(Minimize, KeepsWhatFailsInAnotherWay) {
  const auto play = [](const Trace& trace) -> Attempt {
    size_t releases = 0;
    for (size_t i = 0; i < trace.ops.size(); ++i) {
      if (trace.ops[i].verb != Verb::kRelease) continue;
      if (i == 0) return {"at once", 0};
      if (++releases == 2) return {"twice", i};
    }
    return {};
  };
  const Trace trace =
      Parsed("r0 = request iomem 0x1000-0x1fff mem\nrelease r0\nrelease r0\n");
  const Minimized minimized = Minimize(trace, play);
  EXPECT_EQ(minimized.attempt.signature, "twice");
  ASSERT_EQ(minimized.others.size(), 1u);
  EXPECT_EQ(minimized.others[0].attempt.signature, "at once");
  EXPECT_EQ(minimized.others[0].trace.ops.size(), 1u);
}

TEST(Minimize, ExplainsWhatCanVaryAndWhatWasRejected) {
  Pair pair("AdjustCutsThroughAChild");
  const Trace trace = Parsed(
      "r0 = request iomem 0x1000-0x1fff mem\n"
      "r1 = request r0 0x1000-0x1fff mem\n"
      "adjust r0 0x1000-0x17ff\n");
  const Minimized minimized = pair.Minimize(trace, {.explain = true});
  const std::string text = absl::StrJoin(minimized.explanation, "\n");
  EXPECT_TRUE(absl::StrContains(text, "op 3: the end 0x1fff may be")) << text;
  EXPECT_TRUE(absl::StrContains(text, "lack mem")) << text;
  EXPECT_TRUE(absl::StrContains(text, "op 1: request may be ")) << text;
  EXPECT_TRUE(absl::StrContains(text, "traces where nothing fails")) << text;
  EXPECT_TRUE(pair.Minimize(trace).explanation.empty());
}

// What each canary's shortest trace says is as simple as it gets.
TEST(Minimize, LeavesTheTracesOfCanaries) {
  for (const Canary& canary : Canaries()) {
    Pair pair(canary.name);
    const Minimized minimized = pair.Minimize(Parsed(canary.trace));
    EXPECT_EQ(PrintTrace(minimized.trace), std::string(canary.trace))
        << canary.name;
  }
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0

// Every kernel of this build in lockstep: random traces, and RapidCheck with
// the oracle beside it.
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "kernel/all_machines.h"
#include "kernel/kernels.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/campaign.h"
#include "properties/report.h"
#include "properties/stateful.h"
#include "properties/test_size.h"

namespace restree {
namespace {

// A machine, and how its ops ended.
class Counted : public Machine {
 public:
  explicit Counted(Machine& machine) : machine_(machine) {}

  absl::string_view name() const override { return machine_.name(); }
  Observation Apply(const Op& op) override {
    Observation seen = machine_.Apply(op);
    ++outcomes.of(op.verb, seen.outcome);
    return seen;
  }
  void Snapshot(State* state) const override { machine_.Snapshot(state); }
  uint64_t Digest() const override { return machine_.Digest(); }
  void Reset() override { machine_.Reset(); }
  bool Plays(Verb verb) const override { return machine_.Plays(verb); }
  bool JudgesMisuse() const override { return machine_.JudgesMisuse(); }
  void Adopt(const State& state) override { machine_.Adopt(state); }

  OutcomeCounts outcomes;

 private:
  Machine& machine_;
};

// What the model sees often, the kernel has to have seen, too: an op that it
// always sits out is an op that nobody compares.
TEST(KernelTest, EveryOutcomeOfEveryVerbIsPlayed) {
  constexpr uint64_t kOften = 20;
  for (const KernelInfo& info : Kernels()) {
    if (info.make == nullptr) continue;
    Model model;
    const std::unique_ptr<Machine> machine = info.make(AltmapVariant::kNone);
    Counted kernel(*machine);
    const Campaign campaign =
        RunCampaign(1, TestSize(300'000), 100, {&model, &kernel});
    ASSERT_FALSE(campaign.failure.has_value())
        << Report(campaign.trace, *campaign.failure, "");
    for (int v = 0; v < kVerbs; ++v) {
      const Verb verb = static_cast<Verb>(v);
      if (!kernel.Plays(verb)) continue;
      for (int o = 0; o < kOutcomes; ++o) {
        const Outcome outcome = static_cast<Outcome>(o);
        if (outcome == Outcome::kMisuse) continue;
        if (campaign.outcomes.of(verb, outcome) < kOften) continue;
        EXPECT_GT(kernel.outcomes.of(verb, outcome), 0u)
            << info.name << ": " << InfoOf(verb).name << " "
            << OutcomeText(outcome);
      }
    }
  }
}

// What is sound keeps the laws of the separate resource; what was proposed
// breaks them, and the kernels and the model do so in the same way.
TEST(KernelTest, VariantsAgree) {
  for (const AltmapVariant altmap :
       {AltmapVariant::kPatch, AltmapVariant::kSound}) {
    AllMachines machines(altmap);
    const Campaign campaign =
        RunCampaign(1, TestSize(200'000), 100, machines.all,
                    {.vmemmap_laws = altmap == AltmapVariant::kSound});
    EXPECT_FALSE(campaign.failure.has_value())
        << Report(campaign.trace, *campaign.failure, "");
  }
}

TEST(KernelTest, RapidCheckAgreesWithTheOracle) {
  for (const KernelInfo& info : Kernels()) {
    if (info.make == nullptr) continue;
    const std::unique_ptr<Machine> machine = info.make(AltmapVariant::kNone);
    const auto shrunk =
        RunStateful(1, static_cast<int>(TestSize(300)), *machine);
    EXPECT_FALSE(shrunk.has_value()) << info.name << "\n" << shrunk->text;
  }
}

}  // namespace
}  // namespace restree

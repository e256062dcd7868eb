// SPDX-License-Identifier: Apache-2.0
//
// Plays random traces on the model against the oracle, with every invariant and
// law, and says what was covered:
//
//   bazel run //properties:campaign -- --seed=1 --ops=100000000

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "model/model.h"
#include "model/oracle.h"
#include "properties/campaign.h"
#include "properties/canaries.h"
#include "properties/check.h"
#include "properties/report.h"
#include "properties/shrink.h"

ABSL_FLAG(uint64_t, seed, 1, "which traces to play");
ABSL_FLAG(uint64_t, ops, 10'000'000, "how many ops to play");
ABSL_FLAG(uint32_t, length, 100, "longest trace, in ops");
ABSL_FLAG(std::string, canary, "", "play this canary instead of the model");

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("plays the model against the oracle");
  absl::ParseCommandLine(argc, argv);
  restree::Oracle oracle;
  std::unique_ptr<restree::Machine> machine =
      std::make_unique<restree::Model>();
  if (const std::string name = absl::GetFlag(FLAGS_canary); !name.empty()) {
    machine = restree::MakeCanary(name);
  }
  const uint64_t seed = absl::GetFlag(FLAGS_seed);
  if (machine == nullptr || absl::GetFlag(FLAGS_length) == 0) {
    absl::FPrintF(stderr, "no such canary, or no length\n");
    return 2;
  }
  const absl::Time start = absl::Now();
  const restree::Campaign campaign = restree::RunCampaign(
      seed, absl::GetFlag(FLAGS_ops), absl::GetFlag(FLAGS_length),
      {&oracle, machine.get()});
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  absl::PrintF(
      "seed %d: %d ops in %d traces, %.0f ops/s, %d distinct end states\n",
      seed, campaign.ops, campaign.traces, campaign.ops / seconds,
      campaign.end_states);
  absl::PrintF("%.1f resources in a state, so deep:",
               static_cast<double>(campaign.rows) / campaign.ops - 2);
  for (uint64_t count : campaign.depths) {
    absl::PrintF(" %.3f", static_cast<double>(count) / campaign.ops);
  }
  absl::PrintF("\n%s", restree::OutcomeTable(campaign.outcomes));
  if (!campaign.failure) return 0;
  restree::Lockstep lockstep({&oracle, machine.get()});
  const restree::ShrunkTrace shrunk =
      restree::Shrink(campaign.trace, *campaign.failure, lockstep);
  absl::PrintF("%s", restree::Report(shrunk.trace, shrunk.failure, ""));
  return 1;
}

// SPDX-License-Identifier: Apache-2.0
//
// Plays random traces on machines in lockstep, with every invariant and law,
// and says what was covered:
//
//   bazel run //fuzz:campaign -- --seed=1 --ops=100000000
//   bazel run //fuzz:campaign -- --machines=model,linux-6.12
//   bazel run //fuzz:campaign -- --canary=AdjustCutsThroughAChild

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kernel/kernels.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/oracle.h"
#include "model/trace.h"
#include "properties/campaign.h"
#include "properties/canaries.h"
#include "properties/check.h"
#include "properties/divergence.h"
#include "properties/minimize.h"
#include "properties/referee.h"
#include "properties/report.h"

ABSL_FLAG(uint64_t, seed, 1, "which traces to play");
ABSL_FLAG(uint64_t, ops, 10'000'000, "how many ops to play");
ABSL_FLAG(uint32_t, length, 100, "longest trace, in ops");
ABSL_FLAG(std::vector<std::string>, machines,
          std::vector<std::string>({"oracle", "model"}),
          "what to play on, the reference first: oracle, model, linux-6.12, "
          "linux-6.1, linux; all of them may end in :altmap=patch or "
          ":altmap=sound; model:altmap=tree,linux:altmap=tree is a tree that "
          "registers altmaps by itself");
ABSL_FLAG(bool, vmemmap_laws, true,
          "ask the laws of the separate resource of an altmap, most of which "
          ":altmap=patch breaks, too");
ABSL_FLAG(bool, fails_in_each, false,
          "make an allocation or a step of a mapping fail in each trace");
ABSL_FLAG(std::string, canary, "", "play this canary beside the machines");

namespace restree {
namespace {

std::unique_ptr<Machine> MachineOf(absl::string_view name) {
  const auto altmap = TakeAltmapSuffix(&name);
  if (!altmap.has_value()) return nullptr;
  const bool is_trees = *altmap == AltmapVariant::kTree;
  if (name == "oracle" && !is_trees) return std::make_unique<Oracle>(*altmap);
  if (name == "model") return std::make_unique<Model>(*altmap);
  for (const KernelInfo& kernel : Kernels()) {
    if (kernel.name == name && kernel.make != nullptr &&
        (!is_trees || kernel.has_altmap_resource)) {
      return kernel.make(*altmap);
    }
  }
  return nullptr;
}

void Print(const Campaign& campaign, double seconds) {
  absl::PrintF(
      "seed %d: %d ops in %d traces, %.0f ops/s, %d distinct end states\n",
      absl::GetFlag(FLAGS_seed), campaign.ops, campaign.traces,
      campaign.ops / seconds, campaign.end_states);
  absl::PrintF("%.1f resources in a state, so deep:",
               static_cast<double>(campaign.rows) / campaign.ops - 2);
  for (const uint64_t count : campaign.depths) {
    absl::PrintF(" %.3f", static_cast<double>(count) / campaign.ops);
  }
  absl::PrintF("\n%s", OutcomeTable(campaign.outcomes));
  for (size_t i = 0; i < kDivergences.size(); ++i) {
    if (campaign.known[i] == 0) continue;
    absl::PrintF("known: %d times %s\n", campaign.known[i],
                 kDivergences[i].name);
  }
}

int Main() {
  std::vector<std::unique_ptr<Machine>> machines;
  for (const std::string& name : absl::GetFlag(FLAGS_machines)) {
    machines.push_back(MachineOf(name));
    if (machines.back() == nullptr) {
      absl::FPrintF(stderr, "machine %s is not available\n", name);
      return 3;
    }
  }
  if (const std::string name = absl::GetFlag(FLAGS_canary); !name.empty()) {
    machines.push_back(MakeCanary(name));
  }
  if (machines.empty() || machines.back() == nullptr ||
      !machines.front()->JudgesMisuse() || absl::GetFlag(FLAGS_length) == 0) {
    absl::FPrintF(stderr, "no such canary, no model or oracle, or no length\n");
    return 2;
  }
  std::vector<Machine*> all;
  for (const auto& machine : machines) all.push_back(machine.get());
  const absl::Time start = absl::Now();
  const Campaign campaign =
      RunCampaign(absl::GetFlag(FLAGS_seed), absl::GetFlag(FLAGS_ops),
                  absl::GetFlag(FLAGS_length), all,
                  {.vmemmap_laws = absl::GetFlag(FLAGS_vmemmap_laws),
                   .fails_in_each = absl::GetFlag(FLAGS_fails_in_each)});
  Print(campaign, absl::ToDoubleSeconds(absl::Now() - start));
  if (!campaign.failure) return 0;
  Lockstep lockstep(all);
  lockstep.set_vmemmap_laws(absl::GetFlag(FLAGS_vmemmap_laws));
  const Trace trace = Minimize(campaign.trace, [&](const Trace& candidate) {
                        return AttemptOn(lockstep, candidate);
                      }).trace;
  Failure failure = lockstep.Play(trace).value_or(*campaign.failure);
  if (all.front()->altmap() != AltmapVariant::kTree) {
    Oracle oracle(all.front()->altmap());
    failure.verdict = Verdict(trace, failure, oracle);
  }
  absl::PrintF("%s", Report(trace, failure, ""));
  return 1;
}

}  // namespace
}  // namespace restree

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("plays random traces on machines in lockstep");
  absl::ParseCommandLine(argc, argv);
  return restree::Main();
}

// SPDX-License-Identifier: Apache-2.0
//
// Measures what docs/triage.md has figures of:
//
//   bazel run //triage:measure -- --canaries --divergences
//   bazel run //triage:measure -- --clusters
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "kernel/kernels.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/canaries.h"
#include "properties/check.h"
#include "properties/divergence.h"
#include "properties/minimize.h"
#include "triage/measure.h"

ABSL_FLAG(bool, canaries, false, "minimize failures of each canary");
ABSL_FLAG(bool, divergences, false, "minimize those of each known divergence");
ABSL_FLAG(uint64_t, seeds, 100, "how many failing traces of each");
ABSL_FLAG(uint64_t, evaluations, 50'000, "budget of each minimization");
ABSL_FLAG(std::string, only, "", "measure what has this in its name");
ABSL_FLAG(bool, verbose, false, "print minimal traces, and those that differ");

namespace restree {
namespace {

Trace Parsed(absl::string_view text, absl::string_view name) {
  auto document = ParseTrace(text, std::string(name));
  if (document.ok()) return std::move(document->trace);
  absl::FPrintF(stderr, "%s\n", document.status().ToString());
  std::exit(2);
}

std::string Bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void PrintVerbose(const Samples& samples) {
  for (const auto& [signature, of_signature] : samples) {
    const std::string canonical = CanonicalText(of_signature);
    absl::PrintF("  %s: %d\n%s", signature, of_signature.size(), canonical);
    std::map<std::string, size_t> others;
    for (const Sample& sample : of_signature) {
      if (sample.text != canonical) ++others[sample.text];
    }
    for (const auto& [text, count] : others) {
      absl::PrintF("    and %d times\n%s", count, text);
    }
  }
}

void PrintHead() {
  absl::PrintF("%-36s %4s %4s %8s %6s %9s %5s %15s %13s\n", "", "best", "runs",
               "length", "excess", "canonical", "slips", "evaluations",
               "milliseconds");
}

void Measure(const Specimen& specimen) {
  if (!absl::StrContains(specimen.name, absl::GetFlag(FLAGS_only))) return;
  const Samples samples = SamplesOf(specimen, absl::GetFlag(FLAGS_seeds),
                                    absl::GetFlag(FLAGS_evaluations));
  const Figures all = FiguresOf(samples);
  // What the known optimum is of, if random traces fail so.
  Lockstep lockstep(specimen.machines);
  lockstep.set_strict(specimen.is_strict);
  const auto own = samples.find(AttemptOn(lockstep, specimen.trace).signature);
  std::string lengths = "-";
  if (own != samples.end()) {
    const Figures of_own = FiguresOf({*own});
    lengths = absl::StrFormat("%d-%d", of_own.ops_least, of_own.ops_most);
  }
  absl::PrintF("%-36s %4d %4d %8s %6d %4d of %d %5d %7d %7d %6.0f %6.0f\n",
               specimen.name, specimen.trace.ops.size(), all.samples, lengths,
               all.excess, all.canonical, samples.size(), all.slips,
               all.evaluations, all.evaluations_most, all.milliseconds,
               all.milliseconds_most);
  std::fflush(stdout);
  if (absl::GetFlag(FLAGS_verbose)) PrintVerbose(samples);
}

void MeasureCanaries() {
  for (const Canary& canary : Canaries()) {
    Model model;
    const std::unique_ptr<Machine> machine = MakeCanary(canary.name);
    Measure({std::string(canary.name),
             Parsed(canary.trace, canary.name),
             {&model, machine.get()}});
  }
}

void MeasureDivergences() {
  for (const KernelInfo& info : Kernels()) {
    if (info.make == nullptr) continue;
    for (const Divergence& it : kDivergences) {
      if (!it.IsOf(info.name)) continue;
      const std::string path =
          absl::StrFormat("corpus/divergences/%s.trace", it.name);
      Model model;
      const std::unique_ptr<Machine> kernel = info.make(AltmapVariant::kNone);
      Specimen specimen = {std::string(it.name),
                           Parsed(Bytes(path), path),
                           {&model, kernel.get()},
                           true};
      const auto plays = [&](const Op& op) { return kernel->Plays(op.verb); };
      if (std::all_of(specimen.trace.ops.begin(), specimen.trace.ops.end(),
                      plays)) {
        Measure(specimen);
      }
    }
  }
}

int Main() {
  PrintHead();
  if (absl::GetFlag(FLAGS_canaries)) MeasureCanaries();
  if (absl::GetFlag(FLAGS_divergences)) MeasureDivergences();
  return 0;
}

}  // namespace
}  // namespace restree

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("measures minimal traces and groups of crashes");
  absl::ParseCommandLine(argc, argv);
  return restree::Main();
}

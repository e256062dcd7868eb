// SPDX-License-Identifier: Apache-2.0
//
// Measures what docs/triage.md has figures of:
//
//   bazel run //triage/measure -- --canaries --divergences
//   bazel run //triage/measure -- --clusters
//   LINUX_SRC=... bazel run //triage/measure -- --planted=10
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

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
#include "model/trace_binary.h"
#include "model/trace_text.h"
#include "properties/canaries.h"
#include "properties/check.h"
#include "properties/divergence.h"
#include "properties/minimize.h"
#include "triage/measure/clusters.h"
#include "triage/measure/measure.h"
#include "triage/measure/regression.h"

ABSL_FLAG(bool, canaries, false, "minimize failures of each canary");
ABSL_FLAG(bool, divergences, false,
          "minimize those of each known divergence and of the regression");
ABSL_FLAG(bool, clusters, false, "group crashes of canaries");
ABSL_FLAG(uint32_t, planted, 0,
          "group crashes of so many bugs in the kernel of LINUX_SRC, which the "
          "environment variable PLANTED tells apart");
ABSL_FLAG(uint32_t, crashes, 1000, "how many crashes to group");
ABSL_FLAG(std::string, out, "", "write the crashes to this directory, too");
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

void MeasureRegression() {
  constexpr char kPath[] =
      "corpus/regressions/system_ram_below_a_window_is_missed.trace";
  Model model;
  ShallowIntersects machine;
  Trace trace = Parsed(Bytes(kPath), kPath);
  trace.ops.resize(3);  // which show it
  Measure({std::string(machine.name()), std::move(trace), {&model, &machine}});
}

// Writes crashes as libFuzzer would, each named by its bug.
void Write(const std::vector<Crashed>& crashes,
           const std::vector<std::string>& bugs, const std::string& directory) {
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  for (size_t i = 0; i < crashes.size(); ++i) {
    const std::vector<uint8_t> bytes = EncodeTrace(crashes[i].trace);
    std::ofstream file(
        absl::StrFormat("%s/crash-%04d-%s", directory, i, bugs[crashes[i].bug]),
        std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
}

void MeasureClusters(Culprits& culprits) {
  const std::vector<std::string> bugs = culprits.names();
  const std::vector<Crashed> crashes =
      MakeCrashes(culprits, absl::GetFlag(FLAGS_crashes));
  if (const std::string out = absl::GetFlag(FLAGS_out); !out.empty()) {
    Write(crashes, bugs, out);
  }
  const Clusters clusters = Group(crashes, culprits);
  std::set<std::string> signatures;
  size_t bugs_met = 0;
  for (size_t bug = 0; bug < bugs.size(); ++bug) {
    size_t count = 0;
    for (const Crashed& crash : crashes) {
      if (crash.bug != bug) continue;
      ++count;
      signatures.insert(crash.signature);
    }
    bugs_met += count > 0 ? 1 : 0;
    absl::PrintF("%-36s %4d crashes %3d clusters\n", bugs[bug], count,
                 clusters.With(bug));
  }
  absl::PrintF(
      "%d crashes of %d bugs, %d signatures: %d clusters, %.2f a bug, %d of "
      "several bugs; %d evaluations, %.1f s, %.0f crashes a second\n",
      crashes.size(), bugs_met, signatures.size(), clusters.groups.size(),
      static_cast<double>(clusters.groups.size()) /
          std::max<size_t>(bugs_met, 1),
      clusters.Merged(), clusters.evaluations, clusters.seconds,
      crashes.size() / clusters.seconds);
  if (!absl::GetFlag(FLAGS_verbose)) return;
  for (const auto& [form, counts] : clusters.groups) {
    for (const auto& [bug, count] : counts) {
      absl::PrintF("%d of %s  ", count, bugs[bug]);
    }
    absl::PrintF("\n%s", form);
  }
}

// Returns whether there is a kernel to plant bugs in.
bool MeasurePlanted(size_t bugs) {
  for (const KernelInfo& info : Kernels()) {
    if (info.name != "linux" || info.make == nullptr) continue;
    MeasureClusters(*PlantedCulprits(info.make(AltmapVariant::kNone), bugs));
    return true;
  }
  return false;
}

int Main() {
  if (absl::GetFlag(FLAGS_canaries) || absl::GetFlag(FLAGS_divergences)) {
    PrintHead();
  }
  if (absl::GetFlag(FLAGS_canaries)) MeasureCanaries();
  if (absl::GetFlag(FLAGS_divergences)) {
    MeasureRegression();
    MeasureDivergences();
  }
  if (absl::GetFlag(FLAGS_clusters)) MeasureClusters(*CanaryCulprits());
  const size_t planted = absl::GetFlag(FLAGS_planted);
  return planted == 0 || MeasurePlanted(planted) ? 0 : 3;
}

}  // namespace
}  // namespace restree

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("measures minimal traces and groups of crashes");
  absl::ParseCommandLine(argc, argv);
  return restree::Main();
}

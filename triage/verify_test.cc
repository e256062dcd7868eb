// SPDX-License-Identifier: Apache-2.0
#include "triage/verify.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "kernel/kernels.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/canaries.h"
#include "properties/check.h"
#include "triage/export.h"
#include "triage/recording.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

// What is tried: a trace, and on which machines.
struct Case {
  Recording sound;
  ExportInfo info;
  TestMachines machines;
};

Trace TraceOf(absl::string_view text) {
  const absl::StatusOr<TraceDocument> document = ParseTrace(text, "trace");
  EXPECT_TRUE(document.ok()) << document.status();
  return document.ok() ? document->trace : Trace();
}

Case CaseOf(absl::string_view name, const Trace& trace, TestMachines machines) {
  Case one;
  Model model;
  one.sound = Record(trace, model);
  one.info.name = TestName(name);
  one.machines = std::move(machines);
  return one;
}

std::vector<std::pair<std::string, Trace>> TracesIn(const std::string& name) {
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(name)) {
    files.insert(entry.path());
  }
  std::vector<std::pair<std::string, Trace>> traces;
  for (const fs::path& file : files) {
    std::ifstream in(file);
    traces.emplace_back(
        file.stem(),
        TraceOf(std::string(std::istreambuf_iterator<char>(in), {})));
  }
  return traces;
}

TestBench Bench() { return FindTestBench(std::getenv("TEST_SRCDIR")); }

// Exports all, prints how many and why others are not, and expects each that
// there is to be verified.
void ExpectVerified(absl::string_view what, const std::vector<Case>& cases) {
  std::vector<GtestJob> jobs;
  size_t kunit = 0, unverified = 0;
  std::vector<std::string> why;
  for (const Case& one : cases) {
    jobs.push_back({&one.sound, one.info, one.machines});
    const Exported test =
        VerifiedKunit(one.sound, one.info, one.machines, Bench());
    if (test.text.empty()) {
      why.push_back(one.info.name + ": " + test.note);
      continue;
    }
    ++kunit;
    unverified += test.verified ? 0 : 1;
    EXPECT_TRUE(test.verified) << one.info.name << " " << test.note << "\n"
                               << test.text;
  }
  std::cout << what << ": KUnit " << kunit - unverified << " of " << kunit
            << " verified, " << cases.size() - kunit << " have no KUnit test\n";
  for (const std::string& line : why) std::cout << "  " << line << "\n";
  const std::vector<Exported> tests = VerifiedGtests(jobs, Bench());
  ASSERT_EQ(tests.size(), cases.size());
  size_t verified = 0;
  for (size_t i = 0; i < tests.size(); ++i) {
    verified += tests[i].verified ? 1 : 0;
    EXPECT_TRUE(tests[i].verified)
        << cases[i].info.name << " " << tests[i].note << "\n"
        << tests[i].text;
  }
  std::cout << what << ": C++ " << verified << " of " << tests.size()
            << " verified\n";
}

TEST(VerifyTest, EveryCanary) {
  std::vector<Case> cases;
  for (const Canary& canary : Canaries()) {
    cases.push_back(CaseOf(canary.name, TraceOf(canary.trace),
                           {std::string(canary.name), {"model"}}));
    cases.back().info.sentence = std::string(canary.sentence);
  }
  ExpectVerified("canaries", cases);
}

// How a kernel plays a trace beside the model, every divergence a failure.
std::optional<Failure> StrictlyOn(const KernelInfo& kernel,
                                  const Trace& trace) {
  Model model;
  const std::unique_ptr<Machine> machine = kernel.make(AltmapVariant::kNone);
  Lockstep lockstep({&model, machine.get()});
  lockstep.set_strict(true);
  return lockstep.Play(trace);
}

bool Plays(const KernelInfo& kernel, const Trace& trace) {
  if (kernel.make == nullptr || kernel.name == "linux") return false;
  const std::unique_ptr<Machine> machine = kernel.make(AltmapVariant::kNone);
  return std::all_of(
      trace.ops.begin(), trace.ops.end(),
      [&machine](const Op& op) { return machine->Plays(op.verb); });
}

// The model, and the kernels that agree with it.
std::vector<std::string> SoundFor(const Trace& trace) {
  std::vector<std::string> sound = {"model"};
  for (const KernelInfo& kernel : Kernels()) {
    if (Plays(kernel, trace) && !StrictlyOn(kernel, trace)) {
      sound.emplace_back(kernel.name);
    }
  }
  return sound;
}

TEST(VerifyTest, EveryDivergence) {
  std::vector<Case> cases;
  for (const auto& [name, trace] : TracesIn("corpus/divergences")) {
    if (name == "FreeMemRegionTriesEveryPlace") continue;  // takes time alone
    for (const KernelInfo& kernel : Kernels()) {
      if (!Plays(kernel, trace) || !StrictlyOn(kernel, trace)) continue;
      cases.push_back(CaseOf(name + "_" + TestName(kernel.name), trace,
                             {std::string(kernel.name), SoundFor(trace)}));
    }
  }
  ExpectVerified("divergences", cases);
}

TEST(VerifyTest, EverySeed) {
  std::vector<Case> cases;
  for (const auto& [name, trace] : TracesIn("corpus/seeds")) {
    cases.push_back(CaseOf(name, trace, {"", SoundFor(trace)}));
  }
  ExpectVerified("seeds", cases);
}

TEST(VerifyTest, SaysWhatIsMissing) {
  TestBench bench = Bench();
  bench.c_compiler = bench.cxx_compiler = "";
  const Case one =
      CaseOf("one", TraceOf("r0 = request iomem 0x1-0x2\n"), {"", {"model"}});
  const Exported kunit =
      VerifiedKunit(one.sound, one.info, one.machines, bench);
  EXPECT_NE(kunit.text, "");
  EXPECT_FALSE(kunit.verified);
  EXPECT_EQ(kunit.note, "no C compiler; apt-get install clang-19");
  const GtestJob job = {&one.sound, one.info, one.machines};
  EXPECT_EQ(VerifiedGtests({&job, 1}, bench)[0].note,
            "no C++ compiler; apt-get install clang-19");
}

TEST(VerifyTest, ATestThatDoesNotCompileIsAlone) {
  const Case one =
      CaseOf("one", TraceOf("r0 = request iomem 0x1-0x2\n"), {"", {"model"}});
  Case bad = one;
  bad.info.name = "a;b";
  const GtestJob jobs[] = {{&one.sound, one.info, one.machines},
                           {&bad.sound, bad.info, bad.machines},
                           {&one.sound, one.info, one.machines}};
  const std::vector<Exported> tests = VerifiedGtests(jobs, Bench());
  EXPECT_TRUE(tests[0].verified) << tests[0].note;
  EXPECT_TRUE(absl::StartsWith(tests[1].note, "it does not compile: error: "))
      << tests[1].note;
  EXPECT_TRUE(tests[2].verified) << tests[2].note;
}

TEST(VerifyTest, ATestThatNeverFailsIsNotVerified) {
  const Case one = CaseOf("one", TraceOf("r0 = request iomem 0x1-0x2\n"),
                          {"RequestOverlapsByOneByte", {"model"}});
  const Exported kunit =
      VerifiedKunit(one.sound, one.info, one.machines, Bench());
  EXPECT_FALSE(kunit.verified);
  EXPECT_EQ(kunit.note, "does not fail on RequestOverlapsByOneByte");
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/verify.h"

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/observation.h"
#include "triage/export.h"
#include "triage/recording.h"
#include "triage/run_program.h"
#include "triage/temporary_directory.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kDoesNotCompile = "it does not compile: ";

// What is worth a note of a program's complaints: from `mark` to the end of the
// line, without the names of temporary files before it.
std::string Complaint(absl::string_view output, absl::string_view mark) {
  const size_t at = output.find(mark);
  if (at != absl::string_view::npos) output.remove_prefix(at);
  return std::string(output.substr(0, output.find('\n')));
}

// How a test failed, where that is not an expectation of its own. A leak or a
// warning fails no test in a kernel, but it is there to be seen.
std::string HowItFailed(const Ended& ended) {
  if (ended.late) return " (it does not end)";
  if (ended.signal != 0) return absl::StrCat(" (signal ", ended.signal, ")");
  if (absl::StrContains(ended.output, " FAILED at ")) return "";
  if (absl::StrContains(ended.output, ": leaks ")) {
    return " (a leak, which kmemleak reports)";
  }
  if (absl::StrContains(ended.output, " warn=")) {
    return " (a warning in the kernel's log)";
  }
  return "";
}

// How a test went on one machine.
enum class Verdict { kPasses, kFails, kSkipped, kBroken };

struct Trial {
  Verdict verdict = Verdict::kBroken;
  std::string why;  // if it fails or is broken
};

// A test that hangs or dies has failed: that is what the machine did.
Trial TrialOf(const Ended& ended) {
  if (ended.exit_code == 2 || ended.exit_code == 127) {
    return {Verdict::kBroken, Complaint(ended.output, "undefined symbol")};
  }
  if (ended.exit_code != 0) return {Verdict::kFails, HowItFailed(ended)};
  const bool skipped = absl::StrContains(ended.output, "# SKIP");
  return {skipped ? Verdict::kSkipped : Verdict::kPasses, ""};
}

using TryOn = std::function<Trial(const std::string& machine)>;

// Tries a test on each machine. Sets what came of it.
void Judge(const TestMachines& machines, const TryOn& try_on, Exported* test) {
  std::vector<std::string> passes;
  const auto fail = [test](std::string note) {
    test->verified = false;
    test->note = std::move(note);
  };
  std::string verdict;
  if (!machines.failing.empty()) {
    const Trial trial = try_on(machines.failing);
    if (trial.verdict != Verdict::kFails) {
      return fail(absl::StrCat(
          "does not fail on ", machines.failing,
          trial.verdict == Verdict::kSkipped ? ": it is skipped" : "",
          trial.why.empty() ? "" : ": ", trial.why));
    }
    verdict = absl::StrCat("fails on ", machines.failing, trial.why, ", ");
  }
  for (const std::string& machine : machines.sound) {
    const Trial trial = try_on(machine);
    if (trial.verdict != Verdict::kPasses) {
      return fail(absl::StrCat("does not pass on ", machine,
                               trial.verdict == Verdict::kBroken ? ": " : "",
                               trial.why));
    }
    passes.push_back(machine);
  }
  if (passes.empty()) return fail("there is no sound machine to try it on");
  test->verified = true;
  test->note = absl::StrCat(verdict, "passes on ", absl::StrJoin(passes, ", "));
}

// How the functions of a machine are called, and whose headers it takes.
struct Kernel {
  std::string prefix;
  std::string tree;  // the directory of its source; "" if there is none
};

Kernel KernelOf(absl::string_view machine, const TestBench& bench) {
  constexpr std::pair<absl::string_view, absl::string_view> kKernels[] = {
      {"linux-6.12", "linux_6_12"},
      {"linux-6.1", "linux_6_1"},
      {"linux", "linux_tree"},
  };
  Kernel any = {"machine_", ""};
  for (const auto& [name, repository] : kKernels) {
    const std::string tree = absl::StrCat(bench.runfiles, "/", repository);
    std::error_code ignored;
    if (!fs::exists(tree + "/include/linux/ioport.h", ignored)) continue;
    if (name == machine) return {absl::StrCat(repository, "_"), tree};
    if (any.tree.empty()) any.tree = tree;
  }
  return any;
}

// As the kernel's own units are compiled (kernel/linux_machine.bzl).
std::vector<std::string> KunitCommand(const Kernel& kernel,
                                      const TestBench& bench,
                                      const std::string& source,
                                      const std::string& object) {
  const std::string ours = bench.runfiles + "/restree";
  return {bench.c_compiler,
          "-std=gnu11",
          "-nostdinc",
          "-fno-builtin",
          "-fno-strict-aliasing",
          "-fno-strict-overflow",
          "-fms-extensions",
          "-w",
          "-Werror=implicit-function-declaration",
          "-Werror=int-conversion",
          "-Werror=incompatible-pointer-types",
          "-shared",
          "-fPIC",
          "-DKERNEL_PREFIX=" + kernel.prefix,
          "-iquote",
          ours,
          "-I" + ours + "/kernel/shim/include",
          "-isystem",
          kernel.tree,
          "-isystem",
          kernel.tree + "/include",
          "-isystem",
          kernel.tree + "/include/uapi",
          "-include",
          "triage/host/kunit_prelude.h",
          "-o",
          object,
          source};
}

uint32_t WarningsOf(const Recording& sound, size_t step) {
  uint32_t warnings = 0;
  for (size_t i = 0; i < sound.steps.size() && i <= step; ++i) {
    warnings |= sound.steps[i].observation.warnings;
  }
  return warnings;
}

Trial TryKunit(const TemporaryDirectory& scratch, const TestBench& bench,
               const std::string& machine, uint32_t warnings) {
  const Kernel kernel = KernelOf(machine, bench);
  if (kernel.tree.empty()) {
    return {Verdict::kBroken,
            "there is no kernel source here; apt-get install linux-source"};
  }
  const std::string object = scratch.File(kernel.prefix + ".so");
  std::error_code ignored;
  if (!fs::exists(object, ignored)) {
    const Ended compiled =
        RunProgram(KunitCommand(kernel, bench, scratch.File("test.c"), object),
                   "", bench.seconds);
    if (compiled.exit_code != 0) {
      return {
          Verdict::kBroken,
          absl::StrCat(kDoesNotCompile, Complaint(compiled.output, "error:"))};
    }
  }
  return TrialOf(RunProgram({bench.runfiles + "/restree/triage/host/kunit_host",
                             machine, absl::StrCat(warnings), object},
                            "", bench.seconds / 6));
}

Exported Unverified(std::string text, std::string note) {
  return {std::move(text), false, std::move(note)};
}

// Compiles them to tests.so. Returns what went wrong, or "".
std::string CompileGtests(absl::Span<const Exported> tests,
                          const TemporaryDirectory& scratch,
                          const TestBench& bench) {
  if (bench.cxx_compiler.empty()) {
    return "no C++ compiler; apt-get install clang-19";
  }
  std::string all;
  for (size_t i = 0; i < tests.size(); ++i) {
    const std::string name = absl::StrCat("test", i, ".cc");
    if (!scratch.Write(name, tests[i].text)) {
      return "no room for temporary files";
    }
    absl::StrAppend(&all, "#include \"", name, "\"\n");
  }
  if (!scratch.Write("all.cc", all)) return "no room for temporary files";
  const Ended compiled =
      RunProgram({bench.cxx_compiler, "-std=c++20", "-O0", "-w", "-shared",
                  "-fPIC", "-iquote", bench.runfiles + "/restree", "-o",
                  scratch.File("tests.so"), scratch.File("all.cc")},
                 "", bench.seconds);
  if (compiled.exit_code == 0) return "";
  return absl::StrCat(kDoesNotCompile, Complaint(compiled.output, "error:"));
}

void TryGtest(const GtestJob& job, const TemporaryDirectory& scratch,
              const TestBench& bench, Exported* test) {
  ExportInfo info = job.info;
  Judge(
      job.machines,
      [&](const std::string& machine) {
        return TrialOf(RunProgram(
            {bench.runfiles + "/restree/triage/host/gtest_host",
             scratch.File("tests.so"),
             absl::StrCat("--gtest_filter=Restree.", CamelName(info.name))},
            "RESTREE_MACHINE=" + machine, bench.seconds / 6));
      },
      test);
  if (!test->verified) return;
  info.verdict = test->note;
  test->text = *Export(ExportAs::kGtest, *job.sound, info);
}

}  // namespace

TestBench FindTestBench(const std::string& runfiles) {
  TestBench bench = {runfiles, "", ""};
  const auto find = [](const char* variable,
                       std::vector<std::string> names) -> std::string {
    const char* const wanted = std::getenv(variable);
    if (wanted != nullptr) names = {wanted};
    for (const std::string& name : names) {
      std::string path = FindProgram(name);
      if (!path.empty()) return path;
    }
    return "";
  };
  bench.c_compiler = find("CC", {"clang-19", "clang", "gcc", "cc"});
  bench.cxx_compiler = find("CXX", {"clang++-19", "clang++", "g++", "c++"});
  return bench;
}

Exported VerifiedKunit(const Recording& sound, ExportInfo info,
                       const TestMachines& machines, const TestBench& bench) {
  Exported best;
  info.verdict.clear();
  for (const KunitRoot root :
       {KunitRoot::kPrivate, KunitRoot::kHole, KunitRoot::kWhole}) {
    info.root = root;
    const absl::StatusOr<std::string> text =
        Export(ExportAs::kKunit, sound, info);
    if (!text.ok()) {
      if (best.text.empty()) best.note = std::string(text.status().message());
      continue;
    }
    Exported test = {*text, false, ""};
    if (bench.c_compiler.empty()) {
      return Unverified(*text, "no C compiler; apt-get install clang-19");
    }
    const TemporaryDirectory scratch;
    if (!scratch.Write("test.c", *text)) {
      return Unverified(*text, "no room for temporary files");
    }
    const uint32_t warnings = WarningsOf(sound, info.step);
    Judge(
        machines,
        [&](const std::string& machine) {
          return TryKunit(scratch, bench, machine, warnings);
        },
        &test);
    if (test.verified) {
      info.verdict = test.note;
      test.text = *Export(ExportAs::kKunit, sound, info);
      return test;
    }
    if (best.text.empty()) best = std::move(test);
  }
  return best;
}

std::vector<Exported> VerifiedGtests(absl::Span<const GtestJob> jobs,
                                     const TestBench& bench) {
  std::vector<Exported> tests;
  for (const GtestJob& job : jobs) {
    const absl::StatusOr<std::string> text =
        Export(ExportAs::kGtest, *job.sound, job.info);
    tests.push_back(
        Unverified(text.value_or(""), std::string(text.status().message())));
  }
  const TemporaryDirectory scratch;
  const std::string problem = CompileGtests(tests, scratch, bench);
  // One that does not compile must not take the others along.
  if (jobs.size() > 1 && absl::StartsWith(problem, kDoesNotCompile)) {
    for (size_t i = 0; i < jobs.size(); ++i) {
      tests[i] = VerifiedGtests(jobs.subspan(i, 1), bench).front();
    }
    return tests;
  }
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (tests[i].text.empty()) continue;
    tests[i].note = problem;
    if (problem.empty()) TryGtest(jobs[i], scratch, bench, &tests[i]);
  }
  return tests;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/machines.h"
#include "cli/packaged.h"
#include "fuzz/hunt.h"
#include "fuzz/hunt_report.h"

namespace restree {
namespace {

constexpr uint64_t kJobsMax = 1024;
constexpr uint64_t kSecondsMax = 1'000'000'000;

struct Flags {
  std::string machines;
  std::string out = "restree-hunt";
  std::string corpus;
  std::string fuzzer;
  std::string sanitizers;  // "" is "some"
  uint64_t seconds = 60;
  uint64_t jobs = std::max(1u, std::thread::hardware_concurrency());
  uint64_t seed = std::random_device()();
};

absl::StatusOr<Flags> ParseFlags(absl::Span<char*> arguments) {
  Flags flags;
  const auto words = ParseArguments(arguments,
                                    {{"machine", &flags.machines},
                                     {"seconds", &flags.seconds},
                                     {"jobs", &flags.jobs},
                                     {"out", &flags.out},
                                     {"corpus", &flags.corpus},
                                     {"seed", &flags.seed},
                                     {"sanitizers", &flags.sanitizers},
                                     {"fuzzer", &flags.fuzzer}},
                                    0);
  if (!words.ok()) return words.status();
  if (flags.jobs < 1 || flags.jobs > kJobsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("--jobs needs a number from 1 to ", kJobsMax));
  }
  if (flags.seconds > kSecondsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("--seconds needs a number up to ", kSecondsMax,
                     ", or 0 for until Ctrl-C"));
  }
  if (flags.out.empty()) {
    return absl::InvalidArgumentError("--out needs a directory");
  }
  if (!flags.fuzzer.empty() && !flags.sanitizers.empty()) {
    return absl::InvalidArgumentError(
        "--sanitizers chooses among the fuzzers of this build: not together "
        "with --fuzzer");
  }
  if (flags.sanitizers.empty()) flags.sanitizers = "some";
  if (flags.sanitizers != "some" && flags.sanitizers != "all" &&
      flags.sanitizers != "none") {
    return absl::InvalidArgumentError(absl::StrCat(
        "--sanitizers is some, all or none, not \"", flags.sanitizers, "\""));
  }
  return flags;
}

// Sets the fuzzers that `flags` ask for. NotFound says which is missing.
absl::Status ChooseFuzzers(const Flags& flags, bool with_kernels,
                           HuntOptions* options) {
  if (!flags.fuzzer.empty()) {
    options->fuzzer = flags.fuzzer;
    return absl::OkStatus();
  }
  const std::string name =
      with_kernels ? "kernel_fuzzer_libfuzzer" : "model_fuzzer_libfuzzer";
  const std::string plain = Packaged(absl::StrCat("fuzz/", name, "_nosan"));
  const std::string sanitized = Packaged(absl::StrCat("fuzz/", name));
  if (plain.empty() || sanitized.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "the fuzzers ", name, " and ", name,
        "_nosan are not beside this command; `bazel build //:restree` puts "
        "them there, or name one with --fuzzer=PATH"));
  }
  options->fuzzer = flags.sanitizers == "all" ? sanitized : plain;
  if (flags.sanitizers == "some") options->sanitized_fuzzer = sanitized;
  return absl::OkStatus();
}

int ExitCodeOf(const HuntSummary& summary) {
  const int code = summary.findings.empty() ? kExitClean : kExitFinding;
  if (summary.problem.ok()) return code;
  absl::FPrintF(stderr, "restree hunt: %s\n", summary.problem.message());
  return absl::IsNotFound(summary.problem) ||
                 absl::IsUnavailable(summary.problem)
             ? kExitUnavailable
             : kExitUsage;
}

int RunHunt(absl::Span<char*> arguments) {
  const absl::StatusOr<Flags> flags = ParseFlags(arguments);
  if (!flags.ok()) return BadUsage("hunt", flags.status());
  const absl::StatusOr<Selection> selection = Select(flags->machines);
  absl::Status status = selection.status();
  if (absl::IsInvalidArgument(status)) return BadUsage("hunt", status);
  HuntOptions options;
  if (status.ok()) {
    options.machines = NamesOf(*selection);
    if (!selection->note.empty()) {
      absl::FPrintF(stderr, "restree hunt: %s\n", selection->note);
    }
    status = ChooseFuzzers(*flags, !selection->under_test.empty(), &options);
  }
  if (!status.ok()) {
    absl::FPrintF(stderr, "restree hunt: %s\n", status.message());
    return kExitUnavailable;
  }
  options.directory = flags->out;
  options.seconds = flags->seconds;
  options.jobs = flags->jobs;
  options.seed = flags->seed;
  const std::string seeds = Packaged("fuzz/model_fuzzer_corpus");
  if (!seeds.empty()) options.seeds.push_back(seeds);
  if (!flags->corpus.empty()) options.seeds.push_back(flags->corpus);
  const absl::StatusOr<HuntSummary> summary = Hunt(options);
  if (!summary.ok()) {
    absl::FPrintF(stderr, "restree hunt: %s\n", summary.status().message());
    return absl::IsNotFound(summary.status()) ? kExitUnavailable : kExitUsage;
  }
  Output out;
  out.Append(HuntReport(*summary));
  return Finish(out, ExitCodeOf(*summary));
}

}  // namespace

const Command kHuntCommand = {
    "hunt", "look for bugs until time is up",
    R"(Usage: restree hunt [--machine=NAME,...] [--seconds=N] [--jobs=N]
                    [--out=DIR] [--corpus=DIR] [--seed=N]
                    [--sanitizers=some|all|none] [--fuzzer=PATH]

Runs fuzzers that play traces on the machines beside the model and share what
they learn, shows how they get on, and reports what they found. Ctrl-C ends it
early, with the report. Each bug becomes a file in DIR/findings that `restree
run` plays again; known ones are counted and do not stop the hunt.

A second hunt on the same DIR goes on where the first one ended, however it
ended: with its corpus, its findings and its count of distinct states. Delete
DIR, or name another, to start afresh.

  --machine=NAME,...  machines under test, of those that `restree machines`
                      lists; all of them by default. Names may end in
                      :altmap=patch or :altmap=sound, as for `restree run`
  --seconds=N         how long; 60 by default, 0 for until Ctrl-C
  --jobs=N            how many fuzzers; one a core by default
  --out=DIR           where all of it goes; restree-hunt by default, in the
                      current directory:
                        findings/    NAME.trace, and NAME.input if it crashes
                        corpus/      inputs that reached something new
                        logs/        what each fuzzer printed
                        report.txt   the report
  --corpus=DIR        more inputs to begin with: traces as bytes, or as text in
                      files called *.trace
  --seed=N            makes the fuzzers draw other numbers, or the same again;
                      as the clock has it by default, and in the report
  --sanitizers=WHICH  which fuzzers look for memory errors and undefined
                      behaviour too, at a fifth of the speed: some (every
                      fourth, if there are two or more), all, or none
  --fuzzer=PATH       another libFuzzer binary to run instead

Exits with 0 if DIR has no finding, 1 if it has, 2 if DIR or the disk does not
play along, and 3 if a machine or a fuzzer is not available, or no fuzzer came
to play a trace.

Example:
  restree hunt --seconds=2 --out=campaign
  restree hunt --seconds=2 --out=campaign
)",
    RunHunt};

}  // namespace restree

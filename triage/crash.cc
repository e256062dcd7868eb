// SPDX-License-Identifier: Apache-2.0
#include "triage/crash.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <list>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "fuzz/crash_log.h"
#include "fuzz/hunt_job.h"
#include "model/trace.h"
#include "model/trace_binary.h"
#include "properties/minimize.h"
#include "triage/finding_document.h"
#include "triage/temporary_directory.h"

namespace restree {
namespace {

constexpr std::chrono::milliseconds kTick(10);

// Sanitizers need a while to start and to name functions.
constexpr double kSecondsMore = 20;

// One process, which plays inputs number `first` to `last` - 1 until it dies.
struct Run {
  using Clock = std::chrono::steady_clock;

  size_t first = 0;
  size_t last = 0;
  HuntJob job;
  Clock::time_point until;

  std::string log() const { return absl::StrCat("log-", first); }
};

class Replay {
 public:
  Replay(const SanitizedFuzzer& fuzzer, const TemporaryDirectory& directory)
      : fuzzer_(fuzzer), directory_(directory) {}

  bool Start(Run* run) const;

  // Returns the number of the input that it was at in the end, if it died.
  std::optional<size_t> Died(const Run& run, std::string* log) const;

 private:
  const SanitizedFuzzer& fuzzer_;
  const TemporaryDirectory& directory_;
};

bool Replay::Start(Run* run) const {
  const int seconds = static_cast<int>(std::ceil(fuzzer_.seconds));
  HuntCommandLine command;
  command.arguments = {fuzzer_.path, "-runs=1", "-detect_leaks=0",
                       absl::StrCat("-timeout=", seconds)};
  for (size_t i = run->first; i < run->last; ++i) {
    command.arguments.push_back(absl::StrCat(directory_.path(), "/", i));
  }
  command.environment = {{"RESTREE_MACHINES", fuzzer_.machines},
                         {"UBSAN_OPTIONS", "print_stacktrace=1"}};
  const std::string symbolizer = SymbolizerPath();
  if (!symbolizer.empty() && std::getenv("ASAN_SYMBOLIZER_PATH") == nullptr) {
    command.environment.push_back({"ASAN_SYMBOLIZER_PATH", symbolizer});
  }
  command.log = directory_.path() + "/" + run->log();
  const double patience =
      kSecondsMore +
      fuzzer_.seconds * static_cast<double>(run->last - run->first);
  run->until =
      Run::Clock::now() + std::chrono::duration_cast<Run::Clock::duration>(
                              std::chrono::duration<double>(patience));
  return run->job.Start(command).ok();
}

std::optional<size_t> Replay::Died(const Run& run, std::string* log) const {
  *log = directory_.Read(run.log());
  const std::string key = absl::StrCat("Running: ", directory_.path(), "/");
  const size_t at = log->rfind(key);
  if (at == std::string::npos) return std::nullopt;
  const size_t begin = at + key.size();
  size_t number = 0;
  const std::string digits = log->substr(begin, log->find('\n', begin) - begin);
  if (!absl::SimpleAtoi(digits, &number)) return std::nullopt;
  if (absl::StrContains(log->substr(begin), "\nExecuted ")) return std::nullopt;
  return number;
}

// A frame without source is told by the path of its binary, which is another on
// every computer.
std::string WithoutBinaries(absl::string_view report) {
  std::string text;
  for (const absl::string_view line :
       absl::StrSplit(report, '\n', absl::SkipEmpty())) {
    const bool is_binary =
        absl::StrContains(line, " (/") && absl::EndsWith(line, ")");
    if (!is_binary) absl::StrAppend(&text, line, "\n");
  }
  return text;
}

}  // namespace

std::vector<SanitizedCrash> CrashesOf(const SanitizedFuzzer& fuzzer,
                                      absl::Span<const std::string> inputs,
                                      absl::FunctionRef<bool()> must_stop) {
  std::vector<SanitizedCrash> crashes;
  const TemporaryDirectory directory;
  if (directory.path().empty()) return crashes;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!directory.Write(absl::StrCat(i), inputs[i])) return crashes;
  }
  const Replay replay(fuzzer, directory);
  std::list<Run> runs;
  const auto start = [&](size_t first, size_t last) {
    if (first >= last) return;
    Run& run = runs.emplace_back();
    run.first = first;
    run.last = last;
    if (!replay.Start(&run)) runs.pop_back();
  };
  const size_t jobs = std::max<size_t>(fuzzer.jobs, 1);
  for (size_t i = 0; i < jobs; ++i) {
    start(inputs.size() * i / jobs, inputs.size() * (i + 1) / jobs);
  }
  while (!runs.empty() && !must_stop()) {
    std::this_thread::sleep_for(kTick);
    for (auto it = runs.begin(); it != runs.end();) {
      const bool is_late = Run::Clock::now() > it->until;
      if (!is_late && !it->job.Poll().has_value()) {
        ++it;
        continue;
      }
      std::string log;
      const std::optional<size_t> number = replay.Died(*it, &log);
      if (number.has_value()) {
        auto crash = CrashInReplay(log);
        if (crash.has_value()) {
          crashes.push_back({*number, *std::move(crash)});
        }
        start(*number + 1, it->last);
      }
      it = runs.erase(it);
    }
  }
  std::sort(crashes.begin(), crashes.end(),
            [](const SanitizedCrash& a, const SanitizedCrash& b) {
              return a.number < b.number;
            });
  return crashes;
}

Attempt AttemptWithFuzzer(const Trace& trace, const std::string& fuzzer,
                          const std::string& machines, double seconds_max) {
  if (trace.ops.empty()) return {};
  const std::vector<uint8_t> bytes = EncodeTrace(trace);
  const std::vector<SanitizedCrash> crashes = CrashesOf(
      {.path = fuzzer, .machines = machines, .seconds = seconds_max},
      {std::string(bytes.begin(), bytes.end())}, [] { return false; });
  if (crashes.empty()) return {};
  Attempt attempt;
  attempt.signature = crashes[0].crash.Name();
  attempt.op_index = trace.ops.size() - 1;
  attempt.effect = attempt.signature;
  return attempt;
}

Death DeathOf(const Crash& crash) {
  Death death = {"crash", crash.kind, crash.function,
                 WithoutBinaries(crash.report)};
  if (crash.kind == "timeout") {
    // Where in a loop, and after how long, is chance.
    death.kind = "timeout";
    death.report.clear();
  }
  if (absl::StrContains(crash.kind, "out-of-memory")) death.kind = "oom";
  if (absl::StrContains(crash.kind, "leak")) death.kind = "leak";
  return death;
}

}  // namespace restree

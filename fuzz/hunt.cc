// SPDX-License-Identifier: Apache-2.0
#include "fuzz/hunt.h"

#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "fuzz/atomic_file.h"
#include "fuzz/crash_log.h"
#include "fuzz/hunt_directory.h"
#include "fuzz/hunt_job.h"
#include "fuzz/hunt_report.h"
#include "fuzz/stats.h"

namespace restree {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kTick(100);
constexpr seconds kStopPatience(5);
constexpr seconds kYoung(3);        // a fuzzer that dies younger never worked
constexpr int kYoungDeathsMax = 3;  // in a row, of one job
constexpr size_t kJobsPerSanitized = 4;
constexpr uint64_t kFreeBytesMin = uint64_t{16} << 20;

volatile std::sig_atomic_t interrupted = 0;

void OnSignal(int signal) { interrupted = signal; }

// While it lives, the signals that end a hunt only set `interrupted`.
class SignalGuard {
 public:
  SignalGuard() {
    interrupted = 0;
    struct sigaction action = {};
    action.sa_handler = OnSignal;
    for (size_t i = 0; i < std::size(kSignals); ++i) {
      sigaction(kSignals[i], &action, &old_[i]);
    }
  }
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;
  ~SignalGuard() {
    for (size_t i = 0; i < std::size(kSignals); ++i) {
      sigaction(kSignals[i], &old_[i], nullptr);
    }
  }

 private:
  static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction old_[std::size(kSignals)];
};

// Returns how many columns a line may have that shall not wrap; 0 if any.
size_t ProgressWidth(bool terminal) {
  if (!terminal) return 0;
  struct winsize size = {};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
  return (known && size.ws_col > 1 ? size.ws_col : 80) - 1;
}

class Campaign {
 public:
  Campaign(const HuntOptions& options, HuntDirectory directory, Stats stats)
      : options_(options),
        directory_(std::move(directory)),
        stats_(std::move(stats)),
        before_(stats_.Read()),
        workers_(options.jobs) {}

  absl::Status Prepare();
  absl::Status Run();
  void Stop();
  HuntSummary Finish(absl::Status problem);

 private:
  struct Worker {
    HuntJob job;
    Clock::time_point started;
    uint64_t starts = 0;
    int young_deaths = 0;
    bool has_worked = false;      // since it was started
    uint64_t execs_at_start = 0;  // of all
    std::streamoff log_read = 0;
    uint64_t coverage = 0;
  };

  absl::Status StartWorker(size_t number);
  absl::Status TakeCareOf(size_t number);
  bool IsSanitized(size_t number) const {
    return !options_.sanitized_fuzzer.empty() && options_.jobs > 1 &&
           number % kJobsPerSanitized == 0;
  }
  HuntCommandLine CommandLine(size_t number) const;
  void ReadLog(size_t number);
  void ShowProgress();
  HuntSummary Summary() const;

  const HuntOptions options_;
  HuntDirectory directory_;
  Stats stats_;
  const Figures before_;
  std::deque<Worker> workers_;
  std::map<std::string, uint64_t> known_;  // findings, and their counts, before
  Clock::time_point began_ = Clock::now();
  Clock::time_point shown_ = began_;
  HuntSummary last_shown_;
  std::string ended_by_;
  size_t restarts_ = 0;
  const bool terminal_ = isatty(STDERR_FILENO) != 0;
};

absl::Status Campaign::Prepare() {
  const size_t corpus_files = directory_.CorpusFiles();
  for (const FindingFile& finding : directory_.Findings()) {
    known_[finding.name] = stats_.FindingsOf(StableHash(finding.name));
  }
  if (corpus_files > 0 || !known_.empty()) {
    std::fprintf(stderr, "hunt: resuming %s with %zu corpus files and %zu %s\n",
                 options_.directory.c_str(), corpus_files, known_.size(),
                 known_.size() == 1 ? "finding" : "findings");
  }
  const auto left_over = directory_.CollectArtifacts(std::nullopt, &stats_);
  if (!left_over.ok()) return left_over.status();
  if (*left_over > 0) {
    std::fprintf(stderr, "hunt: kept %zu crashes of a hunt that was killed\n",
                 *left_over);
  }
  size_t seeds_added = 0;
  for (const std::string& seeds : options_.seeds) {
    const auto count = directory_.AddSeeds(seeds);
    if (!count.ok()) return count.status();
    seeds_added += *count;
  }
  if (seeds_added > 0) {
    std::fprintf(stderr, "hunt: seeds new to the corpus: %zu\n", seeds_added);
  }
  return directory_.ReplayFindings();
}

HuntCommandLine Campaign::CommandLine(size_t number) const {
  const Worker& worker = workers_[number];
  // libFuzzer takes 32 bits, and 0 for "some other".
  const uint64_t seed =
      StableHash(absl::StrCat(options_.seed, " ", number, " ", worker.starts));
  HuntCommandLine command;
  command.arguments = {
      IsSanitized(number) ? options_.sanitized_fuzzer : options_.fuzzer,
      "-reload=1",
      // Long traces from the start, and no time spent on which input to take:
      // both find canaries sooner.
      "-max_len=8192",
      "-len_control=0",
      "-entropic=0",
      "-detect_leaks=0",
      "-timeout=30",
      "-print_final_stats=1",
      absl::StrCat("-seed=", seed % 0x7fffffff + 1),
      absl::StrCat("-artifact_prefix=", directory_.artifacts(), "/", number,
                   "-"),
  };
  command.arguments.insert(command.arguments.end(),
                           options_.fuzzer_flags.begin(),
                           options_.fuzzer_flags.end());
  command.arguments.push_back(directory_.corpus());
  command.environment = {{"RESTREE_FINDINGS", directory_.findings()},
                         {"RESTREE_STATS", directory_.stats()},
                         {"RESTREE_MACHINES", options_.machines}};
  const std::string symbolizer = SymbolizerPath();
  if (!symbolizer.empty() && std::getenv("ASAN_SYMBOLIZER_PATH") == nullptr) {
    command.environment.push_back({"ASAN_SYMBOLIZER_PATH", symbolizer});
  }
  if (std::getenv("UBSAN_OPTIONS") == nullptr) {
    command.environment.push_back({"UBSAN_OPTIONS", "print_stacktrace=1"});
  }
  command.log = directory_.log(number);
  return command;
}

absl::Status Campaign::StartWorker(size_t number) {
  Worker& worker = workers_[number];
  const absl::Status status = worker.job.Start(CommandLine(number));
  worker.started = Clock::now();
  worker.has_worked = false;
  worker.execs_at_start = stats_.Read().execs;
  ++worker.starts;
  return status;
}

// Keeps what a fuzzer that died has left, and starts it again.
absl::Status Campaign::TakeCareOf(size_t number) {
  Worker& worker = workers_[number];
  const std::optional<int> end = worker.job.Poll();
  ReadLog(number);
  if (!end.has_value()) return absl::OkStatus();
  const auto crashes = directory_.CollectArtifacts(number, &stats_);
  if (!crashes.ok()) return crashes.status();
  const bool young = Clock::now() - worker.started < kYoung;
  // One that somebody else killed while it loaded the corpus had no time to
  // say that it works.
  const bool killed = WIFSIGNALED(*end) && WTERMSIG(*end) == SIGKILL;
  const bool worked = *crashes > 0 || worker.has_worked ||
                      (killed && stats_.Read().execs > worker.execs_at_start);
  worker.young_deaths = young && !worked ? worker.young_deaths + 1 : 0;
  if (worker.young_deaths >= kYoungDeathsMax) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the fuzzer dies as soon as it starts: see ", directory_.log(number)));
  }
  ++restarts_;
  return StartWorker(number);
}

void Campaign::ReadLog(size_t number) {
  Worker& worker = workers_[number];
  std::ifstream log(directory_.log(number), std::ios::binary);
  log.seekg(worker.log_read);
  const std::string text(std::istreambuf_iterator<char>(log), {});
  // A line that is not complete is read again.
  const size_t end = text.rfind('\n') + 1;
  worker.log_read += static_cast<std::streamoff>(end);
  const auto coverage = LastCoverage(absl::string_view(text).substr(0, end));
  worker.has_worked |= coverage.has_value();
  worker.coverage = coverage.value_or(worker.coverage);
}

absl::Status Campaign::Run() {
  began_ = shown_ = Clock::now();
  last_shown_ = Summary();
  for (size_t number = 0; number < workers_.size(); ++number) {
    // Reports of earlier hunts are not about this one.
    std::ifstream log(directory_.log(number), std::ios::ate);
    if (log) workers_[number].log_read = log.tellg();
    absl::Status status = StartWorker(number);
    if (!status.ok()) return status;
  }
  std::fprintf(stderr, "hunt: %zu %s at work in %s, %s\n", options_.jobs,
               options_.jobs == 1 ? "fuzzer" : "fuzzers",
               options_.directory.c_str(),
               options_.seconds == 0
                   ? "until Ctrl-C"
                   : absl::StrCat("for ", options_.seconds, " s").c_str());
  const bool endless = options_.seconds == 0;
  const seconds time_max(endless ? 0 : options_.seconds);
  while (endless || Clock::now() - began_ < time_max) {
    std::this_thread::sleep_for(kTick);
    if (interrupted != 0) {
      ended_by_ = interrupted == SIGINT    ? "Ctrl-C"
                  : interrupted == SIGTERM ? "SIGTERM"
                                           : "SIGHUP";
      break;
    }
    if (directory_.FreeBytes() < kFreeBytesMin) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "the disk of ", options_.directory, " is full: hunt ended early"));
    }
    for (size_t number = 0; number < workers_.size(); ++number) {
      absl::Status status = TakeCareOf(number);
      if (!status.ok()) return status;
    }
    ShowProgress();
  }
  return absl::OkStatus();
}

void Campaign::ShowProgress() {
  const auto now = Clock::now();
  if (now - shown_ < (terminal_ ? seconds(1) : seconds(10))) return;
  shown_ = now;
  HuntSummary summary = Summary();
  std::fprintf(
      stderr, terminal_ ? "\r%s\x1b[K" : "%s\n",
      HuntProgress(summary, last_shown_, ProgressWidth(terminal_)).c_str());
  last_shown_ = std::move(summary);
}

void Campaign::Stop() {
  if (terminal_) std::fprintf(stderr, "\n");
  for (Worker& worker : workers_) worker.job.Signal(SIGTERM);
  const auto deadline = Clock::now() + kStopPatience;
  const auto running = [](const Worker& worker) {
    return worker.job.running();
  };
  while (Clock::now() < deadline &&
         std::any_of(workers_.begin(), workers_.end(), running)) {
    std::this_thread::sleep_for(kTick / 10);
    for (Worker& worker : workers_) worker.job.Poll();
  }
  for (size_t number = 0; number < workers_.size(); ++number) ReadLog(number);
}

HuntSummary Campaign::Summary() const {
  HuntSummary summary;
  summary.seconds =
      std::chrono::duration<double>(Clock::now() - began_).count();
  summary.seconds_max = options_.seconds;
  summary.jobs = options_.jobs;
  summary.seed = options_.seed;
  summary.directory = options_.directory;
  summary.machines = options_.machines;
  summary.fuzzer = options_.sanitized_fuzzer.empty()
                       ? options_.fuzzer
                       : options_.sanitized_fuzzer;
  summary.ended_by = ended_by_;
  summary.restarts = restarts_;
  summary.figures = stats_.Read().Since(before_);
  summary.resumed = before_.execs > 0;
  // The edges of one binary and of another do not compare.
  for (size_t number = 0; number < workers_.size(); ++number) {
    if (IsSanitized(number)) continue;
    summary.coverage = std::max(summary.coverage, workers_[number].coverage);
  }
  summary.corpus_files = directory_.CorpusFiles();
  summary.finding_files = directory_.Findings().size();
  return summary;
}

HuntSummary Campaign::Finish(absl::Status problem) {
  HuntSummary summary = Summary();
  summary.problem = std::move(problem);
  workers_.clear();  // kills what did not want to end
  const auto crashes = directory_.CollectArtifacts(std::nullopt, &stats_);
  summary.problem.Update(crashes.status());
  for (FindingFile& file : directory_.Findings()) {
    HuntFinding finding;
    const auto known = known_.find(file.name);
    finding.is_new = known == known_.end();
    finding.count = stats_.FindingsOf(StableHash(file.name)) -
                    (finding.is_new ? 0 : known->second);
    finding.file = std::move(file);
    summary.findings.push_back(std::move(finding));
  }
  summary.finding_files = summary.findings.size();
  const bool idle =
      summary.figures.execs == 0 && stats_.Read().findings == before_.findings;
  if (idle && summary.problem.ok()) {
    summary.problem = absl::UnavailableError(
        absl::StrCat("no fuzzer has played a trace: see ", directory_.log(0)));
  }
  summary.problem.Update(
      WriteAtomically(directory_.report(), HuntReport(summary)));
  return summary;
}

}  // namespace

absl::StatusOr<HuntSummary> Hunt(const HuntOptions& options) {
  for (const std::string& fuzzer : {options.fuzzer, options.sanitized_fuzzer}) {
    if (fuzzer.empty() || access(fuzzer.c_str(), X_OK) == 0) continue;
    return absl::NotFoundError(
        absl::StrCat("cannot run the fuzzer ", fuzzer, ": ", strerror(errno)));
  }
  absl::StatusOr<HuntDirectory> directory =
      HuntDirectory::Open(options.directory);
  if (!directory.ok()) return directory.status();
  absl::StatusOr<Stats> stats = Stats::Open(directory->stats());
  if (!stats.ok()) return stats.status();
  const SignalGuard guard;
  Campaign campaign(options, *std::move(directory), *std::move(stats));
  absl::Status status = campaign.Prepare();
  if (!status.ok()) return status;
  status = campaign.Run();
  campaign.Stop();
  return campaign.Finish(std::move(status));
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "fuzz/hunt.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "fuzz/hunt_report.h"
#include "fuzz/stats.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

std::string Text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void Write(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

size_t FilesIn(const std::string& directory) {
  std::error_code ignored;
  return std::distance(fs::directory_iterator(directory, ignored), {});
}

size_t Count(absl::string_view text, absl::string_view word) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(word, at)) != text.npos; ++at) ++count;
  return count;
}

// Waits, for as long as a slow machine may take, until `done` says so.
template <typename Predicate>
bool Eventually(Predicate done) {
  for (int i = 0; i < 6000; ++i) {
    if (done()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

class HuntTest : public testing::Test {
 protected:
  HuntTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = testing::TempDir() + "/hunt-" + info->name();
    fs::remove_all(directory_);
    options_.fuzzer = "fuzz/fake_fuzzer";
    options_.directory = directory_;
    options_.seconds = 1;
    options_.jobs = 2;
    Mode("clean");
  }

  void Mode(const char* mode) { setenv("FAKE_FUZZER", mode, 1); }

  HuntSummary MustHunt() {
    const auto summary = Hunt(options_);
    EXPECT_TRUE(summary.ok()) << summary.status();
    return summary.ok() ? *summary : HuntSummary();
  }

  // Hunts without end until `enough`, then sends `signal`.
  template <typename Predicate>
  HuntSummary HuntUntil(Predicate enough, int signal) {
    options_.seconds = 0;
    std::thread sender([&] {
      Eventually(enough);
      kill(getpid(), signal);
    });
    HuntSummary summary = MustHunt();
    sender.join();
    return summary;
  }

  // Hunts until the first fuzzer was started for the `starts`-th time and has
  // counted something.
  HuntSummary HuntUntilStarted(size_t starts) {
    return HuntUntil(
        [this, starts] {
          return Starts() >= starts &&
                 Stats::Open(directory_ + "/stats")->Read().execs >
                     execs_before_;
        },
        SIGINT);
  }

  std::string Log(int job) const {
    return Text(directory_ + "/logs/job-" + std::to_string(job) + ".log");
  }

  std::string CorpusTexts() const {
    std::string texts;
    for (const auto& entry : fs::directory_iterator(directory_ + "/corpus")) {
      texts += Text(entry.path()) + "\n";
    }
    return texts;
  }

  // Returns how often the first fuzzer was started.
  size_t Starts() const { return Count(Log(0), "INITED"); }

  // Returns the process number of the first fuzzer, as it says.
  int FuzzerPid() const {
    const std::string log = Log(0);
    const size_t at = log.find("pid ") + 4;
    int pid = 0;
    EXPECT_TRUE(
        absl::SimpleAtoi(log.substr(at, log.find('\n', at) - at), &pid));
    return pid;
  }

  // It may stay a zombie where nobody reaps orphans.
  static bool IsGone(int pid) {
    const std::string stat = Text("/proc/" + std::to_string(pid) + "/stat");
    return stat.empty() || absl::StrContains(stat, ") Z ");
  }

  std::string directory_;
  HuntOptions options_;
  uint64_t execs_before_ = 0;
};

TEST_F(HuntTest, CountsAndReports) {
  const HuntSummary summary = HuntUntilStarted(1);
  EXPECT_GT(summary.figures.execs, 0);
  EXPECT_EQ(summary.figures.ops, 10 * summary.figures.execs);
  EXPECT_EQ(summary.figures.misuses, summary.figures.execs);
  EXPECT_GT(summary.figures.states, 0);
  EXPECT_EQ(summary.coverage, 5);
  EXPECT_EQ(summary.restarts, 0);
  EXPECT_TRUE(summary.findings.empty());
  EXPECT_TRUE(fs::exists(directory_ + "/logs/job-1.log"));
  EXPECT_EQ(Text(directory_ + "/report.txt"), HuntReport(summary));
}

TEST_F(HuntTest, EndsWhenTheTimeIsUp) {
  const HuntSummary summary = MustHunt();
  EXPECT_GE(summary.seconds, 1);
  EXPECT_EQ(summary.ended_by, "");
}

TEST_F(HuntTest, KeepsAFindingAndResumes) {
  Mode("finding");
  const std::string findings = directory_ + "/findings";
  HuntSummary summary =
      HuntUntil([&] { return FilesIn(findings) == 1; }, SIGINT);
  ASSERT_EQ(summary.findings.size(), 1);
  EXPECT_EQ(summary.findings[0].file.name, "state-insert");
  EXPECT_TRUE(summary.findings[0].is_new);
  EXPECT_EQ(summary.findings[0].file.input, "");
  execs_before_ = summary.figures.execs;

  Mode("clean");
  Write(directory_ + "/corpus/kept", "x");
  summary = HuntUntilStarted(2);
  ASSERT_EQ(summary.findings.size(), 1);
  EXPECT_FALSE(summary.findings[0].is_new);
  EXPECT_EQ(summary.findings[0].count, 0);
  EXPECT_EQ(Stats::Open(directory_ + "/stats")->Read().execs,
            execs_before_ + summary.figures.execs);
  EXPECT_EQ(Text(directory_ + "/corpus/kept"), "x");
  // The finding itself is played first.
  EXPECT_EQ(FilesIn(directory_ + "/corpus"), 2);

  Mode("finding");
  execs_before_ += summary.figures.execs;
  summary = HuntUntilStarted(3);
  ASSERT_EQ(summary.findings.size(), 1);
  EXPECT_FALSE(summary.findings[0].is_new);
}

TEST_F(HuntTest, TurnsACrashIntoAFindingAndGoesOn) {
  Mode("crash");
  options_.jobs = 1;
  const HuntSummary summary =
      HuntUntil([&] { return FilesIn(directory_ + "/findings") == 2; }, SIGINT);
  ASSERT_EQ(summary.findings.size(), 1);
  const HuntFinding& finding = summary.findings[0];
  EXPECT_TRUE(
      absl::StartsWith(finding.file.name, "heap-use-after-free.Tree-Insert-"))
      << finding.file.name;
  EXPECT_GE(finding.count, 1);
  EXPECT_GE(summary.restarts, 1);
  EXPECT_EQ(Text(finding.file.input), "poison");
  EXPECT_TRUE(absl::StrContains(finding.file.report, "tree.cc:1:2"));
  EXPECT_EQ(FilesIn(directory_ + "/artifacts"), 0);
}

TEST_F(HuntTest, TakesACrashingFileOutOfTheCorpus) {
  Mode("seed");
  const std::string seeds = directory_ + "-seeds";
  fs::create_directories(seeds);
  Write(seeds + "/bad", "poison");
  Write(seeds + "/good", "fine");
  options_.seeds = {seeds};
  options_.jobs = 1;
  const HuntSummary summary = HuntUntil([&] { return Starts() >= 2; }, SIGINT);
  EXPECT_EQ(summary.findings.size(), 1);
  EXPECT_EQ(CorpusTexts(), "fine\n");
}

TEST_F(HuntTest, EncodesSeedsThatAreText) {
  const std::string seeds = directory_ + "-seeds";
  fs::create_directories(seeds);
  Write(seeds + "/one.trace", "r0 = request iomem 0x1000-0x1fff\n");
  options_.seeds = {seeds};
  MustHunt();
  const std::string bytes = CorpusTexts();
  EXPECT_FALSE(bytes.empty());
  EXPECT_FALSE(absl::StrContains(bytes, "request"));
}

TEST_F(HuntTest, EndsInOrderWhenInterrupted) {
  for (const int signal : {SIGINT, SIGTERM}) {
    fs::remove_all(directory_);
    const HuntSummary summary =
        HuntUntil([&] { return Starts() >= 1; }, signal);
    EXPECT_EQ(summary.ended_by, signal == SIGINT ? "Ctrl-C" : "SIGTERM");
    EXPECT_TRUE(fs::exists(directory_ + "/report.txt"));
  }
}

TEST_F(HuntTest, KillsAFuzzerThatDoesNotEnd) {
  Mode("stubborn");
  options_.jobs = 1;
  HuntUntilStarted(1);
  EXPECT_TRUE(IsGone(FuzzerPid()));
}

TEST_F(HuntTest, LeavesNothingBehindWhenKilledAndLosesNothing) {
  options_.seconds = 0;
  options_.jobs = 1;
  const pid_t hunter = fork();
  ASSERT_GE(hunter, 0);
  if (hunter == 0) {
    (void)Hunt(options_).ok();
    _exit(0);
  }
  ASSERT_TRUE(Eventually([&] { return Starts() >= 1; }));
  const int fuzzer = FuzzerPid();
  EXPECT_EQ(kill(fuzzer, 0), 0);
  EXPECT_TRUE(absl::StrContains(Hunt(options_).status().message(),
                                "another hunt is running there"));
  ASSERT_EQ(kill(hunter, SIGKILL), 0);
  ASSERT_EQ(waitpid(hunter, nullptr, 0), hunter);
  EXPECT_TRUE(Eventually([&] { return IsGone(fuzzer); }));

  Write(directory_ + "/artifacts/0-crash-77", "left over");
  Write(directory_ + "/findings/.12.tmp", "half");
  options_.seconds = 1;
  const HuntSummary summary = MustHunt();
  ASSERT_EQ(summary.findings.size(), 1);
  EXPECT_TRUE(summary.findings[0].is_new);
  EXPECT_EQ(Text(summary.findings[0].file.input), "left over");
  EXPECT_FALSE(fs::exists(directory_ + "/findings/.12.tmp"));
}

TEST_F(HuntTest, RunsSanitizersInEveryFourthJobOfSeveral) {
  const std::string sanitized = directory_ + "-sanitized";
  fs::remove(sanitized);
  fs::copy_file(options_.fuzzer, sanitized);
  options_.sanitized_fuzzer = sanitized;
  options_.jobs = 5;
  HuntUntil([&] { return Starts() >= 1 && Log(3) != "" && Log(4) != ""; },
            SIGINT);
  for (int job = 0; job < 5; ++job) {
    EXPECT_EQ(absl::StrContains(Log(job), sanitized), job % 4 == 0) << job;
  }
}

TEST_F(HuntTest, GivesUpOnAFuzzerThatDiesAtOnce) {
  Mode("die");
  options_.seconds = 0;
  const HuntSummary summary = MustHunt();
  EXPECT_TRUE(absl::IsFailedPrecondition(summary.problem));
  EXPECT_TRUE(absl::StrContains(Text(directory_ + "/report.txt"),
                                "dies as soon as it starts"));
}

TEST_F(HuntTest, GoesOnWhenSomebodyKillsFuzzers) {
  Mode("killed");
  options_.jobs = 1;
  const HuntSummary summary = HuntUntil([&] { return Starts() >= 6; }, SIGINT);
  EXPECT_TRUE(summary.problem.ok()) << summary.problem;
  EXPECT_GE(summary.restarts, 5);
}

TEST_F(HuntTest, TellsAHuntThatPlayedNothingFromAClearOne) {
  Mode("idle");
  const HuntSummary summary = MustHunt();
  EXPECT_TRUE(absl::IsUnavailable(summary.problem)) << summary.problem;
  EXPECT_TRUE(absl::StrContains(Text(directory_ + "/report.txt"),
                                "no fuzzer has played a trace"));
}

TEST_F(HuntTest, SaysWhichFuzzerIsMissing) {
  options_.fuzzer = "no/such/fuzzer";
  EXPECT_TRUE(absl::IsNotFound(Hunt(options_).status()));
  EXPECT_FALSE(fs::exists(directory_));
  const std::string text = directory_ + ".txt";
  Write(text, "not a program");
  chmod(text.c_str(), 0755);
  options_.fuzzer = text;
  EXPECT_TRUE(absl::IsNotFound(MustHunt().problem));
}

TEST_F(HuntTest, RefusesADirectoryThatIsNone) {
  Write(directory_, "a file");
  EXPECT_TRUE(absl::IsFailedPrecondition(Hunt(options_).status()));
  options_.directory = "/proc/hunt";
  EXPECT_TRUE(absl::IsFailedPrecondition(Hunt(options_).status()));
  fs::remove(directory_);
  options_.directory = directory_;
  options_.seeds = {directory_ + "/none"};
  EXPECT_TRUE(absl::IsFailedPrecondition(Hunt(options_).status()));
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// Whether the fuzzer is alive: with the flags of a hunt, from an empty corpus,
// libFuzzer has to find the bug of every canary within a budget, and none where
// there is none. Prints how many inputs each took.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "fuzz/hunt.h"
#include "fuzz/hunt_report.h"
#include "fuzz/stats.h"
#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/oracle.h"
#include "model/trace_text.h"
#include "properties/canaries.h"
#include "properties/check.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

constexpr char kFuzzer[] = "fuzz/canary_fuzzer_libfuzzer_nosan";
constexpr int kExecsMax = 500'000;

std::string Text(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string Temporary(absl::string_view name) {
  const std::string path = absl::StrCat(testing::TempDir(), "/", name);
  fs::remove_all(path);
  return path;
}

// Fuzzes once, up to the first finding. Returns whether there was one.
bool Finds(absl::string_view canary, int execs_max, std::string* log) {
  const std::string log_path = Temporary("log");
  const std::string stats_path = Temporary("stats");
  if (!canary.empty()) {
    setenv("RESTREE_CANARY", std::string(canary).c_str(), 1);
  } else {
    unsetenv("RESTREE_CANARY");
  }
  setenv("RESTREE_STATS", stats_path.c_str(), 1);
  const std::string command = absl::StrCat(
      kFuzzer,
      " -seed=1 -max_len=8192 -len_control=0 -entropic=0 -runs=", execs_max,
      " -artifact_prefix=", testing::TempDir(), "/ >", log_path, " 2>&1");
  const int status = std::system(command.c_str());
  *log = Text(log_path);
  const auto stats = Stats::Open(stats_path);
  std::printf("%-36s %8lu execs\n", std::string(canary).c_str(),
              static_cast<unsigned long>(stats->Read().execs));
  const bool found = absl::StrContains(*log, "signature: ");
  EXPECT_EQ(status != 0, found) << *log;
  return found;
}

TEST(CanaryTest, EveryBugIsFoundFromNothing) {
  std::string log;
  for (const Canary& canary : Canaries()) {
    EXPECT_TRUE(Finds(canary.name, kExecsMax, &log)) << log;
  }
}

TEST(CanaryTest, NoBugIsFoundWhereThereIsNone) {
  std::string log;
  EXPECT_FALSE(Finds("", 20'000, &log)) << log;
}

// Hunts that last a second, each where the one before ended, until the bug is
// there; then what they kept shows it on machines of this process.
TEST(CanaryTest, HuntsKeepTheBug) {
  const std::string canary = "ReleaseLosesTheNextSibling";
  setenv("RESTREE_CANARY", canary.c_str(), 1);
  HuntOptions options;
  options.fuzzer = kFuzzer;
  options.directory = Temporary("hunt");
  options.seconds = 1;
  options.jobs = 2;
  HuntSummary summary;
  for (int i = 0; i < 40 && summary.findings.empty(); ++i) {
    const auto hunted = Hunt(options);
    ASSERT_TRUE(hunted.ok()) << hunted.status();
    summary = *hunted;
  }
  ASSERT_FALSE(summary.findings.empty()) << HuntReport(summary);
  EXPECT_TRUE(summary.problem.ok()) << summary.problem;
  for (const HuntFinding& finding : summary.findings) {
    const std::string path = finding.file.path;
    const auto document = ParseTrace(Text(path), path);
    ASSERT_TRUE(document.ok()) << document.status();
    Oracle oracle;
    const std::unique_ptr<Machine> machine = MakeCanary(canary);
    EXPECT_TRUE(Check(document->trace, {&oracle, machine.get()}).has_value())
        << Text(path);
  }
}

}  // namespace
}  // namespace restree

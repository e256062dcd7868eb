// SPDX-License-Identifier: Apache-2.0
#include "fuzz/stats.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace restree {
namespace {

std::string Fresh(const std::string& name) {
  const std::string path = testing::TempDir() + "/" + name;
  unlink(path.c_str());
  return path;
}

TEST(Stats, BeginAtZero) {
  const Figures figures = Stats().Read();
  EXPECT_EQ(figures.execs, 0);
  EXPECT_EQ(figures.ops, 0);
  EXPECT_EQ(figures.misuses, 0);
  EXPECT_EQ(figures.findings, 0);
  EXPECT_EQ(figures.states, 0);
}

TEST(Stats, CountRunsAndOps) {
  Stats stats;
  stats.CountRun(3, 1);
  stats.CountRun(4, 0);
  EXPECT_EQ(stats.Read().execs, 2);
  EXPECT_EQ(stats.Read().ops, 7);
  EXPECT_EQ(stats.Read().misuses, 1);
}

TEST(Stats, CountFindingsByKey) {
  Stats stats;
  stats.CountFinding(5);
  stats.CountFinding(5);
  stats.CountFinding(5 + 1024);  // the same place, were it free
  stats.CountFinding(0);
  EXPECT_EQ(stats.Read().findings, 4);
  EXPECT_EQ(stats.FindingsOf(5), 2);
  EXPECT_EQ(stats.FindingsOf(5 + 1024), 1);
  EXPECT_EQ(stats.FindingsOf(0), 1);
  EXPECT_EQ(stats.FindingsOf(6), 0);
}

TEST(Stats, SurviveMoreKeysThanPlaces) {
  Stats stats;
  for (uint64_t key = 1; key <= 3000; ++key) stats.CountFinding(key);
  EXPECT_EQ(stats.Read().findings, 3000);
  EXPECT_EQ(stats.FindingsOf(1), 1);
  EXPECT_EQ(stats.FindingsOf(3000), 0);
}

TEST(Stats, EstimateDistinctStatesWithinOnePercent) {
  // Consecutive numbers are the least random digests there are.
  for (const uint64_t count : {1, 10, 1000, 30'000, 200'000, 3'000'000}) {
    Stats stats;
    for (uint64_t i = 0; i < count; ++i) {
      stats.CountState(i);
      if (i % 3 == 0) stats.CountState(i / 3);  // one that was there before
    }
    const double states = stats.Read().states;
    EXPECT_LE(std::abs(states - count), count * 0.01) << count;
  }
}

TEST(Stats, AreSharedByProcessesAndOutliveThem) {
  const std::string path = Fresh("shared");
  for (int child = 0; child < 3; ++child) {
    const pid_t pid = fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      auto stats = Stats::Open(path);
      if (!stats.ok()) _exit(1);
      for (int i = 0; i < 1000; ++i) {
        stats->CountRun(2, 0);
        stats->CountFinding(9);
        stats->CountState(i * 3 + child);
      }
      _exit(0);
    }
  }
  for (int child = 0; child < 3; ++child) {
    int status = 0;
    ASSERT_GT(wait(&status), 0);
    EXPECT_EQ(status, 0);
  }
  const auto stats = Stats::Open(path);
  ASSERT_TRUE(stats.ok()) << stats.status();
  EXPECT_EQ(stats->Read().execs, 3000);
  EXPECT_EQ(stats->Read().ops, 6000);
  EXPECT_EQ(stats->FindingsOf(9), 3000);
  EXPECT_NEAR(stats->Read().states, 3000, 30);
}

TEST(Stats, RefuseAFileThatIsNotTheirs) {
  const std::string path = Fresh("foreign");
  std::ofstream(path) << "text";
  const auto stats = Stats::Open(path);
  ASSERT_FALSE(stats.ok());
  EXPECT_EQ(stats.status().message(),
            path +
                ": not a file of campaign figures, or of another version "
                "of restree");
  EXPECT_FALSE(Stats::Open(testing::TempDir() + "/none/there").ok());
}

TEST(StableHash, TellsTextsApart) {
  EXPECT_EQ(StableHash("state-insert"), StableHash("state-insert"));
  EXPECT_NE(StableHash("state-insert"), StableHash("state-inserT"));
}

}  // namespace
}  // namespace restree

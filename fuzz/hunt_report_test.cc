// SPDX-License-Identifier: Apache-2.0
#include "fuzz/hunt_report.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "fuzz/number_text.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

HuntSummary Example() {
  HuntSummary summary;
  summary.seconds = 10;
  summary.seconds_max = 60;
  summary.jobs = 2;
  summary.seed = 7;
  summary.directory = "hunt";
  summary.fuzzer = "bin/fuzzer";
  summary.figures = {12'345, 1'000'000, 20'000, 5, 777};
  summary.coverage = 1234;
  summary.corpus_files = 1;
  summary.finding_files = 1;
  return summary;
}

TEST(WithCommas, GroupsThreeDigits) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1000), "1,000");
  EXPECT_EQ(WithCommas(1234567), "1,234,567");
}

TEST(Plural, CountsInWords) {
  EXPECT_EQ(Plural(1, "op"), "1 op");
  EXPECT_EQ(Plural(2, "op"), "2 ops");
}

TEST(HuntProgress, ShowsRatesSinceTheLineBefore) {
  HuntSummary earlier = Example();
  earlier.seconds = 8;
  earlier.figures.execs = 345;
  earlier.figures.ops = 0;
  EXPECT_EQ(HuntProgress(Example(), earlier, 0),
            "hunt: 50 s left | 6,000 exec/s | 500,000 ops/s | 777 states | "
            "cov 1234 | corpus 1 | 1 finding");
  HuntSummary endless = Example();
  endless.seconds_max = 0;
  EXPECT_TRUE(absl::StartsWith(HuntProgress(endless, endless, 0),
                               "hunt: 10 s | 0 exec/s"));
  HuntSummary late = Example();
  late.seconds = 61;
  EXPECT_TRUE(
      absl::StartsWith(HuntProgress(late, earlier, 0), "hunt: 0 s left"));
}

TEST(HuntProgress, FitsTheTerminal) {
  HuntSummary summary = Example();
  summary.figures.execs = 123'456;
  summary.figures.ops = 99'999'999;
  summary.figures.states = 12'345'678;
  HuntSummary earlier = Example();
  earlier.seconds = 9;
  earlier.figures = {};
  EXPECT_EQ(HuntProgress(summary, earlier, 79),
            "50 s left | 1 finding | 123.4k exec/s | 99.9M ops/s | "
            "12.3M states | cov 1234");
  const std::string whole = HuntProgress(summary, earlier, 0);
  EXPECT_EQ(HuntProgress(summary, earlier, whole.size()), whole);
  for (size_t width = 1; width <= whole.size(); ++width) {
    EXPECT_LE(HuntProgress(summary, earlier, width).size(), width);
  }
}

TEST(HuntReport, SaysWhatCountsEarlierHuntsToo) {
  HuntSummary summary = Example();
  summary.resumed = true;
  EXPECT_TRUE(absl::StrContains(HuntReport(summary),
                                "about 777 in all runs of this directory\n"));
}

TEST(HuntReport, HasTheFigures) {
  EXPECT_EQ(HuntReport(Example()),
            "hunt: 10.0 s, 2 jobs, --seed=7\n"
            "  execs            12,345, 1,235/s\n"
            "  ops              1,000,000, 100,000/s, 2 % of them misuse\n"
            "  distinct states  about 777\n"
            "  coverage         1,234 edges\n"
            "  corpus           1 file in hunt/corpus\n"
            "  findings         none\n");
}

TEST(HuntReport, TellsAboutEachFinding) {
  HuntSummary summary = Example();
  summary.ended_by = "Ctrl-C";
  summary.restarts = 3;
  HuntFinding finding;
  finding.file = {"state-insert", "hunt/a b.trace", "",
                  "state-insert\n\nmodel disagrees\n\n  r0\nreplay: x\n"};
  finding.count = 2;
  finding.is_new = true;
  summary.findings.push_back(finding);
  finding.file = {"timeout-1", "hunt/t.trace", "hunt/t.input", "timeout-1\n"};
  finding.is_new = false;
  finding.count = 0;
  for (int i = 0; i < 40; ++i) absl::StrAppend(&finding.file.report, i, "\n");
  summary.findings.push_back(finding);
  finding.count = 1;
  summary.findings.push_back(finding);
  const std::string report = HuntReport(summary);
  EXPECT_TRUE(absl::StartsWith(
      report, "hunt: 10.0 s, 2 jobs, --seed=7, ended by Ctrl-C\n"));
  EXPECT_TRUE(absl::StrContains(report, "fuzzers that died 3, restarted\n"))
      << report;
  EXPECT_TRUE(
      absl::StrContains(report,
                        "  findings         3 in hunt/findings\n"
                        "\n"
                        "state-insert\n"
                        "  new, met 2 times\n"
                        "  hunt/a b.trace\n"
                        "    model disagrees\n"
                        "\n"
                        "      r0\n"
                        "  replay: bazel-bin/restree run 'hunt/a b.trace'\n"
                        "\n"
                        "timeout-1\n"
                        "  known before, not met this time\n"))
      << report;
  EXPECT_TRUE(absl::StrContains(report,
                                "    15\n"
                                "    ...\n"
                                "  replay: bin/fuzzer hunt/t.input\n"))
      << report;
  EXPECT_TRUE(absl::StrContains(report, "known before, met 1 time again\n"));
  EXPECT_TRUE(
      absl::EndsWith(report, "\n\ntriage: bazel-bin/restree triage hunt\n"));

  summary.machines = "linux-6.12:altmap=patch";
  EXPECT_TRUE(absl::StrContains(HuntReport(summary),
                                "restree run --machine=linux-6.12:altmap=patch "
                                "'hunt/a b.trace'\n"));
}

}  // namespace
}  // namespace restree

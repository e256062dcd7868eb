// SPDX-License-Identifier: Apache-2.0
#include "triage/report/text_report.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "triage/json_read.h"
#include "triage/report/example_document.h"
#include "triage/report/report_words.h"

namespace restree {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(TextReportTest, BeginsWithTheAnswerAndShowsTheBug) {
  EXPECT_EQ(TextReport(ExampleDocument()),
            R"(3 inputs: 1 bug (1 new), 1 clean
machines: linux-6.12, linux-6.1

1. observation.request.EBUSY-ok.straddles
   new, 2 inputs, failed 3 times of 3
   linux-6.12 disagrees with model at op 3 of 3: want EBUSY r1, got ok
       r1 = request iomem 0x1000-0x1fff "low" mem
       r2 = request iomem 0x2000-0x2fff "high" mem
     > r3 = request iomem 0x1800-0x27ff "seam" mem
           want EBUSY r1, got ok
   state (- model, + linux-6.12)
         00001000-00001fff : low  [r1 mem]
       + 00001800-000027ff : seam  [r3 mem]
         00002000-00002fff : high  [r2 mem]
   linux-6.12 fails; model does not
   shortened from 57 ops to 3, in 1,234 plays; none shorter or smaller fails
     like it (all traces of up to 2 ops: 5,000)
   vary: op 1: it may be busy
   kunit.c verified: fails on linux-6.12, passes on model
   gtest.cc not written: no compiler: install clang-19
   tests are in findings/observation.request.EBUSY-ok.straddles
   replay: bazel-bin/restree run --machine=linux-6.12 )"
            "findings/observation.request.EBUSY-ok.straddles/minimal.trace\n"
            R"(   inputs: crash-12ab and crash-34cd

clean, nothing failed:
   seed.trace
)");
}

// What is copied stands on one line, however long: commands, paths, ops, lines
// of a tree.
TEST(TextReportTest, ProseFitsTheTerminal) {
  for (const Json& document : {ExampleDocument(), DocumentOnDisk()}) {
    const std::string report = TextReport(document);
    for (const absl::string_view line : absl::StrSplit(report, '\n')) {
      const bool copied = absl::StrContains(line, "replay: ") ||
                          absl::StrContains(line, "iomem 0x") ||
                          absl::StrContains(line, " : ");
      if (!copied) {
        EXPECT_LE(WidthOf(line), 80) << line;
      }
    }
  }
}

TEST(TextReportTest, SaysOfEachStatusWhatMatters) {
  const std::string report = TextReport(DocumentOnDisk());
  EXPECT_THAT(report, HasSubstr("   flaky, 3 inputs, failed 2 times of 5\n"));
  EXPECT_THAT(report, HasSubstr("   known as corpus/regressions/"));
  EXPECT_THAT(report, HasSubstr("   fixed: does not fail any more\n"));
  EXPECT_THAT(report, HasSubstr("   crash\n       ==ERROR: AddressSanitizer"));
  EXPECT_THAT(report, HasSubstr("want ok, but it died\n"));
}

TEST(TextReportTest, SaysThatThereIsNothing) {
  EXPECT_EQ(TextReport(EmptyDocument()),
            "0 inputs: no bugs\nmachines: linux-6.12, linux-6.1\n");
  EXPECT_THAT(TextReport(Json()), StartsWith("0 inputs: no bugs\n"));
}

TEST(TextReportTest, PrintsNoByteThatATerminalObeys) {
  const std::string report = TextReport(DocumentOfOddBytes());
  EXPECT_EQ(report, Printable(report));
  EXPECT_THAT(report, HasSubstr("\\xff\\xc3\\x1b[2J\\x0d"));
  EXPECT_THAT(report, Not(HasSubstr("\xe2\x80\xae")));
}

TEST(TextReportTest, ManyBugsAreListedInShort) {
  const std::string report = TextReport(DocumentOf(1000));
  EXPECT_TRUE(absl::StartsWith(report, "2,000 inputs: 1,000 bugs (1,000 new)"));
  EXPECT_TRUE(absl::StrContains(report, "\n1000. observation.request"));
  EXPECT_LT(report.size(), 400'000);
  EXPECT_TRUE(report == TextReport(DocumentOf(1000)));
}

TEST(TextReportTest, SaysOnceWhatWasMetOnTheWay) {
  Json document = ExampleDocument();
  Json& findings = document["bugs"][0]["findings"];
  findings[0]["others"] = Json::array({"state.a.b.c", "state.d.e.f"});
  findings[0]["vary"].push_back("rejected: 7 traces where nothing fails");
  findings.push_back({{"signature", "state.a.b.c"}});
  document["skipped"].push_back(
      {{"input", "a.txt"}, {"why", "a.txt:1:1: " + std::string(999, 'x')}});
  const std::string report = TextReport(document);
  EXPECT_THAT(report,
              HasSubstr("\n   the same bug: state.a.b.c, met on the way\n"
                        "   met on the way: state.d.e.f\n"));
  EXPECT_THAT(report, Not(HasSubstr("met on the way: state.a.b.c")));
  EXPECT_THAT(report, Not(HasSubstr("rejected")));
  EXPECT_THAT(report, HasSubstr("a.txt: 1:1:"));
  EXPECT_THAT(report, Not(HasSubstr(std::string(200, 'x'))));
}

TEST(TextReportTest, ShowsOneFindingOnItsOwn) {
  const Json document = ExampleDocument();
  const Json& finding = document["bugs"][0]["findings"][0];
  EXPECT_THAT(FindingText(finding),
              StartsWith("observation.request.EBUSY-ok.straddles\n"
                         "   new, 2 inputs, failed 3 times of 3\n"));
}

}  // namespace
}  // namespace restree

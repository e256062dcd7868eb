// SPDX-License-Identifier: Apache-2.0
#include "triage/report/sarif_report.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "triage/json_read.h"
#include "triage/report/example_document.h"
#include "triage/report/report_words.h"

namespace restree {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Json RunOf(const Json& document) {
  const Json log = Json::parse(SarifReport(document));
  EXPECT_EQ(log["version"], "2.1.0");
  EXPECT_EQ(log["runs"].size(), 1);
  return log["runs"][0];
}

std::string UriOf(const Json& location) {
  return location["physicalLocation"]["artifactLocation"]["uri"];
}

TEST(SarifReportTest, AResultSaysWhatFailedWhereAndHow) {
  const Json run = RunOf(ExampleDocument());
  ASSERT_EQ(run["results"].size(), 1);
  const Json& result = run["results"][0];
  EXPECT_EQ(result["ruleId"], "disagreement/observation");
  EXPECT_EQ(result["level"], "error");
  EXPECT_EQ(result["baselineState"], "new");
  EXPECT_EQ(result["occurrenceCount"], 2);
  EXPECT_THAT(TextAt(result["message"], "text"),
              HasSubstr("want EBUSY r1, got ok\nreplay: bazel-bin/restree"));
  EXPECT_EQ(result["partialFingerprints"]["restreeSignature/v1"],
            "observation.request.EBUSY-ok.straddles");

  ASSERT_EQ(result["locations"].size(), 1);
  EXPECT_EQ(UriOf(result["locations"][0]), "crash-34cd");
  EXPECT_EQ(result["locations"][0]["logicalLocations"][0]["name"],
            "request_resource_conflict");
  ASSERT_EQ(result["relatedLocations"].size(), 2);
  EXPECT_EQ(UriOf(result["relatedLocations"][0]),
            "findings/observation.request.EBUSY-ok.straddles/minimal.trace");
  EXPECT_EQ(
      result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"],
      3);
  EXPECT_EQ(UriOf(result["relatedLocations"][1]), "crash-12ab");

  const Json& steps = result["codeFlows"][0]["threadFlows"][0]["locations"];
  ASSERT_EQ(steps.size(), 3);
  EXPECT_EQ(steps[2]["importance"], "essential");
  EXPECT_THAT(TextAt(steps[2]["location"]["message"], "text"),
              HasSubstr("\"seam\" mem -> EBUSY r1"));
}

TEST(SarifReportTest, StatusIsLevelAndBaseline) {
  const Json run = RunOf(DocumentOnDisk());
  std::set<std::string> seen;
  for (const Json& result : run["results"]) {
    seen.insert(absl::StrCat(
        TextAt(result["properties"], "status"), " ", TextAt(result, "level"),
        " ", TextAt(result, "kind"), " ", TextAt(result, "baselineState"), " ",
        result.contains("suppressions")));
  }
  EXPECT_THAT(seen, ::testing::ElementsAre(
                        "fixed none pass absent 0", "flaky warning fail new 0",
                        "known note fail unchanged 1", "new error fail new 0"));
}

TEST(SarifReportTest, RulesAreWhatFailed) {
  const Json run = RunOf(DocumentOnDisk());
  const Json& rules = run["tool"]["driver"]["rules"];
  std::set<std::string> ids;
  for (const Json& rule : rules) {
    EXPECT_TRUE(ids.insert(TextAt(rule, "id")).second) << rule;
    for (const char* key : {"shortDescription", "fullDescription", "help"}) {
      EXPECT_THAT(TextAt(rule[key], "text"), Not(IsEmpty()));
    }
    EXPECT_LE(rule["properties"]["tags"].size(), 10);
  }
  EXPECT_TRUE(ids.contains("ChildrenLieInsideParent"));
  EXPECT_TRUE(ids.contains("crash/heap-use-after-free"));
  for (const Json& result : run["results"]) {
    EXPECT_EQ(rules.at(NumberAt(result, "ruleIndex"))["id"], result["ruleId"]);
    EXPECT_EQ(result["locations"].size(), 1);
    EXPECT_LE(At(result, "relatedLocations").size(), 10);
  }
}

TEST(SarifReportTest, WhatWasSkippedIsANotification) {
  const Json run = RunOf(DocumentOnDisk());
  const Json& notifications =
      run["invocations"][0]["toolExecutionNotifications"];
  ASSERT_EQ(notifications.size(), 2);
  EXPECT_EQ(notifications[0]["message"]["text"], "skipped: larger than 4 MiB");
  EXPECT_EQ(UriOf(notifications[0]["locations"][0]), "core.dump");
}

TEST(SarifReportTest, NoInputIsNoResult) {
  EXPECT_THAT(RunOf(EmptyDocument())["results"], IsEmpty());
  EXPECT_THAT(RunOf(Json())["results"], IsEmpty());
}

// Whatever the names are, the text is UTF-8 without control characters, and a
// path is a URI.
TEST(SarifReportTest, OddBytesAreEscaped) {
  const std::string report = SarifReport(DocumentOfOddBytes());
  EXPECT_EQ(report, Printable(report));
  const Json run = RunOf(DocumentOfOddBytes());
  const Json& result = run["results"][0];
  const std::string message = TextAt(result["message"], "text");
  EXPECT_THAT(message, HasSubstr("\\xff\\xc3\\x1b\\[2J\\x0d"));
  EXPECT_THAT(message, HasSubstr("\\[a\\](b){{0}}"));
  EXPECT_THAT(UriOf(result["relatedLocations"][1]),
              HasSubstr("%FF%C3%1B%5B2J%0D%22%3Cscript%3E"));
}

TEST(SarifReportTest, TakesManyAndIsDeterministic) {
  const std::string report = SarifReport(DocumentOf(1000));
  EXPECT_TRUE(report == SarifReport(DocumentOf(1000)));
  std::set<std::string> hashes;
  const Json log = Json::parse(report);
  for (const Json& result : log["runs"][0]["results"]) {
    hashes.insert(
        TextAt(result["partialFingerprints"], "primaryLocationLineHash"));
  }
  EXPECT_EQ(hashes.size(), 1000);
}

TEST(SarifReportTest, LongTracesAndManyInputsAreCut) {
  Json document = ExampleDocument();
  Json& finding = document["bugs"][0]["findings"][0];
  const Json step = finding["steps"][0];
  const Json input = finding["inputs"][0];
  for (int i = 0; i < 5000; ++i) {
    finding["steps"].push_back(step);
    finding["inputs"].push_back(input);
  }
  const Json run = RunOf(document);
  const Json& result = run["results"][0];
  EXPECT_EQ(result["codeFlows"][0]["threadFlows"][0]["locations"].size(), 1000);
  EXPECT_EQ(result["relatedLocations"].size(), 10);
  EXPECT_EQ(result["occurrenceCount"], 5002);
}

}  // namespace
}  // namespace restree

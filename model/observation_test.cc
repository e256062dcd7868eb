// SPDX-License-Identifier: Apache-2.0
#include "model/observation.h"

#include <cstdint>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(OutcomeTest, EveryOutcomeHasItsOwnWord) {
  std::set<std::string> words;
  for (int i = 0; i < kOutcomes; ++i) {
    const std::string word(OutcomeText(static_cast<Outcome>(i)));
    EXPECT_FALSE(word.empty());
    EXPECT_EQ(word.find(' '), std::string::npos) << word;
    EXPECT_TRUE(words.insert(word).second) << word;
  }
  EXPECT_EQ(OutcomeText(Outcome::kOk), "ok");
  EXPECT_EQ(OutcomeText(Outcome::kBusy), "EBUSY");
  EXPECT_EQ(OutcomeText(Outcome::kInval), "EINVAL");
  EXPECT_EQ(OutcomeText(Outcome::kPerm), "EPERM");
  EXPECT_EQ(OutcomeText(Outcome::kNull), "NULL");
  EXPECT_EQ(OutcomeText(Outcome::kStopped), "stopped");
  EXPECT_EQ(OutcomeText(Outcome::kDisjoint), "REGION_DISJOINT");
  EXPECT_EQ(OutcomeText(Outcome::kIntersects), "REGION_INTERSECTS");
  EXPECT_EQ(OutcomeText(Outcome::kMixed), "REGION_MIXED");
  EXPECT_EQ(OutcomeText(Outcome::kWouldBlock), "would-block");
  EXPECT_EQ(OutcomeText(Outcome::kMisuse), "misuse");
  EXPECT_EQ(OutcomeText(Outcome::kRange), "ERANGE");
  EXPECT_EQ(OutcomeText(Outcome::kNoMem), "ENOMEM");
}

TEST(ObservationTextTest, SaysOnlyWhatThereIsToSay) {
  Observation observation;
  EXPECT_EQ(ObservationText(observation), "ok");
  observation.value = 0x1000;
  EXPECT_EQ(ObservationText(observation), "ok 0x1000");
  observation = {};
  observation.found = R(3);
  EXPECT_EQ(ObservationText(observation), "ok r3");
  observation.outcome = Outcome::kBusy;
  observation.found = kIomem;
  EXPECT_EQ(ObservationText(observation), "EBUSY iomem");
}

TEST(ObservationTextTest, NamesEveryWarning) {
  Observation observation;
  observation.outcome = Outcome::kNull;
  observation.warnings = kWarnNonexistent;
  EXPECT_EQ(ObservationText(observation), "NULL warn=nonexistent");
  observation.warnings = kWarnUnaddressable;
  EXPECT_EQ(ObservationText(observation), "NULL warn=unaddressable");
  observation.warnings = kWarnNonexistent | kWarnUnaddressable;
  EXPECT_EQ(ObservationText(observation),
            "NULL warn=nonexistent warn=unaddressable");
  observation.warnings = UINT16_MAX;
  EXPECT_EQ(ObservationText(observation),
            "NULL warn=nonexistent warn=unaddressable warn=spans warn=outside "
            "warn=WARN_ON warn=BUG warn=lock warn=other");
}

TEST(ObservationTextTest, WarningWordsAreThoseThatItPrints) {
  EXPECT_TRUE(IsWarningWord("nonexistent"));
  EXPECT_TRUE(IsWarningWord("WARN_ON"));
  EXPECT_FALSE(IsWarningWord("warn_on"));
  EXPECT_FALSE(IsWarningWord(""));
}

TEST(ObservationTextTest, CountsTheLinesOfAText) {
  Observation observation;
  observation.text = "00001000-00001fff : r1\n  00001000-00001000 : r2\n";
  EXPECT_EQ(ObservationText(observation), "ok lines=2");
  EXPECT_EQ(ObservationDetails(observation),
            "ok lines=2 \"00001000-00001fff : r1\\n  00001000-00001000 : "
            "r2\\n\"");
  observation.text = "no newline";
  EXPECT_EQ(ObservationText(observation), "ok lines=1");
}

TEST(ObservationTextTest, SaysWhyInParentheses) {
  Observation observation;
  observation.outcome = Outcome::kMisuse;
  EXPECT_EQ(ObservationText(observation), "misuse");
  observation.why = "r1 is not in a tree";
  EXPECT_EQ(ObservationText(observation), "misuse (r1 is not in a tree)");
}

TEST(ObservationTextTest, ListsVisitsUpToEight) {
  Observation observation;
  observation.outcome = Outcome::kStopped;
  observation.visits.push_back({{0x1000, 0x1fff}, 0, 0});
  observation.visits.push_back({{0x3000, UINT64_MAX}, 0, 0});
  EXPECT_EQ(ObservationText(observation),
            "stopped visits=2 0x1000-0x1fff 0x3000-0xffffffffffffffff");
  observation.visits.assign(8, {{1, 2}, 0, 0});
  std::string eight;
  for (int i = 0; i < 8; ++i) absl::StrAppend(&eight, " 0x1-0x2");
  EXPECT_EQ(ObservationText(observation), "stopped visits=8" + eight);
  observation.visits.push_back({{1, 2}, 0, 0});
  EXPECT_EQ(ObservationText(observation), "stopped visits=9" + eight + " ...");
}

TEST(ObservationDetailsTest, TellsVisitsApartThatDifferInFlagsAlone) {
  Observation a;
  a.visits.push_back({{0x1000, 0x1fff}, kResourceMem | kResourceBusy, 9});
  Observation b = a;
  b.visits[0].flags = 0;
  b.visits[0].desc = 0;
  EXPECT_FALSE(a == b);
  EXPECT_EQ(ObservationText(a), ObservationText(b));
  EXPECT_EQ(ObservationDetails(a),
            "ok visits=1 0x1000-0x1fff [mem busy desc=cxl]");
  EXPECT_EQ(ObservationDetails(b), "ok visits=1 0x1000-0x1fff [desc=none]");
}

TEST(ObservationDetailsTest, ShowsEveryVisit) {
  Observation observation;
  observation.visits.assign(9, {{1, 2}, 0, 0});
  std::string nine;
  for (int i = 0; i < 9; ++i) absl::StrAppend(&nine, " 0x1-0x2 [desc=none]");
  EXPECT_EQ(ObservationDetails(observation), "ok visits=9" + nine);
}

TEST(ObservationTest, EqualityLeavesOutWhyAlone) {
  const Observation plain;
  Observation other;
  other.why = "for people";
  EXPECT_TRUE(plain == other);
  other = {};
  other.outcome = Outcome::kBusy;
  EXPECT_FALSE(plain == other);
  other = {};
  other.warnings = kWarnNonexistent;
  EXPECT_FALSE(plain == other);
  other = {};
  other.found = kIomem;
  EXPECT_FALSE(plain == other);
  other = {};
  other.value = 1;
  EXPECT_FALSE(plain == other);
  other = {};
  other.visits.push_back({});
  EXPECT_FALSE(plain == other);
  other = {};
  other.text = "x";
  EXPECT_FALSE(plain == other);
}

TEST(MeetsTest, ComparesWholeLeadingWords) {
  EXPECT_TRUE(Meets("EBUSY r1", "EBUSY r1"));
  EXPECT_TRUE(Meets("EBUSY r1", "EBUSY"));
  EXPECT_TRUE(Meets("EBUSY r1", ""));
  EXPECT_TRUE(Meets("EBUSY r1", "  EBUSY   r1 "));
  EXPECT_TRUE(Meets("misuse (r1 is not in a tree)", "misuse (r1 is"));
  EXPECT_FALSE(Meets("EBUSY r1", "EBUSY r2"));
  EXPECT_FALSE(Meets("EBUSY r10", "EBUSY r1"));
  EXPECT_FALSE(Meets("EBUSY r1", "EBUSY r10"));
  EXPECT_FALSE(Meets("EBUSY", "EBUSY r1"));
  EXPECT_FALSE(Meets("EBUSY r1", "r1"));
  EXPECT_FALSE(Meets("", "ok"));
}

// Without this no expectation could say that the answer is no.
TEST(MeetsTest, WordsForNothingAreMetWhereThereIsNothing) {
  EXPECT_TRUE(Meets("ok", "ok 0x0"));
  EXPECT_TRUE(Meets("ok warn=spans", "ok 0x0 warn=spans"));
  EXPECT_TRUE(Meets("ok visits=1 0x0-0x1", "ok 0x0 visits=1 0x0-0x1"));
  EXPECT_TRUE(Meets("ok 0x1", "ok 0x1 visits=0 lines=0"));
  EXPECT_FALSE(Meets("ok 0x1", "ok 0x0"));
  EXPECT_FALSE(Meets("ok r1 0x1", "ok 0x0"));
  EXPECT_FALSE(Meets("ok warn=spans visits=1 0x0-0x1", "ok visits=0"));
  EXPECT_FALSE(Meets("ok lines=2", "ok lines=0"));
  EXPECT_FALSE(Meets("EBUSY", "ok 0x0"));
}

TEST(ObservationTextTest, NamesThePagemapThatWasFound) {
  Observation seen = {.pagemap = 7};
  EXPECT_EQ(ObservationText(seen), "ok p7");
  EXPECT_FALSE(seen == Observation());
  seen.outcome = Outcome::kNxIo;
  seen.value = 0x10;
  EXPECT_EQ(ObservationText(seen), "ENXIO p7 0x10");
}

}  // namespace
}  // namespace restree

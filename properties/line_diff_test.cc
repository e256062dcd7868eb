// SPDX-License-Identifier: Apache-2.0
#include "properties/line_diff.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

// Returns `first`, ..., `last`, a line each.
std::string Count(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) absl::StrAppend(&text, i, "\n");
  return text;
}

TEST(LineDiffTest, EqualTextsDoNotDiffer) {
  EXPECT_EQ(LineDiff("", ""), "");
  EXPECT_EQ(LineDiff("a\nb\n", "a\nb\n"), "");
}

TEST(LineDiffTest, MarksWhatOneTextAloneHas) {
  EXPECT_EQ(LineDiff("a\nb\nc\n", "a\nx\nc\n"), "  a\n- b\n+ x\n  c\n");
  EXPECT_EQ(LineDiff("", "a\n"), "+ a\n");
  EXPECT_EQ(LineDiff("a\n", ""), "- a\n");
}

TEST(LineDiffTest, FindsWhatIsAlikeBetweenDifferences) {
  EXPECT_EQ(LineDiff("a\nb\nc\nd\n", "b\nx\nc\n"), "- a\n  b\n+ x\n  c\n- d\n");
}

TEST(LineDiffTest, LeavesOutWhatIsFarFromAnyDifference) {
  EXPECT_EQ(LineDiff(Count(1, 10) + "x\n" + Count(11, 20),
                     Count(1, 10) + "y\n" + Count(11, 20)),
            "  ... 7 lines alike\n  8\n  9\n  10\n- x\n+ y\n"
            "  11\n  12\n  13\n  ... 7 lines alike\n");
  EXPECT_EQ(LineDiff("x\n" + Count(1, 8) + "x\n", Count(1, 8)),
            "- x\n  1\n  2\n  3\n  ... 2 lines alike\n  6\n  7\n  8\n- x\n");
}

TEST(LineDiffTest, LeavesNoSingleLineOut) {
  EXPECT_EQ(LineDiff("x\n" + Count(1, 7) + "x\n", Count(1, 7)),
            "- x\n  1\n  2\n  3\n  4\n  5\n  6\n  7\n- x\n");
  EXPECT_EQ(LineDiff(Count(1, 4) + "x\n", Count(1, 4)),
            "  1\n  2\n  3\n  4\n- x\n");
}

TEST(LineDiffTest, HugeTextsAreNotSearched) {
  const std::string huge = Count(1, 5000);
  const std::string diff = LineDiff("x\n" + huge + "y\n", "u\n" + huge + "v\n");
  EXPECT_EQ(diff.substr(0, 6), "- x\n- ");
  EXPECT_EQ(diff.substr(diff.size() - 4), "+ v\n");
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/report/report_words.h"

#include <string>
#include <vector>

#include "fuzz/number_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "triage/json_read.h"

namespace restree {
namespace {

using ::testing::ElementsAre;

TEST(ReportWordsTest, ShowsNoByteThatATerminalObeys) {
  EXPECT_EQ(Printable("plain\tand\n"), "plain\tand\n");
  EXPECT_EQ(Printable("\x1b[2J\r\x7f"), "\\x1b[2J\\x0d\\x7f");
  EXPECT_EQ(Printable("\xc3\xbc \xe5\x90\x8d \xf0\x9f\x90\xa7"),
            "\xc3\xbc \xe5\x90\x8d \xf0\x9f\x90\xa7");
  EXPECT_EQ(Printable("\xff \xc3 \xc0\x80 \xed\xa0\x80"),
            "\\xff \\xc3 \\xc0\\x80 \\xed\\xa0\\x80");
  EXPECT_EQ(Printable("\xe2\x80\xaegnp.exe"), "\\xe2\\x80\\xaegnp.exe");
  EXPECT_EQ(Printable("\xc2\x9b"), "\\xc2\\x9b");
  EXPECT_EQ(Printable(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(Ascii("\xc3\xbc z"), "\\xc3\\xbc z");
}

TEST(ReportWordsTest, CountsColumns) {
  EXPECT_EQ(WidthOf(""), 0);
  EXPECT_EQ(WidthOf("abc"), 3);
  EXPECT_EQ(WidthOf("\t"), 8);
  EXPECT_EQ(WidthOf("a\tb"), 9);
  EXPECT_EQ(WidthOf("\xc3\xbc\xe5\x90\x8d"), 2);
}

TEST(ReportWordsTest, WrapsAtBlanks) {
  EXPECT_EQ(Wrapped("one two three", 9, "- ", "  "), "- one two\n  three\n");
  EXPECT_EQ(Wrapped("incomprehensible it is", 8, "", "  "),
            "incomprehensible\n  it is\n");
  EXPECT_EQ(Wrapped("", 8, "", "  "), "\n");
}

TEST(ReportWordsTest, CutsLongLists) {
  EXPECT_EQ(Indented("a\nb\nc\nd\n", "> ", 2),
            "> a\n> b\n> ... 2 more lines\n");
  EXPECT_EQ(Indented("a\nb\nc\n", "> ", 2), "> a\n> b\n> c\n");
  EXPECT_EQ(Some({}, 2), "");
  EXPECT_EQ(Some({"a"}, 2), "a");
  EXPECT_EQ(Some({"a", "b", "c"}, 2), "a, b and c");
  EXPECT_EQ(Some({"a", "b", "c", "d"}, 2), "a, b and 2 more");
  EXPECT_EQ(Plural(1, "input"), "1 input");
  EXPECT_EQ(Plural(1234567, "op"), "1,234,567 ops");
}

TEST(ReportWordsTest, ReadsTraces) {
  EXPECT_THAT(OpLines("# a comment\n\n r1 = request iomem 0x0-0x1\nrelease r1"),
              ElementsAre("r1 = request iomem 0x0-0x1", "release r1"));
  EXPECT_EQ(VerbOf("r1 = request iomem 0x0-0x1"), "request");
  EXPECT_EQ(VerbOf("release r1"), "release");
  EXPECT_EQ(KernelFunctionOf("r1 = request iomem 0x0-0x1"),
            "request_resource_conflict");
  EXPECT_EQ(KernelFunctionOf("release r1"), "release_resource");
  EXPECT_EQ(KernelFunctionOf("r1 = root 0x0-0x1"), "");
  EXPECT_EQ(KernelFunctionOf("walk_system_ram_res 0x0-0x1"),
            "walk_system_ram_res");
  EXPECT_EQ(KernelFunctionOf("nonsense"), "");
  EXPECT_EQ(KernelFunctionOf(""), "");
}

TEST(ReportWordsTest, SummaryIsTheAnswer) {
  Json document = {
      {"inputs",
       {{"total", 40}, {"failing", 37}, {"clean", 0}, {"skipped", 1}}},
      {"bugs", Json::array()}};
  EXPECT_EQ(Summary(document), "40 inputs: no bugs, 1 skipped");
  for (const char* status : {"new", "new", "known", "fixed"}) {
    document["bugs"].push_back({{"status", status}});
  }
  EXPECT_EQ(Summary(document),
            "40 inputs: 3 bugs (2 new, 1 known), 1 fixed, 1 skipped");
  EXPECT_EQ(Summary(Json()), "0 inputs: no bugs");
}

}  // namespace
}  // namespace restree

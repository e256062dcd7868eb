// SPDX-License-Identifier: Apache-2.0
#include "triage/html/text.h"

#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

constexpr char kBad[] = "\xef\xbf\xbd";  // U+FFFD

TEST(HtmlText, EscapesWhatAPageTakesForItsOwn) {
  EXPECT_EQ(EscapeHtml("<a href=\"x\">&'"),
            "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
}

TEST(HtmlText, WhatIsNoUtf8IsReplaced) {
  const std::string bad = kBad;
  EXPECT_EQ(CleanText("a\xff\xfe z"), "a" + bad + bad + " z");
  EXPECT_EQ(CleanText("\xc3"), bad);                      // cut short
  EXPECT_EQ(CleanText("\xc0\xaf"), bad + bad);            // overlong
  EXPECT_EQ(CleanText("\xe0\x80\xaf"), bad + bad + bad);  // overlong
  EXPECT_EQ(CleanText("\xed\xa0\x80"), bad + bad + bad);  // surrogate
  EXPECT_EQ(CleanText("\xf4\x90\x80\x80"), bad + bad + bad + bad);
  EXPECT_EQ(CleanText("\xc3<"), bad + "<");
}

TEST(HtmlText, KeepsWhatIsUtf8) {
  EXPECT_EQ(CleanText("ünïcode 名前 😀\n\t"), "ünïcode 名前 😀\n\t");
}

TEST(HtmlText, ReplacesWhatDoesNotShow) {
  const std::string bad = kBad;
  EXPECT_EQ(CleanText(absl::string_view("\0\r\x1b", 3)), bad + bad + bad);
  EXPECT_EQ(CleanText("\u202egnp"), bad + "gnp");
}

TEST(HtmlText, FitsAWidth) {
  EXPECT_EQ(FitText("short", 5), "short");
  EXPECT_EQ(FitText("longer", 5), "long…");
  EXPECT_EQ(FitText("名前名前", 5), "名前…");
  EXPECT_EQ(FitText("longer", 0), "");
  EXPECT_EQ(ColumnsOf(absl::string_view("é名")), 3u);
}

TEST(HtmlText, SlugsAreFitForIds) {
  EXPECT_EQ(Slug("state.release.end"), "state.release.end");
  EXPECT_EQ(Slug("a b\"><c"), "a-b-c");
}

TEST(HtmlText, CutsAfterLines) {
  EXPECT_EQ(FirstLines("a\nb\n", 2), "a\nb\n");
  EXPECT_EQ(FirstLines("a\nb\nc\nd", 2), "a\nb\n… 2 more lines\n");
  EXPECT_EQ(FirstLines("", 2), "");
}

}  // namespace
}  // namespace restree

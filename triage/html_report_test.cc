// SPDX-License-Identifier: Apache-2.0
#include "triage/html_report.h"

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "triage/json_read.h"

namespace restree {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Json Document() {
  std::ifstream file("triage/testdata/report.json");
  return Json::parse(file, nullptr, /*allow_exceptions=*/false);
}

size_t Count(absl::string_view text, absl::string_view part) {
  return std::vector<absl::string_view>(absl::StrSplit(text, part)).size() - 1;
}

// Returns all that stands between `before` and the next `after`.
std::vector<std::string> Between(const std::string& text,
                                 const std::string& before, char after) {
  std::vector<std::string> found;
  for (size_t at = text.find(before); at != std::string::npos;
       at = text.find(before, at + 1)) {
    const size_t start = at + before.size();
    found.push_back(text.substr(start, text.find(after, start) - start));
  }
  return found;
}

TEST(HtmlReport, SaysWhatThereIs) {
  const std::string page = HtmlReport(Document());
  EXPECT_THAT(page, HasSubstr("<h1>6 bugs: 3 new, 1 flaky, 1 known, 1 fixed"));
  EXPECT_THAT(page, HasSubstr("40 of 44 inputs fail, 2 do not, 2 skipped"));
  EXPECT_THAT(page, HasSubstr("<span class=\"chip c-flaky\">flaky</span>"));
  EXPECT_THAT(page, HasSubstr("2 of 5 times"));
  EXPECT_THAT(page, HasSubstr("from 57 ops to 3, with 1,234 traces played"));
  EXPECT_THAT(page, HasSubstr("It no longer reproduces."));
  EXPECT_THAT(page, HasSubstr("larger than 4 MiB"));
  EXPECT_THAT(page, HasSubstr("<span class=\"chip c-ok\">verified</span>"));
  EXPECT_THAT(page, HasSubstr("No KUnit test: KUnit has no word for"));
  EXPECT_THAT(page, HasSubstr("op 1: busy may be left out"));
}

TEST(HtmlReport, MarksTheOpThatFailed) {
  const std::string page = HtmlReport(Document());
  EXPECT_THAT(
      page,
      HasSubstr("<span class=\"op bad\" aria-current=\"true\" data-op=\"2\">"
                "<span class=\"nc n\" aria-hidden=\"true\">▸3</span>"
                "r3 = request iomem 0x1800-0x27ff &quot;seam&quot; mem\n"
                "<span class=\"nc wg\">want EBUSY r1, got ok\n</span></span>"));
}

TEST(HtmlReport, ShowsTheDifferenceBySignAndColour) {
  const std::string page = HtmlReport(Document());
  EXPECT_THAT(page, HasSubstr("<ins>+ 00001800-000027ff : seam\n</ins>"));
  EXPECT_THAT(page, HasSubstr("<del>- 0001-0002 : bridge\n</del>"));
  EXPECT_THAT(page, HasSubstr("<tspan class=\"sg\">+</tspan> "
                              "<tspan class=\"sl\">r3</tspan> seam"));
  EXPECT_THAT(page, HasSubstr("No tree was left to draw: <strong>"
                              "heap-use-after-free in"));
}

TEST(HtmlReport, WhatIsNotInATreeIsOpenAsText) {
  constexpr char kOpen[] = "<details open><summary>As text";
  Json document = Document();
  EXPECT_EQ(Count(HtmlReport(document), kOpen), 0u);
  Json& finding = document["bugs"][0]["findings"][0];
  finding["actual"] = finding["expected"];
  finding["actual"]["text"] = "live objects: 1, accounted for: 0";
  const std::string page = HtmlReport(document);
  EXPECT_EQ(Count(page, kOpen), 2u);
  EXPECT_THAT(page, HasSubstr("The same tree; what else differs is in its"));
}

TEST(HtmlReport, AsksNothingOfAnyNetwork) {
  const std::string page = HtmlReport(Document());
  EXPECT_THAT(page, HasSubstr("default-src 'none'; style-src 'sha256-"));
  EXPECT_THAT(page, Not(HasSubstr("unsafe-inline")));
  for (const char* part :
       {" src=", "url(http", "url(//", "@import", " style=", "<link", "<img",
        "<iframe", "<base", "fetch(", "XMLHttp", " onclick="}) {
    EXPECT_THAT(page, Not(HasSubstr(part)));
  }
  for (const std::string& target : Between(page, "href=\"", '"')) {
    EXPECT_EQ(target[0], '#') << target;
  }
  // The one address is a name, of a resource.
  EXPECT_EQ(Count(page, "http") - Count(page, "http-equiv"),
            Count(page, "https://example.com"));
}

TEST(HtmlReport, NamesAreTextAlone) {
  Json document = Document();
  const std::string evil = "</script><script>alert(1)</script>\xff\"'>";
  document["command"] = evil;
  document["machines"] = evil;
  Json& bug = document["bugs"][0];
  bug["id"] = evil;
  bug["status"] = evil;
  Json& finding = bug["findings"][0];
  for (const char* key :
       {"signature", "headline", "trace", "machine", "reference", "verdict",
        "why", "want", "got", "iomem_diff", "replay", "directory"}) {
    finding[key] = evil;
  }
  finding["vary"] = {evil};
  finding["others"] = {evil};
  finding["inputs"][0]["name"] = evil;
  finding["exports"]["kunit"]["text"] = evil;
  finding["before"]["rows"][1]["name"] = evil;
  finding["before"]["text"] = evil;
  finding["steps"][0]["op"] = evil;
  const std::string page = HtmlReport(document);
  EXPECT_EQ(Count(page, "<script"), 1u);
  EXPECT_EQ(Count(page, "</script"), 1u);
  EXPECT_THAT(page, Not(HasSubstr("\xff")));
  EXPECT_THAT(page, HasSubstr("&lt;/script&gt;&lt;script&gt;alert(1)"));
}

TEST(HtmlReport, IdsAreUniqueAndLinksLeadToThem) {
  Json document = Document();
  document["bugs"].push_back(document["bugs"][0]);
  const std::string page = HtmlReport(document);
  std::set<std::string> ids;
  for (const std::string& id : Between(page, " id=\"", '"')) {
    EXPECT_TRUE(ids.insert(id).second) << id;
    EXPECT_THAT(id, Not(HasSubstr(" ")));
  }
  for (const char* attribute :
       {"href=\"#", "data-copy=\"", "aria-labelledby=\""}) {
    for (const std::string& id : Between(page, attribute, '"')) {
      EXPECT_TRUE(ids.contains(id)) << attribute << id;
    }
  }
}

TEST(HtmlReport, EqualDocumentsGiveEqualBytes) {
  EXPECT_EQ(HtmlReport(Document()), HtmlReport(Document()));
}

TEST(HtmlReport, TakesAnyDocument) {
  for (const char* text :
       {"null", "[]", "{}", "{\"bugs\": [null, {}, {\"findings\": [null]}]}",
        "{\"bugs\": [{\"findings\": [{\"headline\": \"x\", \"trace\": 7,"
        "\"steps\": [1, 2], \"expected\": {}, \"inputs\": [3]}]}]}"}) {
    EXPECT_THAT(HtmlReport(Json::parse(text)), HasSubstr("</html>"));
  }
}

TEST(HtmlReport, CutsWhatIsTooLong) {
  Json document = Document();
  Json& finding = document["bugs"][0]["findings"][0];
  Json& rows = finding["expected"]["rows"];
  std::string trace, text;
  for (int i = 0; i < 4096; ++i) {
    Json row = rows[1];
    row["slot"] = absl::StrCat("r", i + 10);
    row["start"] = absl::StrCat("0x", absl::Hex(0x10000 + i * 0x100));
    row["end"] = absl::StrCat("0x", absl::Hex(0x10000 + i * 0x100 + 0x7f));
    rows.push_back(row);
    absl::StrAppend(&trace, "r", i, " = request iomem 0x1-0x1\n");
    absl::StrAppend(&text, "00001000-00001fff : r", i, "\n");
  }
  finding["expected"]["text"] = text;
  finding["trace"] = trace;
  finding["op_index"] = 4000;
  const Json steps = finding["steps"];
  for (int i = 0; i < 100; ++i) finding["steps"].push_back(steps[1]);
  const size_t small = HtmlReport(Document()).size();
  const std::string page = HtmlReport(document);
  EXPECT_LT(page.size(), small + 150'000);
  EXPECT_THAT(page, HasSubstr(" of 4,100 resources drawn."));
  EXPECT_THAT(page, HasSubstr("lines left out"));
  EXPECT_THAT(page, HasSubstr("more lines"));
  EXPECT_THAT(page, HasSubstr(" are left out."));
  EXPECT_THAT(page, HasSubstr("▸4001</span>"));
}

TEST(HtmlReport, FortyBugsAreAPageThatOpensAtOnce) {
  Json document = Document();
  Json& bugs = document["bugs"];
  for (size_t i = 0; bugs.size() < 40; ++i) {
    const Json bug = bugs[i];
    bugs.push_back(bug);
  }
  EXPECT_LT(HtmlReport(document).size(), 3'000'000u);
}

}  // namespace
}  // namespace restree

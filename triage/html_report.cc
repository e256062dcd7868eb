// SPDX-License-Identifier: Apache-2.0
#include "triage/html_report.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "fuzz/number_text.h"
#include "triage/html/assets.h"
#include "triage/html/parts.h"
#include "triage/html/svg_tree.h"
#include "triage/html/text.h"
#include "triage/json_read.h"

namespace restree {
namespace {

constexpr absl::string_view kStatuses[] = {"new", "flaky", "known", "fixed"};

// What a page knows of its places: an id for each finding.
struct Places {
  absl::flat_hash_map<std::string, std::string> ids;  // by signature
  std::vector<std::vector<std::string>> of;           // by bug and finding
};

Places PlacesOf(const Json& document) {
  Places places;
  absl::flat_hash_set<std::string> taken = {"bugs", "main"};
  for (const Json& bug : ListAt(document, "bugs")) {
    std::vector<std::string>& ids = places.of.emplace_back();
    for (const Json& finding : ListAt(bug, "findings")) {
      const std::string signature = TextAt(finding, "signature");
      const std::string slug = "f-" + Slug(signature);
      std::string id = slug;
      for (int n = 2; !taken.insert(id).second; ++n) {
        id = absl::StrCat(slug, "-", n);
      }
      places.ids.emplace(signature, id);
      ids.push_back(id);
    }
  }
  return places;
}

std::string StatusChip(const Json& bug) {
  const std::string status = TextAt(bug, "status");
  const bool is_one = std::find(std::begin(kStatuses), std::end(kStatuses),
                                status) != std::end(kStatuses);
  return Chip(is_one ? status : "no", status);
}

// "3 new, 1 flaky, 1 known"
std::string Tally(const Json& document) {
  std::vector<std::string> parts;
  for (const absl::string_view status : kStatuses) {
    uint64_t count = 0;
    for (const Json& bug : ListAt(document, "bugs")) {
      count += TextAt(bug, "status") == status ? 1 : 0;
    }
    if (count > 0)
      parts.push_back(absl::StrCat(WithCommas(count), " ", status));
  }
  return absl::StrJoin(parts, ", ");
}

std::string Head(absl::string_view title) {
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
      "'none'; style-src '",
      kReportCssHash, "'; script-src '", kReportJsHash,
      "'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">"
      "\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
      title, "</title>\n<style>", kReportCss, "</style>\n</head>\n");
}

std::string Banner(const Json& document, absl::string_view title) {
  const Json& inputs = At(document, "inputs");
  std::string counts =
      absl::StrCat(WithCommas(NumberAt(inputs, "failing")), " of ",
                   Plural(NumberAt(inputs, "total"), "input"), " fail, ",
                   WithCommas(NumberAt(inputs, "clean")), " do not");
  const uint64_t skipped = NumberAt(inputs, "skipped");
  if (skipped > 0) {
    absl::StrAppend(&counts, ", ", WithCommas(skipped), " skipped");
  }
  std::string html =
      absl::StrCat("<header>\n<p class=\"brand\">restree triage</p>\n<h1>",
                   title, "</h1>\n<p>", counts, ". Machines: ",
                   EscapeHtml(absl::StrReplaceAll(TextAt(document, "machines"),
                                                  {{",", ", "}})),
                   ".</p>\n");
  const std::string command = TextAt(document, "command");
  if (!command.empty()) {
    absl::StrAppend(
        &html, CodeBox("command", "the command", EscapeHtml(command), " wrap"));
  }
  return absl::StrCat(html, "</header>\n");
}

// Returns a bar as long as `part` of `whole`: how many inputs a bug has.
std::string Share(uint64_t part, uint64_t whole) {
  const uint64_t width =
      whole == 0 ? 0 : std::max<uint64_t>(part > 0, part * 100 / whole);
  return absl::StrCat(
      "<svg class=\"share\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" "
      "aria-hidden=\"true\"><rect class=\"all\" width=\"100\" height=\"4\"/>"
      "<rect class=\"part\" width=\"",
      width, "\" height=\"4\"/></svg>");
}

std::string Contents(const Json& document, const Places& places) {
  const Json& bugs = ListAt(document, "bugs");
  if (bugs.empty()) return "";
  uint64_t most = 0;
  for (const Json& bug : bugs) most = std::max(most, NumberAt(bug, "inputs"));
  std::string items;
  for (size_t i = 0; i < bugs.size(); ++i) {
    if (places.of[i].empty()) continue;
    const Json& bug = bugs[i];
    const std::string headline = TextAt(ListAt(bug, "findings")[0], "headline");
    absl::StrAppend(
        &items, "<li><a href=\"#", places.of[i][0], "\">",
        SignatureHtml(TextAt(bug, "id")), "</a>", StatusChip(bug),
        "<span class=\"count\">", Plural(NumberAt(bug, "inputs"), "input"),
        Share(NumberAt(bug, "inputs"), most), "</span>",
        headline.empty() ? "" : "<p>" + EscapeHtml(headline) + "</p>",
        "</li>\n");
  }
  return absl::StrCat(
      "<nav aria-label=\"Bugs\" id=\"bugs\">\n<ol class=\"toc\">\n", items,
      "</ol>\n</nav>\n");
}

std::string BugHtml(const Json& bug, const Places& places, size_t number) {
  const Json& findings = ListAt(bug, "findings");
  if (findings.empty()) return "";
  const std::vector<std::string>& ids = places.of[number];
  std::string html = absl::StrCat(
      "<section class=\"bug\" id=\"", ids[0], "\" aria-labelledby=\"", ids[0],
      "-h\">\n<h2 id=\"", ids[0], "-h\">", SignatureHtml(TextAt(bug, "id")),
      " ", StatusChip(bug), " <span class=\"count\">",
      Plural(NumberAt(bug, "inputs"), "input"), "</span></h2>\n");
  absl::StrAppend(&html, FindingHtml(findings[0], {ids[0], 3, places.ids}));
  if (findings.size() > 1) {
    absl::StrAppend(&html, "<h3>The same bug, seen otherwise</h3>\n");
  }
  for (size_t i = 1; i < findings.size(); ++i) {
    const std::string signature = TextAt(findings[i], "signature");
    absl::StrAppend(&html, "<div class=\"also\" id=\"", ids[i], "\">",
                    Details(SignatureHtml(signature),
                            FindingHtml(findings[i], {ids[i], 4, places.ids})),
                    "</div>\n");
  }
  return absl::StrCat(html,
                      "<p class=\"up\"><a href=\"#bugs\">All bugs</a></p>\n"
                      "</section>\n");
}

// Returns the inputs that have become no finding.
std::string Rest(const Json& document, const char* key, const char* reason,
                 absl::string_view summary, absl::string_view before) {
  constexpr size_t kShown = 200;
  const Json& inputs = ListAt(document, key);
  if (inputs.empty()) return "";
  std::string items;
  for (size_t i = 0; i < std::min(kShown, inputs.size()); ++i) {
    const std::string why = TextAt(inputs[i], reason);
    absl::StrAppend(&items, "<li><code>",
                    EscapeHtml(TextAt(inputs[i], "input")), "</code> ",
                    why.empty() ? "" : absl::StrCat(before, EscapeHtml(why)),
                    "</li>\n");
  }
  if (inputs.size() > kShown) {
    absl::StrAppend(&items, "<li>", WithCommas(inputs.size() - kShown),
                    " more</li>\n");
  }
  return Details(absl::StrCat(Plural(inputs.size(), "input"), " ", summary),
                 absl::StrCat("<ul>\n", items, "</ul>\n"));
}

}  // namespace

std::string HtmlReport(const Json& document) {
  const Places places = PlacesOf(document);
  const Json& bugs = ListAt(document, "bugs");
  const std::string tally = Tally(document);
  const std::string title =
      absl::StrCat(bugs.empty() ? "No bugs" : Plural(bugs.size(), "bug"),
                   tally.empty() ? "" : ": ", tally);
  std::string html =
      absl::StrCat(Head(title),
                   "<body>\n<a class=\"skip\" href=\"#main\">Skip to "
                   "the findings</a>\n",
                   SvgDefinitions(), Banner(document, title),
                   Contents(document, places), "<main id=\"main\">\n");
  for (size_t i = 0; i < bugs.size(); ++i) {
    absl::StrAppend(&html, BugHtml(bugs[i], places, i));
  }
  return absl::StrCat(
      html, "</main>\n<footer>\n",
      Rest(document, "clean", "was", "did not fail", "was "),
      Rest(document, "skipped", "why", "skipped", ""), "<p>restree ",
      EscapeHtml(TextAt(document, "restree")), ", ",
      EscapeHtml(TextAt(document, "schema")), " version ",
      NumberAt(document, "version"), ".</p>\n</footer>\n",
      "<p class=\"vh\" id=\"said\" role=\"status\"></p>\n<script>", kReportJs,
      "</script>\n</body>\n</html>\n");
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// What is said of a finding.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "fuzz/number_text.h"
#include "triage/html/parts.h"
#include "triage/html/text.h"
#include "triage/json_read.h"

namespace restree {
namespace {

constexpr size_t kTraceLines = 120;  // around the op that failed
constexpr size_t kDiffLines = 120;
constexpr size_t kReportLines = 60;
constexpr size_t kSourceLines = 400;
constexpr size_t kInputsMax = 200;

std::string Fact(absl::string_view term, absl::string_view html) {
  if (html.empty()) return "";
  return absl::StrCat("<div><dt>", term, "</dt><dd>", html, "</dd></div>\n");
}

std::string MachinesHtml(const Json& finding) {
  std::string html;
  for (const Json& machine : ListAt(finding, "machines")) {
    const bool fails = BoolAt(machine, "fails");
    absl::StrAppend(&html, "<li class=\"", fails ? "fails" : "holds",
                    "\"><span aria-hidden=\"true\">", fails ? "✗" : "✓",
                    "</span> ", EscapeHtml(TextAt(machine, "name")),
                    fails ? " fails" : " holds", "</li>");
  }
  if (html.empty()) return "";
  return absl::StrCat("<ul class=\"machines\">", html, "</ul>");
}

std::string MinimizedHtml(const Json& finding) {
  const Json& minimized = At(finding, "minimized");
  if (!minimized.is_object()) return "";
  std::string html = absl::StrCat(
      "from ", Plural(NumberAt(minimized, "from_ops"), "op"), " to ",
      WithCommas(NumberAt(minimized, "to_ops")), ", with ",
      Plural(NumberAt(minimized, "evaluations"), "trace"), " played");
  const std::string scope = EscapeHtml(TextAt(minimized, "scope"));
  const bool complete = BoolAt(minimized, "complete");
  if (!scope.empty()) {
    absl::StrAppend(
        &html, "; ",
        complete ? "nothing smaller in " : "searched in part: ", scope);
  } else if (!complete) {
    absl::StrAppend(&html, "; a smaller one may exist");
  }
  return html;
}

// Returns what became of the op that failed.
std::string Outcome(const Json& finding) {
  const std::string want = TextAt(finding, "want");
  const std::string got = TextAt(finding, "got");
  const std::string kind = TextAt(finding, "kind");
  if (got.empty()) {
    return want.empty() ? "it failed here"
                        : absl::StrCat("want ", want, ", got no answer");
  }
  if (want != got) return absl::StrCat("want ", want, ", got ", got);
  if (kind == "invariant" || kind == "law") {
    return absl::StrCat(got, ", and breaks ", TextAt(finding, "what"));
  }
  return got + ", and the state differs";
}

// Returns the lines of the trace as elements, those of ops with their number,
// and the one that failed with what was seen.
std::string TraceLines(const Json& finding) {
  const std::string trace = TextAt(finding, "trace");
  std::vector<absl::string_view> lines = absl::StrSplit(trace, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  const uint64_t failing = NumberAt(finding, "op_index");
  const bool has_failed = At(finding, "op_index").is_number();
  std::vector<std::string> html;
  size_t mark = 0;
  uint64_t op = 0;
  for (const absl::string_view line : lines) {
    const absl::string_view bare = absl::StripLeadingAsciiWhitespace(line);
    if (bare.empty() || bare[0] == '#') {
      html.push_back(
          absl::StrCat("<span class=\"co\">", EscapeHtml(line), "\n</span>"));
      continue;
    }
    const bool is_it = has_failed && op == failing;
    if (is_it) mark = html.size();
    std::string text = absl::StrCat(
        "<span class=\"op", is_it ? " bad\" aria-current=\"true" : "",
        "\" data-op=\"", op, "\"><span class=\"nc n\" aria-hidden=\"true\">",
        is_it ? "▸" : "", op + 1, "</span>", EscapeHtml(line));
    absl::StrAppend(&text, "\n");
    if (is_it) {
      absl::StrAppend(&text, "<span class=\"nc wg\">",
                      EscapeHtml(Outcome(finding)), "\n</span>");
    }
    html.push_back(absl::StrCat(text, "</span>"));
    ++op;
  }
  const size_t first = mark < kTraceLines - 5 ? 0 : mark - (kTraceLines - 5);
  const size_t last = std::min(html.size(), first + kTraceLines);
  const auto left_out = [](size_t n) {
    return n == 0 ? ""
                  : absl::StrCat("<span class=\"nc co\">… ", Plural(n, "line"),
                                 " left out\n</span>");
  };
  std::string text = left_out(first);
  for (size_t i = first; i < last; ++i) absl::StrAppend(&text, html[i]);
  return text + left_out(html.size() - last);
}

std::string DiffHtml(const Json& finding, const FindingPlace& place) {
  const std::string diff =
      FirstLines(TextAt(finding, "iomem_diff"), kDiffLines);
  if (diff.empty()) return "";
  const bool is_same = TextAt(At(finding, "expected"), "text") ==
                           TextAt(At(finding, "actual"), "text") ||
                       !At(finding, "actual").is_object();
  std::string text;
  for (absl::string_view line : absl::StrSplit(diff, '\n', absl::SkipEmpty())) {
    const absl::string_view tag = line[0] == '+'   ? "ins"
                                  : line[0] == '-' ? "del"
                                                   : "span";
    absl::StrAppend(&text, "<", tag, ">", EscapeHtml(line), "\n</", tag, ">");
  }
  return absl::StrCat(
      Heading(place, "/proc/iomem"), "<p class=\"hint\">− ",
      is_same ? "before" : EscapeHtml(TextAt(finding, "reference")), ", + ",
      is_same ? "after" : EscapeHtml(TextAt(finding, "machine")), "</p>\n",
      CodeBox(place.id + "-diff", "the difference", text,
              is_same ? " wrap calm" : " wrap"));
}

std::string CrashHtml(const Json& finding, const FindingPlace& place) {
  const Json& crash = At(finding, "crash");
  const std::string report = TextAt(crash, "report");
  if (report.empty()) return "";
  return absl::StrCat(Heading(place, "What the sanitizer or the kernel said"),
                      CodeBox(place.id + "-crash", "the report",
                              EscapeHtml(FirstLines(report, kReportLines))));
}

std::string VaryHtml(const Json& finding, const FindingPlace& place) {
  std::string items;
  for (const Json& line : ListAt(finding, "vary")) {
    absl::StrAppend(&items, "<li>", EscapeHtml(TextOf(line)), "</li>\n");
  }
  if (items.empty()) return "";
  return absl::StrCat(Heading(place, "What may vary"), "<ul class=\"vary\">\n",
                      items, "</ul>\n");
}

std::string OthersHtml(const Json& finding, const FindingPlace& place) {
  std::string items;
  for (const Json& other : ListAt(finding, "others")) {
    const std::string signature = TextOf(other);
    const auto found = place.ids.find(signature);
    absl::StrAppend(
        &items, "<li>",
        found == place.ids.end() ? "" : "<a href=\"#" + found->second + "\">",
        SignatureHtml(signature), found == place.ids.end() ? "" : "</a>",
        "</li>\n");
  }
  if (items.empty()) return "";
  return absl::StrCat(Heading(place, "Met on the way"),
                      "<p class=\"hint\">Failed otherwise while this one was "
                      "made smaller: findings of their own.</p>\n<ul>\n",
                      items, "</ul>\n");
}

std::string InputsHtml(const Json& finding) {
  const Json& inputs = ListAt(finding, "inputs");
  if (inputs.empty()) return "";
  std::string rows;
  size_t shown = 0;
  for (const Json& input : inputs) {
    if (shown++ == kInputsMax) break;
    absl::StrAppend(&rows, "<tr><td>", EscapeHtml(TextAt(input, "name")),
                    "</td><td>", EscapeHtml(TextAt(input, "kind")), "</td><td>",
                    WithCommas(NumberAt(input, "ops")), "</td></tr>\n");
  }
  std::string table = absl::StrCat(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Inputs\"><table><thead><tr><th scope=\"col\">input</th>"
      "<th scope=\"col\">kind</th><th scope=\"col\">ops</th></tr></thead>"
      "<tbody>\n",
      rows, "</tbody></table></div>\n");
  if (inputs.size() > kInputsMax) {
    absl::StrAppend(&table, "<p class=\"clip\">",
                    WithCommas(inputs.size() - kInputsMax),
                    " more are in the document.</p>\n");
  }
  return Details(Plural(inputs.size(), "input"), table);
}

}  // namespace

std::string FactsHtml(const Json& finding) {
  const Json& reproduces = At(finding, "reproduces");
  const uint64_t failed = NumberAt(reproduces, "failed");
  const uint64_t of = NumberAt(reproduces, "of");
  const std::string known_as = TextAt(finding, "known_as");
  return absl::StrCat(
      "<dl class=\"facts\">\n", Fact("Machines", MachinesHtml(finding)),
      Fact("Verdict", EscapeHtml(TextAt(finding, "verdict"))),
      Fact("Why it should hold", EscapeHtml(TextAt(finding, "why"))),
      Fact("Known as",
           known_as.empty() ? "" : "<code>" + EscapeHtml(known_as) + "</code>"),
      Fact("Reproduces", of == 0 ? ""
                                 : absl::StrCat(WithCommas(failed), " of ",
                                                Plural(of, "time"))),
      Fact("Made smaller", MinimizedHtml(finding)),
      Fact("Files",
           "<code>" + EscapeHtml(TextAt(finding, "directory")) + "/</code>"),
      "</dl>\n");
}

std::string TraceHtml(const Json& finding, const FindingPlace& place) {
  if (TextAt(finding, "trace").empty()) return "";
  return absl::StrCat(
      Heading(place, "Shortest trace"),
      CodeBox(place.id + "-trace", "the trace", TraceLines(finding), " wrap"));
}

std::string ReproducersHtml(const Json& finding, const FindingPlace& place) {
  std::string html;
  const std::string replay = TextAt(finding, "replay");
  if (!replay.empty()) {
    html = CodeBox(place.id + "-replay", "the command", EscapeHtml(replay),
                   " wrap");
  }
  const Json& exports = At(finding, "exports");
  const std::pair<const char*, absl::string_view> kinds[] = {
      {"kunit", "KUnit test"},
      {"gtest", "GoogleTest"},
      {"iomem", "/proc/iomem"},
      {"dot", "Graphviz"}};
  for (const auto& [key, title] : kinds) {
    const Json& test = At(exports, key);
    const std::string text = TextAt(test, "text");
    const std::string note = EscapeHtml(TextAt(test, "note"));
    const bool is_test =
        absl::string_view(key) == "kunit" || absl::string_view(key) == "gtest";
    if (text.empty()) {
      if (!note.empty() && is_test) {
        absl::StrAppend(&html, "<p class=\"none\">No ", title, ": ", note,
                        "</p>\n");
      }
      continue;
    }
    const bool verified = BoolAt(test, "verified");
    absl::StrAppend(
        &html, Details(absl::StrCat(
                           title, " ",
                           !is_test   ? ""
                           : verified ? Chip("ok", "verified")
                                      : Chip("no", "not verified"),
                           note.empty() ? "" : " <small>" + note + "</small>"),
                       CodeBox(absl::StrCat(place.id, "-", key),
                               absl::StrCat("the ", title),
                               EscapeHtml(FirstLines(text, kSourceLines)))));
  }
  if (html.empty()) return "";
  return Heading(place, "Reproduce") + html;
}

std::string FindingHtml(const Json& finding, const FindingPlace& place) {
  const std::string headline = TextAt(finding, "headline");
  if (headline.empty()) {
    return absl::StrCat("<p class=\"lead\">It no longer reproduces.</p>\n",
                        TraceHtml(finding, place));
  }
  return absl::StrCat(
      "<p class=\"lead\">", EscapeHtml(headline),
      "</p>\n<div class=\"duo\"><div>", TraceHtml(finding, place),
      "</div><div>\n", FactsHtml(finding), "</div></div>\n",
      TreesHtml(finding, place), CrashHtml(finding, place),
      "<div class=\"duo\"><div>", StepsHtml(finding, place), "</div><div>",
      DiffHtml(finding, place), VaryHtml(finding, place), "</div></div>\n",
      ReproducersHtml(finding, place), OthersHtml(finding, place),
      InputsHtml(finding));
}

}  // namespace restree

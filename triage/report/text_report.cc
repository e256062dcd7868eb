// SPDX-License-Identifier: Apache-2.0
#include "triage/report/text_report.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "fuzz/number_text.h"
#include "triage/json_read.h"
#include "triage/report/report_words.h"

namespace restree {
namespace {

constexpr size_t kColumns = 80;
constexpr size_t kLinesMax = 40;  // of a trace, which shows its end, or a diff
constexpr size_t kBugsInFull = 40;
constexpr size_t kListMax = 20;  // of what is listed a line each
constexpr size_t kNamesMax = 3;
constexpr size_t kVaryMax = 8;
constexpr size_t kRemarkMax = 160;  // bytes; a parser may list all verbs

constexpr char kIndent[] = "   ";

// Adds a paragraph below a bug's heading.
void Add(absl::string_view prose, std::string* text) {
  *text += Wrapped(Printable(prose), kColumns, kIndent, "     ");
}

// "new, 19 inputs, failed 3 times of 3"
std::string Standing(const Json& finding, size_t inputs) {
  const Json& plays = At(finding, "reproduces");
  std::string text =
      absl::StrCat(TextAt(finding, "status"), ", ", Plural(inputs, "input"));
  if (NumberAt(plays, "of") > 0) {
    absl::StrAppend(&text, ", failed ",
                    Plural(NumberAt(plays, "failed"), "time"), " of ",
                    NumberAt(plays, "of"));
  }
  return text;
}

// Returns the minimal trace; the op that fails has a mark and what was seen.
std::string TraceText(const Json& finding) {
  const std::vector<std::string> ops = OpLines(TextAt(finding, "trace"));
  const bool marks = At(finding, "op_index").is_number();
  const size_t failing = NumberAt(finding, "op_index");
  const size_t first = ops.size() > kLinesMax ? ops.size() - kLinesMax : 0;
  std::string text;
  if (first > 0) absl::StrAppend(&text, kIndent, "    ... ", first, " ops\n");
  for (size_t i = first; i < ops.size(); ++i) {
    const bool fails = marks && i == failing;
    absl::StrAppend(&text, kIndent, fails ? "  > " : "    ", Printable(ops[i]),
                    "\n");
    if (!fails) continue;
    const std::string want = TextAt(finding, "want");
    const std::string got = GotOf(finding);
    const bool died = At(finding, "crash").is_object();
    const std::string seen = died          ? "want " + want + ", but it " + got
                             : want == got ? "-> " + got
                                           : "want " + want + ", got " + got;
    absl::StrAppend(&text, Wrapped(Printable(seen), kColumns, "           ",
                                   "           "));
  }
  return text;
}

std::string DiffText(const Json& finding) {
  const std::string diff = TextAt(finding, "iomem_diff");
  if (diff.empty()) return "";
  const std::string expected = TextAt(At(finding, "expected"), "text");
  const bool same = expected == TextAt(At(finding, "actual"), "text");
  const bool died = !At(finding, "actual").is_object();
  std::string sides = absl::StrCat("- ", TextAt(finding, "reference"), ", + ",
                                   TextAt(finding, "machine"));
  if (same || died) sides = "- before, + after";
  return absl::StrCat(kIndent, "state (", Printable(sides), ")\n",
                      Indented(Printable(diff), "       ", kLinesMax));
}

std::string CrashText(const Json& finding) {
  const Json& crash = At(finding, "crash");
  if (!crash.is_object()) return "";
  return absl::StrCat(
      kIndent, "crash\n",
      Indented(Printable(TextAt(crash, "report")), "       ", kLinesMax / 2));
}

// Says of each test that was written whether it was seen to fail and pass.
std::string ExportsText(const Json& finding) {
  std::string text;
  const Json& exports = At(finding, "exports");
  constexpr const char* kTests[][2] = {{"kunit", "kunit.c"},
                                       {"gtest", "gtest.cc"}};
  bool any = false;
  for (const auto& [key, file] : kTests) {
    const Json& test = At(exports, key);
    if (!test.is_object()) continue;
    const bool exists = !TextAt(test, "text").empty();
    any |= exists;
    const std::string note = TextAt(test, "note");
    const absl::string_view how = !exists                    ? "not written"
                                  : BoolAt(test, "verified") ? "verified"
                                                             : "not verified";
    Add(absl::StrCat(file, " ", how, note.empty() ? "" : ": ", note), &text);
  }
  if (any) {
    absl::StrAppend(&text, kIndent, "tests are in ",
                    Printable(TextAt(finding, "directory")), "\n");
  }
  return text;
}

// Returns all about a finding whose bug has so many inputs.
std::string Body(const Json& finding, size_t inputs) {
  std::string text;
  Add(Standing(finding, inputs), &text);
  Add(TextAt(finding, "headline"), &text);
  for (const char* key : {"why", "verdict"}) {
    const std::string line = TextAt(finding, key);
    if (!line.empty()) Add(absl::StrCat(key, ": ", line), &text);
  }
  absl::StrAppend(&text, TraceText(finding), DiffText(finding),
                  CrashText(finding));
  const std::string who = WhoFails(finding);
  if (!who.empty() && TextAt(finding, "verdict").empty()) Add(who, &text);
  const std::string shortened = HowShortened(finding);
  if (!shortened.empty()) Add("shortened " + shortened, &text);
  const std::vector<std::string> vary = VaryOf(finding);
  for (size_t i = 0; i < std::min(vary.size(), kVaryMax); ++i) {
    Add("vary: " + vary[i], &text);
  }
  text += ExportsText(finding);
  const std::string replay = TextAt(finding, "replay");
  if (!replay.empty()) {
    absl::StrAppend(&text, kIndent, "replay: ", Printable(replay), "\n");
  }
  const std::vector<std::string> names = InputsOf(finding);
  if (!names.empty()) Add("inputs: " + Some(names, kNamesMax), &text);
  return text;
}

// Names what else belongs to the bug that a finding leads, and what it led to
// that is another bug. What nobody gave, the minimizer met.
std::string Others(const Json& finding, const Json& findings) {
  std::string text;
  std::set<std::string> same;
  for (size_t i = 1; i < findings.size(); ++i) {
    const std::string signature = TextAt(findings[i], "signature");
    same.insert(signature);
    if (i > kListMax) continue;
    const size_t inputs = InputsOf(findings[i]).size();
    Add(absl::StrCat("the same bug: ", signature, ", ",
                     inputs == 0 ? "met on the way" : Plural(inputs, "input")),
        &text);
  }
  if (same.size() > kListMax) {
    Add(absl::StrCat("and ", same.size() - kListMax, " more like it"), &text);
  }
  size_t named = 0;
  for (const Json& other : ListAt(finding, "others")) {
    const std::string signature = TextOf(other);
    if (same.contains(signature) || ++named > kListMax) continue;
    Add("met on the way: " + signature, &text);
  }
  return text;
}

std::string ShortText(const Json& bug) {
  const Json& finding = LeadingOf(bug);
  const std::string known_as = TextAt(bug, "known_as");
  std::string text;
  Add(absl::StrCat(TextAt(bug, "status"),
                   known_as.empty() ? "" : " as " + known_as, ": ",
                   Plural(NumberAt(bug, "inputs"), "input")),
      &text);
  if (TextAt(bug, "status") == "fixed") {
    text.clear();
    Add("fixed: does not fail any more", &text);
  }
  const std::string headline = TextAt(finding, "headline");
  if (!headline.empty()) Add(headline, &text);
  const std::string replay = TextAt(finding, "replay");
  if (!replay.empty()) {
    absl::StrAppend(&text, kIndent, "replay: ", Printable(replay), "\n");
  }
  return text;
}

// Returns a heading and what `objects` name under `key`, a line each, with the
// remark that each has under `remark`.
std::string List(absl::string_view heading, const Json& objects,
                 const char* remark, absl::string_view before_remark) {
  if (!objects.is_array() || objects.empty()) return "";
  std::string text = absl::StrCat("\n", heading, "\n");
  for (size_t i = 0; i < objects.size(); ++i) {
    if (i == kListMax) {
      Add(absl::StrCat("and ", objects.size() - i, " more"), &text);
      break;
    }
    const std::string input = TextAt(objects[i], "input");
    std::string said = TextAt(objects[i], remark);
    if (absl::StartsWith(said, input + ":")) said.erase(0, input.size() + 1);
    if (said.size() > kRemarkMax) said = said.substr(0, kRemarkMax) + "...";
    Add(absl::StrCat(input, said.empty() ? "" : before_remark, said), &text);
  }
  return text;
}

}  // namespace

std::string FindingText(const Json& finding) {
  return absl::StrCat(Printable(TextAt(finding, "signature")), "\n",
                      Body(finding, InputsOf(finding).size()),
                      Others(finding, Json::array()));
}

std::string TextReport(const Json& document) {
  std::string text =
      absl::StrCat(Wrapped(Summary(document), kColumns, "", "  "));
  absl::StrAppend(
      &text, Wrapped("machines: " + absl::StrReplaceAll(
                                        Printable(TextAt(document, "machines")),
                                        {{",", ", "}}),
                     kColumns, "", "  "));
  size_t number = 0;
  for (const Json& bug : At(document, "bugs")) {
    const std::string status = TextAt(bug, "status");
    const bool in_full =
        (status == "new" || status == "flaky") && number < kBugsInFull;
    absl::StrAppend(&text, "\n", ++number, ". ", Printable(TextAt(bug, "id")),
                    "\n");
    text += in_full ? Body(LeadingOf(bug), NumberAt(bug, "inputs")) +
                          Others(LeadingOf(bug), ListAt(bug, "findings"))
                    : ShortText(bug);
  }
  text += List("clean, nothing failed:", At(document, "clean"), "was",
               ": does not fail any more as ");
  text += List("skipped:", At(document, "skipped"), "why", ": ");
  return text;
}

}  // namespace restree

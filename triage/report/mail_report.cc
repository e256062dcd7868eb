// SPDX-License-Identifier: Apache-2.0
#include "triage/report/mail_report.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "fuzz/number_text.h"
#include "triage/json_read.h"
#include "triage/report/report_words.h"

namespace restree {
namespace {

constexpr size_t kWidth = kMailColumns - 1;
constexpr size_t kBugsInFull = 8;  // a mail of many is not read
constexpr size_t kBugsNamed = 30;
constexpr size_t kLinesMax = 40;
constexpr size_t kVaryMax = 5;

std::string Prose(absl::string_view text, absl::string_view first = "",
                  absl::string_view rest = "") {
  return Wrapped(Ascii(text), kWidth, first, rest);
}

// Breaks `line` where it must, if it can between two words outside of quotes;
// what follows is further to the right.
std::string Fitted(absl::string_view line, absl::string_view indent) {
  const std::string further = absl::StrCat(indent, "        ");
  std::string fitted = std::string(indent);
  size_t room = kWidth - indent.size();
  while (line.size() > room) {
    size_t cut = 0;
    bool quoted = false;
    for (size_t i = 0; i <= room; ++i) {
      if (line[i] == '"' && (i == 0 || line[i - 1] != '\\')) quoted = !quoted;
      if (line[i] == ' ' && !quoted && line.find_first_not_of(' ') < i) cut = i;
    }
    const bool between_words = cut > 0;
    if (!between_words) cut = room;
    absl::StrAppend(&fitted, line.substr(0, cut), "\n", further);
    line.remove_prefix(between_words ? cut + 1 : cut);
    room = kWidth - further.size();
  }
  return absl::StrCat(fitted, line, "\n");
}

// Returns the lines of `text`, indented and fitted.
std::string Quoted(absl::string_view text, absl::string_view indent) {
  const std::string cut = Indented(Ascii(text), "", kLinesMax);
  std::string quoted;
  for (const absl::string_view line :
       absl::StrSplit(cut, '\n', absl::SkipEmpty())) {
    quoted += Fitted(absl::StrReplaceAll(line, {{"\t", "        "}}), indent);
  }
  return quoted;
}

// "request is request_resource_conflict()": for who knows the kernel, and has
// not seen a trace before.
std::string Glossary(const std::vector<std::string>& ops) {
  std::vector<std::string> entries;
  for (const std::string& op : ops) {
    const absl::string_view function = KernelFunctionOf(op);
    if (function.empty()) continue;
    const absl::string_view verb = VerbOf(op);
    if (verb == function) continue;
    const std::string entry = absl::StrCat(verb, " is ", function, "()");
    if (std::find(entries.begin(), entries.end(), entry) == entries.end()) {
      entries.push_back(entry);
    }
  }
  if (entries.empty()) return "";
  return Prose(absl::StrCat("Here ", absl::StrJoin(entries, ", "), "."));
}

std::string Sequence(const Json& finding) {
  std::vector<std::string> ops = OpLines(TextAt(finding, "trace"));
  const bool marks = At(finding, "op_index").is_number();
  const size_t failing = NumberAt(finding, "op_index");
  std::string text = absl::StrCat("Shortest sequence that shows it (",
                                  Plural(ops.size(), "op"), "):\n\n");
  const size_t first = ops.size() > kLinesMax ? ops.size() - kLinesMax : 0;
  if (first > 0) absl::StrAppend(&text, "    ... ", first, " ops\n");
  for (size_t i = first; i < ops.size(); ++i) {
    const bool fails = marks && i == failing;
    text += Fitted(Ascii(ops[i]), fails ? "  > " : "    ");
    if (!fails) continue;
    const std::string got = GotOf(finding);
    const std::string want = TextAt(finding, "want");
    constexpr absl::string_view kSeen = "          ";
    if (want == got) {
      text += Fitted(Ascii("says: " + got), kSeen);
      continue;
    }
    text += Fitted(Ascii("want: " + want), kSeen);
    const bool died = At(finding, "crash").is_object();
    text += Fitted(Ascii(died ? got : "got:  " + got), kSeen);
  }
  const std::string glossary = Glossary(ops);
  if (!glossary.empty()) absl::StrAppend(&text, "\n", glossary);
  const std::vector<std::string> vary = VaryOf(finding);
  for (size_t i = 0; i < std::min(vary.size(), kVaryMax); ++i) {
    if (i == 0) text += "\nIt fails as well with other values:\n";
    text += Prose(vary[i], "  - ", "    ");
  }
  return text;
}

std::string Section(absl::string_view heading, absl::string_view body) {
  const std::string lines = Quoted(body, "    ");
  return absl::StrCat("\n", heading, "\n\n",
                      lines.empty() ? "    (empty)\n" : lines);
}

// Shows one file of /proc before and after the op that fails. Nothing if it has
// nothing to show.
std::string Before(const Json& finding, const char* key,
                   absl::string_view path) {
  const std::string before = TextAt(At(finding, "before"), key);
  const std::string expected = TextAt(At(finding, "expected"), key);
  const Json& machine = At(finding, "actual");
  const std::string actual = TextAt(machine, key);
  if (before.empty() && expected.empty() && actual.empty()) return "";
  std::string text =
      Section(absl::StrCat(path, " before the last op:"), before);
  if (!machine.is_object()) {
    return text +
           Section(absl::StrCat(path, " after it, as it should be:"), expected);
  }
  if (expected == actual) {
    if (before == actual) return text + "\nIt is the same after it.\n";
    return text + Section(absl::StrCat(path, " after it:"), actual);
  }
  const std::string same = " after it, as it should be: as before.\n";
  text += expected == before
              ? absl::StrCat("\n", path, same)
              : Section(absl::StrCat(path, " after it, as it should be:"),
                        expected);
  text += actual == before
              ? absl::StrCat("\n", path, " after it, as it is: as before.\n")
              : Section(absl::StrCat(path, " after it, as it is:"), actual);
  return text;
}

// Shows what /proc does not: flags, descs, parents, and resources in no tree.
std::string Difference(const Json& finding) {
  const std::string diff = TextAt(finding, "iomem_diff");
  const Json& expected = At(finding, "expected");
  const Json& actual = At(finding, "actual");
  const auto alike = [&](const char* key) {
    return TextAt(expected, key) == TextAt(actual, key);
  };
  if (diff.empty() || !actual.is_object()) return "";
  if (alike("text") || !alike("iomem") || !alike("ioports")) return "";
  return Section("What differs is not shown there (- should be, + is):", diff);
}

std::string Crash(const Json& finding) {
  const Json& crash = At(finding, "crash");
  if (!crash.is_object()) return "";
  return Section("The report of the crash:", TextAt(crash, "report"));
}

// Returns the test as it is, tabs and all, so that it can be copied.
std::string KunitTest(const Json& finding) {
  const Json& test = At(At(finding, "exports"), "kunit");
  const std::string note = TextAt(test, "note");
  const std::string code = Ascii(TextAt(test, "text"));
  if (code.empty()) {
    return note.empty() ? "" : "\n" + Prose("There is no KUnit test: " + note);
  }
  size_t wide = 0;
  for (const absl::string_view line : absl::StrSplit(code, '\n')) {
    wide += WidthOf(line) > kWidth;
  }
  std::string heading = absl::StrCat(
      "KUnit test, ", BoolAt(test, "verified") ? "compiled and run: " : "",
      note.empty() ? "not run" : note);
  if (wide > 0) {
    absl::StrAppend(&heading, " (", Plural(wide, "line"), " of it wider than ",
                    kWidth, " columns, so mind what your mailer does)");
  }
  return absl::StrCat("\n", Prose(heading + ":"), "\n", code,
                      code.back() == '\n' ? "" : "\n");
}

// Names a bug for who knows the kernel and not restree:
// "adjust_resource(): want EBUSY, got ok".
std::string Title(const Json& bug) {
  const Json& finding = LeadingOf(bug);
  const std::string sentence = TextAt(finding, "sentence");
  const std::vector<std::string> ops = OpLines(TextAt(finding, "trace"));
  const size_t failing = NumberAt(finding, "op_index");
  if (sentence.empty() || failing >= ops.size()) return TextAt(bug, "id");
  const absl::string_view function = KernelFunctionOf(ops[failing]);
  if (function.empty()) return sentence;
  return absl::StrCat(function, "(): ", sentence);
}

std::string BugText(size_t number, const Json& bug) {
  const Json& finding = LeadingOf(bug);
  const std::string heading =
      Prose(absl::StrCat(number, ". ", Title(bug)), "", "   ");
  std::string text = absl::StrCat("\n\n", heading, std::string(kWidth, '='),
                                  "\n\n", Prose(TextAt(finding, "headline")));
  const auto paragraph = [&text](absl::string_view prose) {
    absl::StrAppend(&text, "\n", Prose(prose));
  };
  const Json& plays = At(finding, "reproduces");
  if (TextAt(bug, "status") == "flaky") {
    paragraph(absl::StrCat("It failed ", NumberAt(plays, "failed"),
                           " times of ", NumberAt(plays, "of"), "."));
  }
  const std::string why = TextAt(finding, "why");
  if (!why.empty()) paragraph("Why it matters: " + why);
  const std::string verdict = TextAt(finding, "verdict");
  const std::string who = verdict.empty() ? WhoFails(finding) : verdict;
  if (!who.empty()) paragraph(who + ".");
  absl::StrAppend(&text, "\n", Sequence(finding),
                  Before(finding, "iomem", "/proc/iomem"),
                  Before(finding, "ioports", "/proc/ioports"),
                  Difference(finding), Crash(finding), KunitTest(finding));
  const std::string shortened = HowShortened(finding);
  if (!shortened.empty()) paragraph("Shortened " + shortened + ".");
  return text;
}

std::string Tried(const Json& document) {
  const Json& inputs = At(document, "inputs");
  std::vector<std::string> machines =
      absl::StrSplit(TextAt(document, "machines"), ',', absl::SkipEmpty());
  std::string text = Prose(absl::StrCat(
      "restree ", TextAt(document, "restree"), " played ",
      Plural(NumberAt(inputs, "total"), "input"), " on ", Some(machines, 8),
      ": sequences of calls of kernel/resource.c and mm/memremap.c, beside a "
      "model of what they should do. It compares what each call returns and "
      "the tree that it leaves."));
  absl::StrAppend(&text, "\n", Prose(Summary(document) + "."));
  return text;
}

// Lists the bugs that follow in full, and those that do not.
std::string Contents(const Json& document) {
  std::string text;
  size_t number = 0;
  for (const Json& bug : At(document, "bugs")) {
    if (++number > kBugsNamed) {
      absl::StrAppend(&text, "  ... and ",
                      At(document, "bugs").size() - kBugsNamed, " more\n");
      break;
    }
    const std::string known_as = TextAt(bug, "known_as");
    const std::string status = TextAt(bug, "status");
    text += Prose(
        absl::StrCat(
            Title(bug), " (", status, known_as.empty() ? "" : " as " + known_as,
            status == "fixed" ? ""
                              : ", " + Plural(NumberAt(bug, "inputs"), "input"),
            ")"),
        absl::StrCat(number < 10 ? "  " : " ", number, ". "), "     ");
  }
  if (text.empty()) return "\nNothing broke.\n";
  return absl::StrCat("\nWhat broke:\n\n", text);
}

}  // namespace

std::string MailReport(const Json& document) {
  std::string text = Tried(document) + Contents(document);
  size_t number = 0;
  for (const Json& bug : At(document, "bugs")) {
    const std::string status = TextAt(bug, "status");
    if (++number > kBugsInFull) break;
    if (status == "new" || status == "flaky") text += BugText(number, bug);
  }
  const std::string command = TextAt(document, "command");
  if (!command.empty()) {
    absl::StrAppend(&text, "\n\n",
                    Prose("A sequence can be saved to a file and played by "
                          "`restree run FILE`. This mail is from:"),
                    "\n", Quoted(command, "    "));
  }
  return text;
}

}  // namespace restree

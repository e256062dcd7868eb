// SPDX-License-Identifier: Apache-2.0
#include "triage/report/report_words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "fuzz/number_text.h"
#include "model/trace.h"
#include "triage/json_read.h"

namespace restree {
namespace {

// Returns the length of the UTF-8 sequence that `text` begins with, and its
// code point; a length of 0 if it begins with none.
std::pair<size_t, uint32_t> CodePoint(absl::string_view text) {
  const auto byte = [text](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  if (byte(0) < 0x80) return {1, byte(0)};
  const size_t size = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < size) return {0, 0};
  uint32_t code = byte(0) & (0x7f >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0, 0};
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr std::array<uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kLeast[size] || code > 0x10ffff || surrogate) return {0, 0};
  return {size, code};
}

// Returns whether a terminal would obey the character instead of showing it:
// controls, separators of lines, and what changes the direction of text.
bool IsCommand(uint32_t code) {
  if (code == '\n' || code == '\t') return false;
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c ||
         (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

std::string Escaped(absl::string_view text, bool keep_utf8) {
  std::string escaped;
  while (!text.empty()) {
    const auto [size, code] = CodePoint(text);
    const bool keep = size > 0 && !IsCommand(code) && (keep_utf8 || size == 1);
    const size_t taken = std::max<size_t>(size, 1);
    for (const unsigned char byte : text.substr(0, taken)) {
      if (keep) {
        escaped += static_cast<char>(byte);
      } else {
        absl::StrAppendFormat(&escaped, "\\x%02x", byte);
      }
    }
    text.remove_prefix(taken);
  }
  return escaped;
}

}  // namespace

std::string Printable(absl::string_view text) { return Escaped(text, true); }

std::string Ascii(absl::string_view text) { return Escaped(text, false); }

size_t WidthOf(absl::string_view line) {
  size_t columns = 0;
  for (const unsigned char byte : line) {
    if (byte == '\t') columns |= 7;
    if ((byte & 0xc0) != 0x80) ++columns;
  }
  return columns;
}

std::string Wrapped(absl::string_view text, size_t width,
                    absl::string_view first, absl::string_view rest) {
  std::string wrapped;
  std::string line(first);
  bool is_empty = true;  // the line, but for what it begins with
  for (const absl::string_view word :
       absl::StrSplit(text, absl::ByAnyChar(" \n\t"), absl::SkipEmpty())) {
    if (!is_empty && WidthOf(line) + 1 + WidthOf(word) > width) {
      absl::StrAppend(&wrapped, line, "\n");
      line = std::string(rest);
      is_empty = true;
    }
    absl::StrAppend(&line, is_empty ? "" : " ", word);
    is_empty = false;
  }
  return absl::StrCat(wrapped, line, "\n");
}

std::string Indented(absl::string_view text, absl::string_view indent,
                     size_t lines_max) {
  std::vector<absl::string_view> lines =
      absl::StrSplit(text, '\n', absl::SkipEmpty());
  const size_t rest =
      lines.size() > lines_max + 1 ? lines.size() - lines_max : 0;
  lines.resize(lines.size() - rest);
  std::string indented;
  for (const absl::string_view line : lines) {
    absl::StrAppend(&indented, indent, absl::StripTrailingAsciiWhitespace(line),
                    "\n");
  }
  if (rest > 0) {
    absl::StrAppend(&indented, indent, "... ", Plural(rest, "more line"), "\n");
  }
  return indented;
}

std::string Some(const std::vector<std::string>& words, size_t max) {
  if (words.size() <= 1) return absl::StrJoin(words, "");
  const size_t shown = words.size() <= max + 1 ? words.size() - 1 : max;
  const std::string rest = shown + 1 == words.size()
                               ? words.back()
                               : absl::StrCat(words.size() - shown, " more");
  return absl::StrCat(absl::StrJoin(words.begin(), words.begin() + shown, ", "),
                      " and ", rest);
}

std::vector<std::string> OpLines(absl::string_view trace) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(trace, '\n')) {
    const absl::string_view op = absl::StripAsciiWhitespace(line);
    if (!op.empty() && op[0] != '#') lines.emplace_back(op);
  }
  return lines;
}

absl::string_view VerbOf(absl::string_view op_line) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(op_line, absl::MaxSplits(' ', 3));
  const bool defines = words.size() > 2 && words[1] == "=";
  return words[defines ? 2 : 0];
}

absl::string_view KernelFunctionOf(absl::string_view op_line) {
  const absl::string_view name = VerbOf(op_line);
  for (int i = 0; i < kVerbs; ++i) {
    const VerbInfo& info = InfoOf(static_cast<Verb>(i));
    if (info.name != name) continue;
    if (absl::StartsWith(info.kernel, "(")) return "";
    return info.kernel.substr(0, info.kernel.find(','));
  }
  return "";
}

std::string Summary(const Json& document) {
  constexpr std::array<absl::string_view, 3> kAlive = {"new", "flaky", "known"};
  std::array<uint64_t, 3> alive = {};
  uint64_t fixed = 0;
  for (const Json& bug : At(document, "bugs")) {
    const std::string status = TextAt(bug, "status");
    if (status == "fixed") ++fixed;
    for (size_t i = 0; i < kAlive.size(); ++i) alive[i] += status == kAlive[i];
  }
  const Json& inputs = At(document, "inputs");
  const uint64_t bugs = alive[0] + alive[1] + alive[2];
  std::string text =
      absl::StrCat(Plural(NumberAt(inputs, "total"), "input"), ": ",
                   bugs == 0 ? "no bugs" : Plural(bugs, "bug"));
  std::vector<std::string> parts;
  for (size_t i = 0; i < kAlive.size(); ++i) {
    if (alive[i] > 0)
      parts.push_back(absl::StrCat(WithCommas(alive[i]), " ", kAlive[i]));
  }
  if (bugs > 0) absl::StrAppend(&text, " (", absl::StrJoin(parts, ", "), ")");
  if (fixed > 0) absl::StrAppend(&text, ", ", WithCommas(fixed), " fixed");
  for (const char* what : {"clean", "skipped"}) {
    const uint64_t count = NumberAt(inputs, what);
    if (count > 0) absl::StrAppend(&text, ", ", WithCommas(count), " ", what);
  }
  return text;
}

std::string WhoFails(const Json& finding) {
  std::vector<std::string> fail;
  std::vector<std::string> pass;
  for (const Json& machine : At(finding, "machines")) {
    (BoolAt(machine, "fails") ? fail : pass).push_back(TextAt(machine, "name"));
  }
  if (fail.empty()) return "";
  std::string text =
      absl::StrCat(Some(fail, 8), fail.size() == 1 ? " fails" : " fail");
  if (pass.empty()) return text;
  return absl::StrCat(text, "; ", Some(pass, 8),
                      pass.size() == 1 ? " does not" : " do not");
}

std::string HowShortened(const Json& finding) {
  const Json& minimized = At(finding, "minimized");
  if (NumberAt(minimized, "evaluations") == 0) return "";
  std::string text =
      absl::StrCat("from ", Plural(NumberAt(minimized, "from_ops"), "op"),
                   " to ", NumberAt(minimized, "to_ops"), ", in ",
                   Plural(NumberAt(minimized, "evaluations"), "play"));
  const std::string scope = TextAt(minimized, "scope");
  if (BoolAt(minimized, "complete")) {
    absl::StrAppend(&text, "; none shorter or smaller fails like it");
  } else {
    absl::StrAppend(&text, "; the search was not finished");
  }
  if (!scope.empty()) absl::StrAppend(&text, " (", scope, ")");
  return text;
}

const Json& LeadingOf(const Json& bug) {
  const Json& findings = At(bug, "findings");
  return findings.is_array() && !findings.empty() ? findings[0]
                                                  : At(Json(), "");
}

std::vector<std::string> VaryOf(const Json& finding) {
  std::vector<std::string> lines;
  for (const Json& line : ListAt(finding, "vary")) {
    const std::string text = TextOf(line);
    if (!text.empty() && !absl::StartsWith(text, "rejected")) {
      lines.push_back(text);
    }
  }
  return lines;
}

std::string GotOf(const Json& finding) {
  const std::string got = TextAt(finding, "got");
  return got.empty() ? "died" : got;
}

std::vector<std::string> InputsOf(const Json& finding) {
  std::vector<std::string> names;
  for (const Json& input : At(finding, "inputs")) {
    names.push_back(TextAt(input, "name"));
  }
  return names;
}

}  // namespace restree

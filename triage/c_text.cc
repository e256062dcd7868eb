// SPDX-License-Identifier: Apache-2.0
#include "triage/c_text.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "model/flags.h"

namespace restree {
namespace {

constexpr size_t kColumns = 80;
constexpr size_t kTab = 8;

// Breaks the statement behind commas, and with `anywhere` behind `|`, too.
std::string Broken(absl::string_view statement, bool anywhere) {
  std::string out = "\t";
  size_t column = kTab;
  std::vector<size_t> open;  // the columns behind open parentheses
  bool quoted = false;
  size_t from = 0;  // of the piece that cannot be broken
  std::vector<size_t> opened_at_piece = open;
  size_t piece_column = column;
  const auto flush = [&](size_t to) {
    absl::StrAppend(&out, statement.substr(from, to - from));
    from = to;
    piece_column = column;
    opened_at_piece = open;
  };
  for (size_t i = 0; i < statement.size(); ++i) {
    const char c = statement[i];
    if (column >= kColumns && piece_column > kTab && !opened_at_piece.empty() &&
        piece_column != opened_at_piece.back()) {
      // The piece goes to a line of its own.
      const size_t indent = opened_at_piece.back();
      while (!out.empty() && out.back() == ' ') out.pop_back();
      out += '\n';
      out.append(indent / kTab, '\t').append(indent % kTab, ' ');
      const size_t moved = piece_column - indent;
      column -= moved;
      for (size_t k = opened_at_piece.size(); k < open.size(); ++k) {
        open[k] -= moved;
      }
      piece_column = indent;
    }
    if (c == '"' && (i == 0 || statement[i - 1] != '\\')) quoted = !quoted;
    ++column;
    if (quoted) continue;
    if (c == '(') open.push_back(column);
    if (c == ')' && !open.empty()) open.pop_back();
    const bool breaks =
        c == ' ' && i > 0 &&
        (statement[i - 1] == ',' || (anywhere && statement[i - 1] == '|'));
    if (breaks && !open.empty()) flush(i + 1);
  }
  flush(statement.size());
  out += '\n';
  return out;
}

bool IsWide(absl::string_view text) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    size_t columns = 0;
    for (const char c : line) columns += c == '\t' ? kTab - columns % kTab : 1;
    if (columns > kColumns) return true;
  }
  return false;
}

}  // namespace

std::string CFlags(uint64_t flags) {
  std::string text;
  uint64_t rest = flags & kResourceVmemmap;  // which no kernel has
  for (const absl::string_view word : absl::StrSplit(
           FlagsText(flags & ~kResourceVmemmap), ' ', absl::SkipEmpty())) {
    absl::StrAppend(&text, text.empty() ? "" : " | ");
    if (absl::StartsWith(word, "0x")) {
      absl::StrAppend(&text, word);
    } else {
      absl::StrAppend(&text, "IORESOURCE_", absl::AsciiStrToUpper(word));
    }
  }
  if (rest != 0) {
    absl::StrAppend(&text, text.empty() ? "" : " | ", "0x", absl::Hex(rest));
  }
  return text.empty() ? "0" : text;
}

std::string CDesc(uint64_t desc) {
  const std::string word = DescText(desc);
  if (desc >= kDescVmemmap) return absl::StrCat("0x", absl::Hex(desc));
  return absl::StrCat("IORES_DESC_", absl::AsciiStrToUpper(word));
}

std::string CNumber(uint64_t number) {
  if (number < 10) return absl::StrCat(number);
  return absl::StrCat("0x", absl::Hex(number));
}

std::string CString(absl::string_view text) {
  return absl::StrCat("\"", absl::CEscape(text), "\"");
}

std::string CStatement(absl::string_view statement) {
  const std::string text = Broken(statement, false);
  return IsWide(text) ? Broken(statement, true) : text;
}

}  // namespace restree

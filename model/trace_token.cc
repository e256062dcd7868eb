// SPDX-License-Identifier: Apache-2.0
#include "model/trace_token.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/trace.h"

namespace restree {
namespace {

bool Fail(size_t offset, std::string message, TextError* error) {
  error->column = offset + 1;
  error->message = std::move(message);
  return false;
}

bool IsControl(unsigned char byte) { return byte < 0x20 || byte == 0x7f; }

// Says what a byte that has no place outside of quotes is, and what to do.
std::string StrayByte(unsigned char byte) {
  if (byte == '\t') return "tab: separate words by spaces";
  if (byte == '\r') return "carriage return: convert the file to LF line ends";
  if (byte == '\0') {
    return "NUL byte: this is not text (`restree decode` reads binary traces)";
  }
  if (IsControl(byte)) {
    return absl::StrFormat("control character 0x%02x: remove it", byte);
  }
  return absl::StrFormat(
      "byte 0x%02x: only ASCII may stand outside of quotes and comments", byte);
}

void AppendEscape(unsigned char byte, std::string* text) {
  switch (byte) {
    case '\n':
      *text += "\\n";
      break;
    case '\r':
      *text += "\\r";
      break;
    case '\t':
      *text += "\\t";
      break;
    default:
      absl::StrAppendFormat(text, "\\x%02x", byte);
  }
}

// Reads the two digits of \xHH. Returns -1 if they are not there.
int HexByte(absl::string_view text) {
  if (text.size() < 2) return -1;
  uint64_t value = 0;
  const std::string digits = absl::StrCat("0x", text.substr(0, 2));
  return ReadNumber(digits, &value).empty() ? static_cast<int>(value) : -1;
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

std::string NotANumber(absl::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isxdigit(static_cast<unsigned char>(c));
      })) {
    return absl::StrCat(Cited(text), " is not a decimal number: is it ",
                        "hexadecimal, ", Cited(absl::StrCat("0x", text)), "?");
  }
  return absl::StrCat(Cited(text), " is not a number");
}

// Returns whether `text` is a letter and decimal digits.
bool IsNumbered(absl::string_view text) {
  return text.size() > 1 &&
         text.find_first_not_of("0123456789", 1) == absl::string_view::npos;
}

// Reads `kind` and a number below `end`. Returns what is wrong, or "".
std::string ReadNumbered(absl::string_view text, char kind, uint32_t end,
                         uint32_t* number) {
  if (!IsNumbered(text) || text[0] != kind) {
    return absl::StrCat(Cited(text), " is not ", std::string(1, kind), "0, ",
                        std::string(1, kind), "1, ...");
  }
  if (text.size() > 2 && text[1] == '0') {
    return absl::StrCat(Cited(text), " has a leading zero");
  }
  uint64_t n = 0;
  if (!ReadNumber(text.substr(1), &n).empty() || n >= end) {
    return absl::StrCat(Cited(text), " is too large: the last one is ",
                        std::string(1, kind), end - 1);
  }
  *number = static_cast<uint32_t>(n);
  return "";
}

}  // namespace

bool Lexer::Take(Token::Kind kind, size_t begin, size_t end) {
  token_ = {kind, begin + 1, line_.substr(begin, end - begin)};
  at_ = end;
  return true;
}

bool Lexer::Next(TextError* error) {
  const size_t begin = line_.find_first_not_of(' ', at_);
  if (begin == absl::string_view::npos) {
    // A message about what is missing points behind what is there.
    return Take(Token::Kind::kEnd, at_, at_);
  }
  if (line_[begin] == '#') return NextComment(begin, error);
  if (line_[begin] == '"') return NextString(begin, error);
  return NextWord(begin, error);
}

bool Lexer::NextWord(size_t begin, TextError* error) {
  size_t end = begin;
  for (; end < line_.size(); ++end) {
    const unsigned char byte = static_cast<unsigned char>(line_[end]);
    if (byte == ' ' || byte == '#') break;
    if (byte == '"') {
      return Fail(end, "a space is missing before the quote", error);
    }
    if (byte < 0x20 || byte >= 0x7f) return Fail(end, StrayByte(byte), error);
  }
  return Take(Token::Kind::kWord, begin, end);
}

bool Lexer::NextString(size_t begin, TextError* error) {
  size_t end = begin + 1;
  while (end < line_.size() && line_[end] != '"') {
    const unsigned char byte = static_cast<unsigned char>(line_[end]);
    if (IsControl(byte)) {
      std::string message = absl::StrFormat(
          "control character 0x%02x in a name: write it as ", byte);
      AppendEscape(byte, &message);
      return Fail(end, message, error);
    }
    // What follows a backslash never ends the string.
    end += byte == '\\' ? 2 : 1;
  }
  if (end >= line_.size()) {
    return Fail(begin, "the name that starts here has no closing quote", error);
  }
  ++end;
  if (end < line_.size() && line_[end] != ' ' && line_[end] != '#') {
    const unsigned char byte = static_cast<unsigned char>(line_[end]);
    return Fail(end,
                absl::ascii_isgraph(byte) ? "a space is missing after the quote"
                                          : StrayByte(byte),
                error);
  }
  return Take(Token::Kind::kString, begin, end);
}

bool Lexer::NextComment(size_t begin, TextError* error) {
  for (size_t i = begin; i < line_.size(); ++i) {
    const unsigned char byte = static_cast<unsigned char>(line_[i]);
    // A comment may be a pasted drawing or table, with tabs.
    if (IsControl(byte) && byte != '\t') {
      return Fail(i, StrayByte(byte), error);
    }
  }
  const size_t last = line_.find_last_not_of(" \t");
  Take(Token::Kind::kComment, begin, last + 1);
  at_ = line_.size();
  return true;
}

bool Unquote(const Token& token, std::string* name, TextError* error) {
  assert(token.kind == Token::Kind::kString);
  const absl::string_view text = token.text.substr(1, token.text.size() - 2);
  name->clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      name->push_back(text[i]);
      continue;
    }
    const size_t backslash = i++;
    const char c = text[i];  // The lexer ends no string in a backslash.
    const int byte = c == 'x' ? HexByte(text.substr(i + 1)) : -1;
    if (c == '"' || c == '\\') {
      name->push_back(c);
    } else if (c == 'n') {
      name->push_back('\n');
    } else if (c == 'r') {
      name->push_back('\r');
    } else if (c == 't') {
      name->push_back('\t');
    } else if (byte >= 0) {
      name->push_back(static_cast<char>(byte));
      i += 2;
    } else {
      return Fail(token.column + backslash,
                  "unknown escape: write \\\" \\\\ \\n \\r \\t or \\xHH, with "
                  "two hexadecimal digits",
                  error);
    }
  }
  return true;
}

void AppendQuoted(absl::string_view name, std::string* text) {
  text->push_back('"');
  for (const char c : name) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      AppendEscape(byte, text);
      continue;
    }
    if (c == '"' || c == '\\') text->push_back('\\');
    text->push_back(c);
  }
  text->push_back('"');
}

std::string ReadNumber(absl::string_view text, uint64_t* value) {
  const bool hex = absl::StartsWith(text, "0x");
  const int base = hex ? 16 : 10;
  const absl::string_view digits = hex ? text.substr(2) : text;
  if (digits.empty()) return NotANumber(text);
  uint64_t number = 0;
  bool fits = true;
  for (const char c : digits) {
    const int digit = DigitOf(c);
    if (digit >= base) return NotANumber(text);
    uint64_t shifted = 0;
    const uint64_t base_64 = static_cast<uint64_t>(base);
    if (__builtin_mul_overflow(number, base_64, &shifted) ||
        __builtin_add_overflow(shifted, digit, &number)) {
      fits = false;
    }
  }
  if (!hex && digits.size() > 1 && digits[0] == '0') {
    // Octal in C, hexadecimal in /proc/iomem: nobody can tell.
    return absl::StrCat(Cited(text), " has a leading zero: is it hexadecimal, ",
                        Cited(absl::StrCat("0x", text)), "?");
  }
  if (!fits) return absl::StrCat(Cited(text), " does not fit in 64 bits");
  *value = number;
  return "";
}

std::string ReadSlot(absl::string_view text, Slot* slot) {
  if (text == "iomem" || text == "ioport") {
    *slot = text == "iomem" ? kIomem : kIoport;
    return "";
  }
  if (absl::StartsWith(text, "v")) {
    uint32_t number = 0;
    const std::string wrong = ReadNumbered(text, 'v', kPagemaps, &number);
    if (wrong.empty()) *slot = VmemmapSlot(number);
    return wrong;
  }
  if (!absl::StartsWith(text, "r") || !IsNumbered(text)) {
    return absl::StrCat(Cited(text), " is not a slot (iomem, ioport, r0, r1)");
  }
  uint32_t number = 0;
  const std::string wrong =
      ReadNumbered(text, 'r', kFirstVmemmap - kFirstSlot, &number);
  if (wrong.empty()) *slot = R(number);
  return wrong;
}

std::string ReadPagemap(absl::string_view text, uint32_t* number) {
  return ReadNumbered(text, 'p', kPagemaps, number);
}

std::string Cited(absl::string_view text) {
  constexpr size_t kShown = 40;
  if (text.size() <= kShown) return absl::StrCat("`", text, "`");
  return absl::StrCat("`", text.substr(0, kShown), "...`");
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/html/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "fuzz/number_text.h"

namespace restree {
namespace {

constexpr char32_t kReplacement = 0xfffd;

// One character and how many bytes it takes.
struct Character {
  char32_t code = kReplacement;
  size_t bytes = 1;
};

// Returns the bytes that a sequence with that first byte has; 0 if none has it.
size_t LengthBehind(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xf0 && first < 0xf5) return 4;
  return 0;
}

// REQUIRES: !text.empty().
Character FirstOf(absl::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const size_t length = LengthBehind(first);
  if (length == 1) return {first, 1};
  if (length == 0 || text.size() < length) return {};
  char32_t code = first & (0xff >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return {};
    code = code << 6 | (byte & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xd800 && code < 0xe000;
  if (code < kLeast[length] || code > 0x10ffff || is_surrogate) return {};
  return {code, length};
}

// Returns whether a reader might be misled by a character that does not show.
bool IsUnfit(char32_t code) {
  if (code < 0x20) return code != '\n' && code != '\t';
  if (code >= 0x7f && code < 0xa0) return true;
  return code == 0x200e || code == 0x200f || code == 0x061c ||
         (code >= 0x202a && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069) || (code & 0xfffe) == 0xfffe;
}

size_t ColumnsOf(char32_t code) {
  return (code >= 0x1100 && code < 0x1160) || (code >= 0x2e80 && code < 0xd7b0)
             ? 2
         : (code >= 0xf900 && code < 0xfb00) || code >= 0x1f000 ? 2
                                                                : 1;
}

}  // namespace

std::string CleanText(absl::string_view bytes) {
  std::string clean;
  while (!bytes.empty()) {
    const Character next = FirstOf(bytes);
    if (next.code == kReplacement || IsUnfit(next.code)) {
      clean += "\xef\xbf\xbd";
    } else {
      absl::StrAppend(&clean, bytes.substr(0, next.bytes));
    }
    bytes.remove_prefix(next.bytes);
  }
  return clean;
}

std::string EscapeHtml(absl::string_view bytes) {
  std::string html;
  for (const char c : CleanText(bytes)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

size_t ColumnsOf(absl::string_view clean) {
  size_t columns = 0;
  while (!clean.empty()) {
    const Character next = FirstOf(clean);
    columns += ColumnsOf(next.code);
    clean.remove_prefix(next.bytes);
  }
  return columns;
}

std::string FitText(absl::string_view bytes, size_t columns) {
  const std::string clean = CleanText(bytes);
  if (ColumnsOf(absl::string_view(clean)) <= columns) return clean;
  absl::string_view rest = clean;
  std::string fit;
  size_t used = 1;  // by the ellipsis
  while (!rest.empty()) {
    const Character next = FirstOf(rest);
    used += ColumnsOf(next.code);
    if (used > columns) break;
    absl::StrAppend(&fit, rest.substr(0, next.bytes));
    rest.remove_prefix(next.bytes);
  }
  return columns == 0 ? "" : fit + "\xe2\x80\xa6";
}

std::string Slug(absl::string_view text) {
  std::string slug;
  for (const char c : text) {
    if (absl::ascii_isalnum(c) || c == '.' || c == '_') {
      slug += c;
    } else if (slug.empty() || slug.back() != '-') {
      slug += '-';
    }
  }
  return slug;
}

std::string FirstLines(absl::string_view text, size_t lines) {
  size_t end = 0;
  for (size_t i = 0; i < lines; ++i) {
    end = text.find('\n', end);
    if (end == absl::string_view::npos) return std::string(text);
    ++end;
  }
  const absl::string_view rest = text.substr(end);
  if (rest.empty()) return std::string(text);
  const uint64_t left = std::count(rest.begin(), rest.end(), '\n') +
                        (rest.back() == '\n' ? 0 : 1);
  return absl::StrCat(text.substr(0, end), "\xe2\x80\xa6 ",
                      Plural(left, "more line"), "\n");
}

}  // namespace restree

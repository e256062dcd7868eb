// SPDX-License-Identifier: Apache-2.0
#include "properties/line_diff.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace restree {
namespace {

// As many lines around a difference stay.
constexpr size_t kContext = 3;

// Above so many pairs of lines, what differs is not searched for what is alike.
constexpr size_t kPairsMax = size_t{1} << 22;

struct Line {
  char mark;  // '-', '+' or ' '
  absl::string_view text;
};

std::vector<absl::string_view> LinesOf(absl::string_view text) {
  std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

void Append(char mark, absl::Span<const absl::string_view> lines,
            std::vector<Line>* diff) {
  for (const absl::string_view line : lines) diff->push_back({mark, line});
}

// Appends the shortest diff: the longest common subsequence by the table of
// lengths of all pairs of suffixes.
void AppendMiddle(absl::Span<const absl::string_view> a,
                  absl::Span<const absl::string_view> b,
                  std::vector<Line>* diff) {
  const size_t width = b.size() + 1;
  if ((a.size() + 1) * width > kPairsMax) {
    Append('-', a, diff);
    Append('+', b, diff);
    return;
  }
  std::vector<uint32_t> common((a.size() + 1) * width);
  for (size_t i = a.size(); i-- > 0;) {
    for (size_t j = b.size(); j-- > 0;) {
      common[i * width + j] = a[i] == b[j]
                                  ? common[(i + 1) * width + j + 1] + 1
                                  : std::max(common[(i + 1) * width + j],
                                             common[i * width + j + 1]);
    }
  }
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      diff->push_back({' ', a[i++]});
      ++j;
    } else if (j == b.size() ||
               (i < a.size() &&
                common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      diff->push_back({'-', a[i++]});
    } else {
      diff->push_back({'+', b[j++]});
    }
  }
}

std::vector<Line> Diff(absl::Span<const absl::string_view> a,
                       absl::Span<const absl::string_view> b) {
  size_t head = 0;
  const size_t shorter = std::min(a.size(), b.size());
  while (head < shorter && a[head] == b[head]) ++head;
  size_t tail = 0;
  while (tail < shorter - head &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
    ++tail;
  }
  std::vector<Line> diff;
  Append(' ', a.subspan(0, head), &diff);
  AppendMiddle(a.subspan(head, a.size() - head - tail),
               b.subspan(head, b.size() - head - tail), &diff);
  Append(' ', a.subspan(a.size() - tail), &diff);
  return diff;
}

// Appends a stretch of lines that both have. Nothing is left out where that
// would save no more than one line.
void AppendAlike(absl::Span<const Line> lines, bool is_first, bool is_last,
                 std::string* text) {
  const size_t head = is_first ? 0 : kContext;
  const size_t tail = is_last ? 0 : kContext;
  const bool whole = lines.size() <= head + tail + 1;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (whole || i < head || i >= lines.size() - tail) {
      absl::StrAppend(text, "  ", lines[i].text, "\n");
    } else if (i == head) {
      absl::StrAppend(text, "  ... ", lines.size() - head - tail,
                      " lines alike\n");
    }
  }
}

}  // namespace

std::string LineDiff(absl::string_view old_text, absl::string_view new_text) {
  if (old_text == new_text) return "";
  const std::vector<absl::string_view> old_lines = LinesOf(old_text);
  const std::vector<absl::string_view> new_lines = LinesOf(new_text);
  const std::vector<Line> diff = Diff(old_lines, new_lines);
  std::string text;
  for (size_t i = 0; i < diff.size();) {
    size_t end = i;
    while (end < diff.size() && diff[end].mark == ' ') ++end;
    AppendAlike(absl::MakeConstSpan(diff).subspan(i, end - i), i == 0,
                end == diff.size(), &text);
    for (i = end; i < diff.size() && diff[i].mark != ' '; ++i) {
      absl::StrAppend(&text, std::string(1, diff[i].mark), " ", diff[i].text,
                      "\n");
    }
  }
  return text;
}

}  // namespace restree

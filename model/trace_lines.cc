// SPDX-License-Identifier: Apache-2.0
#include "model/trace_lines.h"

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace restree {

void TraceLines::Append(const TraceLine& line) {
  Entry entry;
  if (line.op) {
    assert(*line.op < UINT32_MAX);
    entry.op = static_cast<uint32_t>(*line.op + 1);
  }
  if (!line.expectation.empty() || !line.comment.empty()) {
    const size_t begin = text_.size();
    absl::StrAppend(&text_, line.expectation, line.comment);
    assert(text_.size() < UINT32_MAX);
    words_.push_back({static_cast<uint32_t>(begin),
                      static_cast<uint32_t>(begin + line.expectation.size()),
                      static_cast<uint32_t>(line.expectation_column)});
    entry.words = static_cast<uint32_t>(words_.size());
  }
  entries_.push_back(entry);
}

TraceLine TraceLines::operator[](size_t index) const {
  const Entry& entry = entries_[index];
  TraceLine line;
  if (entry.op != 0) line.op = entry.op - 1;
  if (entry.words == 0) return line;
  const Words& words = words_[entry.words - 1];
  const size_t end = entry.words < words_.size()
                         ? words_[entry.words].expectation
                         : text_.size();
  const absl::string_view text = text_;
  line.expectation =
      text.substr(words.expectation, words.comment - words.expectation);
  line.comment = text.substr(words.comment, end - words.comment);
  line.expectation_column = words.column;
  return line;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "cli/unmet.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/trace_text.h"

namespace restree {
namespace {

// Returns the column, from 1, of the first word behind `->`. A name or a
// comment may hold an arrow too; ours is the last one before the comment.
size_t ColumnOfExpectation(absl::string_view text, const TraceLine& line) {
  text = absl::StripTrailingAsciiWhitespace(text);
  text.remove_suffix(std::min(text.size(), line.comment.size()));
  const size_t arrow = text.rfind("->");
  if (arrow == text.npos) return 1;
  return std::min(text.find_first_not_of(" \t", arrow + 2), text.size()) + 1;
}

}  // namespace

std::string Unmet::Text(size_t index, const TraceLine& line,
                        absl::string_view observed) {
  assert(index >= index_);
  for (; index_ < index; ++index_) {
    const size_t end = rest_.find('\n');
    rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1);
  }
  const absl::string_view text = rest_.substr(0, rest_.find('\n'));
  return absl::StrCat(file_, ":", index + 1, ":",
                      ColumnOfExpectation(text, line), ": expected ",
                      line.expectation, ", observed ", observed);
}

}  // namespace restree

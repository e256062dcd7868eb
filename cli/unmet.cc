// SPDX-License-Identifier: Apache-2.0
#include "cli/unmet.h"

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/trace_lines.h"

namespace restree {
namespace {

constexpr size_t kShownMax = 100;  // bytes of what was expected, and observed

std::string Cut(absl::string_view text) {
  if (text.size() <= kShownMax) return std::string(text);
  return absl::StrCat(text.substr(0, kShownMax), "...");
}

}  // namespace

std::string UnmetText(absl::string_view file, size_t index,
                      const TraceLine& line, absl::string_view observed) {
  return absl::StrCat(file, ":", index + 1, ":", line.expectation_column,
                      ": expected ", Cut(line.expectation), ", observed ",
                      Cut(observed));
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "fuzz/number_text.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace restree {

std::string WithCommas(uint64_t n) {
  std::string text = absl::StrCat(n);
  for (size_t digits = 3; digits < text.size(); digits += 4) {
    text.insert(text.size() - digits, ",");
  }
  return text;
}

std::string Plural(uint64_t count, absl::string_view noun) {
  return absl::StrCat(WithCommas(count), " ", noun, count == 1 ? "" : "s");
}

}  // namespace restree

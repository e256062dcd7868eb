// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_NUMBER_TEXT_H_
#define RESTREE_FUZZ_NUMBER_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace restree {

// Returns `n` with a comma between each three digits: "1,234,567".
std::string WithCommas(uint64_t n);

// "1 input", "1,234 inputs".
std::string Plural(uint64_t count, absl::string_view noun);

}  // namespace restree

#endif  // RESTREE_FUZZ_NUMBER_TEXT_H_

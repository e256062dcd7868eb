// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_LINE_DIFF_H_
#define RESTREE_PROPERTIES_LINE_DIFF_H_

#include <string>

#include "absl/strings/string_view.h"

namespace restree {

// Returns what leads from one text to the other, a line a line: `- ` before
// those that only `old_text` has, `+ ` before those that only `new_text` has,
// two blanks before those that both have. Longer stretches of the latter shrink
// to their ends. "" if the texts are the same.
//
//     ... 12 lines alike
//     00001000-00001fff : r1
//   + 00001800-000027ff : r3
//     00002000-00002fff : r2
std::string LineDiff(absl::string_view old_text, absl::string_view new_text);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_LINE_DIFF_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_HTML_TEXT_H_
#define RESTREE_TRIAGE_HTML_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace restree {

// Returns `bytes` as text that any page may hold. What is not UTF-8 becomes
// U+FFFD, and so do control characters but for newline and tab, and those that
// would turn the direction of the text around them.
std::string CleanText(absl::string_view bytes);

// Returns CleanText() with `&<>"'` escaped: for text and for quoted attributes.
std::string EscapeHtml(absl::string_view bytes);

// Returns CleanText() cut to a width in columns of a monospaced font, with an
// ellipsis for what was cut.
std::string FitText(absl::string_view bytes, size_t columns);

// Returns the columns that clean text takes.
size_t ColumnsOf(absl::string_view clean);

// Returns what may stand in an id and behind `#`: letters, digits, `.`, `_` and
// `-`, each run of anything else being one `-`.
std::string Slug(absl::string_view text);

// Returns the first `lines` of a text; what stands in for the others says how
// many there are.
std::string FirstLines(absl::string_view text, size_t lines);

}  // namespace restree

#endif  // RESTREE_TRIAGE_HTML_TEXT_H_

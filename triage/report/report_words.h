// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_REPORT_REPORT_WORDS_H_
#define RESTREE_TRIAGE_REPORT_REPORT_WORDS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "triage/json_read.h"

namespace restree {

// What the writers of reports in words have in common: to print bytes that may
// be anything, in lines that are not too long, and to say what a triage
// document (docs/triage.md) says. None of it throws if a field of that lacks.

// Returns `text` as a terminal can print it: what is not UTF-8, and each
// control character but newline and tab, as \xHH; so that a name can neither
// move the cursor nor turn the line round.
std::string Printable(absl::string_view text);

// Returns the same for a mail, where \xHH stands for all that is not ASCII.
std::string Ascii(absl::string_view text);

// Returns how many columns `line` takes, if a character takes one and a tab
// goes to the next multiple of 8.
size_t WidthOf(absl::string_view line);

// Breaks `text` at blanks into lines of at most `width` columns. The first
// begins with `first`, the others with `rest`. A word that fits no line stands
// on a line of its own, whole.
std::string Wrapped(absl::string_view text, size_t width,
                    absl::string_view first, absl::string_view rest);

// Returns `text`, each line behind `indent`, after `lines_max` lines cut.
std::string Indented(absl::string_view text, absl::string_view indent,
                     size_t lines_max);

// "a, b and 15 more", with at most `max` of `words` named.
std::string Some(const std::vector<std::string>& words, size_t max);

// Returns the lines of a trace that are ops.
std::vector<std::string> OpLines(absl::string_view trace);

// Returns the verb of such a line: "request".
absl::string_view VerbOf(absl::string_view op_line);

// Returns the kernel's function that the op of a line calls, without
// parentheses, the first if there are more: "request_resource_conflict". "" if
// it calls none.
absl::string_view KernelFunctionOf(absl::string_view op_line);

// The answer: "40 inputs: 3 bugs (2 new, 1 known), 1 fixed, 1 skipped".
std::string Summary(const Json& document);

// "linux-6.12 fails; model and oracle do not". "" if no machine is named.
std::string WhoFails(const Json& finding);

// What the minimizer did: "from 57 ops to 3, in 1,234 plays". "" if nothing.
std::string HowShortened(const Json& finding);

// Returns the finding that stands for a bug; null if there is none.
const Json& LeadingOf(const Json& bug);

// Returns what can vary without losing the failure, a line each; not what else
// the minimizer explains.
std::vector<std::string> VaryOf(const Json& finding);

// What the machine said of the op that fails: "ok", "died: use-after-free".
std::string GotOf(const Json& finding);

// Returns the names of a finding's inputs.
std::vector<std::string> InputsOf(const Json& finding);

}  // namespace restree

#endif  // RESTREE_TRIAGE_REPORT_REPORT_WORDS_H_

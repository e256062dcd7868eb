// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_FINDING_DOCUMENT_H_
#define RESTREE_TRIAGE_FINDING_DOCUMENT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/check.h"
#include "properties/minimize.h"
#include "triage/json_read.h"
#include "triage/recording.h"

namespace restree {

// How a machine died, where it did: in the words of fuzz/crash_log.h.
struct Death {
  std::string kind;  // "crash", "timeout", "oom" or "leak"
  std::string type;  // "heap-use-after-free"; "SIGSEGV" if nobody knows more
  std::string function;  // the kernel's, or ""
  std::string report;    // the sanitizer's lines, or ""
};

// All that a finding's document is made of but the inputs that led to it.
struct FoundTrace {
  std::string signature;
  Minimized minimized;    // its trace is the finding's
  size_t from_ops = 0;    // of the input that it was minimized from
  Recording recording;    // of that trace, by a machine that is right
  std::string machine;    // which fails, and
  std::string reference;  // which does not

  // One of the two: a check failed, or the machine died.
  std::optional<Failure> failure;
  Death death = {};

  // Each machine that played the trace by itself, and whether it fails.
  std::vector<std::pair<std::string, bool>> machines;
};

// Returns a state as docs/triage.md has it.
Json StateDocument(const State& state, absl::Span<const std::string> names);

// Returns a finding as docs/triage.md has it, but without `inputs`,
// `exports`, `replay`, and what the trace alone does not tell: it is "new", and
// reproduces 0 of 0.
Json FindingDocument(const FoundTrace& found);

// Returns the document as a file. What is not UTF-8 in it becomes U+FFFD.
std::string DocumentText(const Json& document);

}  // namespace restree

#endif  // RESTREE_TRIAGE_FINDING_DOCUMENT_H_

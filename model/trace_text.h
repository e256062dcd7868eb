// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_TRACE_TEXT_H_
#define RESTREE_MODEL_TRACE_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/trace.h"
#include "model/trace_lines.h"

namespace restree {

// The longest text that ParseTrace() reads.
inline constexpr size_t kTraceTextMax = size_t{1} << 30;

// A trace with everything that its text says beside it, so that comments and
// expectations survive a round trip.
struct TraceDocument {
  Trace trace;
  TraceLines lines;
};

// Returns the document that `text` spells, or InvalidArgument with the message
// `file:line:column: what is wrong`, the column counted in bytes from 1:
//
//   a.trace:2:35: unknown flag `IORESOURCE_BUSY`: did you mean `busy`?
//
// Strict: spaces alone separate words, lines end in LF, fields stand in the
// order of the grammar (trace_text.cc). The ops are normal, and names holds
// each distinct name once, in the order of first use. Takes time and memory in
// proportion to the text, which has kTraceTextMax bytes at most.
absl::StatusOr<TraceDocument> ParseTrace(absl::string_view text,
                                         absl::string_view file);

// Returns the canonical text, which ParseTrace() reads back as the same
// document if the ops are normal and names is as ParseTrace() leaves it. Of
// other tables it prints what the ops refer to.
std::string PrintTrace(const TraceDocument& document);
std::string PrintTrace(const Trace& trace);

// Returns one op as a line of text, without newline.
std::string OpText(const Op& op, const Trace& trace);

}  // namespace restree

#endif  // RESTREE_MODEL_TRACE_TEXT_H_

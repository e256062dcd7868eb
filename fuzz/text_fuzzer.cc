// SPDX-License-Identifier: Apache-2.0
// Trace text: the parser takes any bytes, and what it accepts is printed as
// text that reads back as the same document.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/trace.h"
#include "model/trace_text.h"

namespace restree {
namespace {

void AssertSame(const TraceDocument& a, const TraceDocument& b) {
  assert(a.trace == b.trace);
  assert(a.lines.size() == b.lines.size());
  for (size_t i = 0; i < a.lines.size(); ++i) {
    assert(a.lines[i].op == b.lines[i].op);
    assert(a.lines[i].expectation == b.lines[i].expectation);
    assert(a.lines[i].comment == b.lines[i].comment);
  }
}

void ReadAndPrint(absl::string_view text) {
  const absl::StatusOr<TraceDocument> document = ParseTrace(text, "input");
  if (!document.ok()) {
    assert(!document.status().message().empty());
    return;
  }
  const std::string printed = PrintTrace(*document);
  const absl::StatusOr<TraceDocument> again = ParseTrace(printed, "printed");
  assert(again.ok());
  AssertSame(*document, *again);
  assert(PrintTrace(*again) == printed);
  for (const Op& op : document->trace.ops) assert(op == Normal(op));
}

}  // namespace
}  // namespace restree

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  restree::ReadAndPrint({reinterpret_cast<const char*>(data), size});
  return 0;
}

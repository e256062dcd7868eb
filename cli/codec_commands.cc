// SPDX-License-Identifier: Apache-2.0
// encode and decode: a trace as text and as bytes.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "model/trace_binary.h"
#include "model/trace_text.h"

namespace restree {
namespace {

struct Request {
  std::string file;
  std::string out;
};

absl::StatusOr<Request> ParseRequest(absl::Span<char*> arguments) {
  Request request;
  const absl::StatusOr<std::vector<std::string>> words =
      ParseArguments(arguments, {{"out", &request.out}}, 1);
  if (!words.ok()) return words.status();
  request.file = words->empty() ? "-" : words->front();
  return request;
}

int RunEncode(absl::Span<char*> arguments) {
  const absl::StatusOr<Request> request = ParseRequest(arguments);
  if (!request.ok()) return BadUsage("encode", request.status());
  const absl::StatusOr<std::string> text = ReadFile(request->file);
  if (!text.ok()) return BadInput(text.status());
  const absl::StatusOr<TraceDocument> document =
      ParseTrace(*text, ShownName(request->file));
  if (!document.ok()) return BadInput(document.status());

  const std::vector<uint8_t> bytes = EncodeTrace(document->trace);
  Output out(request->out);
  out.Append({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return Finish(out, kExitClean);
}

int RunDecode(absl::Span<char*> arguments) {
  const absl::StatusOr<Request> request = ParseRequest(arguments);
  if (!request.ok()) return BadUsage("decode", request.status());
  const absl::StatusOr<std::string> bytes = ReadFile(request->file);
  if (!bytes.ok()) return BadInput(bytes.status());

  const Trace trace = DecodeTrace(
      {reinterpret_cast<const uint8_t*>(bytes->data()), bytes->size()});
  Output out(request->out);
  out.Append(PrintTrace(trace));
  return Finish(out, kExitClean);
}

}  // namespace

const Command kEncodeCommand = {"encode", "turn the text of a trace into bytes",
                                R"(Usage: restree encode [--out=FILE] [FILE]

Reads a trace as text from FILE, or from standard input, and writes the bytes
that a fuzzer reads. Comments and expectations ("-> ...") are not carried.

  --out=FILE   write there instead of to standard output

Example:
  echo 'r1 = request iomem 0x1000-0x1fff "low" busy' > low.trace
  restree encode --out=low.bytes low.trace
)",
                                RunEncode};

const Command kDecodeCommand = {"decode", "turn bytes into the text of a trace",
                                R"(Usage: restree decode [--out=FILE] [FILE]

Reads bytes from FILE, or from standard input, and prints the trace that they
spell, as canonical text. Any bytes are some trace. Comments and expectations
are not carried by `restree encode`, and so do not come back.

  --out=FILE   write there instead of to standard output

Example:
  echo 'release r1' | restree encode | restree decode
)",
                                RunDecode};

}  // namespace restree

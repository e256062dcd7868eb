// SPDX-License-Identifier: Apache-2.0
#include "triage/intake.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "fuzz/stats.h"
#include "model/trace.h"
#include "model/trace_binary.h"
#include "model/trace_text.h"
#include "triage/file_list.h"

namespace restree {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 16;

absl::string_view FileOf(absl::string_view name) {
  return name.substr(name.rfind('/') + 1);
}

// Reads what is left of `file`. Returns errno or 0, EFBIG for too much.
int ReadAll(int file, std::string* bytes) {
  struct stat info;
  if (fstat(file, &info) != 0) return errno;
  // It was a file when it was listed.
  if (!S_ISREG(info.st_mode)) return ESTALE;
  if (static_cast<uint64_t>(info.st_size) > kInputBytesMax) return EFBIG;
  for (;;) {
    const size_t old_bytes = bytes->size();
    bytes->resize(old_bytes + kPieceBytes);
    const ssize_t got = read(file, bytes->data() + old_bytes, kPieceBytes);
    bytes->resize(old_bytes + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return 0;
    if (got < 0 && errno != EINTR) return errno;
    if (bytes->size() > kInputBytesMax) return EFBIG;
  }
}

// Returns why the file cannot be read, or "" with its bytes. Never waits, not
// even if the file has become a pipe.
std::string ReadBytes(const std::string& path, std::string* bytes) {
  const int file =
      open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  int error = errno;
  if (file >= 0) {
    error = ReadAll(file, bytes);
    close(file);
  }
  if (error == EFBIG) return "larger than 4 MiB";
  if (file < 0 || error != 0) {
    return absl::StrCat("cannot be read: ", strerror(error));
  }
  return bytes->empty() ? "empty" : "";
}

// Returns libFuzzer's word for the artifact, "" if the name has none. A hunt
// puts "3-" of its third fuzzer in front; what it calls NAME.input crashed,
// and NAME says how.
std::string ArtifactKindOf(absl::string_view file) {
  const size_t number =
      std::min(file.find_first_not_of("0123456789"), file.size());
  absl::string_view rest = file.substr(number);
  if (number == 0 || absl::ConsumePrefix(&rest, "-")) {
    for (const char* kind : {"crash", "leak", "timeout", "oom", "slow-unit"}) {
      if (absl::StartsWith(rest, absl::StrCat(kind, "-"))) return kind;
    }
  }
  if (!absl::EndsWith(file, ".input")) return "";
  if (absl::StartsWith(file, "timeout.")) return "timeout";
  if (absl::StartsWith(file, "out-of-memory.")) return "oom";
  return "crash";
}

// Returns what a hunt says of a crash by its name: NAME.input, NAME-2.input.
std::string SignatureInName(absl::string_view file) {
  if (!absl::ConsumeSuffix(&file, ".input")) return "";
  const size_t dash = file.rfind('-');
  if (dash != absl::string_view::npos && dash + 2 == file.size() &&
      absl::ascii_isdigit(file.back())) {
    file = file.substr(0, dash);
  }
  return absl::StrContains(file, '.') ? std::string(file) : "";
}

// Findings begin with a comment that is their signature, and an empty one.
std::string SignatureInText(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "# ")) return "";
  const absl::string_view line = text.substr(0, text.find('\n'));
  const absl::string_view rest = text.substr(line.size());
  const bool is_header =
      absl::StartsWith(rest, "\n#\n") || rest == "\n#" || rest == "\n#\n";
  if (!is_header || absl::StrContains(line, ' ')) return "";
  return std::string(line);
}

bool LooksLikeText(absl::string_view bytes) {
  return std::none_of(bytes.begin(), bytes.end(), [](char c) {
    return absl::ascii_iscntrl(c) && c != '\n' && c != '\t' && c != '\r';
  });
}

// Takes the trace that the text spells. Returns why it cannot, or "".
std::string TakeText(absl::string_view text, Input* input) {
  auto document = ParseTrace(text, absl::CHexEscape(input->name));
  if (!document.ok()) return std::string(document.status().message());
  if (document->trace.ops.empty()) return "a trace without ops";
  input->trace = std::move(document->trace);
  const std::vector<uint8_t> bytes = EncodeTrace(input->trace);
  input->bytes.assign(bytes.begin(), bytes.end());
  if (input->kind.empty()) input->kind = "trace";
  input->was = SignatureInText(text);
  return "";
}

void TakeBytes(std::string bytes, Input* input) {
  input->trace = DecodeTrace(
      {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  input->bytes = std::move(bytes);
  if (input->kind.empty()) input->kind = "bytes";
}

// Sets all but the name of `input`, which it has. Returns why not, or "".
std::string Take(std::string bytes, Input* input) {
  const absl::string_view file = FileOf(input->name);
  input->kind = ArtifactKindOf(file);
  const bool is_called_text = absl::EndsWith(file, ".trace");
  if (!is_called_text && !LooksLikeText(bytes)) {
    TakeBytes(std::move(bytes), input);
  } else if (std::string why = TakeText(bytes, input); !why.empty()) {
    // A fuzzer's bytes may happen to be letters, but then their file is not
    // called report.txt.
    const bool may_be_bytes = !input->kind.empty() ||
                              !absl::StrContains(file, '.') ||
                              absl::EndsWith(file, ".bytes");
    if (is_called_text || !may_be_bytes) return why;
    TakeBytes(std::move(bytes), input);
  }
  if (input->was.empty()) input->was = SignatureInName(file);
  const size_t ops = input->trace.ops.size();
  if (ops > kInputOpsMax) {
    return absl::StrCat(ops, " ops, more than ", kInputOpsMax);
  }
  input->hash = StableHash(input->bytes);
  return "";
}

}  // namespace

absl::StatusOr<Intake> ReadInputs(const std::string& directory) {
  absl::StatusOr<FileList> list = ListFiles(directory);
  if (!list.ok()) return list.status();
  Intake intake;
  intake.skipped = std::move(list->skipped);
  // What was read, by its canonical bytes, as an index into the inputs.
  std::map<std::vector<uint8_t>, size_t> seen;
  for (const std::string& name : list->files) {
    Input input;
    input.name = name;
    std::string bytes;
    std::string why = ReadBytes(absl::StrCat(directory, "/", name), &bytes);
    if (why.empty()) why = Take(std::move(bytes), &input);
    if (!why.empty()) {
      intake.skipped.push_back({name, std::move(why)});
      continue;
    }
    const auto [it, is_new] =
        seen.emplace(EncodeTrace(input.trace), intake.inputs.size());
    if (is_new) {
      intake.inputs.push_back(std::move(input));
      continue;
    }
    Input& first = intake.inputs[it->second];
    first.also.push_back(name);
    if (first.was.empty()) first.was = std::move(input.was);
  }
  std::sort(intake.skipped.begin(), intake.skipped.end(),
            [](const Skipped& a, const Skipped& b) { return a.name < b.name; });
  return intake;
}

Input InputOf(const Trace& trace, const std::string& kind,
              const std::string& was) {
  Input input;
  input.kind = kind;
  input.was = was;
  input.trace = trace;
  const std::vector<uint8_t> bytes = EncodeTrace(trace);
  input.bytes.assign(bytes.begin(), bytes.end());
  input.hash = StableHash(input.bytes);
  return input;
}

}  // namespace restree

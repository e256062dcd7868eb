// SPDX-License-Identifier: Apache-2.0
#include "fuzz/findings.h"

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "fuzz/atomic_file.h"
#include "fuzz/die.h"
#include "fuzz/stats.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/check.h"
#include "properties/report.h"
#include "properties/signature.h"

namespace restree {
namespace {

constexpr size_t kNameBytesMax = 160;

// Returns what was played up to the failure and no further.
Trace Prefix(const Trace& trace, const Failure& failure) {
  Trace prefix = trace;
  if (failure.op_index + 1 < prefix.ops.size()) {
    prefix.ops.resize(failure.op_index + 1);
  }
  return prefix;
}

std::string AsComment(absl::string_view text) {
  std::string comment;
  for (absl::string_view line :
       absl::StrSplit(absl::StripTrailingAsciiWhitespace(text), '\n')) {
    line = absl::StripTrailingAsciiWhitespace(line);
    absl::StrAppend(&comment, line.empty() ? "#" : "# ", line, "\n");
  }
  return comment;
}

}  // namespace

std::string FileNameOf(absl::string_view signature) {
  std::string name(signature.substr(0, kNameBytesMax));
  for (char& c : name) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '_') c = '-';
  }
  if (!name.empty() && name[0] == '.') name[0] = '-';
  if (name == signature) return name;
  const uint64_t hash = StableHash(std::string(signature));
  return absl::StrCat(name, "-", absl::Hex(hash & 0xffffffff, absl::kZeroPad8));
}

void Findings::Add(const Trace& trace, const Failure& failure) {
  const std::string signature = Signature(failure);
  const std::string name = FileNameOf(signature);
  stats_->CountFinding(StableHash(name));
  if (directory_.empty()) {
    std::fprintf(stderr, "%s\nsignature: %s\n",
                 Report(trace, failure, "FILE").c_str(), signature.c_str());
    DieAs(StableHash(signature));
  }
  if (known_.contains(name)) return;
  const std::string path = absl::StrCat(directory_, "/", name, ".trace");
  if (access(path.c_str(), F_OK) == 0) {
    known_.insert(name);
    return;
  }
  const Trace prefix = Prefix(trace, failure);
  const absl::Status status = WriteAtomically(
      path, absl::StrCat("# ", signature, "\n#\n",
                         AsComment(Report(prefix, failure, path)),
                         PrintTrace(prefix)));
  if (status.ok()) {
    known_.insert(name);
  } else {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
  }
}

}  // namespace restree

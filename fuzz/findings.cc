// SPDX-License-Identifier: Apache-2.0
#include "fuzz/findings.h"

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "fuzz/atomic_file.h"
#include "fuzz/die.h"
#include "fuzz/stats.h"
#include "model/observation.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/check.h"
#include "properties/minimize.h"
#include "properties/referee.h"
#include "properties/report.h"
#include "properties/signature.h"

namespace restree {
namespace {

constexpr size_t kNameBytesMax = 160;

// A fraction of a second, even under sanitizers: the fuzzer waits.
constexpr uint64_t kEvaluationsMax = 4000;

// What findings have in common that end in one file, wherever their ranges
// lie: the same machine breaks the same sentence, or disagrees with the same
// two outcomes, over the same verb.
std::string LikenessOf(const Failure& failure) {
  return absl::StrCat(static_cast<int>(failure.kind), " ", failure.what, " ",
                      failure.machine, " ", InfoOf(failure.op.verb).name, " ",
                      OutcomeText(failure.want.outcome), " ",
                      OutcomeText(failure.got.outcome));
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

std::string Findings::PathOf(const std::string& name) const {
  return absl::StrCat(directory_, "/", name, ".trace");
}

std::string Findings::ReportOf(const Finding& finding,
                               const std::string& path) {
  Failure failure = finding.failure;
  if (referee_ != nullptr) {
    failure.verdict = Verdict(finding.trace, failure, *referee_);
  }
  return Report(finding.trace, failure, path);
}

bool Findings::Write(const std::string& name, const Finding& finding) {
  const std::string path = PathOf(name);
  const absl::Status status = WriteAtomically(
      path, absl::StrCat("# ", Signature(finding.failure), "\n#\n",
                         AsComment(ReportOf(finding, path)),
                         PrintTrace(finding.trace)));
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
  }
  return status.ok();
}

Findings::Finding Findings::Simplest(const Finding& found, Lockstep& lockstep) {
  const auto play = [&lockstep](const Trace& trace) -> Attempt {
    const auto failure = lockstep.Play(trace);
    if (!failure.has_value()) return {"", 0, lockstep.digest()};
    return {LikenessOf(*failure), failure->op_index, 0};
  };
  const Minimized minimized =
      Minimize(found.trace, play, {.evaluations_max = kEvaluationsMax});
  for (const OtherFinding& other : minimized.others) {
    const auto failure = lockstep.Play(other.trace);
    if (!failure.has_value()) continue;
    const std::string name = FileNameOf(Signature(*failure));
    if (access(PathOf(name).c_str(), F_OK) == 0) continue;
    Write(name, {other.trace, *failure});
  }
  auto failure = lockstep.Play(minimized.trace);
  if (!failure.has_value()) return found;  // it fails now and then
  return {minimized.trace, *std::move(failure)};
}

std::string Findings::Keep(const std::string& found_as, const Finding& found,
                           Lockstep& lockstep) {
  // As it was found, before the failing trace is played hundreds of times more.
  const bool is_ours = access(PathOf(found_as).c_str(), F_OK) != 0;
  if (is_ours && !Write(found_as, found)) return "";
  const Finding shrunk = Simplest(found, lockstep);
  const std::string name = FileNameOf(Signature(shrunk.failure));
  if (name == found_as) {
    if (is_ours) Write(name, shrunk);
    return name;
  }
  if (access(PathOf(name).c_str(), F_OK) != 0 && !Write(name, shrunk)) {
    return found_as;
  }
  if (is_ours) unlink(PathOf(found_as).c_str());
  return name;
}

void Findings::Add(const Trace& trace, const Failure& failure,
                   Lockstep& lockstep) {
  const std::string signature = Signature(failure);
  if (directory_.empty()) {
    std::fprintf(stderr, "%s\nsignature: %s\n",
                 ReportOf({trace, failure}, "FILE").c_str(), signature.c_str());
    DieAs(signature);
  }
  const std::string found_as = FileNameOf(signature);
  const auto known = known_.find(found_as);
  if (known != known_.end()) {
    stats_->CountFinding(StableHash(known->second));
    return;
  }
  Finding found = {trace, failure};
  if (failure.op_index + 1 < found.trace.ops.size()) {
    found.trace.ops.resize(failure.op_index + 1);
  }
  const std::string name = Keep(found_as, found, lockstep);
  stats_->CountFinding(StableHash(name.empty() ? found_as : name));
  if (!name.empty()) known_.emplace(found_as, name);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/report.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/check.h"
#include "properties/invariants.h"
#include "properties/laws.h"
#include "properties/line_diff.h"

namespace restree {
namespace {

// A longer trace, or state without differences, shows its end, or beginning.
constexpr size_t kOpsShown = 40;
constexpr size_t kLinesShown = 40;

bool IsAboutObservations(const Failure& failure) {
  return failure.kind == Failure::Kind::kDisagreement &&
         failure.what == "observation";
}

std::string OpsUpTo(const Trace& trace, const Failure& failure) {
  const size_t size = std::min(failure.op_index + 1, trace.ops.size());
  const size_t first = size > kOpsShown ? size - kOpsShown : 0;
  std::string text;
  if (first > 0) absl::StrAppend(&text, "    ... ", first, " ops before\n");
  for (size_t i = first; i < size; ++i) {
    const bool is_last = i + 1 == size;
    absl::StrAppend(&text, is_last ? "  > " : "    ",
                    OpText(trace.ops[i], trace));
    if (is_last) {
      absl::StrAppend(&text, "   ",
                      IsAboutObservations(failure)
                          ? failure.sentence
                          : "-> " + ObservationText(failure.got));
    }
    text += '\n';
  }
  return text;
}

std::string Indented(absl::string_view text) {
  std::vector<absl::string_view> lines =
      absl::StrSplit(text, '\n', absl::SkipEmpty());
  const size_t rest =
      lines.size() > kLinesShown + 1 ? lines.size() - kLinesShown : 0;
  lines.resize(lines.size() - rest);
  std::string indented;
  for (const absl::string_view line : lines) {
    absl::StrAppend(&indented, "    ", line, "\n");
  }
  if (rest > 0) absl::StrAppend(&indented, "    ... ", rest, " more lines\n");
  return indented;
}

// Shows how the states of the two machines differ; where they do not, what the
// op did; where it did nothing, the state.
std::string States(const Trace& trace, const Failure& failure) {
  const std::string want = StateText(failure.want_state, trace.names);
  const std::string got = StateText(failure.got_state, trace.names);
  if (want != got) {
    return absl::StrCat("  state (- ", failure.reference, ", + ",
                        failure.machine, ")\n", Indented(LineDiff(want, got)));
  }
  const std::string before = StateText(failure.before, trace.names);
  if (!failure.before.rows.empty() && before != got) {
    return absl::StrCat("  state (- before, + after)\n",
                        Indented(LineDiff(before, got)));
  }
  if (got.empty()) return "  state: both roots, empty\n";
  return absl::StrCat("  state\n", Indented(got));
}

}  // namespace

std::string Headline(const Trace& trace, const Failure& failure) {
  std::string subject = absl::StrCat(" breaks ", failure.what);
  if (failure.kind == Failure::Kind::kDisagreement) {
    subject = absl::StrCat(" disagrees with ", failure.reference);
  } else if (failure.kind == Failure::Kind::kDivergence) {
    subject = absl::StrCat(" has the known divergence ", failure.what);
  }
  const size_t op = std::min(failure.op_index + 1, trace.ops.size());
  return absl::StrCat(failure.machine, subject,
                      IsAboutObservations(failure) ? " at op " : " after op ",
                      op, " of ", trace.ops.size(), ": ", failure.sentence);
}

absl::string_view WhyOf(const Failure& failure) {
  for (const Invariant& invariant : kInvariants) {
    if (invariant.name == failure.what) return invariant.why;
  }
  for (const Law& law : kLaws) {
    if (law.name == failure.what) return law.why;
  }
  return "";
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

std::string MachineFlag(absl::string_view machines) {
  if (!absl::StrContains(machines, ":altmap=")) return "";
  return absl::StrCat("--machine=", machines, " ");
}

std::string Report(const Trace& trace, const Failure& failure,
                   absl::string_view replay_path) {
  std::string report = absl::StrCat(Headline(trace, failure), "\n");
  const absl::string_view why = WhyOf(failure);
  if (!why.empty()) absl::StrAppend(&report, "  why: ", why, "\n");
  if (!failure.verdict.empty()) {
    absl::StrAppend(&report, "  verdict: ", failure.verdict, "\n");
  }
  absl::StrAppend(&report, OpsUpTo(trace, failure), States(trace, failure));
  if (!replay_path.empty()) {
    absl::StrAppend(&report, "replay: bazel-bin/restree run ",
                    MachineFlag(failure.machine), replay_path, "\n");
  }
  return report;
}

std::string ShellQuoted(absl::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("/._-+=,:@", c);
  });
  if (plain && !text.empty()) return std::string(text);
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

}  // namespace restree

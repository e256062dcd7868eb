// SPDX-License-Identifier: Apache-2.0
#include "fuzz/hunt_report.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "fuzz/number_text.h"
#include "fuzz/stats.h"
#include "properties/divergence.h"
#include "properties/report.h"

namespace restree {
namespace {

constexpr size_t kReportLinesMax = 16;

uint64_t PerSecond(uint64_t count, double seconds) {
  return seconds > 0 ? std::llround(count / seconds) : 0;
}

// Returns `n` in at most six characters: "12.3k".
std::string Short(uint64_t n) {
  if (n < 1000) return absl::StrCat(n);
  constexpr char kUnits[] = "kMGTPE";
  size_t unit = 0;
  while (n >= 1000 * 1000) {
    n /= 1000;
    ++unit;
  }
  return absl::StrFormat("%d.%d%c", n / 1000, n % 1000 / 100, kUnits[unit]);
}

std::string TimeLeft(const HuntSummary& summary) {
  const auto seconds = static_cast<uint64_t>(summary.seconds);
  if (summary.seconds_max == 0) return absl::StrCat(seconds, " s");
  return absl::StrCat(
      summary.seconds_max - std::min(seconds, summary.seconds_max), " s left");
}

// Returns the first lines of a finding's report, without its name, which comes
// first, and without its last line, which says how to play it again.
std::string Excerpt(const FindingFile& file) {
  std::vector<absl::string_view> lines =
      absl::StrSplit(absl::StripTrailingAsciiWhitespace(file.report), '\n');
  if (lines.front() == file.name) lines.erase(lines.begin());
  if (!lines.empty() && lines.front().empty()) lines.erase(lines.begin());
  if (!lines.empty() && absl::StartsWith(lines.back(), "replay: ")) {
    lines.pop_back();
  }
  const bool cut = lines.size() > kReportLinesMax;
  if (cut) lines.resize(kReportLinesMax);
  std::string text;
  for (const absl::string_view line : lines) {
    absl::StrAppend(&text, line.empty() ? "" : "    ", line, "\n");
  }
  if (cut) absl::StrAppend(&text, "    ...\n");
  return text;
}

std::string FindingText(const HuntFinding& finding,
                        const HuntSummary& summary) {
  const FindingFile& file = finding.file;
  std::string text = absl::StrCat("\n", file.name, "\n  ");
  if (finding.is_new) {
    absl::StrAppend(&text, "new, met ", Plural(finding.count, "time"));
  } else if (finding.count > 0) {
    absl::StrAppend(&text, "known before, met ", Plural(finding.count, "time"),
                    " again");
  } else {
    absl::StrAppend(&text, "known before, not met this time");
  }
  absl::StrAppend(&text, "\n  ", file.path, "\n", Excerpt(file));
  if (!file.input.empty()) {
    absl::StrAppend(&text, "  replay: ", ShellQuoted(summary.fuzzer), " ",
                    ShellQuoted(file.input), "\n");
  } else {
    absl::StrAppend(&text, "  replay: bazel-bin/restree run ",
                    MachineFlag(summary.machines), ShellQuoted(file.path),
                    "\n");
  }
  return text;
}

}  // namespace

std::string HuntProgress(const HuntSummary& now, const HuntSummary& earlier,
                         size_t width) {
  const double seconds = now.seconds - earlier.seconds;
  const uint64_t execs =
      PerSecond(now.figures.execs - earlier.figures.execs, seconds);
  const uint64_t ops =
      PerSecond(now.figures.ops - earlier.figures.ops, seconds);
  std::string line = absl::StrCat(
      "hunt: ", TimeLeft(now), " | ", WithCommas(execs), " exec/s | ",
      WithCommas(ops), " ops/s | ", WithCommas(now.figures.states),
      " states | cov ", now.coverage, " | corpus ", now.corpus_files, " | ",
      Plural(now.finding_files, "finding"));
  if (width == 0 || line.size() <= width) return line;
  line = TimeLeft(now);
  // The most important first.
  for (const std::string& part :
       {Plural(now.finding_files, "finding"),
        absl::StrCat(Short(execs), " exec/s"),
        absl::StrCat(Short(ops), " ops/s"),
        absl::StrCat(Short(now.figures.states), " states"),
        absl::StrCat("cov ", now.coverage),
        absl::StrCat("corpus ", now.corpus_files)}) {
    if (line.size() + 3 + part.size() > width) break;
    absl::StrAppend(&line, " | ", part);
  }
  return line.substr(0, width);
}

std::string HuntReport(const HuntSummary& summary) {
  const Figures& figures = summary.figures;
  std::string text = absl::StrFormat(
      "hunt: %.1f s, %s, --seed=%d%s%s\n", summary.seconds,
      Plural(summary.jobs, "job"), summary.seed,
      summary.ended_by.empty() ? "" : ", ended by ", summary.ended_by);
  const auto line = [&text](absl::string_view name, absl::string_view value) {
    absl::StrAppendFormat(&text, "  %-16s %s\n", name, value);
  };
  line("execs",
       absl::StrCat(WithCommas(figures.execs), ", ",
                    WithCommas(PerSecond(figures.execs, summary.seconds)),
                    "/s"));
  line("ops",
       absl::StrCat(WithCommas(figures.ops), ", ",
                    WithCommas(PerSecond(figures.ops, summary.seconds)), "/s, ",
                    figures.misuses * 100 / std::max<uint64_t>(figures.ops, 1),
                    " % of them misuse"));
  line("distinct states",
       absl::StrCat("about ", WithCommas(figures.states),
                    summary.resumed ? " in all runs of this directory" : ""));
  line("coverage", absl::StrCat(WithCommas(summary.coverage), " edges"));
  line("corpus", absl::StrCat(Plural(summary.corpus_files, "file"), " in ",
                              summary.directory, "/corpus"));
  if (summary.restarts > 0) {
    line("fuzzers that died", absl::StrCat(summary.restarts, ", restarted"));
  }
  for (size_t i = 0; i < kDivergences.size(); ++i) {
    if (figures.known[i] == 0) continue;
    line("known", absl::StrCat(WithCommas(figures.known[i]),
                               figures.known[i] == 1 ? " time " : " times ",
                               kDivergences[i].name));
  }
  line("findings", summary.findings.empty()
                       ? "none"
                       : absl::StrCat(summary.findings.size(), " in ",
                                      summary.directory, "/findings"));
  if (!summary.problem.ok()) line("problem", summary.problem.message());
  for (const HuntFinding& finding : summary.findings) {
    absl::StrAppend(&text, FindingText(finding, summary));
  }
  if (!summary.findings.empty()) {
    absl::StrAppend(&text, "\ntriage: bazel-bin/restree triage ",
                    MachineFlag(summary.machines),
                    ShellQuoted(summary.directory), "\n");
  }
  return text;
}

}  // namespace restree

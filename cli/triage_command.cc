// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/machines.h"
#include "cli/packaged.h"
#include "cli/progress.h"
#include "model/machine.h"
#include "properties/report.h"
#include "triage/json_read.h"
#include "triage/lineups.h"
#include "triage/report/mail_report.h"
#include "triage/triage.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kJobsMax = 1024;
constexpr uint64_t kTimeoutMax = 3600;

// What --as takes, and the file of the directory that it is.
struct Format {
  absl::string_view name;
  absl::string_view file;
};
constexpr Format kFormats[] = {{"text", "report.txt"},
                               {"json", "report.json"},
                               {"html", "report.html"},
                               {"sarif", "report.sarif"},
                               {"mail", ""}};

struct Flags {
  std::string machines;
  std::string out = "restree-triage";
  std::string as = "text";
  std::string known;
  uint64_t timeout = 10;
  uint64_t jobs = std::max(1u, std::thread::hardware_concurrency());
  bool strict = false;
  std::string directory;
  const Format* format = nullptr;
};

void Complain(absl::string_view message) {
  absl::FPrintF(stderr, "restree triage: %s\n", message);
}

absl::StatusOr<Flags> ParseFlags(absl::Span<char*> arguments) {
  Flags flags;
  const auto words = ParseArguments(arguments,
                                    {{"machine", &flags.machines},
                                     {"out", &flags.out},
                                     {"as", &flags.as},
                                     {"known", &flags.known},
                                     {"timeout", &flags.timeout},
                                     {"jobs", &flags.jobs},
                                     {"strict", &flags.strict}},
                                    1);
  if (!words.ok()) return words.status();
  if (words->empty()) return absl::InvalidArgumentError("no DIR");
  flags.directory = words->front();
  for (const Format& format : kFormats) {
    if (format.name == flags.as) flags.format = &format;
  }
  if (flags.format == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("--as is text, mail, json, html or sarif, not \"",
                     absl::CHexEscape(flags.as), "\""));
  }
  if (flags.jobs < 1 || flags.jobs > kJobsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("--jobs needs a number from 1 to ", kJobsMax));
  }
  if (flags.timeout < 1 || flags.timeout > kTimeoutMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("--timeout needs a number from 1 to ", kTimeoutMax));
  }
  if (flags.out.empty()) {
    return absl::InvalidArgumentError("--out needs a directory");
  }
  std::error_code error;
  if (!flags.known.empty() && !fs::is_directory(flags.known, error)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--known=", absl::CHexEscape(flags.known), " is no directory"));
  }
  return flags;
}

TriageMachine TriageMachineOf(const MachineInfo& info, AltmapVariant altmap) {
  return {absl::StrCat(info.name, AltmapSuffix(altmap)),
          [make = info.make, altmap] { return make(altmap); }};
}

// Returns the command as somebody else would give it: no path but the last
// name of DIR, and nothing that does not change what comes out.
std::string CommandText(const Flags& flags) {
  std::string text = "restree triage ";
  if (!flags.machines.empty()) {
    absl::StrAppend(&text, "--machine=", flags.machines, " ");
  }
  if (flags.strict) absl::StrAppend(&text, "--strict ");
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(flags.directory, error);
  return absl::StrCat(text, ShellQuoted(whole.filename().string()));
}

TriageOptions OptionsOf(const Flags& flags, const Selection& selection) {
  TriageOptions options;
  options.directory = flags.directory;
  options.out = flags.out;
  for (const MachineInfo& judge : Judges()) {
    // Who follows a tree is the model alone.
    const bool follows = selection.altmap == AltmapVariant::kTree;
    if (follows && judge.name == "oracle") continue;
    options.judges.push_back(TriageMachineOf(judge, selection.altmap));
  }
  for (const MachineInfo* const info : selection.under_test) {
    options.under_test.push_back(TriageMachineOf(*info, selection.altmap));
  }
  options.machines = NamesOf(selection);
  options.command = CommandText(flags);
  options.sanitized_fuzzer =
      Packaged(selection.under_test.empty() ? "fuzz/model_fuzzer_libfuzzer"
                                            : "fuzz/kernel_fuzzer_libfuzzer");
  options.runfiles = RunfilesDirectory();
  for (const std::string& known :
       {Packaged("corpus/regressions"), flags.known}) {
    if (!known.empty()) options.known.push_back(known);
  }
  options.strict = flags.strict;
  options.timeout_seconds = flags.timeout;
  options.jobs = flags.jobs;
  return options;
}

volatile std::sig_atomic_t g_must_stop = 0;

// From now on Ctrl-C ends the work in order; a second one ends it at once.
void HearSignals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { g_must_stop = 1; };
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    sigaction(signal, &action, nullptr);
  }
}

int ExitCodeOf(const Flags& flags, const TriageResult& result) {
  for (const Json& bug : ListAt(result.document, "bugs")) {
    const std::string status = TextAt(bug, "status");
    if (status == "new" || status == "flaky") return kExitFinding;
  }
  const Json& inputs = At(result.document, "inputs");
  const uint64_t total = NumberAt(inputs, "total");
  if (result.interrupted) return kExitUsage;
  if (total == 0 || NumberAt(inputs, "skipped") < total) return kExitClean;
  Complain(absl::StrCat("nothing in ", absl::CHexEscape(flags.directory),
                        " can be played: all ", total, " files are skipped"));
  return kExitUsage;
}

// Prints the report that was asked for.
int PrintReport(const Flags& flags, const TriageResult& result, int code) {
  Output out;
  if (flags.format->file.empty()) {
    out.Append(MailReport(result.document));
    return Finish(out, code);
  }
  const auto text = ReadFile(absl::StrCat(flags.out, "/", flags.format->file));
  if (!text.ok()) return BadInput(text.status());
  out.Append(*text);
  return Finish(out, code);
}

int RunTriage(absl::Span<char*> arguments) {
  const absl::StatusOr<Flags> flags = ParseFlags(arguments);
  if (!flags.ok()) return BadUsage("triage", flags.status());
  const absl::StatusOr<Selection> selection = Select(flags->machines);
  if (absl::IsInvalidArgument(selection.status())) {
    return BadUsage("triage", selection.status());
  }
  if (!selection.ok()) {
    Complain(selection.status().message());
    return kExitUnavailable;
  }
  if (!selection->note.empty()) Complain(selection->note);
  TriageOptions options = OptionsOf(*flags, *selection);
  Progress progress("triage");
  options.progress = [&progress](absl::string_view what, size_t done,
                                 size_t all) {
    progress.Show(what, done, all);
  };
  options.must_stop = [] { return g_must_stop != 0; };
  HearSignals();
  const absl::StatusOr<TriageResult> result = Triage(options);
  progress.Erase();
  if (!result.ok()) {
    Complain(result.status().message());
    return kExitUsage;
  }
  int code = ExitCodeOf(*flags, *result);
  if (result->interrupted) {
    Complain("ended early: the report is of a part; the same command goes on");
    code = kExitUsage;
  }
  code = PrintReport(*flags, *result, code);
  Complain(absl::StrCat("all reports are in ", absl::CHexEscape(flags->out)));
  return code;
}

}  // namespace

const Command kTriageCommand = {
    "triage", "say how many bugs a directory of crashes is",
    R"(Usage: restree triage [--machine=NAME,...] [--out=DIR] [--as=FORMAT]
                      [--timeout=N] [--jobs=N] [--known=DIR] [--strict] DIR

Plays whatever lies in DIR: artifacts of libFuzzer, other bytes, traces as text,
in any depth; or the findings of a `restree hunt`. Each input is played three
times, in a process of its own. What fails is minimized, told apart, and written
to the directory of reports, with a test to send upstream for each bug. DIR is
never changed. The report says what was skipped, and why.

Whatever ends a triage, Ctrl-C or worse, the same command goes on where it
stopped. The same inputs give the same bytes.

  --machine=NAME,...  machines under test, of those that `restree machines`
                      lists; all of them by default. Names may end in
                      :altmap=patch or :altmap=sound, as for `restree run`
  --out=DIR           where the reports go; restree-triage by default, in the
                      current directory. Not in the DIR of the inputs:
                        report.html   to look at, also .txt, .json and .sarif
                        findings/     a directory for each: the minimal trace,
                                      trees, tests, the inputs' names
                        work/         what the next triage need not do again
  --as=FORMAT         what to print: text, which is the default, mail, json,
                      html or sarif
  --timeout=N         seconds after which a trace that does not end hangs; 10 by
                      default
  --jobs=N            how many processes; one a core by default
  --known=DIR         traces of bugs that are known, besides the regressions of
                      restree itself
  --strict            what is known to be wrong in a kernel is new, too
                      (docs/divergences.md)

Exits with 1 if there is a bug that is new or flaky, 0 if there is none or all
are known or fixed, 2 if DIR cannot be read, nothing in it can be played, the
reports cannot be written, or the triage was ended early, and 3 if a machine is
not available. docs/triage.md has the rest.

Example:
  mkdir -p crashes
  echo 'r1 = request iomem 0x1000-0x1fff "low" busy' > crashes/one.trace
  restree triage crashes
)",
    RunTriage};

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/machines.h"
#include "cli/play.h"
#include "cli/progress.h"
#include "cli/run_output.h"
#include "cli/unmet.h"
#include "model/observation.h"
#include "model/trace_text.h"
#include "properties/check.h"
#include "properties/divergence.h"
#include "properties/report.h"

namespace restree {
namespace {

struct Request {
  std::string machines;
  bool strict = false;  // known divergences are findings
  RunFormat format;
  std::vector<std::string> files;
  Selection selection;
  bool oracle_always = false;
};

absl::StatusOr<Request> ParseRequest(absl::Span<char*> arguments) {
  Request request;
  absl::StatusOr<std::vector<std::string>> files =
      ParseArguments(arguments, {{"machine", &request.machines},
                                 {"strict", &request.strict},
                                 {"flags", &request.format.flags},
                                 {"quiet", &request.format.quiet},
                                 {"ops", &request.format.ops},
                                 {"dumpable", &request.format.dumpable},
                                 {"json", &request.format.json}});
  if (!files.ok()) return files.status();
  if (files->empty()) return absl::InvalidArgumentError("no FILE");
  if (request.format.quiet && request.format.ops) {
    return absl::InvalidArgumentError("--quiet and --ops leave nothing");
  }
  if (request.format.dumpable && request.format.ops) {
    return absl::InvalidArgumentError(
        "--dumpable prints more than the --ops alone");
  }
  request.files = *std::move(files);
  absl::StatusOr<Selection> selection = Select(request.machines);
  if (!selection.ok()) return selection.status();
  request.selection = *std::move(selection);
  for (const absl::string_view name : absl::StrSplit(request.machines, ',')) {
    if (absl::StartsWith(name, "oracle")) request.oracle_always = true;
  }
  return request;
}

void Complain(absl::string_view message) {
  absl::FPrintF(stderr, "%s\n", message);
}

// What was excused is not passed over in silence.
void ComplainOfKnown(const std::string& file, const Lockstep::Known& known) {
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i] == 0) continue;
    Complain(absl::StrCat(file, ": known divergence ", kDivergences[i].name,
                          ", ", known[i], known[i] == 1 ? " time" : " times",
                          ": ", kDivergences[i].why));
  }
}

// Plays one file and returns its exit code.
int RunFile(const std::string& path, const Request& request,
            RunOutput& output) {
  const absl::StatusOr<std::string> source = ReadFile(path);
  if (!source.ok()) return BadInput(source.status());
  const std::string file = ShownName(path);
  const absl::StatusOr<TraceDocument> document = ParseTrace(*source, file);
  if (!document.ok()) return BadInput(document.status());

  const Lineup lineup =
      LineupFor(document->trace, request.selection, request.oracle_always);
  if (lineup.oracle_sits_out) {
    Complain(absl::StrCat(file, ": more than ", Lockstep::kRowsMax,
                          " resources: the oracle, which is slow, sits out"));
  }
  int code = kExitClean;
  output.Begin(path == "-" ? file : path, *document);
  // Ops that go to a terminal show by themselves how far we are.
  const bool prints_ops = !request.format.quiet && !request.format.json;
  Progress progress(file, document->trace.ops.size(),
                    !(prints_ops && isatty(STDOUT_FILENO)));
  const Outcomes outcomes =
      Play(*document, lineup,
           {.strict = request.strict, .dumpable = request.format.dumpable},
           [&](size_t index, absl::string_view observed) {
             const TraceLine& line = document->lines[index];
             output.Line(line, observed);
             if (line.op) progress.Step();
             if (Meets(observed, line.expectation)) return;
             output.Sync();
             progress.Erase();
             Complain(UnmetText(file, index, line, observed));
             code = kExitFinding;
           });
  progress.Erase();
  output.End(outcomes);
  output.Sync();
  if (!request.strict) ComplainOfKnown(file, outcomes.known);
  if (!outcomes.failure) return code;
  const std::string replay_path = path == "-" ? "" : path;
  absl::FPrintF(stderr, "%s",
                Report(document->trace, *outcomes.failure, replay_path));
  return kExitFinding;
}

int RunRun(absl::Span<char*> arguments) {
  const absl::StatusOr<Request> request = ParseRequest(arguments);
  if (absl::IsNotFound(request.status())) {
    Complain(absl::StrCat("restree run: ", request.status().message()));
    return kExitUnavailable;
  }
  if (!request.ok()) return BadUsage("run", request.status());
  if (!request->selection.note.empty()) {
    Complain(absl::StrCat("restree run: ", request->selection.note));
  }
  Output out;
  RunOutput output(request->format, request->files.size() > 1, out);
  int code = kExitClean;
  for (const std::string& file : request->files) {
    code = std::max(code, RunFile(file, *request, output));
  }
  output.Close();
  return Finish(out, code);
}

}  // namespace

const Command kRunCommand = {
    "run", "play traces and compare what the machines do",
    R"(Usage: restree run [--machine=NAME,...] [--strict] [--flags]
                   [--quiet | --ops] [--dumpable] [--json] FILE...

Plays each trace on all machines in lockstep and compares them after each op.
Prints a line an op, "OP -> OBSERVATION", and behind an empty line the final
state as /proc/iomem would show it, followed by "ioport:" and what /proc/ioports
would show, "in no tree:" and what lies outside both, and what there is besides:
entries of devices and lists, who waits, a countdown of fail_alloc and the like.
Names are printed there byte for byte, as the kernel does, newlines too; the ops
show them escaped.
"-" is standard input. An expectation in the trace that is not met, and a
machine that disagrees with the others or breaks an invariant or a law, is
reported on standard error, and the exit code is 1. If that is a terminal, long
work shows there how many ops are played.

  --machine=NAME,...  machines under test, of those that `restree machines`
                      lists; all of them by default. The oracle and the model
                      always play; the oracle sits out where a trace defines
                      more than 4096 resources, unless it is named here.
                      Names may end in :altmap=patch or :altmap=sound, all in
                      the same: machines that register an altmap's area as a
                      resource of its own (docs/vmemmap.md). A LINUX_SRC
                      whose own code does is linux:altmap=tree, or linux where
                      no other kernel plays; the oracle sits out.
  --strict            what is known to be wrong in a kernel is a finding, too
                      (docs/divergences.md); without it that is said on standard
                      error, and the kernel goes on from the model's state
  --flags             show slot, flags and desc of each resource of the state
  --quiet             print the final state alone
  --ops               print the ops alone: a trace that expects what was seen
  --dumpable          print the ranges of the final state that a crash dump
                      has, for each reader of the tree: kexec_file_load(), which
                      walks busy System RAM; kexec-tools, which reads names in
                      /proc/iomem; and kexec_file_load() taught to walk the
                      separate resources of altmaps as well (docs/vmemmap.md)
  --json              print one JSON array instead, an object a file

Example:
  echo 'r1 = request iomem 0x1000-0x1fff "low" busy  -> ok' > low.trace
  restree run low.trace
)",
    RunRun};

}  // namespace restree

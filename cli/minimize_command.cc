// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/machines.h"
#include "cli/play.h"
#include "fuzz/atomic_file.h"
#include "fuzz/findings.h"
#include "model/machine.h"
#include "model/trace.h"
#include "model/trace_binary.h"
#include "model/trace_text.h"
#include "nlohmann/json.hpp"
#include "properties/check.h"
#include "properties/minimize.h"
#include "properties/report.h"
#include "triage/player_process.h"

namespace restree {
namespace {

struct Request {
  std::string file;
  std::string out;
  std::string others;
  std::string machines;
  bool strict = false;
  bool json = false;
  MinimizeOptions options;
  Selection selection;
};

void Complain(absl::string_view message) {
  absl::FPrintF(stderr, "restree minimize: %s\n", message);
}

absl::StatusOr<Request> ParseRequest(absl::Span<char*> arguments) {
  Request request;
  const absl::StatusOr<std::vector<std::string>> words =
      ParseArguments(arguments,
                     {{"machine", &request.machines},
                      {"out", &request.out},
                      {"others", &request.others},
                      {"evaluations", &request.options.evaluations_max},
                      {"explain", &request.options.explain},
                      {"strict", &request.strict},
                      {"json", &request.json}},
                     1);
  if (!words.ok()) return words.status();
  if (words->empty()) return absl::InvalidArgumentError("no FILE");
  if (request.options.evaluations_max == 0) {
    return absl::InvalidArgumentError("--evaluations=0 plays nothing");
  }
  request.file = words->front();
  absl::StatusOr<Selection> selection = Select(request.machines);
  if (!selection.ok()) return selection.status();
  request.selection = *std::move(selection);
  return request;
}

bool IsText(absl::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\n' || c == '\t' ||
           c == '\r';
  });
}

// Reads the text of a trace, or the bytes of a fuzzer.
absl::StatusOr<Trace> ReadTrace(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadFile(path);
  if (!bytes.ok()) return bytes.status();
  if (!IsText(*bytes)) {
    return DecodeTrace(
        {reinterpret_cast<const uint8_t*>(bytes->data()), bytes->size()});
  }
  absl::StatusOr<TraceDocument> document = ParseTrace(*bytes, ShownName(path));
  if (!document.ok()) return document.status();
  return document->trace;
}

// The machines of a request, new for each process that plays.
class Machines {
 public:
  Machines(const Request& request, const Trace& trace)
      : request_(request), trace_(trace) {}

  std::vector<std::unique_ptr<Machine>> Make() const {
    return LineupFor(trace_, request_.selection, false).machines;
  }

  // Returns the text of a finding as `hunt` writes it: a trace, with what it
  // shows in its leading comments. A trace that kills is not played here.
  std::string FindingText(const Trace& trace, const Attempt& attempt,
                          const std::string& path) const {
    std::string comment = absl::StrCat(attempt.signature, "\n\n");
    std::optional<Failure> failure;
    if (!IsDeath(attempt.signature)) failure = Play(trace);
    absl::StrAppend(&comment,
                    failure.has_value()
                        ? Report(trace, *failure, path)
                        : absl::StrCat("dies at op ", attempt.op_index + 1,
                                       " of ", trace.ops.size()));
    return absl::StrCat(AsComment(comment), PrintTrace(trace));
  }

 private:
  std::optional<Failure> Play(const Trace& trace) const {
    const std::vector<std::unique_ptr<Machine>> machines = Make();
    std::vector<Machine*> all;
    for (const auto& machine : machines) all.push_back(machine.get());
    Lockstep lockstep(all);
    lockstep.set_strict(request_.strict);
    return lockstep.Play(trace);
  }

  const Request& request_;
  const Trace& trace_;
};

std::string DirectoryOfOthers(const Request& request) {
  if (!request.others.empty()) return request.others;
  if (request.out.empty() || request.out == "-") return "";
  const std::string directory =
      std::filesystem::path(request.out).parent_path().string();
  return directory.empty() ? "." : directory;
}

// Saves what failed in another way, unless it is there already. Returns the
// paths, "" where there is none.
absl::StatusOr<std::vector<std::string>> SaveOthers(
    const Request& request, const Machines& machines,
    const std::vector<OtherFinding>& others) {
  const std::string directory = DirectoryOfOthers(request);
  std::vector<std::string> paths;
  std::error_code error;
  if (!request.others.empty() && !others.empty()) {
    std::filesystem::create_directories(directory, error);
  }
  for (const OtherFinding& other : others) {
    const std::string& signature = other.attempt.signature;
    if (directory.empty()) {
      Complain(absl::StrCat("on the way, another failure: ", signature,
                            "; --others=DIR saves it"));
      paths.emplace_back();
      continue;
    }
    const std::string path =
        absl::StrCat(directory, "/", FileNameOf(signature), ".trace");
    paths.push_back(path);
    if (std::filesystem::exists(path, error)) continue;
    const absl::Status status = WriteAtomically(
        path, machines.FindingText(other.trace, other.attempt, path));
    if (!status.ok()) return status;
    Complain(absl::StrCat("on the way, another failure: ", path));
  }
  return paths;
}

std::string Json(const Minimized& minimized, size_t from_ops,
                 const std::vector<std::string>& paths) {
  nlohmann::ordered_json others = nlohmann::ordered_json::array();
  for (size_t i = 0; i < minimized.others.size(); ++i) {
    const OtherFinding& other = minimized.others[i];
    others.push_back({{"signature", other.attempt.signature},
                      {"trace", PrintTrace(other.trace)},
                      {"file", paths[i]}});
  }
  const nlohmann::ordered_json document = {
      {"signature", minimized.attempt.signature},
      {"op_index", minimized.attempt.op_index},
      {"trace", PrintTrace(minimized.trace)},
      {"from_ops", from_ops},
      {"to_ops", minimized.trace.ops.size()},
      {"evaluations", minimized.evaluations},
      {"complete", minimized.complete},
      {"scope", minimized.scope},
      {"others", others},
      {"explanation", minimized.explanation}};
  return document.dump(2, ' ', false,
                       nlohmann::ordered_json::error_handler_t::replace) +
         "\n";
}

std::string Summary(const Minimized& minimized, size_t from_ops) {
  return absl::StrCat(from_ops, " ops to ", minimized.trace.ops.size(), ", ",
                      minimized.evaluations, " traces played; ",
                      minimized.complete ? "tried " : "tried, as far as the ",
                      minimized.complete ? "" : "budget went, ",
                      minimized.scope);
}

int Write(const Request& request, const std::string& text) {
  if (request.out.empty() || request.out == "-") {
    Output out;
    out.Append(text);
    return Finish(out, kExitClean);
  }
  const absl::Status status = WriteAtomically(request.out, text);
  if (status.ok()) return kExitClean;
  Output out;  // better than nothing
  out.Append(text);
  return std::max(BadInput(status), Finish(out, kExitClean));
}

int MinimizeFile(const Request& request) {
  const absl::StatusOr<Trace> trace = ReadTrace(request.file);
  if (!trace.ok()) return BadInput(trace.status());
  const Machines machines(request, *trace);
  PlayerProcess process([&machines] { return machines.Make(); },
                        {.strict = request.strict});
  const Minimized minimized = Minimize(
      *trace, [&process](const Trace& t) { return process.Play(t); },
      request.options);
  if (minimized.attempt.signature.empty()) {
    return BadInput(absl::InvalidArgumentError(absl::StrCat(
        ShownName(request.file), ": nothing fails",
        request.strict ? "" : "; known divergences do with --strict")));
  }
  const absl::StatusOr<std::vector<std::string>> paths =
      SaveOthers(request, machines, minimized.others);
  // What was found is not lost because something else could not be written.
  if (!paths.ok()) BadInput(paths.status());
  const std::string path = request.out == "-" ? "" : request.out;
  std::string text =
      request.json
          ? Json(minimized, trace->ops.size(),
                 paths.value_or(
                     std::vector<std::string>(minimized.others.size())))
          : machines.FindingText(minimized.trace, minimized.attempt, path);
  if (!request.json && request.options.explain) {
    text = absl::StrCat(AsComment(absl::StrJoin(minimized.explanation, "\n")),
                        "#\n", text);
  }
  Complain(Summary(minimized, trace->ops.size()));
  const int code = Write(request, text);
  return paths.ok() ? code : kExitUsage;
}

int RunMinimize(absl::Span<char*> arguments) {
  const absl::StatusOr<Request> request = ParseRequest(arguments);
  if (absl::IsNotFound(request.status())) {
    Complain(request.status().message());
    return kExitUnavailable;
  }
  if (!request.ok()) return BadUsage("minimize", request.status());
  if (!request->selection.note.empty()) Complain(request->selection.note);
  return MinimizeFile(*request);
}

}  // namespace

const Command kMinimizeCommand = {
    "minimize", "make a failing trace as short and plain as it goes",
    R"(Usage: restree minimize [--machine=NAME,...] [--out=FILE] [--others=DIR]
                        [--evaluations=N] [--explain] [--strict] [--json] FILE

Reads a trace that fails, as text or as the bytes of a fuzzer, and prints the
shortest and plainest one that fails with the same signature, with what it shows
in its leading comments. The same input gives the same trace. Each trace is
played in another process, so that a crash is a failure like any other.

Whatever fails in another way on the way is saved as a finding of its own,
DIR/SIGNATURE.trace, unless that file is there.

  --machine=NAME,...  who plays, as in `restree run`
  --out=FILE          write the trace there instead of to standard output
  --others=DIR        where other failures go; beside FILE by default, and
                      without --out they are only named on standard error
  --evaluations=N     play at most N traces; 50000 by default
  --explain           say in comments what can vary without losing the failure,
                      and why other traces were rejected
  --strict            known divergences of a kernel are failures, too
  --json              print an object instead: signature, trace, what was
                      searched, others

Exit codes: 0 it is minimized, 2 bad usage or input, or nothing fails, 3 a
machine is not available.

Example:
  echo 'r7 = request iomem 0x8000-0x8fff "bus" mem' >found.trace
  echo 'p3 = nvdimm_setup_pfn fsdax 0x0-0xfffffff align=1 parent=r7' \
    >>found.trace
  echo 'memremap_pages p3' >>found.trace
  restree minimize --machine=model:altmap=patch found.trace
)",
    RunMinimize};

}  // namespace restree

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
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/machines.h"
#include "cli/packaged.h"
#include "model/machine.h"
#include "model/trace.h"
#include "model/trace_lines.h"
#include "model/trace_text.h"
#include "properties/canaries.h"
#include "properties/minimize.h"
#include "triage/export.h"
#include "triage/host/named_machine.h"
#include "triage/player_process.h"
#include "triage/recording.h"
#include "triage/verify.h"

namespace restree {
namespace {

struct Request {
  ExportAs as = ExportAs::kKunit;
  std::string file;
  std::string out;
  std::vector<std::string> machines;  // suffixes included
  size_t step = SIZE_MAX;
  bool verifies = true;
};

// Machines with a planted bug are for trying things out: no other command has
// them.
absl::StatusOr<std::vector<std::string>> MachinesOf(const std::string& list) {
  std::vector<std::string> names;
  for (const absl::string_view name : absl::StrSplit(list, ',')) {
    if (MakeCanary(name) == nullptr) {
      names.clear();
      break;
    }
    names.emplace_back(name);
  }
  if (!names.empty()) return names;
  const absl::StatusOr<Selection> selection = Select(list);
  if (!selection.ok()) return selection.status();
  return std::vector<std::string>(
      absl::StrSplit(NamesOf(*selection), ',', absl::SkipEmpty()));
}

absl::StatusOr<Request> ParseRequest(absl::Span<char*> arguments) {
  Request request;
  std::string as, machines;
  bool unverified = false;
  uint64_t step = 0;
  const absl::StatusOr<std::vector<std::string>> words =
      ParseArguments(arguments,
                     {{"as", &as},
                      {"machine", &machines},
                      {"out", &request.out},
                      {"no-verify", &unverified},
                      {"step", &step}},
                     1);
  if (!words.ok()) return words.status();
  const std::optional<ExportAs> form = ExportAsOf(as);
  if (!form.has_value()) {
    return absl::InvalidArgumentError(
        "--as is kunit, gtest, iomem, dot or bytes");
  }
  request.as = *form;
  request.file = words->empty() ? "-" : words->front();
  request.verifies = !unverified;
  if (step != 0) request.step = step - 1;
  absl::StatusOr<std::vector<std::string>> names = MachinesOf(machines);
  if (!names.ok()) return names.status();
  request.machines = *std::move(names);
  return request;
}

// The name of the model that plays beside a machine.
std::string ModelBeside(absl::string_view machine) {
  const std::optional<AltmapVariant> altmap = TakeAltmapSuffix(&machine);
  return absl::StrCat("model",
                      AltmapSuffix(altmap.value_or(AltmapVariant::kNone)));
}

// Plays the trace in a child, for a kernel may crash; what is known of a kernel
// is a failure here.
Attempt AttemptOf(const std::string& machine, const Trace& trace) {
  const std::string model = ModelBeside(machine);
  const auto make = [&machine, &model] {
    std::vector<std::unique_ptr<Machine>> machines;
    machines.push_back(MakeNamedMachine(model));
    if (machine != model) machines.push_back(MakeNamedMachine(machine));
    return machines;
  };
  PlayerProcess process(make, {.strict = true});
  return process.Play(trace);
}

bool Plays(const std::string& name, const Trace& trace) {
  const std::unique_ptr<Machine> machine = MakeNamedMachine(name);
  return std::all_of(
      trace.ops.begin(), trace.ops.end(),
      [&machine](const Op& op) { return machine->Plays(op.verb); });
}

// Who fails, and who does not. A model whose variant breaks a law is held
// against the variant that does not.
struct Finding {
  TestMachines machines;
  Attempt attempt;
};

Finding FindingOf(const Trace& trace, const std::vector<std::string>& names) {
  Finding finding;
  std::vector<std::string> sound;
  for (const std::string& name : names) {
    Attempt attempt = AttemptOf(name, trace);
    if (attempt.signature.empty()) {
      if (Plays(name, trace)) sound.push_back(name);
    } else if (finding.machines.failing.empty()) {
      finding.machines.failing = name;
      finding.attempt = std::move(attempt);
    }
  }
  std::string model = ModelBeside(names.front());
  if (model == finding.machines.failing) model = "model:altmap=sound";
  finding.machines.sound = {model};
  for (std::string& name : sound) {
    if (name != model) finding.machines.sound.push_back(std::move(name));
  }
  return finding;
}

// Returns the comment that a trace begins with, but for its signature.
std::string StoryOf(const TraceDocument& document,
                    absl::string_view signature) {
  std::vector<std::string> story;
  for (const TraceLine& line : document.lines) {
    if (line.op.has_value() || line.comment.empty()) break;
    const absl::string_view text =
        absl::StripAsciiWhitespace(absl::StripPrefix(line.comment, "#"));
    if (text != signature) story.emplace_back(text);
  }
  return std::string(absl::StripAsciiWhitespace(absl::StrJoin(story, " ")));
}

ExportInfo InfoOf(const Request& request, const TraceDocument& document,
                  const Finding& finding) {
  ExportInfo info;
  info.sentence = StoryOf(document, finding.attempt.signature);
  const std::string& signature = finding.attempt.signature;
  const std::string file = std::filesystem::path(request.file).stem();
  info.name = TestName(signature.empty() ? file : signature);
  info.signature = finding.attempt.signature;
  info.machine = finding.machines.failing;
  info.step = request.step;
  if (info.step == SIZE_MAX && !info.machine.empty()) {
    info.step = finding.attempt.op_index;
  }
  return info;
}

Exported Unverified(const Request& request, const Recording& sound,
                    ExportInfo info) {
  absl::StatusOr<std::string> text = Export(request.as, sound, info);
  for (const KunitRoot root : {KunitRoot::kHole, KunitRoot::kWhole}) {
    if (text.ok() || request.as != ExportAs::kKunit) break;
    info.root = root;
    text = Export(request.as, sound, info);
  }
  return {text.value_or(""), false, std::string(text.status().message())};
}

int Report(const Request& request, const Exported& test, bool tried) {
  const bool is_test =
      request.as == ExportAs::kKunit || request.as == ExportAs::kGtest;
  if (is_test && test.text.empty()) {
    absl::FPrintF(stderr, "restree export: no test: %s\n", test.note);
    return kExitFinding;
  }
  Output out(request.out);
  out.Append(test.text);
  if (!tried) return Finish(out, kExitClean);
  absl::FPrintF(stderr, "%sverified: %s\n", test.verified ? "" : "not ",
                test.note);
  return Finish(out, test.verified ? kExitClean : kExitFinding);
}

int RunExport(absl::Span<char*> arguments) {
  const absl::StatusOr<Request> request = ParseRequest(arguments);
  if (absl::IsNotFound(request.status())) {
    absl::FPrintF(stderr, "restree export: %s\n", request.status().message());
    return kExitUnavailable;
  }
  if (!request.ok()) return BadUsage("export", request.status());
  const absl::StatusOr<std::string> text = ReadFile(request->file);
  if (!text.ok()) return BadInput(text.status());
  const absl::StatusOr<TraceDocument> document =
      ParseTrace(*text, ShownName(request->file));
  if (!document.ok()) return BadInput(document.status());
  const Trace& trace = document->trace;
  if (request->step != SIZE_MAX && request->step >= trace.ops.size()) {
    return BadInput(absl::InvalidArgumentError(
        absl::StrCat(ShownName(request->file), ": --step=", request->step + 1,
                     " of ", trace.ops.size())));
  }

  const Finding finding = FindingOf(trace, request->machines);
  const std::unique_ptr<Machine> model =
      MakeNamedMachine(finding.machines.sound.front());
  const Recording sound = Record(trace, *model);
  const ExportInfo info = InfoOf(*request, *document, finding);
  const TestBench bench = FindTestBench(RunfilesDirectory());
  const bool tries = request->verifies && !trace.ops.empty();
  if (tries && request->as == ExportAs::kKunit) {
    return Report(*request, VerifiedKunit(sound, info, finding.machines, bench),
                  true);
  }
  if (tries && request->as == ExportAs::kGtest) {
    const GtestJob job = {&sound, info, finding.machines};
    return Report(*request, VerifiedGtests({&job, 1}, bench).front(), true);
  }
  return Report(*request, Unverified(*request, sound, info), false);
}

}  // namespace

const Command kExportCommand = {
    "export", "turn a trace into a test, a picture or bytes",
    R"(Usage: restree export --as=FORM [--machine=NAME,...] [--step=N]
                      [--no-verify] [--out=FILE] [FILE]

Reads a trace from FILE, or from standard input, and prints it as

  kunit   a KUnit suite of one case, for the kernel's own resource_kunit.c
  gtest   a C++ test against the model
  iomem   /proc/iomem, as it should be after the step
  dot     the tree before and after the step, for Graphviz
  bytes   what `restree encode` makes of it

A test expects what the model does. It is compiled with $CC or $CXX, or else
clang-19, and run: it must fail on the machine where the trace fails, and pass
on the model and the machines where it does not. If the trace fails nowhere, it
must pass everywhere. What came of it is said on standard error, and in the test
itself. The command ends with 1 if the test did not do so, or there can be none:
KUnit has no word for some ops.

  --machine=NAME,...  machines to try; as for `restree run`, or planted bugs by
                      name. Known divergences are failures here
  --step=N            the op that it is about, counted from 1; otherwise the one
                      that fails, or the last
  --no-verify         print the test as it is
  --out=FILE          write there instead of to standard output

Example:
  echo 'r1 = request iomem 0x1000-0x1fff mem' > one.trace
  restree export --as=iomem one.trace
)",
    RunExport};

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/case.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/trace.h"
#include "model/trace_binary.h"
#include "model/trace_text.h"
#include "properties/check.h"
#include "properties/divergence.h"
#include "properties/minimize.h"
#include "properties/referee.h"
#include "triage/child.h"
#include "triage/crash.h"
#include "triage/export.h"
#include "triage/finding_document.h"
#include "triage/json_read.h"
#include "triage/lineups.h"
#include "triage/play.h"
#include "triage/player_process.h"
#include "triage/recording.h"

namespace restree {
namespace {

// Traces played for one case. A process that dies costs milliseconds, one that
// hangs costs its time limit, and the sanitized fuzzer a tenth of a second.
constexpr uint64_t kEvaluationsMax = 50'000;
constexpr uint64_t kEvaluationsOfDeathsMax = 2'000;
constexpr uint64_t kEvaluationsOfHangsMax = 60;
constexpr uint64_t kEvaluationsWithFuzzerMax = 150;

// What a design that breaks laws is held against.
constexpr char kSoundVariant[] = "model:altmap=sound";

// How long a candidate may take, where the trace itself hangs.
constexpr double kSecondsOfHang = 1;

// Of what can be told from others by its signature alone.
Clue OwnClue(const Case& the_case) {
  return {"", the_case.signature, the_case.signature};
}

// Strict plays fail with the divergences themselves, each by its name.
std::string DivergenceIn(const std::string& signature) {
  const std::string what = signature.substr(0, signature.find('.'));
  for (const Divergence& it : kDivergences) {
    if (it.name == what) return what;
  }
  return "";
}

class Solver {
 public:
  Solver(const Case& the_case, const SolveOptions& options)
      : case_(the_case), options_(options) {}

  Solved Solve();

 private:
  // Finds out on which machines, and by which player, the trace fails as it
  // should. Returns whether it does.
  bool ChoosePlayer();
  std::unique_ptr<PlayerProcess> ProcessOf(absl::string_view machine) const;
  Attempt Play(const Trace& trace);
  std::optional<Crash> CrashOf(const Trace& trace) const;
  bool IsSameCrash();
  uint64_t EvaluationsMax() const;
  void Minimize(Solved* solved);
  void Describe();
  void Export(Solved* solved) const;

  const Case& case_;
  const SolveOptions& options_;
  std::unique_ptr<PlayerProcess> process_;  // else the sanitized fuzzer plays
  bool on_all_ = false;                     // machines, not on the one alone
  FoundTrace found_;
};

std::unique_ptr<PlayerProcess> Solver::ProcessOf(
    absl::string_view machine) const {
  const std::string name(machine);
  const Lineups& lineups = *options_.lineups;
  const auto make = [&lineups, name] {
    return name.empty() ? lineups.All() : lineups.Of(name);
  };
  const bool hangs = case_.death.kind == "timeout";
  return std::make_unique<PlayerProcess>(
      make, PlayerProcess::Options{
                .strict = !case_.divergence.empty(),
                .seconds_max = hangs ? kSecondsOfHang : options_.seconds_max});
}

bool Solver::ChoosePlayer() {
  for (const bool on_all : {false, true}) {
    on_all_ = on_all;
    process_ = ProcessOf(on_all ? "" : case_.machine);
    const std::string signature = process_->Play(case_.trace).signature;
    if (case_.dies() ? IsDeath(signature) : signature == case_.signature) {
      return true;
    }
  }
  process_ = nullptr;
  if (!case_.dies() || options_.sanitized_fuzzer.empty()) return false;
  return Play(case_.trace).signature == case_.signature;
}

Attempt Solver::Play(const Trace& trace) {
  if (options_.beat) options_.beat();
  if (process_ != nullptr) return process_->Play(trace);
  const std::optional<Crash> crash = CrashOf(trace);
  if (!crash.has_value()) return {};
  return {crash->Name(), trace.ops.size() - 1};
}

std::optional<Crash> Solver::CrashOf(const Trace& trace) const {
  const std::vector<uint8_t> bytes = EncodeTrace(trace);
  const std::vector<std::string> inputs = {{bytes.begin(), bytes.end()}};
  const std::vector<SanitizedCrash> crashes =
      CrashesOf({.path = options_.sanitized_fuzzer,
                 .machines = options_.machines,
                 .seconds = options_.seconds_max},
                inputs, [] { return false; });
  if (crashes.empty()) return std::nullopt;
  return crashes[0].crash;
}

// A process knows a crash by the op alone, so that the minimal trace may crash
// elsewhere than the input did. Returns whether sanitizers say that it does
// not.
bool Solver::IsSameCrash() {
  if (process_ == nullptr || !case_.dies()) return true;
  if (options_.sanitized_fuzzer.empty() || IsDeath(case_.signature))
    return true;
  const std::optional<Crash> crash = CrashOf(found_.minimized.trace);
  if (!crash.has_value() || crash->Name() != case_.signature) return false;
  found_.death = DeathOf(*crash);
  return true;
}

uint64_t Solver::EvaluationsMax() const {
  if (process_ == nullptr) return kEvaluationsWithFuzzerMax;
  if (case_.death.kind == "timeout") return kEvaluationsOfHangsMax;
  return case_.dies() ? kEvaluationsOfDeathsMax : kEvaluationsMax;
}

void Solver::Minimize(Solved* solved) {
  const auto play = [this](const Trace& trace) { return Play(trace); };
  MinimizeOptions options;
  options.evaluations_max = EvaluationsMax();
  options.explain = true;
  found_.minimized = restree::Minimize(case_.trace, play, options);
  if (!IsSameCrash()) {
    process_ = nullptr;
    options.evaluations_max = EvaluationsMax();
    found_.minimized = restree::Minimize(case_.trace, play, options);
  }
  if (!case_.divergence.empty()) {
    solved->clue = {"", case_.divergence, case_.divergence};
  } else if (!case_.dies()) {
    options.keep = MinimizeOptions::Keep::kBug;
    options.explain = false;
    const Minimized bug =
        restree::Minimize(found_.minimized.trace, play, options);
    const Op& last = found_.minimized.trace.ops.back();
    solved->clue = {std::string(InfoOf(last.verb).name), bug.attempt.effect,
                    PrintTrace(bug.trace)};
  }
  for (const OtherFinding& other : found_.minimized.others) {
    if (IsDeath(other.attempt.signature) && case_.dies()) continue;
    solved->others.push_back(
        {.signature = other.attempt.signature,
         .effect = other.attempt.effect,
         .machine = case_.machine,
         .divergence = DivergenceIn(other.attempt.signature),
         .trace = other.trace});
  }
}

// Plays the minimal trace once more, to tell all about it.
void Solver::Describe() {
  const Trace& trace = found_.minimized.trace;
  const std::unique_ptr<Machine> reference = options_.lineups->Reference();
  found_.recording = Record(trace, *reference);
  found_.reference = std::string(reference->name());
  for (const std::string& name : options_.lineups->Names()) {
    const bool fails = case_.dies() && process_ == nullptr
                           ? name == case_.machine
                           : !ProcessOf(name)->Play(trace).signature.empty();
    found_.machines.emplace_back(name, fails);
  }
  if (case_.dies()) return;
  const Lineups::Machines machines =
      on_all_ ? options_.lineups->All() : options_.lineups->Of(case_.machine);
  std::vector<Machine*> all;
  for (const auto& machine : machines) all.push_back(machine.get());
  Lockstep lockstep(all);
  lockstep.set_strict(!case_.divergence.empty());
  found_.failure = lockstep.Play(trace);
  if (found_.failure.has_value()) {
    found_.failure->verdict = Verdict(trace, *found_.failure, *reference);
  }
}

void Solver::Export(Solved* solved) const {
  const ExportInfo info = ExportInfoOf(case_, solved->document);
  const TestMachines machines =
      TestMachinesOf(found_.machine, solved->document);
  const Recording expected =
      ExpectedOf(found_.minimized.trace, solved->document, *options_.lineups);
  Json& exports = solved->document["exports"];
  const auto add = [&](const char* name, ExportAs as,
                       const Recording& recording) {
    const absl::StatusOr<std::string> text =
        restree::Export(as, recording, info);
    exports[name] = {
        {"text", text.ok() ? *text : ""},
        {"verified", false},
        {"note", text.ok() ? "" : std::string(text.status().message())}};
  };
  if (options_.bench.runfiles.empty()) {
    add("kunit", ExportAs::kKunit, expected);
  } else {
    exports["kunit"] =
        JsonOf(VerifiedKunit(expected, info, machines, options_.bench));
  }
  add("gtest", ExportAs::kGtest, expected);
  add("iomem", ExportAs::kIomem, found_.recording);
  add("dot", ExportAs::kDot, found_.recording);
}

Solved Solver::Solve() {
  Solved solved;
  solved.clue = OwnClue(case_);
  found_.signature = case_.signature;
  found_.machine = case_.machine;
  found_.death = case_.death;
  found_.from_ops = case_.trace.ops.size();
  if (ChoosePlayer()) {
    Minimize(&solved);
  } else {  // flaky: told as it is
    found_.minimized.trace = case_.trace;
    found_.minimized.attempt = {case_.signature, case_.trace.ops.size() - 1};
  }
  Describe();
  if (!found_.failure.has_value() && !case_.dies()) {
    found_.death = {"crash", "not reproduced", "", ""};
  }
  solved.document = FindingDocument(found_);
  Export(&solved);
  return solved;
}

}  // namespace

Json Solved::ToJson() const {
  Json json = {{"verb", clue.verb},
               {"effect", clue.effect},
               {"form", clue.form},
               {"document", document}};
  json["others"] = Json::array();
  for (const Case& other : others) {
    json["others"].push_back({{"signature", other.signature},
                              {"effect", other.effect},
                              {"machine", other.machine},
                              {"divergence", other.divergence},
                              {"trace", PrintTrace(other.trace)}});
  }
  return json;
}

Solved Solved::FromJson(const Json& json) {
  Solved solved;
  solved.document = At(json, "document");
  solved.clue = {TextAt(json, "verb"), TextAt(json, "effect"),
                 TextAt(json, "form")};
  for (const Json& other : ListAt(json, "others")) {
    const auto trace = ParseTrace(TextAt(other, "trace"), "trace");
    if (!trace.ok()) continue;
    solved.others.push_back({.signature = TextAt(other, "signature"),
                             .effect = TextAt(other, "effect"),
                             .machine = TextAt(other, "machine"),
                             .divergence = TextAt(other, "divergence"),
                             .trace = trace->trace});
  }
  return solved;
}

Json JsonOf(const Exported& exported) {
  return {{"text", exported.text},
          {"verified", exported.verified},
          {"note", exported.note}};
}

ExportInfo ExportInfoOf(const Case& the_case, const Json& document) {
  ExportInfo info;
  info.name = TestName(the_case.signature);
  info.signature = the_case.signature;
  info.sentence = TextAt(document, "sentence");
  info.machine = the_case.machine;
  info.step = NumberAt(document, "op_index");
  return info;
}

TestMachines TestMachinesOf(const std::string& failing, const Json& document) {
  TestMachines machines = {.failing = failing, .sound = {}};
  for (const Json& machine : ListAt(document, "machines")) {
    const std::string name = TextAt(machine, "name");
    if (!BoolAt(machine, "fails") && name != "oracle") {
      machines.sound.push_back(name);
    }
  }
  if (machines.sound.empty()) machines.sound.push_back(kSoundVariant);
  return machines;
}

Recording ExpectedOf(const Trace& trace, const Json& document,
                     const Lineups& lineups) {
  const TestMachines machines = TestMachinesOf("", document);
  if (machines.sound.front() != kSoundVariant) {
    return Record(trace, *lineups.Reference());
  }
  Model sound(AltmapVariant::kSound);
  return Record(trace, sound);
}

Case CaseOf(const InputOutcome& outcome, const Trace& trace) {
  return {.signature = outcome.signature,
          .effect = outcome.effect,
          .machine = outcome.machine,
          .divergence =
              outcome.death.kind.empty() ? DivergenceIn(outcome.signature) : "",
          .death = outcome.death,
          .trace = trace};
}

Solved Solve(const Case& the_case, const SolveOptions& options) {
  return Solver(the_case, options).Solve();
}

Solved Undescribed(const Case& the_case, const ChildEnd& end) {
  FoundTrace found;
  found.signature = the_case.signature;
  found.machine = the_case.machine;
  found.death = the_case.death;
  if (!the_case.dies()) {
    const bool hangs = end.kind == ChildEnd::Kind::kHang;
    found.death = {hangs ? "timeout" : "crash", SignalText(end.signal), "",
                   end.errors};
  }
  found.minimized.trace = the_case.trace;
  found.minimized.attempt.op_index =
      the_case.trace.ops.empty() ? 0 : the_case.trace.ops.size() - 1;
  found.from_ops = the_case.trace.ops.size();
  Solved solved;
  solved.document = FindingDocument(found);
  for (const char* name : {"kunit", "gtest", "iomem", "dot"}) {
    solved.document["exports"][name] = {
        {"text", ""}, {"verified", false}, {"note", "could not be minimized"}};
  }
  solved.clue = OwnClue(the_case);
  return solved;
}

}  // namespace restree

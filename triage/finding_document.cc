// SPDX-License-Identifier: Apache-2.0
#include "triage/finding_document.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "fuzz/findings.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/check.h"
#include "properties/line_diff.h"
#include "properties/report.h"
#include "triage/json_read.h"
#include "triage/recording.h"

namespace restree {
namespace {

// JSON's numbers are doubles to many readers.
std::string Hex(uint64_t value) { return absl::StrCat("0x", absl::Hex(value)); }

absl::string_view KindText(Failure::Kind kind) {
  switch (kind) {
    case Failure::Kind::kDisagreement:
      return "disagreement";
    case Failure::Kind::kInvariant:
      return "invariant";
    case Failure::Kind::kLaw:
      return "law";
    case Failure::Kind::kDivergence:
      return "divergence";
  }
  return "";
}

Json Text(absl::string_view text) { return std::string(text); }

// What failed, and how: in words.
void DescribeFailure(const Trace& trace, const Failure& failure, Json* json) {
  (*json)["kind"] = Text(KindText(failure.kind));
  (*json)["what"] = failure.what;
  (*json)["headline"] = Headline(trace, failure);
  (*json)["sentence"] = failure.sentence;
  (*json)["why"] = Text(WhyOf(failure));
  (*json)["verdict"] = failure.verdict;
}

void DescribeDeath(const FoundTrace& found, size_t op_index, Json* json) {
  const Death& death = found.death;
  const std::string where =
      death.function.empty() ? "" : absl::StrCat(" in ", death.function);
  const std::string sentence = absl::StrCat(death.type, where);
  (*json)["kind"] = death.kind;
  (*json)["what"] = death.type;
  (*json)["headline"] =
      absl::StrCat(found.machine, " dies at op ", op_index + 1, " of ",
                   found.minimized.trace.ops.size(), ": ", sentence);
  (*json)["sentence"] = sentence;
  (*json)["why"] = "";
  (*json)["verdict"] = "";
}

Json Steps(const Recording& recording) {
  Json steps = Json::array();
  for (const Step& step : recording.steps) {
    steps.push_back(
        {{"op", OpText(step.op, recording.trace)},
         {"observed", ObservationText(step.observation)},
         {"state", StateDocument(step.after, recording.trace.names)}});
  }
  return steps;
}

// The states around the failing op, and how they differ.
void AddStates(const FoundTrace& found, size_t op_index, Json* json) {
  const Recording& recording = found.recording;
  const auto& names = recording.trace.names;
  const bool has_step = op_index < recording.steps.size();
  const State& before = op_index == 0 || !has_step
                            ? recording.before
                            : recording.steps[op_index - 1].after;
  const State& expected =
      !has_step ? recording.before : recording.steps[op_index].after;
  const std::string before_text = StateText(before, names);
  const std::string expected_text = StateText(expected, names);
  (*json)["before"] = StateDocument(before, names);
  (*json)["expected"] = StateDocument(expected, names);
  (*json)["actual"] = nullptr;
  std::string diff = LineDiff(before_text, expected_text);
  (*json)["got"] = absl::StrCat("died: ", found.death.type);
  if (found.failure.has_value()) {
    const State& got = found.failure->got_state;
    (*json)["actual"] = StateDocument(got, names);
    const std::string got_text = StateText(got, names);
    diff = got_text != expected_text ? LineDiff(expected_text, got_text)
                                     : LineDiff(before_text, got_text);
    (*json)["got"] = ObservationText(found.failure->got);
  }
  (*json)["want"] =
      has_step ? ObservationText(recording.steps[op_index].observation) : "";
  (*json)["iomem_diff"] = diff;
}

Json MinimizedDocument(const FoundTrace& found) {
  const Minimized& minimized = found.minimized;
  return {{"from_ops", found.from_ops},
          {"to_ops", minimized.trace.ops.size()},
          {"evaluations", minimized.evaluations},
          {"complete", minimized.complete},
          {"scope", minimized.scope}};
}

Json Others(const Minimized& minimized) {
  Json others = Json::array();
  for (const OtherFinding& other : minimized.others) {
    others.push_back(other.attempt.signature);
  }
  return others;
}

Json CrashDocument(const FoundTrace& found) {
  if (found.failure.has_value()) return nullptr;
  return {{"type", found.death.type},
          {"function", found.death.function},
          {"report", found.death.report}};
}

}  // namespace

Json StateDocument(const State& state, absl::Span<const std::string> names) {
  Json rows = Json::array();
  for (const Row& row : state.rows) {
    rows.push_back(
        {{"slot", SlotText(row.slot)},
         {"depth", row.depth},
         {"parent", row.parent == kNoSlot ? "" : SlotText(row.parent)},
         {"name", NameOf(names, row.name, row.slot)},
         {"start", Hex(row.range.start)},
         {"end", Hex(row.range.end)},
         {"flags", FlagsText(row.flags)},
         {"desc", row.desc == kDescNone ? "" : DescText(row.desc)}});
  }
  return {{"text", StateText(state, names)},
          {"iomem", IomemText(state, names, kIomem)},
          {"ioports", IomemText(state, names, kIoport)},
          {"rows", std::move(rows)}};
}

Json FindingDocument(const FoundTrace& found) {
  const Minimized& minimized = found.minimized;
  const size_t op_index = minimized.attempt.op_index;
  const std::string directory =
      absl::StrCat("findings/", FileNameOf(found.signature));
  Json json = {{"signature", found.signature}, {"directory", directory}};
  if (found.failure.has_value()) {
    DescribeFailure(minimized.trace, *found.failure, &json);
  } else {
    DescribeDeath(found, op_index, &json);
  }
  json["machine"] = found.machine;
  json["reference"] = found.reference;
  json["machines"] = Json::array();
  for (const auto& [name, fails] : found.machines) {
    json["machines"].push_back({{"name", name}, {"fails", fails}});
  }
  json["status"] = "new";
  json["known_as"] = "";
  json["reproduces"] = {{"failed", 0}, {"of", 0}};
  json["inputs"] = Json::array();
  json["trace"] =
      absl::StrCat("# ", found.signature, "\n#\n", PrintTrace(minimized.trace));
  json["op_index"] = op_index;
  json["minimized"] = MinimizedDocument(found);
  json["vary"] = minimized.explanation;
  json["others"] = Others(minimized);
  json["steps"] = Steps(found.recording);
  AddStates(found, op_index, &json);
  json["crash"] = CrashDocument(found);
  json["replay"] = "";
  json["exports"] = Json::object();
  return json;
}

std::string DocumentText(const Json& document) {
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace restree

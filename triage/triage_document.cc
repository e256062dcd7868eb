// SPDX-License-Identifier: Apache-2.0
#include "triage/triage_document.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/trace_text.h"
#include "triage/group.h"
#include "triage/json_read.h"

namespace restree {
namespace {

constexpr absl::string_view kVersion = "0.1.0";

// The most urgent first.
constexpr std::array<absl::string_view, 4> kStatuses = {"new", "flaky", "known",
                                                        "fixed"};

size_t UrgencyOf(absl::string_view status) {
  return std::find(kStatuses.begin(), kStatuses.end(), status) -
         kStatuses.begin();
}

Json Inputs(const Finding& finding) {
  std::map<std::string, Json> inputs;  // by name
  for (const Input* input : finding.inputs) {
    std::vector<std::string> names = input->also;
    names.push_back(input->name);
    for (const std::string& name : names) {
      inputs[name] = {{"name", name},
                      {"kind", input->kind},
                      {"ops", input->trace.ops.size()}};
    }
  }
  Json list = Json::array();
  for (auto& [name, json] : inputs) list.push_back(std::move(json));
  return list;
}

Json FindingJson(const Finding& finding) {
  Json json = finding.solved->document;
  json["status"] = finding.status;
  json["known_as"] = finding.known_as;
  json["reproduces"] = {{"failed", finding.failed}, {"of", finding.of}};
  json["inputs"] = Inputs(finding);
  return json;
}

// A finding leads its bug if it is shorter, and then if more inputs led to it.
std::tuple<size_t, size_t, size_t, std::string> RankOf(const Json& finding) {
  const Json& minimized = At(finding, "minimized");
  return {UrgencyOf(TextAt(finding, "status")), NumberAt(minimized, "to_ops"),
          SIZE_MAX - ListAt(finding, "inputs").size(),
          TextAt(finding, "signature")};
}

// A bug is as urgent as what is most urgent of it. But if one of its findings
// is known, so is the bug.
Json Bug(std::vector<Json> findings) {
  std::sort(findings.begin(), findings.end(),
            [](const Json& a, const Json& b) { return RankOf(a) < RankOf(b); });
  std::string status = TextAt(findings[0], "status");
  std::string known_as;
  size_t inputs = 0;
  for (const Json& finding : findings) {
    inputs += ListAt(finding, "inputs").size();
    if (TextAt(finding, "status") != "known" || !known_as.empty()) continue;
    status = "known";
    known_as = TextAt(finding, "known_as");
  }
  Json json = {{"id", TextAt(findings[0], "signature")},
               {"status", status},
               {"known_as", known_as},
               {"inputs", inputs}};
  json["findings"] = std::move(findings);
  return json;
}

Json FixedBug(const FixedFinding& fixed) {
  const std::string trace =
      absl::StrCat("# ", fixed.signature, "\n#\n", PrintTrace(fixed.trace));
  return {{"id", fixed.signature},
          {"status", "fixed"},
          {"known_as", ""},
          {"inputs", 0},
          {"findings", Json::array({{{"signature", fixed.signature},
                                     {"status", "fixed"},
                                     {"trace", trace}}})}};
}

Json Bugs(std::vector<Finding> findings,
          const std::vector<FixedFinding>& fixed) {
  std::sort(findings.begin(), findings.end(),
            [](const Finding& a, const Finding& b) {
              return std::tie(a.the_case.signature, a.the_case.effect) <
                     std::tie(b.the_case.signature, b.the_case.effect);
            });
  findings.erase(std::remove_if(findings.begin(), findings.end(),
                                [](const Finding& finding) {
                                  return !finding.solved.has_value();
                                }),
                 findings.end());
  std::vector<Clue> clues;
  clues.reserve(findings.size());
  for (const Finding& finding : findings) {
    clues.push_back(finding.solved->clue);
  }
  const std::vector<size_t> firsts = FirstOfSameBug(clues);
  std::map<size_t, std::vector<Json>> by_bug;
  std::map<std::string, int> times;  // that a signature was seen
  for (size_t i = 0; i < findings.size(); ++i) {
    const Finding& finding = findings[i];
    Json json = FindingJson(finding);
    const int number = ++times[finding.the_case.signature];
    if (number > 1) {
      json["directory"] = absl::StrCat(TextAt(json, "directory"), "-", number);
    }
    json["replay"] =
        absl::StrCat("restree run --machine=", TextAt(json, "machine"),
                     finding.the_case.divergence.empty() ? " " : " --strict ",
                     TextAt(json, "directory"), "/minimal.trace");
    by_bug[firsts[i]].push_back(std::move(json));
  }
  std::vector<Json> bugs;
  for (auto& [first, of_bug] : by_bug) bugs.push_back(Bug(std::move(of_bug)));
  for (const FixedFinding& it : fixed) {
    if (++times[it.signature] == 1) bugs.push_back(FixedBug(it));
  }
  std::sort(bugs.begin(), bugs.end(), [](const Json& a, const Json& b) {
    const auto key = [](const Json& bug) {
      return std::tuple(UrgencyOf(TextAt(bug, "status")),
                        SIZE_MAX - NumberAt(bug, "inputs"), TextAt(bug, "id"));
    };
    return key(a) < key(b);
  });
  return bugs;
}

void AddInputs(const Intake& intake,
               const std::vector<std::optional<InputOutcome>>& outcomes,
               const std::vector<Finding>& findings, Json* json) {
  std::map<const Input*, std::string> unsolved;  // what they fail with
  for (const Finding& finding : findings) {
    if (finding.solved.has_value()) continue;
    for (const Input* input : finding.inputs) {
      unsolved[input] = finding.the_case.signature;
    }
  }
  std::map<std::string, Json> clean;
  std::map<std::string, Json> skipped;
  size_t failing = 0;
  size_t total = intake.skipped.size();
  for (const Skipped& it : intake.skipped) {
    skipped[it.name] = {{"input", it.name}, {"why", it.why}};
  }
  for (size_t i = 0; i < intake.inputs.size(); ++i) {
    const Input& input = intake.inputs[i];
    std::vector<std::string> names = input.also;
    names.push_back(input.name);
    total += names.size();
    for (const std::string& name : names) {
      if (!outcomes[i].has_value()) {
        skipped[name] = {{"input", name},
                         {"why", "not played: the triage was ended before"}};
      } else if (outcomes[i]->failed == 0) {
        clean[name] = {{"input", name}, {"was", input.was}};
      } else if (const auto it = unsolved.find(&input); it != unsolved.end()) {
        skipped[name] = {
            {"input", name},
            {"why", absl::StrCat("fails with ", it->second,
                                 ", but the triage was ended before that was "
                                 "minimized")}};
      } else {
        ++failing;
      }
    }
  }
  (*json)["inputs"] = {{"total", total},
                       {"failing", failing},
                       {"clean", clean.size()},
                       {"skipped", skipped.size()}};
  (*json)["clean"] = Json::array();
  for (auto& [name, it] : clean) (*json)["clean"].push_back(std::move(it));
  (*json)["skipped"] = Json::array();
  for (auto& [name, it] : skipped) (*json)["skipped"].push_back(std::move(it));
}

}  // namespace

Json TriageDocument(const TriageOptions& options, const Intake& intake,
                    const std::vector<std::optional<InputOutcome>>& outcomes,
                    const std::vector<Finding>& findings,
                    const std::vector<FixedFinding>& fixed) {
  Json json = {{"schema", "restree-triage"},
               {"version", 1},
               {"restree", std::string(kVersion)},
               {"machines", options.machines},
               {"command", options.command}};
  AddInputs(intake, outcomes, findings, &json);
  json["bugs"] = Bugs(findings, fixed);
  return json;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
// Prints the triage document of the canaries' shortest traces: what tests hold
// against the schema, made by the code that makes the real ones.
#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>

#include "model/machine.h"
#include "model/oracle.h"
#include "model/trace_text.h"
#include "properties/canaries.h"
#include "properties/check.h"
#include "properties/minimize.h"
#include "triage/finding_document.h"
#include "triage/json_read.h"
#include "triage/recording.h"
#include "triage/report/example_document.h"

namespace restree {
namespace {

Json FindingOf(const Canary& canary) {
  Oracle oracle;
  const std::unique_ptr<Machine> machine = MakeCanary(canary.name);
  Lockstep lockstep({&oracle, machine.get()});
  FoundTrace found;
  found.minimized.trace = ParseTrace(canary.trace, canary.name)->trace;
  found.from_ops = canary.ops_min;
  found.failure = lockstep.Play(found.minimized.trace);
  found.minimized.attempt = AttemptOn(lockstep, found.minimized.trace);
  found.signature = found.minimized.attempt.signature;
  found.recording = Record(found.minimized.trace, oracle);
  found.machine = std::string(canary.name);
  found.reference = "oracle";
  found.machines = {{"oracle", false}, {found.machine, true}};
  Json finding = FindingDocument(found);
  finding["inputs"].push_back({{"name", found.machine + ".trace"},
                               {"kind", "trace"},
                               {"ops", canary.ops_min}});
  finding["reproduces"] = {{"failed", 3}, {"of", 3}};
  return finding;
}

void PrintDocument() {
  Json document = EmptyDocument();
  for (const Canary& canary : Canaries()) {
    const Json finding = FindingOf(canary);
    document["bugs"].push_back({{"id", finding["signature"]},
                                {"status", "new"},
                                {"known_as", ""},
                                {"inputs", 1},
                                {"findings", Json::array({finding})}});
  }
  const size_t bugs = document["bugs"].size();
  document["inputs"] = {
      {"total", bugs}, {"failing", bugs}, {"clean", 0}, {"skipped", 0}};
  const std::string text = DocumentText(document);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace
}  // namespace restree

int main() { restree::PrintDocument(); }

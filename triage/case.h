// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_CASE_H_
#define RESTREE_TRIAGE_CASE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/trace.h"
#include "triage/child.h"
#include "triage/export.h"
#include "triage/finding_document.h"
#include "triage/group.h"
#include "triage/json_read.h"
#include "triage/lineups.h"
#include "triage/play.h"
#include "triage/recording.h"
#include "triage/verify.h"

namespace restree {

// A Case is one signature on its way to a finding: the shortest trace that was
// seen to fail so.
struct Case {
  std::string signature;
  std::string effect;      // Effect()
  std::string machine;     // which fails
  std::string divergence;  // the known one, if it fails only when played strict
  Death death = {};        // kind "": nobody died, a check failed
  Trace trace;

  bool dies() const { return !death.kind.empty(); }
};

// Returns the case of an input that failed.
Case CaseOf(const InputOutcome& outcome, const Trace& trace);

struct SolveOptions {
  const Lineups* lineups = nullptr;
  std::string machines;             // of the line-up, as --machine takes them
  std::string sanitized_fuzzer;     // or ""
  double seconds_max = 10;          // for one trace
  std::function<void()> beat = {};  // called for each trace, if it is set
  TestBench bench = {};             // without runfiles: no test is verified
};

// What became of a case.
struct Solved {
  Json document;  // FindingDocument(), without inputs; its gtest unverified
  Clue clue;      // tells which findings are one bug
  std::vector<Case> others;  // met while it was minimized

  // As text of a document, and back. Others lose nothing that matters.
  Json ToJson() const;
  static Solved FromJson(const Json& json);
};

// Minimizes the trace of a case, finds the form that it shares with others of
// the same bug, and describes it. Runs machines that may crash in processes of
// their own, and the others here: call it in a child. Deterministic.
Solved Solve(const Case& the_case, const SolveOptions& options);

// Returns a test as a finding's document has it.
Json JsonOf(const Exported& exported);

// Returns what a test of the finding tells of it.
ExportInfo ExportInfoOf(const Case& the_case, const Json& document);

// Returns the machines that a finding's tests are tried on: the one that fails,
// and those that do not; or the sound variant of the model, if all fail.
TestMachines TestMachinesOf(const std::string& failing, const Json& document);

// Returns what a finding's tests expect of its trace: what the reference does,
// or the sound variant of the model.
Recording ExpectedOf(const Trace& trace, const Json& document,
                     const Lineups& lineups);

// Returns what can be told of a case whose child ended so, and not as it should
// have: the trace as it was.
Solved Undescribed(const Case& the_case, const ChildEnd& end);

}  // namespace restree

#endif  // RESTREE_TRIAGE_CASE_H_

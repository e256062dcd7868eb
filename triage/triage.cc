// SPDX-License-Identifier: Apache-2.0
#include "triage/triage.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "fuzz/findings.h"
#include "model/trace_binary.h"
#include "model/trace_text.h"
#include "triage/case.h"
#include "triage/child.h"
#include "triage/earlier.h"
#include "triage/file_list.h"
#include "triage/intake.h"
#include "triage/known.h"
#include "triage/lineups.h"
#include "triage/outcome_json.h"
#include "triage/play.h"
#include "triage/player_process.h"
#include "triage/recording.h"
#include "triage/report/out_directory.h"
#include "triage/triage_document.h"
#include "triage/verify.h"
#include "triage/work_cache.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

constexpr size_t kPlays = 3;

// Signatures that are met while others are minimized: there are often many of
// one bug, and no bound in theory.
constexpr size_t kOthersMax = 64;

// What takes longest between two traces is to compile a test.
constexpr double kSolveSeconds = 120;
constexpr uint64_t kSolveCpuSeconds = 3600;

std::string KeyOf(const Trace& trace) {
  const std::vector<uint8_t> bytes = EncodeTrace(trace);
  return std::string(bytes.begin(), bytes.end());
}

std::string KeyOf(const Case& the_case) {
  return absl::StrCat(the_case.signature, "\n", the_case.machine, "\n",
                      the_case.divergence, "\n", the_case.death.kind, "\n",
                      KeyOf(the_case.trace));
}

// Whether there is less to read in `a`.
bool IsShorter(const Trace& a, const Trace& b) {
  if (a.ops.size() != b.ops.size()) return a.ops.size() < b.ops.size();
  return KeyOf(a) < KeyOf(b);
}

class Run {
 public:
  explicit Run(const TriageOptions& options)
      : options_(options),
        lineups_(options.judges, options.under_test),
        bench_(options.runfiles.empty() ? TestBench()
                                        : FindTestBench(options.runfiles)),
        work_(options.out + "/work",
              absl::StrCat(options.machines, options.strict ? " strict" : "",
                           " ", options.timeout_seconds, "\n",
                           bench_.c_compiler, "\n", bench_.cxx_compiler)) {}

  absl::StatusOr<TriageResult> Go(Intake intake);

 private:
  // Plays what is not played yet; one outcome an input, nothing of those that
  // nobody came to.
  std::vector<std::optional<InputOutcome>> Play(absl::Span<const Input> inputs);

  void AddOutcomes();
  void SolveAll(size_t first);  // of findings_, from that on
  void AddOthers();
  void AddEarlier();
  void AddTraces(const std::vector<Input>& traces);
  void VerifyGtests();
  void SetStatus();
  void Progress(absl::string_view what, size_t done, size_t total) const {
    if (options_.progress) options_.progress(what, done, total);
  }
  bool MustStop() {
    interrupted_ |= options_.must_stop && options_.must_stop();
    return interrupted_;
  }
  bool Has(const std::string& signature) const {
    return std::any_of(findings_.begin(), findings_.end(),
                       [&](const Finding& finding) {
                         return finding.the_case.signature == signature;
                       });
  }
  Finding& FindingOf(const std::string& signature, const std::string& effect);

  const TriageOptions& options_;
  const Lineups lineups_;
  const TestBench bench_;
  const WorkCache work_;
  Intake intake_;
  std::vector<std::optional<InputOutcome>> outcomes_;
  std::vector<Finding> findings_;
  std::vector<FixedFinding> fixed_;
  bool interrupted_ = false;
  absl::Status status_;
};

std::vector<std::optional<InputOutcome>> Run::Play(
    absl::Span<const Input> inputs) {
  std::vector<std::optional<InputOutcome>> outcomes(inputs.size());
  std::vector<Input> rest;
  std::vector<size_t> at;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const std::optional<Json> json =
        work_.Get("play", inputs[i].kind + inputs[i].bytes);
    if (json.has_value()) {
      outcomes[i] = OutcomeOf(*json);
    } else {
      rest.push_back(inputs[i]);
      at.push_back(i);
    }
  }
  const PlayInputsOptions how = {
      .lineups = &lineups_,
      .plays = kPlays,
      .jobs = options_.jobs,
      .limits = {.seconds = static_cast<double>(options_.timeout_seconds)},
      .strict = options_.strict,
      .sanitized_fuzzer = options_.sanitized_fuzzer,
      .machines = options_.machines};
  size_t done = inputs.size() - rest.size();
  PlayInputs(
      rest, how,
      [&](size_t number, const InputOutcome& outcome) {
        outcomes[at[number]] = outcome;
        status_.Update(work_.Put("play", rest[number].kind + rest[number].bytes,
                                 JsonOf(outcome)));
        Progress("played", ++done, inputs.size());
      },
      [&] { return MustStop() || !status_.ok(); });
  return outcomes;
}

// Two bugs may share a signature, and then differ in their effect.
Finding& Run::FindingOf(const std::string& signature,
                        const std::string& effect) {
  for (Finding& finding : findings_) {
    const Case& it = finding.the_case;
    if (it.signature == signature && it.effect == effect) return finding;
  }
  findings_.emplace_back();
  findings_.back().the_case.signature = signature;
  findings_.back().the_case.effect = effect;
  return findings_.back();
}

// Makes a case of each signature: the shortest trace that fails so.
void Run::AddOutcomes() {
  for (size_t i = 0; i < outcomes_.size(); ++i) {
    const Input& input = intake_.inputs[i];
    if (!outcomes_[i].has_value()) continue;
    const InputOutcome& outcome = *outcomes_[i];
    if (outcome.failed == 0) {
      if (!input.was.empty()) fixed_.push_back({input.was, input.trace});
      continue;
    }
    Finding& finding = FindingOf(outcome.signature, outcome.effect);
    Case& the_case = finding.the_case;
    if (finding.inputs.empty() || IsShorter(input.trace, the_case.trace)) {
      the_case = CaseOf(outcome, input.trace);
    }
    finding.inputs.push_back(&input);
    finding.failed += outcome.failed;
    finding.of += outcome.of;
  }
}

void Run::SolveAll(size_t first) {
  std::vector<Finding*> rest;
  for (size_t i = first; i < findings_.size(); ++i) {
    const auto json = work_.Get("solve", KeyOf(findings_[i].the_case));
    if (json.has_value()) {
      findings_[i].solved = Solved::FromJson(*json);
    } else {
      rest.push_back(&findings_[i]);
    }
  }
  const SolveOptions how = {
      .lineups = &lineups_,
      .machines = options_.machines,
      .sanitized_fuzzer = options_.sanitized_fuzzer,
      .seconds_max = static_cast<double>(options_.timeout_seconds),
      .bench = bench_};
  size_t done = findings_.size() - first - rest.size();
  const auto solve = [&](size_t number, BlackBox& box) {
    SolveOptions with_beat = how;
    with_beat.beat = [&box] { box.Beat(); };
    return Solve(rest[number]->the_case, with_beat)
        .ToJson()
        .dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  const auto on_end = [&](size_t number, const ChildEnd& end, const BlackBox&) {
    Finding& finding = *rest[number];
    Json json = Json::parse(end.result, nullptr, /*allow_exceptions=*/false);
    if (end.kind != ChildEnd::Kind::kDone || json.is_discarded()) {
      finding.solved = Undescribed(finding.the_case, end);
      return;
    }
    finding.solved = Solved::FromJson(json);
    status_.Update(work_.Put("solve", KeyOf(finding.the_case), json));
    Progress("minimized", ++done, findings_.size() - first);
  };
  RunChildren(
      {.count = rest.size(),
       .jobs = options_.jobs,
       // Players limit themselves, and fuzzers cannot start with a limit.
       .limits = {.seconds = kSolveSeconds +
                             static_cast<double>(options_.timeout_seconds),
                  .cpu_seconds = kSolveCpuSeconds,
                  .memory_bytes = 0},
       .body = solve,
       .on_end = on_end,
       .must_stop = [&] { return MustStop() || !status_.ok(); }});
}

// What failed differently while a finding was minimized is a finding, too.
void Run::AddOthers() {
  std::map<std::string, Case> others;
  for (const Finding& finding : findings_) {
    if (!finding.solved.has_value()) continue;
    for (const Case& other : finding.solved->others) {
      const auto [it, is_new] = others.emplace(other.signature, other);
      if (!is_new && IsShorter(other.trace, it->second.trace)) {
        it->second = other;
      }
    }
  }
  const size_t first = findings_.size();
  std::vector<Input> deaths;
  for (const auto& [signature, other] : others) {
    if (Has(signature)) continue;
    if (findings_.size() + deaths.size() - first >= kOthersMax) break;
    if (IsDeath(signature)) {
      deaths.push_back(InputOf(other.trace, "crash", ""));
    } else {
      FindingOf(signature, other.effect).the_case = other;
    }
  }
  AddTraces(deaths);
  SolveAll(first);
}

// Plays traces that are no inputs. What fails is a finding, if it is not there
// yet; what was one and does not fail any more is fixed.
void Run::AddTraces(const std::vector<Input>& traces) {
  const auto outcomes = Play(traces);
  for (size_t i = 0; i < traces.size(); ++i) {
    if (!outcomes[i].has_value()) continue;
    if (outcomes[i]->failed == 0) {
      if (!traces[i].was.empty()) {
        fixed_.push_back({traces[i].was, traces[i].trace});
      }
      continue;
    }
    Finding& finding = FindingOf(outcomes[i]->signature, outcomes[i]->effect);
    if (!finding.the_case.trace.ops.empty()) continue;
    finding.the_case = CaseOf(*outcomes[i], traces[i].trace);
    finding.failed = outcomes[i]->failed;
    finding.of = outcomes[i]->of;
  }
}

// What an earlier triage has left is played again, if it was not met anyway.
void Run::AddEarlier() {
  std::vector<Input> earlier;
  for (const EarlierFinding& it : EarlierFindings(options_.out, lineups_)) {
    if (Has(it.signature)) continue;
    earlier.push_back(
        InputOf(it.trace, it.dies ? "crash" : "trace", it.signature));
  }
  const size_t first = findings_.size();
  AddTraces(earlier);
  SolveAll(first);
}

// Compiling one C++ test takes as long as compiling all.
void Run::VerifyGtests() {
  std::vector<Finding*> rest;
  std::vector<Recording> recordings;
  for (Finding& finding : findings_) {
    if (bench_.runfiles.empty() || !finding.solved.has_value()) continue;
    const auto json = work_.Get("gtest", KeyOf(finding.the_case));
    if (json.has_value()) {
      finding.solved->document["exports"]["gtest"] = *json;
      continue;
    }
    const auto trace =
        ParseTrace(TextAt(finding.solved->document, "trace"), "trace");
    if (!trace.ok()) continue;
    rest.push_back(&finding);
    recordings.push_back(
        ExpectedOf(trace->trace, finding.solved->document, lineups_));
  }
  if (rest.empty() || MustStop()) return;
  Progress("verified tests", 0, rest.size());
  std::vector<GtestJob> jobs(rest.size());
  for (size_t i = 0; i < rest.size(); ++i) {
    const Case& the_case = rest[i]->the_case;
    const Json& document = rest[i]->solved->document;
    jobs[i].sound = &recordings[i];
    jobs[i].info = ExportInfoOf(the_case, document);
    for (size_t j = 0; j < i; ++j) {
      const bool is_taken = rest[j]->the_case.signature == the_case.signature;
      if (is_taken) jobs[i].info.name += "_2";
    }
    jobs[i].machines = TestMachinesOf(the_case.machine, document);
  }
  const std::vector<Exported> tests = restree::VerifiedGtests(jobs, bench_);
  for (size_t i = 0; i < rest.size(); ++i) {
    const Json json = JsonOf(tests[i]);
    rest[i]->solved->document["exports"]["gtest"] = json;
    status_.Update(work_.Put("gtest", KeyOf(rest[i]->the_case), json));
  }
  Progress("verified tests", rest.size(), rest.size());
}

void Run::SetStatus() {
  const auto known = KnownSignatures(options_.known, lineups_);
  for (Finding& finding : findings_) {
    const auto it = known.find(finding.the_case.signature);
    finding.status = "new";
    if (!finding.the_case.divergence.empty() && !options_.strict) {
      finding.status = "known";
      finding.known_as = finding.the_case.divergence;
    } else if (it != known.end()) {
      finding.status = "known";
      finding.known_as = it->second;
    } else if (finding.failed < finding.of) {
      finding.status = "flaky";
    }
  }
}

absl::StatusOr<TriageResult> Run::Go(Intake intake) {
  intake_ = std::move(intake);
  outcomes_ = Play(intake_.inputs);
  AddOutcomes();
  if (status_.ok()) SolveAll(0);
  if (status_.ok() && !interrupted_) AddOthers();
  if (status_.ok() && !interrupted_) AddEarlier();
  if (status_.ok() && !interrupted_) VerifyGtests();
  if (!status_.ok()) return status_;
  SetStatus();
  TriageResult result;
  result.interrupted = interrupted_;
  result.document =
      TriageDocument(options_, intake_, outcomes_, findings_, fixed_);
  const absl::Status status = WriteReports(result.document, options_.out);
  if (!status.ok()) return status;
  return result;
}

}  // namespace

absl::StatusOr<TriageResult> Triage(const TriageOptions& options) {
  if (IsInside(options.out, options.directory)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--out=", options.out, " lies in ", options.directory,
                     ", of which nothing is to be changed"));
  }
  absl::StatusOr<Intake> intake = ReadInputs(options.directory);
  if (!intake.ok()) return intake.status();
  std::error_code error;
  fs::create_directories(fs::path(options.out) / "work", error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot write to ", options.out, ": ", error.message()));
  }
  RemovePieces(options.out);
  return Run(options).Go(*std::move(intake));
}

}  // namespace restree

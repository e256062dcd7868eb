// SPDX-License-Identifier: Apache-2.0
#include "triage/play.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/trace.h"
#include "properties/check.h"
#include "properties/effect.h"
#include "properties/signature.h"
#include "triage/black_box.h"
#include "triage/child.h"
#include "triage/crash.h"
#include "triage/finding_document.h"
#include "triage/intake.h"
#include "triage/json_read.h"
#include "triage/lineups.h"
#include "triage/player_process.h"
#include "triage/watched.h"

namespace restree {
namespace {

// So many inputs are played before the first of them is told of: what is told
// of is not lost when somebody stops this.
constexpr size_t kBatch = 64;

// It takes so long to see a hang that two are enough.
constexpr size_t kHangs = 2;

// What one play came to.
struct Play {
  std::string signature;
  std::string effect;
  std::string machine;
  size_t op_index = 0;
  std::string divergence;
  Death death = {};
};

void Describe(const Failure& failure, Json* json) {
  (*json)["signature"] = Signature(failure);
  (*json)["effect"] = Effect(failure);
  (*json)["machine"] = failure.machine;
  (*json)["op_index"] = failure.op_index;
}

// In the child. What fails only when played strict has a known divergence.
std::string PlayIn(const Trace& trace, const PlayInputsOptions& options,
                   BlackBox& box) {
  const Lineups::Machines machines = options.lineups->All();
  // Kernels reserve much that they never use.
  LimitMemory(options.limits.memory_bytes);
  Json json = Json::object();
  if (const auto failure = PlayWatched(trace, machines, options.strict, box)) {
    Describe(*failure, &json);
  } else if (!options.strict) {
    const auto strict = PlayWatched(trace, machines, /*strict=*/true, box);
    if (strict.has_value()) {
      Describe(*strict, &json);
      json["divergence"] = strict->what;
    }
  }
  return json.dump();
}

absl::string_view DeathKind(ChildEnd::Kind kind) {
  switch (kind) {
    case ChildEnd::Kind::kHang:
      return "timeout";
    case ChildEnd::Kind::kMemory:
      return "oom";
    case ChildEnd::Kind::kDone:
    case ChildEnd::Kind::kCrash:
      break;
  }
  return "crash";
}

// In the parent, of a child that did not come to an end.
Play PlayOfDead(const ChildEnd& end, const BlackBox& box,
                const Lineups& lineups) {
  Play play;
  play.death.kind = std::string(DeathKind(end.kind));
  play.death.function = std::string(FunctionOf(box.verb()));
  const bool is_crash = end.kind == ChildEnd::Kind::kCrash;
  const std::string how = is_crash ? SignalText(end.signal) : play.death.kind;
  play.death.type =
      is_crash && end.signal != 0 ? absl::StrCat("SIG", how) : how;
  play.signature = absl::StrCat(how, ".", play.death.function);
  play.effect = play.signature;
  play.op_index = box.op_index();
  const std::vector<std::string> names = lineups.Names();
  play.machine = names[std::min(box.machine(), names.size() - 1)];
  return play;
}

Play PlayOf(const ChildEnd& end, const BlackBox& box, const Lineups& lineups) {
  if (end.kind != ChildEnd::Kind::kDone) return PlayOfDead(end, box, lineups);
  const Json json = Json::parse(end.result);
  Play play;
  if (json.empty()) return play;
  play.signature = json["signature"];
  play.effect = json["effect"];
  play.machine = json["machine"];
  play.op_index = json["op_index"];
  play.divergence = json.value("divergence", "");
  return play;
}

// Returns the outcome of the plays of one input: what most of them came to that
// failed, and of several the first in order, whichever child was quicker.
InputOutcome OutcomeOf(std::vector<Play> plays) {
  std::sort(plays.begin(), plays.end(), [](const Play& a, const Play& b) {
    return std::tie(a.signature, a.op_index, a.machine) <
           std::tie(b.signature, b.op_index, b.machine);
  });
  std::map<std::string, size_t> counts;
  for (const Play& play : plays) ++counts[play.signature];
  InputOutcome outcome;
  outcome.of = plays.size();
  for (const Play& play : plays) {
    const size_t count = counts[play.signature];
    if (play.signature.empty() || count <= outcome.failed) continue;
    outcome = {play.signature, play.effect,  play.machine,    play.op_index,
               count,          plays.size(), play.divergence, play.death};
  }
  return outcome;
}

bool IsSaidToDie(const Input& input) {
  return input.kind == "crash" || input.kind == "leak" ||
         input.kind == "timeout" || input.kind == "oom";
}

// Plays a batch of inputs.
class Batch {
 public:
  Batch(absl::Span<const Input> inputs, const PlayInputsOptions& options,
        absl::FunctionRef<bool()> must_stop)
      : inputs_(inputs),
        options_(options),
        must_stop_(must_stop),
        plays_(inputs.size()) {}

  // Returns the outcomes; none if it had to stop.
  std::vector<InputOutcome> Run();

 private:
  // Plays the inputs with these numbers once more each.
  void PlayAll(const std::vector<size_t>& numbers);
  std::vector<size_t> ToRepeat() const;
  void AskSanitizers(std::vector<InputOutcome>* outcomes) const;

  absl::Span<const Input> inputs_;
  const PlayInputsOptions& options_;
  absl::FunctionRef<bool()> must_stop_;
  std::vector<std::vector<Play>> plays_;
};

void Batch::PlayAll(const std::vector<size_t>& numbers) {
  ChildLimits limits = options_.limits;
  limits.memory_bytes = 0;  // as yet
  RunChildren({.count = numbers.size(),
               .jobs = options_.jobs,
               .limits = limits,
               .body =
                   [&](size_t i, BlackBox& box) {
                     return PlayIn(inputs_[numbers[i]].trace, options_, box);
                   },
               .on_end =
                   [&](size_t i, ChildEnd end, const BlackBox& box) {
                     plays_[numbers[i]].push_back(
                         PlayOf(end, box, *options_.lineups));
                   },
               .must_stop = must_stop_});
}

// Who fails may do so by chance, and who is said to and does not, may not.
std::vector<size_t> Batch::ToRepeat() const {
  std::vector<size_t> numbers;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const Play& play = plays_[i][0];
    const bool is_clean = play.signature.empty() || !play.divergence.empty();
    if (is_clean && !IsSaidToDie(inputs_[i])) continue;
    const size_t plays = play.death.kind == "timeout" ? kHangs : options_.plays;
    if (plays > 1) numbers.insert(numbers.end(), plays - 1, i);
  }
  return numbers;
}

void Batch::AskSanitizers(std::vector<InputOutcome>* outcomes) const {
  if (options_.sanitized_fuzzer.empty()) return;
  std::vector<size_t> numbers;
  std::vector<std::string> bytes;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const InputOutcome& outcome = (*outcomes)[i];
    const bool is_clean = outcome.failed == 0 || !outcome.divergence.empty();
    if (outcome.death.kind.empty() && !(is_clean && IsSaidToDie(inputs_[i]))) {
      continue;
    }
    numbers.push_back(i);
    bytes.push_back(inputs_[i].bytes);
  }
  if (numbers.empty()) return;
  const SanitizedFuzzer fuzzer = {options_.sanitized_fuzzer, options_.machines,
                                  options_.limits.seconds, options_.jobs};
  for (const SanitizedCrash& it : CrashesOf(fuzzer, bytes, must_stop_)) {
    // It has other machines, so that a check may fail there and not here.
    if (!it.crash.signature.empty()) continue;
    InputOutcome& outcome = (*outcomes)[numbers[it.number]];
    outcome.signature = it.crash.Name();
    outcome.effect = outcome.signature;
    outcome.divergence.clear();
    outcome.death = DeathOf(it.crash);
    if (outcome.failed == 0) outcome.failed = outcome.of;
    if (outcome.machine.empty()) {
      outcome.machine = options_.lineups->Names().back();
    }
  }
}

std::vector<InputOutcome> Batch::Run() {
  std::vector<size_t> all(inputs_.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  PlayAll(all);
  if (must_stop_()) return {};
  PlayAll(ToRepeat());
  if (must_stop_()) return {};
  std::vector<InputOutcome> outcomes;
  for (const std::vector<Play>& plays : plays_) {
    outcomes.push_back(OutcomeOf(plays));
  }
  AskSanitizers(&outcomes);
  if (must_stop_()) return {};
  return outcomes;
}

}  // namespace

void PlayInputs(absl::Span<const Input> inputs,
                const PlayInputsOptions& options,
                absl::FunctionRef<void(size_t, const InputOutcome&)> on_outcome,
                absl::FunctionRef<bool()> must_stop) {
  for (size_t first = 0; first < inputs.size(); first += kBatch) {
    Batch batch(inputs.subspan(first, kBatch), options, must_stop);
    const std::vector<InputOutcome> outcomes = batch.Run();
    if (outcomes.empty()) return;
    for (size_t i = 0; i < outcomes.size(); ++i) {
      on_outcome(first + i, outcomes[i]);
    }
  }
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/measure/measure.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/campaign.h"
#include "properties/check.h"
#include "properties/choices.h"
#include "properties/generate.h"
#include "properties/minimize.h"
#include "properties/taste.h"

namespace restree {
namespace {

constexpr uint64_t kOpsMax = 100'000;  // of a random campaign
constexpr size_t kLength = 100;
constexpr int kTriesMax = 400;  // to hide a specimen

// Returns the specimen with up to `noise` random ops before each of its ops.
Trace Hidden(const Trace& trace, uint64_t noise, Choices& choices) {
  Model model;
  State state;
  Trace hidden;
  hidden.names.assign(NamesOfAnyOp().begin(), NamesOfAnyOp().end());
  const size_t names = hidden.names.size();
  hidden.names.insert(hidden.names.end(), trace.names.begin(),
                      trace.names.end());
  const Taste taste = AnyTaste(choices);
  for (Op op : trace.ops) {
    for (uint64_t i = choices.Below(noise + 1); i > 0; --i) {
      model.Snapshot(&state);
      const Op other = AnyOp(choices, state, taste);
      // What a specimen defines stays its own.
      if (std::any_of(trace.ops.begin(), trace.ops.end(),
                      [&](const Op& own) { return own.slot == other.slot; })) {
        continue;
      }
      hidden.ops.push_back(other);
      model.Apply(other);
    }
    if (op.name != 0) op.name += static_cast<NameId>(names);
    hidden.ops.push_back(op);
    model.Apply(op);
  }
  return hidden;
}

// A lockstep of a specimen's machines, which starts from reset ones.
class Bench {
 public:
  explicit Bench(const Specimen& specimen)
      : specimen_(specimen), lockstep_(specimen.machines) {
    lockstep_.set_strict(specimen.is_strict);
    signature_ = Play(specimen.trace).signature;
  }

  Attempt Play(const Trace& trace) { return AttemptOn(lockstep_, trace); }

  // Returns the failing trace number `seed`.
  std::optional<Trace> Failing(uint64_t seed) {
    if (!specimen_.is_strict && is_common_) {
      Campaign campaign =
          RunCampaign(seed, kOpsMax, kLength, specimen_.machines);
      lockstep_.Reset();
      if (campaign.failure.has_value()) return std::move(campaign.trace);
      is_common_ = false;
    }
    RandomChoices choices(seed);
    for (int i = 0; i < kTriesMax; ++i) {
      const uint64_t noise = 10 - i * 10 / kTriesMax;
      Trace hidden = Hidden(specimen_.trace, noise, choices);
      if (Play(hidden).signature == signature_) return hidden;
    }
    return std::nullopt;
  }

 private:
  const Specimen& specimen_;
  Lockstep lockstep_;
  std::string signature_;
  bool is_common_ = true;
};

template <typename T>
T Median(std::vector<T> values) {
  if (values.empty()) return T();
  const auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Samples SamplesOf(const Specimen& specimen, uint64_t count,
                  uint64_t evaluations_max) {
  Samples samples;
  Bench bench(specimen);
  for (uint64_t seed = 1; seed <= count; ++seed) {
    const std::optional<Trace> trace = bench.Failing(seed);
    if (!trace.has_value()) continue;
    const std::string signature = bench.Play(*trace).signature;
    Sample sample;
    const absl::Time start = absl::Now();
    sample.minimized =
        Minimize(*trace, [&](const Trace& it) { return bench.Play(it); },
                 {.evaluations_max = evaluations_max});
    sample.milliseconds = absl::ToDoubleMilliseconds(absl::Now() - start);
    const Trace& minimal = sample.minimized.trace;
    sample.slipped = bench.Play(minimal).signature != signature;
    sample.text = PrintTrace(minimal);
    samples[signature].push_back(std::move(sample));
  }
  return samples;
}

std::string CanonicalText(const std::vector<Sample>& samples) {
  std::map<std::string, size_t> counts;
  for (const Sample& sample : samples) ++counts[sample.text];
  const auto most = std::max_element(
      counts.begin(), counts.end(),
      [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? "" : most->first;
}

Figures FiguresOf(const Samples& samples) {
  Figures all;
  std::vector<uint64_t> evaluations;
  std::vector<double> milliseconds;
  all.ops_least = SIZE_MAX;
  for (const auto& [signature, of_signature] : samples) {
    const std::string canonical = CanonicalText(of_signature);
    size_t least = SIZE_MAX;
    size_t most = 0;
    for (const Sample& sample : of_signature) {
      ++all.samples;
      all.canonical += sample.text == canonical ? 1 : 0;
      all.slips += sample.slipped ? 1 : 0;
      const size_t ops = sample.minimized.trace.ops.size();
      least = std::min(least, ops);
      most = std::max(most, ops);
      evaluations.push_back(sample.minimized.evaluations);
      milliseconds.push_back(sample.milliseconds);
    }
    all.ops_least = std::min(all.ops_least, least);
    all.ops_most = std::max(all.ops_most, most);
    all.excess = std::max(all.excess, most - least);
  }
  if (all.samples == 0) return Figures();
  all.evaluations = Median(evaluations);
  all.evaluations_most =
      *std::max_element(evaluations.begin(), evaluations.end());
  all.milliseconds = Median(milliseconds);
  all.milliseconds_most =
      *std::max_element(milliseconds.begin(), milliseconds.end());
  return all;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/measure/clusters.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/campaign.h"
#include "properties/canaries.h"
#include "properties/check.h"
#include "properties/minimize.h"
#include "triage/group.h"

namespace restree {
namespace {

constexpr uint64_t kOpsMax = 100'000;  // of the search for one crash
constexpr size_t kLength = 100;

// Hands each op to the canary that has its verb.
class CanaryMachine final : public Model {
 public:
  CanaryMachine() {
    std::set<absl::string_view> taken;
    for (const Canary& canary : Canaries()) {
      const auto document = ParseTrace(canary.trace, "canary");
      if (!document.ok()) continue;
      const absl::string_view verb =
          InfoOf(document->trace.ops.back().verb).name;
      if (!taken.insert(verb).second) continue;
      for (int i = 0; i < kVerbs; ++i) {
        if (InfoOf(static_cast<Verb>(i)).name == verb) {
          owners_[i] = canaries_.size();
        }
      }
      canaries_.push_back(&canary);
    }
  }

  absl::string_view name() const override { return "canaries"; }

  Observation Apply(const Op& op) override {
    const std::optional<size_t> owner = owners_[static_cast<size_t>(op.verb)];
    const bool is_there = owner.has_value() && (!only_ || only_ == owner);
    return is_there ? canaries_[*owner]->apply(*this, op) : Model::Apply(op);
  }

  const std::vector<const Canary*>& canaries() const { return canaries_; }
  void Leave(std::optional<size_t> bug) { only_ = bug; }

 private:
  std::vector<const Canary*> canaries_;
  std::array<std::optional<size_t>, kVerbs> owners_;
  std::optional<size_t> only_;
};

class OfCanaries final : public Culprits {
 public:
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const Canary* canary : machine_.canaries()) {
      names.emplace_back(canary->name);
    }
    return names;
  }
  Machine& machine() override { return machine_; }
  void Leave(std::optional<size_t> bug) override { machine_.Leave(bug); }

 private:
  CanaryMachine machine_;
};

class OfKernel final : public Culprits {
 public:
  OfKernel(std::unique_ptr<Machine> kernel, size_t bugs)
      : kernel_(std::move(kernel)), bugs_(bugs) {}

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (size_t i = 0; i < bugs_; ++i) {
      names.push_back(absl::StrFormat("%02d", i + 1));
    }
    return names;
  }
  Machine& machine() override { return *kernel_; }
  void Leave(std::optional<size_t> bug) override {
    const std::string number = absl::StrFormat("%02d", bug ? *bug + 1 : 0);
    setenv("PLANTED", number.c_str(), 1);
  }

 private:
  std::unique_ptr<Machine> kernel_;
  size_t bugs_;
};

// A lockstep with the model.
class Pair {
 public:
  explicit Pair(Culprits& culprits)
      : machines_{&model_, &culprits.machine()}, lockstep_(machines_) {}

  Attempt Play(const Trace& trace) {
    lockstep_.Reset();
    return AttemptOn(lockstep_, trace);
  }

  Minimized Minimal(const Trace& trace, MinimizeOptions::Keep keep) {
    return Minimize(trace, [this](const Trace& it) { return Play(it); },
                    {.keep = keep});
  }

  std::optional<Trace> Failing(uint64_t seed) {
    Campaign campaign = RunCampaign(seed, kOpsMax, kLength, machines_);
    if (!campaign.failure) return std::nullopt;
    return std::move(campaign.trace);
  }

 private:
  Model model_;
  std::array<Machine*, 2> machines_;
  Lockstep lockstep_;
};

}  // namespace

std::unique_ptr<Culprits> CanaryCulprits() {
  return std::make_unique<OfCanaries>();
}

std::unique_ptr<Culprits> PlantedCulprits(std::unique_ptr<Machine> kernel,
                                          size_t bugs) {
  return std::make_unique<OfKernel>(std::move(kernel), bugs);
}

std::vector<Crashed> MakeCrashes(Culprits& culprits, size_t count) {
  Pair pair(culprits);
  std::vector<Crashed> crashes;
  const size_t bugs = culprits.names().size();
  for (uint64_t seed = 0; crashes.size() < count && seed < 4 * count; ++seed) {
    const size_t bug = seed % bugs;
    culprits.Leave(bug);
    std::optional<Trace> trace = pair.Failing(seed);
    if (!trace) continue;
    const Attempt alone = pair.Play(*trace);
    culprits.Leave(std::nullopt);
    const Attempt with_all = pair.Play(*trace);
    if (with_all.signature != alone.signature ||
        with_all.op_index != alone.op_index) {
      continue;
    }
    crashes.push_back({*std::move(trace), alone.signature, bug});
  }
  std::shuffle(crashes.begin(), crashes.end(), std::mt19937_64(1));
  return crashes;
}

size_t Clusters::With(size_t bug) const {
  return std::count_if(groups.begin(), groups.end(), [bug](const auto& group) {
    return group.second.count(bug) != 0;
  });
}

size_t Clusters::Merged() const {
  return std::count_if(groups.begin(), groups.end(), [](const auto& group) {
    return group.second.size() > 1;
  });
}

Clusters Group(const std::vector<Crashed>& crashes, Culprits& culprits) {
  Pair pair(culprits);
  culprits.Leave(std::nullopt);
  Clusters clusters;
  const absl::Time start = absl::Now();
  std::map<std::string, std::vector<const Crashed*>> by_signature;
  for (const Crashed& crash : crashes) {
    const Attempt attempt = pair.Play(crash.trace);
    by_signature[absl::StrCat(attempt.signature, " ", attempt.effect)]
        .push_back(&crash);
  }
  std::vector<Clue> clues;
  for (const auto& [signature, alike] : by_signature) {
    const Crashed* const shortest = *std::min_element(
        alike.begin(), alike.end(), [](const Crashed* a, const Crashed* b) {
          return a->trace.ops.size() < b->trace.ops.size();
        });
    const Minimized minimal =
        pair.Minimal(shortest->trace, MinimizeOptions::Keep::kSignature);
    const Minimized form =
        pair.Minimal(minimal.trace, MinimizeOptions::Keep::kBug);
    clusters.evaluations += minimal.evaluations + form.evaluations;
    clues.push_back({std::string(InfoOf(minimal.trace.ops.back().verb).name),
                     form.attempt.effect, PrintTrace(form.trace)});
  }
  const std::vector<size_t> firsts = FirstOfSameBug(clues);
  size_t i = 0;
  for (const auto& [signature, alike] : by_signature) {
    const Clue& first = clues[firsts[i++]];
    const std::string key = absl::StrCat(first.form, "# ", first.effect, "\n");
    for (const Crashed* crash : alike) ++clusters.groups[key][crash->bug];
  }
  clusters.seconds = absl::ToDoubleSeconds(absl::Now() - start);
  return clusters;
}

}  // namespace restree

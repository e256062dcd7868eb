// SPDX-License-Identifier: Apache-2.0

// A kernel's state is in its variables, and Reset() must put back every one of
// them: what a trace does may not depend on which trace was played before.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "kernel/kernels.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/divergence.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

struct Seed {
  std::string name;
  std::vector<Op> ops;
};

std::vector<Seed> Seeds() {
  std::vector<Seed> seeds;
  for (const auto& entry : fs::directory_iterator("corpus/seeds")) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto document = ParseTrace(text, entry.path().string());
    EXPECT_TRUE(document.ok()) << document.status();
    if (!document.ok()) continue;
    seeds.push_back({entry.path().stem(), document->trace.ops});
  }
  std::sort(seeds.begin(), seeds.end(),
            [](const Seed& a, const Seed& b) { return a.name < b.name; });
  return seeds;
}

// Returns what of a trace can be played on a real machine without a checker
// between: no misuse, and nothing from the first op on that it would sit out.
std::vector<Op> Playable(const std::vector<Op>& ops, const Machine& machine) {
  Model model;
  State before;
  State after;
  std::vector<Op> playable;
  for (const Op& op : ops) {
    model.Snapshot(&before);
    const Observation seen = model.Apply(op);
    if (seen.outcome == Outcome::kMisuse) continue;
    model.Snapshot(&after);
    if (!machine.Plays(op.verb) ||
        DivergenceBefore(machine.name(), {before, op, seen, after})) {
      break;
    }
    playable.push_back(op);
  }
  return playable;
}

struct Played {
  std::vector<Observation> seen;
  State state;

  friend bool operator==(const Played&, const Played&) = default;
};

Played Play(const std::vector<Op>& ops, Machine& machine) {
  machine.Reset();
  Played played;
  for (const Op& op : ops) played.seen.push_back(machine.Apply(op));
  machine.Snapshot(&played.state);
  return played;
}

TEST(ResetTest, NoTraceDependsOnTheOneBefore) {
  for (const KernelInfo& info : Kernels()) {
    if (info.make == nullptr) continue;
    const std::unique_ptr<Machine> machine = info.make(AltmapVariant::kNone);
    std::vector<Seed> seeds = Seeds();
    ASSERT_GT(seeds.size(), 10u);
    std::vector<Played> alone;
    for (Seed& seed : seeds) {
      seed.ops = Playable(seed.ops, *machine);
      alone.push_back(Play(seed.ops, *machine));
    }
    for (size_t first = 0; first < seeds.size(); ++first) {
      for (size_t second = 0; second < seeds.size(); ++second) {
        Play(seeds[first].ops, *machine);
        ASSERT_EQ(Play(seeds[second].ops, *machine), alone[second])
            << info.name << ": " << seeds[second].name << " after "
            << seeds[first].name;
      }
    }
  }
}

}  // namespace
}  // namespace restree

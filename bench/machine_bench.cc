// SPDX-License-Identifier: Apache-2.0
// Ops per second of the model, of the model with its judges, and of the plain
// harness that anyone would write first. Compare the figures of one run only:
// the machine's speed cancels out of their ratios.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "bench/plain_harness.h"
#include "kernel/kernels.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/oracle.h"
#include "model/trace.h"
#include "properties/check.h"
#include "properties/choices.h"
#include "properties/generate.h"

namespace restree {
namespace {

constexpr uint64_t kSeed = 1;
constexpr size_t kTraces = 256;
constexpr size_t kOpsMax = 64;

std::vector<Trace> SomeTraces() {
  RandomChoices choices(kSeed);
  std::vector<Trace> traces;
  for (size_t i = 0; i < kTraces; ++i) {
    traces.push_back(AnyTrace(choices, kOpsMax));
  }
  return traces;
}

// Says how much of the work met something: of a thousand ops, how many placed a
// resource, and how many placed it below another.
void Count(size_t ops, size_t placed, size_t below, benchmark::State& state) {
  state.SetItemsProcessed(static_cast<int64_t>(ops));
  state.counters["placed/kop"] = 1000.0 * placed / ops;
  state.counters["below/kop"] = 1000.0 * below / ops;
}

void BM_PlainHarness(benchmark::State& state) {
  std::mt19937_64 random(kSeed);
  std::vector<std::vector<uint8_t>> inputs(kTraces);
  for (auto& input : inputs) {
    // As many bytes as kOpsMax of its ops take.
    for (size_t i = 0; i < kOpsMax * 40; ++i) {
      input.push_back(static_cast<uint8_t>(random()));
    }
  }
  size_t ops = 0;
  size_t placed = 0;
  size_t below = 0;
  size_t next = 0;
  for (auto _ : state) {
    const auto& input = inputs[next++ % inputs.size()];
    const PlainRun run = RunPlainHarness(input.data(), input.size());
    ops += run.ops;
    placed += run.placed;
    below += run.below;
  }
  Count(ops, placed, below, state);
}
BENCHMARK(BM_PlainHarness);

void BM_Model(benchmark::State& state) {
  const std::vector<Trace> traces = SomeTraces();
  Model model;
  size_t ops = 0;
  size_t placed = 0;
  size_t below = 0;
  size_t next = 0;
  for (auto _ : state) {
    const Trace& trace = traces[next++ % traces.size()];
    model.Reset();
    for (const Op& op : trace.ops) {
      const Observation seen = model.Apply(op);
      if (op.verb <= Verb::kAllocateAgain && seen.outcome == Outcome::kOk) {
        ++placed;
        below += op.parent >= kFirstSlot;
      }
    }
    ops += trace.ops.size();
  }
  Count(ops, placed, below, state);
}
BENCHMARK(BM_Model);

void BM_Oracle(benchmark::State& state) {
  const std::vector<Trace> traces = SomeTraces();
  Oracle oracle;
  size_t ops = 0;
  size_t next = 0;
  for (auto _ : state) {
    const Trace& trace = traces[next++ % traces.size()];
    oracle.Reset();
    for (const Op& op : trace.ops) {
      benchmark::DoNotOptimize(oracle.Apply(op));
    }
    ops += trace.ops.size();
  }
  state.SetItemsProcessed(static_cast<int64_t>(ops));
}
BENCHMARK(BM_Oracle);

// Plays traces on machines in lockstep, with all invariants and laws.
void PlayInLockstep(const std::vector<Machine*>& machines,
                    benchmark::State& state) {
  const std::vector<Trace> traces = SomeTraces();
  Lockstep lockstep(machines);
  size_t ops = 0;
  size_t next = 0;
  for (auto _ : state) {
    const Trace& trace = traces[next++ % traces.size()];
    if (lockstep.Play(trace).has_value()) state.SkipWithError("disagreement");
    ops += trace.ops.size();
  }
  state.SetItemsProcessed(static_cast<int64_t>(ops));
}

// The model with so many kernels: what kernel_fuzzer does with each op.
void BM_KernelLockstep(benchmark::State& state) {
  Model model;
  std::vector<std::unique_ptr<Machine>> kernels;
  std::vector<Machine*> machines = {&model};
  for (const KernelInfo& kernel : Kernels()) {
    if (kernel.make == nullptr) continue;
    if (static_cast<int64_t>(kernels.size()) == state.range(0)) break;
    kernels.push_back(kernel.make(AltmapVariant::kNone));
    machines.push_back(kernels.back().get());
  }
  if (kernels.empty() && state.range(0) > 0) {
    state.SkipWithError("there is no kernel");
  }
  PlayInLockstep(machines, state);
}
BENCHMARK(BM_KernelLockstep)->Arg(0)->Arg(1)->Arg(2);

// Model, oracle, invariants and laws: what a campaign does with each op.
void BM_Lockstep(benchmark::State& state) {
  Oracle oracle;
  Model model;
  PlayInLockstep({&oracle, &model}, state);
}
BENCHMARK(BM_Lockstep);

// The same with each op generated in the state that it meets, as the random
// campaign does it.
void BM_GenerateAndLockstep(benchmark::State& state) {
  Oracle oracle;
  Model model;
  Lockstep lockstep({&oracle, &model});
  RandomChoices choices(kSeed);
  size_t ops = 0;
  for (auto _ : state) {
    lockstep.Reset();
    for (size_t i = 0; i < kOpsMax; ++i) {
      const Op op = AnyOp(choices, lockstep.state());
      if (lockstep.Step(op).has_value()) state.SkipWithError("disagreement");
    }
    ops += kOpsMax;
  }
  state.SetItemsProcessed(static_cast<int64_t>(ops));
}
BENCHMARK(BM_GenerateAndLockstep);

// A request and a release among n siblings: O(log n) of them.
void BM_RequestAmongSiblings(benchmark::State& state) {
  Model model;
  const auto request = [&model](uint32_t n, uint64_t start) {
    Op op;
    op.verb = Verb::kRequest;
    op.slot = R(n);
    op.range = {start, start + 0xf};
    return model.Apply(op).outcome == Outcome::kOk;
  };
  const uint32_t siblings = static_cast<uint32_t>(state.range(0));
  for (uint32_t i = 0; i < siblings; ++i) {
    if (!request(i + 1, uint64_t{i} * 0x20)) state.SkipWithError("EBUSY");
  }
  Op release;
  release.verb = Verb::kRelease;
  release.slot = R(0);
  std::mt19937_64 random(kSeed);
  for (auto _ : state) {
    if (!request(0, random() % siblings * 0x20 + 0x10)) {
      state.SkipWithError("EBUSY");
    }
    benchmark::DoNotOptimize(model.Apply(release));
  }
  state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(BM_RequestAmongSiblings)->RangeMultiplier(10)->Range(10, 1'000'000);

}  // namespace
}  // namespace restree

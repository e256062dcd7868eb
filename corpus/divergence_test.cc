// SPDX-License-Identifier: Apache-2.0

// Every known divergence has a trace, which shows it on the kernels that have
// it and on no other, and a place in docs/divergences.md.
#include "properties/divergence.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "kernel/kernels.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/check.h"
#include "properties/minimize.h"
#include "properties/report.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << "cannot read " << path;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

TraceDocument TraceOf(const Divergence& divergence) {
  const std::string path =
      absl::StrCat("corpus/divergences/", divergence.name, ".trace");
  absl::StatusOr<TraceDocument> document = ParseTrace(ReadFile(path), path);
  EXPECT_TRUE(document.ok()) << document.status();
  return document.ok() ? *std::move(document) : TraceDocument();
}

// The Debian kernels of this build. The user's own tree may have any
// divergence, or none.
std::vector<std::unique_ptr<Machine>> KernelsOfThisBuild() {
  std::vector<std::unique_ptr<Machine>> kernels;
  for (const KernelInfo& info : Kernels()) {
    if (info.make == nullptr || info.name == "linux") continue;
    kernels.push_back(info.make(AltmapVariant::kNone));
  }
  return kernels;
}

uint64_t CountOf(const Lockstep& lockstep, const Divergence& divergence) {
  return lockstep
      .known()[static_cast<size_t>(&divergence - kDivergences.data())];
}

bool Lacks(const Machine& machine, const Trace& trace) {
  return std::any_of(
      trace.ops.begin(), trace.ops.end(),
      [&machine](const Op& op) { return !machine.Plays(op.verb); });
}

TEST(DivergenceTest, HasATraceAndIsDocumented) {
  const std::string page = ReadFile("docs/divergences.md");
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator("corpus/divergences")) {
    files.insert(entry.path().stem());
  }
  for (const Divergence& divergence : kDivergences) {
    EXPECT_EQ(files.erase(std::string(divergence.name)), 1) << divergence.name;
    EXPECT_TRUE(
        absl::StrContains(page, absl::StrCat("\n## ", divergence.name, "\n")))
        << divergence.name;
    EXPECT_FALSE(TraceOf(divergence).trace.ops.empty());
  }
  EXPECT_TRUE(files.empty()) << *files.begin();
}

TEST(DivergenceTest, ModelAndOracleKeepTheLaw) {
  for (const Divergence& divergence : kDivergences) {
    const TraceDocument document = TraceOf(divergence);
    Oracle oracle;
    Model model;
    Lockstep lockstep({&oracle, &model});
    for (const TraceLine& line : document.lines) {
      if (!line.op) continue;
      const auto failure = lockstep.Step(document.trace.ops[*line.op]);
      ASSERT_FALSE(failure) << Report(document.trace, *failure, "");
      const std::string seen = ObservationText(lockstep.observation());
      EXPECT_TRUE(Meets(seen, line.expectation))
          << divergence.name << ": want " << line.expectation << ", got "
          << seen;
    }
  }
}

TEST(DivergenceTest, ShowsOnTheKernelsThatHaveItAndNoOther) {
  for (const Divergence& divergence : kDivergences) {
    const Trace trace = TraceOf(divergence).trace;
    for (const auto& kernel : KernelsOfThisBuild()) {
      if (Lacks(*kernel, trace)) continue;
      Oracle oracle;
      Model model;
      Lockstep lockstep({&oracle, &model, kernel.get()});
      auto failure = lockstep.Play(trace);
      EXPECT_FALSE(failure) << Report(trace, *failure, "");
      const bool has_it = divergence.IsOf(kernel->name());
      EXPECT_EQ(CountOf(lockstep, divergence), has_it ? 1 : 0)
          << divergence.name << " on " << kernel->name();

      lockstep.set_strict(true);
      failure = lockstep.Play(trace);
      ASSERT_EQ(failure.has_value(), has_it)
          << divergence.name << " on " << kernel->name();
      if (!failure) continue;
      EXPECT_EQ(failure->kind, Failure::Kind::kDivergence);
      EXPECT_EQ(failure->what, divergence.name);
    }
  }
}

// Also those that a machine is spared are no invention: without a Lockstep
// between, the kernel goes another way than the model. The exception gives the
// right answer, late.
TEST(DivergenceTest, TheKernelReallyDoesIt) {
  for (const Divergence& divergence : kDivergences) {
    const Trace trace = TraceOf(divergence).trace;
    for (const auto& kernel : KernelsOfThisBuild()) {
      if (!divergence.IsOf(kernel->name()) || Lacks(*kernel, trace)) continue;
      Model model;
      kernel->Reset();
      bool differs = false;
      for (const Op& op : trace.ops) {
        const Observation want = model.Apply(op);
        ASSERT_NE(want.outcome, Outcome::kMisuse);
        differs |= !(kernel->Apply(op) == want);
      }
      State want;
      State got;
      model.Snapshot(&want);
      kernel->Snapshot(&got);
      differs |= !(want == got);
      EXPECT_EQ(differs, divergence.name != "FreeMemRegionTriesEveryPlace")
          << divergence.name << " on " << kernel->name();
    }
  }
}

// With ops that have nothing to do with it in front, under other numbers.
Trace WithNoise(const Trace& trace) {
  Trace noisy = trace;
  for (Op& op : noisy.ops) {
    const VerbInfo& info = InfoOf(op.verb);
    const bool has_slot = info.Has(Field::kDefines) || info.Has(Field::kSlot);
    if (has_slot && op.slot >= kFirstSlot) op.slot += 7;
    if (info.Has(Field::kParent) && op.parent >= kFirstSlot) op.parent += 7;
  }
  Op noise;
  noise.verb = Verb::kRoot;
  noise.slot = R(40);
  noise.range = {0x123000, 0x123fff};
  noisy.ops.insert(noisy.ops.begin(), 5, Normal(noise));
  return noisy;
}

TEST(DivergenceTest, IsMinimizedToOneTrace) {
  for (const Divergence& divergence : kDivergences) {
    const Trace trace = TraceOf(divergence).trace;
    for (const auto& kernel : KernelsOfThisBuild()) {
      if (!divergence.IsOf(kernel->name()) || Lacks(*kernel, trace)) continue;
      Model model;
      Lockstep lockstep({&model, kernel.get()});
      lockstep.set_strict(true);
      const auto play = [&lockstep](const Trace& candidate) {
        return AttemptOn(lockstep, candidate);
      };
      const Attempt attempt = play(trace);
      const Minimized minimized = Minimize(trace, play);
      EXPECT_EQ(minimized.attempt.signature, attempt.signature);
      EXPECT_LE(minimized.trace.ops.size(), trace.ops.size());
      EXPECT_EQ(Minimize(minimized.trace, play).trace, minimized.trace)
          << divergence.name;
      EXPECT_EQ(PrintTrace(Minimize(WithNoise(trace), play).trace),
                PrintTrace(minimized.trace))
          << divergence.name;
      break;
    }
  }
}

}  // namespace
}  // namespace restree

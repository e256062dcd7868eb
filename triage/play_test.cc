// SPDX-License-Identifier: Apache-2.0
#include "triage/play.h"

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/trace.h"
#include "model/trace_binary.h"
#include "model/trace_text.h"
#include "properties/canaries.h"
#include "triage/crash.h"
#include "triage/intake.h"
#include "triage/lineups.h"

namespace restree {
namespace {

std::string Flag() { return testing::TempDir() + "/flaky"; }

// The model, which dies in several ways, each at an address of its own.
class Mortal final : public Model {
 public:
  absl::string_view name() const override { return "mortal"; }

  Observation Apply(const Op& op) override {
    if (op.verb == Verb::kLookup) {
      switch (op.range.start) {
        case 0x1:
          std::signal(SIGSEGV, SIG_DFL);
          std::raise(SIGSEGV);
          break;
        case 0x2:
          std::this_thread::sleep_for(std::chrono::seconds(60));
          break;
        case 0x3:
          std::_Exit(0);  // which is no way to go
        case 0x4:
          throw std::bad_alloc();
        case 0x5:
          // Only the first child that comes here.
          if (std::remove(Flag().c_str()) == 0) std::abort();
          break;
        default:
          break;
      }
    }
    return Model::Apply(op);
  }
};

template <typename T>
TriageMachine Of(const std::string& name) {
  return {name, [] { return std::make_unique<T>(); }};
}

TriageMachine OfCanary(const std::string& name) {
  return {name, [name] { return MakeCanary(name); }};
}

Input InputOf(const std::string& text, const std::string& kind = "trace") {
  Input input;
  input.kind = kind;
  input.trace = ParseTrace(text, "")->trace;
  const std::vector<uint8_t> bytes = EncodeTrace(input.trace);
  input.bytes.assign(bytes.begin(), bytes.end());
  return input;
}

std::vector<InputOutcome> Outcomes(const std::vector<Input>& inputs,
                                   const TriageMachine& under_test,
                                   PlayInputsOptions options = {}) {
  const Lineups lineups({Of<Oracle>("oracle"), Of<Model>("model")},
                        {under_test});
  options.lineups = &lineups;
  std::vector<InputOutcome> outcomes(inputs.size());
  PlayInputs(
      inputs, options,
      [&](size_t i, const InputOutcome& outcome) { outcomes[i] = outcome; },
      [] { return false; });
  return outcomes;
}

constexpr char kTwoSiblings[] =
    "r0 = request iomem 0x1000-0x1fff mem\n"
    "r1 = request iomem 0x2000-0x2fff mem\n"
    "release r0\n";

TEST(PlayInputsTest, KnowsHowAnInputFails) {
  const std::vector<InputOutcome> outcomes =
      Outcomes({InputOf(kTwoSiblings)}, OfCanary("ReleaseLosesTheNextSibling"));
  EXPECT_EQ(outcomes[0].signature,
            "ReleaseTakesOutOneSubtree.release.ok.touches");
  EXPECT_EQ(outcomes[0].machine, "ReleaseLosesTheNextSibling");
  EXPECT_EQ(outcomes[0].op_index, 2u);
  EXPECT_EQ(outcomes[0].failed, 3u);
  EXPECT_EQ(outcomes[0].of, 3u);
  EXPECT_EQ(outcomes[0].death.kind, "");
  EXPECT_NE(outcomes[0].effect, "");
}

TEST(PlayInputsTest, PlaysOnceWhatIsFineAndNotSaidToFail) {
  const std::vector<InputOutcome> outcomes =
      Outcomes({InputOf(kTwoSiblings), InputOf(kTwoSiblings, "crash")},
               Of<Mortal>("mortal"));
  for (const InputOutcome& outcome : outcomes) {
    EXPECT_EQ(outcome.signature, "");
    EXPECT_EQ(outcome.failed, 0u);
  }
  EXPECT_EQ(outcomes[0].of, 1u);
  EXPECT_EQ(outcomes[1].of, 3u);
}

TEST(PlayInputsTest, SurvivesMachinesThatDie) {
  const std::vector<InputOutcome> outcomes =
      Outcomes({InputOf("r0 = request iomem 0x1-0x1 mem\nlookup iomem 0x1\n"),
                InputOf("lookup iomem 0x2\n"), InputOf("lookup iomem 0x3\n"),
                InputOf("lookup iomem 0x4\n"), InputOf(kTwoSiblings)},
               Of<Mortal>("mortal"), {.jobs = 4, .limits = {.seconds = 0.5}});
  EXPECT_EQ(outcomes[0].signature, "SEGV.lookup_resource");
  EXPECT_EQ(outcomes[0].op_index, 1u);
  EXPECT_EQ(outcomes[0].machine, "mortal");
  EXPECT_EQ(outcomes[0].death.kind, "crash");
  EXPECT_EQ(outcomes[0].death.type, "SIGSEGV");
  EXPECT_EQ(outcomes[0].death.function, "lookup_resource");
  EXPECT_EQ(outcomes[1].signature, "timeout.lookup_resource");
  EXPECT_EQ(outcomes[1].death.kind, "timeout");
  EXPECT_EQ(outcomes[1].of, 2u);
  EXPECT_EQ(outcomes[2].signature, "exit.lookup_resource");
  EXPECT_EQ(outcomes[3].signature, "oom.lookup_resource");
  EXPECT_EQ(outcomes[3].death.kind, "oom");
  EXPECT_EQ(outcomes[4].signature, "");
}

TEST(PlayInputsTest, CountsHowOftenAnInputFails) {
  std::fclose(std::fopen(Flag().c_str(), "w"));
  const std::vector<InputOutcome> outcomes =
      Outcomes({InputOf("lookup iomem 0x5\n", "crash")}, Of<Mortal>("mortal"));
  EXPECT_EQ(outcomes[0].signature, "ABRT.lookup_resource");
  EXPECT_EQ(outcomes[0].failed, 1u);
  EXPECT_EQ(outcomes[0].of, 3u);
}

TEST(PlayInputsTest, TellsOfAllWithinSeveralBatchesUntilItMustStop) {
  const std::vector<Input> inputs(100, InputOf(kTwoSiblings));
  const Lineups lineups({Of<Model>("model")}, {Of<Mortal>("mortal")});
  const PlayInputsOptions options = {.lineups = &lineups, .jobs = 2};
  size_t told = 0;
  const auto count = [&](size_t, const InputOutcome&) { ++told; };
  PlayInputs(inputs, options, count, [] { return false; });
  EXPECT_EQ(told, inputs.size());
  told = 0;
  PlayInputs(inputs, options, count, [&] { return told > 0; });
  EXPECT_EQ(told, 64u);
}

// What libFuzzer prints, of inputs that begin with a letter: `c` crashes.
constexpr char kFuzzer[] = R"sh(#!/bin/sh
for file; do
  case $file in -*) continue ;; esac
  echo "Running: $file"
  case $(head -c 1 "$file") in
    c)
      echo "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x6"
      echo "    #0 0x5 in linux_6_12_release_resource external/linux_6_12/r.c:1"
      echo "    #1 0x6 in main (/home/me/fuzzer+0x6)"
      echo "SUMMARY: AddressSanitizer: heap-use-after-free r.c"
      exit 1
      ;;
    q) exit 1 ;;
  esac
  echo "Executed $file in 0 ms"
done
)sh";

TEST(CrashesOfTest, GoesOnBehindWhatTheFuzzerDiesOf) {
  const std::string path = testing::TempDir() + "/fuzzer";
  std::FILE* const file = std::fopen(path.c_str(), "w");
  std::fputs(kFuzzer, file);
  std::fclose(file);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  const std::vector<std::string> inputs = {"fine", "crash", "fine", "quits",
                                           "c",    "fine",  "crash"};
  const auto crashes =
      CrashesOf({.path = path, .jobs = 2}, inputs, [] { return false; });
  std::string numbers;
  for (const SanitizedCrash& it : crashes) {
    absl::StrAppend(&numbers, it.number, " ");
    EXPECT_EQ(it.crash.Name(), "heap-use-after-free.release_resource");
  }
  EXPECT_EQ(numbers, "1 4 6 ");
  const Death death = DeathOf(crashes.at(0).crash);
  EXPECT_EQ(death.kind, "crash");
  EXPECT_EQ(death.type, "heap-use-after-free");
  EXPECT_FALSE(absl::StrContains(death.report, "/home/me")) << death.report;
  EXPECT_EQ(death.function, "release_resource");
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/player_process.h"

#include <unistd.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/canaries.h"
#include "properties/check.h"
#include "properties/minimize.h"

namespace restree {
namespace {

// Dies when a resource is removed, and hangs when one is looked up.
class Deadly final : public Model {
 public:
  absl::string_view name() const override { return "deadly"; }
  Observation Apply(const Op& op) override {
    const bool removes = op.verb == Verb::kRemove;
    if (removes && tree().Find(op.slot) != nullptr && op.slot >= kFirstSlot) {
      std::raise(SIGSEGV);
    }
    if (op.verb == Verb::kLookup) sleep(60);
    return Model::Apply(op);
  }
};

std::vector<std::unique_ptr<Machine>> WithDeadly() {
  std::vector<std::unique_ptr<Machine>> machines;
  machines.push_back(std::make_unique<Oracle>());
  machines.push_back(std::make_unique<Deadly>());
  return machines;
}

std::vector<std::unique_ptr<Machine>> WithCanary() {
  std::vector<std::unique_ptr<Machine>> machines;
  machines.push_back(std::make_unique<Oracle>());
  machines.push_back(MakeCanary("AdjustCutsThroughAChild"));
  return machines;
}

Trace Parsed(absl::string_view text) {
  const auto document = ParseTrace(text, "test");
  EXPECT_TRUE(document.ok()) << document.status().message();
  return document.ok() ? document->trace : Trace();
}

class PlayerProcessTest : public testing::Test {
 protected:
  PlayerProcessTest() { std::signal(SIGPIPE, SIG_IGN); }
};

TEST_F(PlayerProcessTest, SaysWhatLockstepSays) {
  const Trace trace = Parsed(
      "r0 = request iomem 0x1000-0x1fff \"a name\" mem\n"
      "r1 = request r0 0x1000-0x1fff mem\n"
      "adjust r0 0x1000-0x17ff\n");
  std::vector<std::unique_ptr<Machine>> machines = WithCanary();
  Lockstep lockstep({machines[0].get(), machines[1].get()});
  const Attempt want = AttemptOn(lockstep, trace);
  ASSERT_FALSE(want.signature.empty());
  PlayerProcess process(WithCanary, {});
  for (int i = 0; i < 3; ++i) {
    const Attempt got = process.Play(trace);
    EXPECT_EQ(got.signature, want.signature);
    EXPECT_EQ(got.op_index, want.op_index);
  }
  const Trace good = Parsed("r0 = request iomem 0x1000-0x1fff mem\n");
  EXPECT_EQ(process.Play(good).signature, "");
  EXPECT_EQ(process.Play(good).state, AttemptOn(lockstep, good).state);
}

TEST_F(PlayerProcessTest, OutlivesWhatPlays) {
  PlayerProcess process(WithDeadly, {.seconds_max = 0.1});
  const Trace crash =
      Parsed("r0 = request iomem 0x1000-0x1fff mem\nremove r0\nrelease r0\n");
  const Trace hang = Parsed("lookup iomem 0x1000\n");
  const Trace good = Parsed("r0 = request iomem 0x1000-0x1fff mem\n");
  for (int i = 0; i < 2; ++i) {
    const Attempt died = process.Play(crash);
    EXPECT_EQ(died.signature, "SEGV.remove_resource");
    EXPECT_EQ(died.op_index, 1u);
    EXPECT_TRUE(IsDeath(died.signature));
    EXPECT_EQ(process.Play(good).signature, "");
    const Attempt late = process.Play(hang);
    EXPECT_EQ(late.signature, "timeout.lookup_resource");
    EXPECT_TRUE(IsDeath(late.signature));
  }
  EXPECT_FALSE(IsDeath("observation.request.EBUSY-ok.inside"));
}

TEST_F(PlayerProcessTest, MinimizesACrash) {
  PlayerProcess process(WithDeadly, {});
  const Trace trace = Parsed(
      "r3 = request iomem 0x1234-0x1fff \"x\" mem busy\n"
      "r1 = request ioport 0x10-0x1f io\n"
      "remove r3\n"
      "release r1\n");
  const Minimized minimized =
      Minimize(trace, [&process](const Trace& t) { return process.Play(t); },
               {.evaluations_max = 1000});
  EXPECT_EQ(minimized.attempt.signature, "SEGV.remove_resource");
  EXPECT_EQ(PrintTrace(minimized.trace),
            "r0 = root 0x1000-0x1fff mem\nremove r0\n");
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "fuzz/findings.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "fuzz/stats.h"
#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/oracle.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/canaries.h"
#include "properties/check.h"
#include "properties/signature.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

// A trace on which a canary fails, and where it can be played again.
struct Example {
  Oracle oracle;
  std::unique_ptr<Machine> machine;
  Trace trace;
  Failure failure;
};

// Returns the failure of a canary, and a trace that goes on after it.
Example Some(const Canary& canary) {
  Example example;
  example.machine = MakeCanary(canary.name);
  example.trace = ParseTrace(canary.trace, "canary")->trace;
  auto failure = Check(example.trace, {&example.oracle, example.machine.get()});
  EXPECT_TRUE(failure.has_value());
  if (failure.has_value()) example.failure = *std::move(failure);
  example.trace.ops.resize(example.failure.op_index + 3);
  return example;
}

void Add(Findings& findings, Example& example) {
  Lockstep lockstep({&example.oracle, example.machine.get()});
  findings.Add(example.trace, example.failure, lockstep);
}

std::string Text(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class FindingsTest : public testing::Test {
 protected:
  FindingsTest() : directory_(testing::TempDir() + "/findings") {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }

  std::string PathOf(const Example& example) const {
    return directory_ + "/" + FileNameOf(Signature(example.failure)) + ".trace";
  }

  size_t Files() const {
    return std::distance(fs::directory_iterator(directory_), {});
  }

  const std::string directory_;
  Stats stats_;
};

TEST_F(FindingsTest, WriteATraceThatShowsTheBugAgain) {
  const Canary& canary = Canaries().front();
  Example example = Some(canary);
  Findings findings(directory_, &stats_);
  Add(findings, example);
  const std::string signature = Signature(example.failure);
  const std::string path = PathOf(example);
  ASSERT_TRUE(fs::exists(path));
  const std::string text = Text(path);
  EXPECT_TRUE(absl::StartsWith(text, "# " + signature + "\n#\n# ")) << text;
  EXPECT_TRUE(absl::StrContains(text, "run " + path)) << text;

  const auto document = ParseTrace(text, path);
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->trace.ops.size(), example.failure.op_index + 1);
  Oracle oracle;
  const std::unique_ptr<Machine> machine = MakeCanary(canary.name);
  const auto again = Check(document->trace, {&oracle, machine.get()});
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(Signature(*again), signature);
}

TEST_F(FindingsTest, CountWhatIsKnownAndLeaveItsFileAlone) {
  Example example = Some(Canaries().front());
  const std::string name = FileNameOf(Signature(example.failure));
  const std::string path = directory_ + "/" + name + ".trace";
  Findings findings(directory_, &stats_);
  Add(findings, example);
  std::ofstream(path) << "# annotated by hand\n";
  Add(findings, example);
  Findings of_another_process(directory_, &stats_);
  Add(of_another_process, example);
  EXPECT_EQ(Text(path), "# annotated by hand\n");
  EXPECT_EQ(stats_.Read().findings, 3);
  EXPECT_EQ(stats_.FindingsOf(StableHash(name)), 3);
}

// The same bug at another address and behind ops that do not matter is found
// under another signature, and ends in the same file.
TEST_F(FindingsTest, ShrinkWhatTheyKeep) {
  Example example = Some(*std::find_if(
      Canaries().begin(), Canaries().end(), [](const Canary& canary) {
        return canary.name == "AdjustCutsThroughAChild";
      }));
  Findings findings(directory_, &stats_);
  Add(findings, example);
  ASSERT_EQ(Files(), 1);
  const std::string path = fs::directory_iterator(directory_)->path().string();
  const size_t ops_min = ParseTrace(Text(path), path)->trace.ops.size();

  Op noise;
  noise.verb = Verb::kRequest;
  noise.slot = R(40);
  noise.range = {uint64_t{1} << 40, (uint64_t{1} << 40) + 0xfff};
  example.trace.ops.insert(example.trace.ops.begin(), 5, noise);
  example.failure =
      *Check(example.trace, {&example.oracle, example.machine.get()});
  EXPECT_GT(example.failure.op_index + 1, ops_min);
  Findings others(directory_, &stats_);
  Add(others, example);
  EXPECT_EQ(Files(), 1);
  EXPECT_EQ(ParseTrace(Text(path), path)->trace.ops.size(), ops_min);
}

TEST_F(FindingsTest, TryAgainWhenADirectoryCannotBeWritten) {
  Example example = Some(Canaries().front());
  fs::remove(directory_);
  Findings findings(directory_, &stats_);
  Add(findings, example);
  EXPECT_FALSE(fs::exists(directory_));
  fs::create_directories(directory_);
  Add(findings, example);
  EXPECT_TRUE(fs::exists(PathOf(example)));
}

// That an allocation is not aligned breaks a law; where nothing is free, it is
// a disagreement, which minimizing comes upon.
TEST_F(FindingsTest, KeepWhatFailsInAnotherWay) {
  Example example = Some(Canaries().front());
  Findings findings(directory_, &stats_);
  Add(findings, example);
  EXPECT_EQ(Files(), 2);
  EXPECT_EQ(stats_.Read().findings, 1);
}

TEST_F(FindingsTest, EndTheProcessWithoutADirectory) {
  Example example = Some(Canaries().front());
  Findings findings("", &stats_);
  EXPECT_EXIT(Add(findings, example), testing::KilledBySignal(SIGABRT),
              "signature: " + Signature(example.failure));
}

TEST(FileNameOf, KeepsSignaturesApart) {
  EXPECT_EQ(FileNameOf("state.insert-2.x_y"), "state.insert-2.x_y");
  EXPECT_TRUE(absl::StartsWith(FileNameOf("a/b c"), "a-b-c-"));
  EXPECT_NE(FileNameOf("a/b"), FileNameOf("a-b"));
  EXPECT_NE(FileNameOf("a/b"), FileNameOf("a b"));
  EXPECT_NE(FileNameOf("..")[0], '.');
  const std::string longer(1000, 'x');
  EXPECT_LT(FileNameOf(longer).size(), 200);
  EXPECT_NE(FileNameOf(longer), FileNameOf(longer + "y"));
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "fuzz/findings.h"

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

struct Example {
  Trace trace;
  Failure failure;
};

// Returns the failure of a canary, and a trace that goes on after it.
Example Some(const Canary& canary) {
  Oracle oracle;
  const std::unique_ptr<Machine> machine = MakeCanary(canary.name);
  Example example;
  example.trace = ParseTrace(canary.trace, "canary")->trace;
  auto failure = Check(example.trace, {&oracle, machine.get()});
  EXPECT_TRUE(failure.has_value());
  if (failure.has_value()) example.failure = *std::move(failure);
  example.trace.ops.resize(example.failure.op_index + 3);
  return example;
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

  size_t Files() const {
    return std::distance(fs::directory_iterator(directory_), {});
  }

  const std::string directory_;
  Stats stats_;
};

TEST_F(FindingsTest, WriteATraceThatShowsTheBugAgain) {
  const Canary& canary = Canaries().front();
  const Example example = Some(canary);
  Findings findings(directory_, &stats_);
  findings.Add(example.trace, example.failure);
  ASSERT_EQ(Files(), 1);
  const std::string signature = Signature(example.failure);
  const std::string path = directory_ + "/" + signature + ".trace";
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
  const Example example = Some(Canaries().front());
  const std::string name = FileNameOf(Signature(example.failure));
  const std::string path = directory_ + "/" + name + ".trace";
  Findings findings(directory_, &stats_);
  findings.Add(example.trace, example.failure);
  std::ofstream(path) << "# annotated by hand\n";
  findings.Add(example.trace, example.failure);
  Findings(directory_, &stats_).Add(example.trace, example.failure);
  EXPECT_EQ(Text(path), "# annotated by hand\n");
  EXPECT_EQ(stats_.Read().findings, 3);
  EXPECT_EQ(stats_.FindingsOf(StableHash(name)), 3);
}

TEST_F(FindingsTest, TryAgainWhenADirectoryCannotBeWritten) {
  const Example example = Some(Canaries().front());
  fs::remove(directory_);
  Findings findings(directory_, &stats_);
  findings.Add(example.trace, example.failure);
  EXPECT_FALSE(fs::exists(directory_));
  fs::create_directories(directory_);
  findings.Add(example.trace, example.failure);
  EXPECT_EQ(Files(), 1);
}

TEST_F(FindingsTest, EndTheProcessWithoutADirectory) {
  const Example example = Some(Canaries().front());
  Findings findings("", &stats_);
  EXPECT_EXIT(findings.Add(example.trace, example.failure),
              testing::KilledBySignal(SIGABRT),
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

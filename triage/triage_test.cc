// SPDX-License-Identifier: Apache-2.0
#include "triage/triage.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/model.h"
#include "model/oracle.h"
#include "model/trace_binary.h"
#include "model/trace_text.h"
#include "properties/canaries.h"
#include "triage/json_read.h"
#include "triage/lineups.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::StartsWith;

// Fails on AdjustCutsThroughAChild, with much in it that need not be.
constexpr char kAdjust[] =
    "r7 = request iomem 0x0-0xfffff \"bus\" mem\n"
    "r1 = request r7 0x1000-0x1fff \"device\" mem\n"
    "r2 = request r1 0x1800-0x1fff mem busy\n"
    "r3 = request r7 0x9000-0x9fff mem\n"
    "release r3\n"
    "adjust r1 0x1000-0x18ff\n"
    "release r2\n";

class TriageTest : public ::testing::Test {
 protected:
  TriageTest() : base_(fs::path(::testing::TempDir()) / "triage_test") {
    fs::remove_all(base_);
    fs::create_directories(base_ / "in");
    options_.directory = base_ / "in";
    options_.out = base_ / "out";
    options_.judges = {
        {"oracle", [] { return std::make_unique<Oracle>(); }},
        {"model", [] { return std::make_unique<Model>(); }},
    };
    options_.machines = "a canary";
    options_.command = "restree triage in";
    options_.timeout_seconds = 5;
  }

  void Test(const std::string& canary) {
    options_.under_test = {{canary, [canary] { return MakeCanary(canary); }}};
  }

  void Write(const std::string& name, absl::string_view text) {
    std::ofstream(base_ / "in" / name, std::ios::binary) << text;
  }

  // Writes the trace as a fuzzer would.
  void WriteBytes(const std::string& name, absl::string_view text) {
    const std::vector<uint8_t> bytes =
        EncodeTrace(ParseTrace(text, "test")->trace);
    Write(name, absl::string_view(reinterpret_cast<const char*>(bytes.data()),
                                  bytes.size()));
  }

  // Returns what each file in OUT has, but for work/.
  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(base_ / "out")) {
      const std::string name = fs::relative(entry.path(), base_ / "out");
      if (!entry.is_regular_file() || absl::StartsWith(name, "work")) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      files[name].assign(std::istreambuf_iterator<char>(file), {});
    }
    return files;
  }

  Json Run() {
    const auto result = Triage(options_);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->document : Json();
  }

  static std::vector<std::string> Signatures(const Json& document) {
    std::vector<std::string> signatures;
    for (const Json& bug : ListAt(document, "bugs")) {
      signatures.push_back(
          absl::StrCat(TextAt(bug, "status"), " ", TextAt(bug, "id")));
    }
    return signatures;
  }

  fs::path base_;
  TriageOptions options_;
};

TEST_F(TriageTest, FortyArtifactsAreOneBug) {
  Test("AdjustCutsThroughAChild");
  Write("a.trace", kAdjust);
  WriteBytes("crash-1", kAdjust);
  WriteBytes("crash-2",
             "r0 = request iomem 0x1000-0x1fff mem\n"
             "r1 = request r0 0x1000-0x1fff mem\n"
             "adjust r0 0x1000-0x17ff\n");
  WriteBytes("crash-3", "r0 = request iomem 0x1000-0x1fff mem\n");
  const Json document = Run();
  const Json& bugs = ListAt(document, "bugs");
  ASSERT_EQ(bugs.size(), 1u) << document.dump(1);
  const Json& finding = ListAt(bugs[0], "findings")[0];
  EXPECT_EQ(TextAt(finding, "signature"),
            "observation.adjust.EBUSY-ok.straddles");
  EXPECT_EQ(NumberAt(At(finding, "minimized"), "to_ops"), 3u);
  EXPECT_EQ(NumberAt(bugs[0], "inputs"), 3u);
  EXPECT_EQ(NumberAt(At(document, "inputs"), "clean"), 1u);
  EXPECT_EQ(NumberAt(At(finding, "reproduces"), "failed"),
            NumberAt(At(finding, "reproduces"), "of"));
}

TEST_F(TriageTest, TwiceIsTheSame) {
  Test("ReleaseLosesTheNextSibling");
  WriteBytes("crash-1",
             "r0 = request iomem 0x1000-0x1fff mem\n"
             "r1 = request iomem 0x2000-0x2fff mem\n"
             "r2 = request iomem 0x5000-0x5fff mem\n"
             "release r0\n");
  Run();
  const auto first = Files();
  Run();
  EXPECT_EQ(Files(), first);
  fs::remove_all(base_ / "out" / "work");
  Run();
  EXPECT_EQ(Files(), first);
}

TEST_F(TriageTest, EndedEarlyItGoesOn) {
  Test("ReleaseLosesTheNextSibling");
  for (int i = 1; i < 9; ++i) {
    WriteBytes(absl::StrCat("crash-", i),
               absl::StrCat("r0 = request iomem 0x1000-0x1fff mem\n"
                            "r1 = request iomem 0x2000-0x2fff mem\n"
                            "r2 = request iomem 0x5000-0x",
                            5 + i, "fff mem\nrelease r0\n"));
  }
  Run();
  const auto whole = Files();
  fs::remove_all(base_ / "out");
  int asked = 0;
  options_.must_stop = [&asked] { return ++asked > 3; };
  const auto result = Triage(options_);
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result->interrupted);
  EXPECT_TRUE(fs::exists(base_ / "out" / "report.json"));
  options_.must_stop = nullptr;
  Run();
  EXPECT_EQ(Files(), whole);
}

TEST_F(TriageTest, WhatDoesNotFailAnyMoreIsFixed) {
  Test("AdjustCutsThroughAChild");
  WriteBytes("crash-1", kAdjust);
  EXPECT_THAT(Signatures(Run()),
              ElementsAre("new observation.adjust.EBUSY-ok.straddles"));
  options_.under_test = {
      {"AdjustCutsThroughAChild", [] { return std::make_unique<Model>(); }}};
  options_.machines = "the canary, mended";
  // And so is what was met while that was minimized.
  const std::vector<std::string> fixed = Signatures(Run());
  EXPECT_THAT(fixed, Contains("fixed observation.adjust.EBUSY-ok.straddles"));
  EXPECT_THAT(fixed, Each(StartsWith("fixed ")));
}

TEST_F(TriageTest, WhatFailedOnAMachineThatDoesNotPlayIsNotFixed) {
  Test("AdjustCutsThroughAChild");
  WriteBytes("crash-1", kAdjust);
  Run();
  Test("ReleaseLosesTheNextSibling");
  options_.machines = "another canary";
  EXPECT_THAT(Signatures(Run()), Each(Not(StartsWith("fixed "))));
}

TEST_F(TriageTest, WhatTheCorpusHasIsKnown) {
  Test("AdjustCutsThroughAChild");
  fs::create_directories(base_ / "known");
  std::ofstream(base_ / "known" / "cuts.trace") << kAdjust;
  options_.known = {base_ / "known"};
  WriteBytes("crash-1", kAdjust);
  const Json document = Run();
  EXPECT_THAT(Signatures(document),
              ElementsAre("known observation.adjust.EBUSY-ok.inside"));
  EXPECT_EQ(TextAt(ListAt(document, "bugs")[0], "known_as"), "cuts.trace");
}

// A machine that does badly on `proc`: what a kernel does to a process.
class Deadly final : public Model {
 public:
  explicit Deadly(bool hangs) : hangs_(hangs) {}
  Observation Apply(const Op& op) override {
    while (hangs_ && op.verb == Verb::kProc) stay_ = stay_ + 1;
    if (op.verb == Verb::kProc) __builtin_trap();
    return Model::Apply(op);
  }

 private:
  const bool hangs_;
  volatile int stay_ = 0;
};

TEST_F(TriageTest, AMachineMayCrash) {
  options_.under_test = {
      {"deadly", [] { return std::make_unique<Deadly>(false); }}};
  Write("a.trace",
        "r0 = request iomem 0x1000-0x1fff mem\n"
        "r1 = request iomem 0x2000-0x2fff mem\n"
        "proc iomem\n");
  const Json document = Run();
  ASSERT_EQ(ListAt(document, "bugs").size(), 1u) << document.dump(1);
  const Json& finding = ListAt(ListAt(document, "bugs")[0], "findings")[0];
  EXPECT_EQ(TextAt(finding, "kind"), "crash");
  EXPECT_EQ(TextAt(finding, "machine"), "deadly");
  EXPECT_EQ(NumberAt(At(finding, "minimized"), "to_ops"), 1u);
  EXPECT_TRUE(At(finding, "actual").is_null());
}

TEST_F(TriageTest, AMachineMayHang) {
  options_.timeout_seconds = 1;
  options_.under_test = {
      {"deadly", [] { return std::make_unique<Deadly>(true); }}};
  Write("a.trace", "r0 = request iomem 0x1000-0x1fff mem\nproc iomem\n");
  const Json document = Run();
  ASSERT_EQ(ListAt(document, "bugs").size(), 1u) << document.dump(1);
  const Json& finding = ListAt(ListAt(document, "bugs")[0], "findings")[0];
  EXPECT_EQ(TextAt(finding, "kind"), "timeout");
  EXPECT_EQ(NumberAt(At(finding, "minimized"), "to_ops"), 1u);
}

TEST_F(TriageTest, NothingIsWrittenBelowTheInputs) {
  Test("AdjustCutsThroughAChild");
  WriteBytes("crash-1", kAdjust);
  options_.out = base_ / "in" / "out";
  EXPECT_EQ(Triage(options_).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(fs::exists(options_.out));
}

}  // namespace
}  // namespace restree

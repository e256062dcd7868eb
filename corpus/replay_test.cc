// SPDX-License-Identifier: Apache-2.0
// Plays every seed and every regression on all machines in lockstep. A seed is
// a table test too: its expectations are honoured, and what its tree looks like
// in the end may stand in corpus/iomem.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
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
#include "model/trace_binary.h"
#include "model/trace_text.h"
#include "properties/check.h"
#include "properties/report.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << "cannot read " << path;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

TraceDocument ReadTrace(const fs::path& path) {
  absl::StatusOr<TraceDocument> document =
      ParseTrace(ReadFile(path), path.string());
  EXPECT_TRUE(document.ok()) << document.status();
  return document.ok() ? *std::move(document) : TraceDocument();
}

std::vector<fs::path> TracesIn(absl::string_view directory) {
  std::vector<fs::path> paths;
  std::error_code error;  // a directory without files is not there
  for (const auto& entry :
       fs::directory_iterator(absl::StrCat("corpus/", directory), error)) {
    if (entry.path().extension() == ".trace") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<fs::path> AllTraces() {
  std::vector<fs::path> paths = TracesIn("seeds");
  const std::vector<fs::path> regressions = TracesIn("regressions");
  paths.insert(paths.end(), regressions.begin(), regressions.end());
  return paths;
}

// What a trace did, once it was played.
struct Result {
  std::vector<Observation> seen;  // an op each
  State state;
};

// Plays the ops and tests the expectations.
Result Play(const TraceDocument& document, const std::string& file) {
  Oracle oracle;
  Model model;
  std::vector<Machine*> machines = {&oracle, &model};
  std::vector<std::unique_ptr<Machine>> kernels;
  for (const KernelInfo& info : Kernels()) {
    if (info.make == nullptr) continue;
    kernels.push_back(info.make(AltmapVariant::kNone));
    machines.push_back(kernels.back().get());
  }
  Lockstep lockstep(machines);
  Result result;
  std::optional<Failure> failure;
  for (size_t i = 0; i < document.lines.size() && !failure; ++i) {
    const TraceLine& line = document.lines[i];
    if (!line.op) continue;
    failure = lockstep.Step(document.trace.ops[*line.op]);
    result.seen.push_back(lockstep.observation());
    const std::string text = ObservationText(lockstep.observation());
    EXPECT_TRUE(Meets(text, line.expectation))
        << file << ":" << i + 1 << ": expected " << line.expectation
        << ", observed " << text;
  }
  if (!failure) failure = lockstep.Finish();
  EXPECT_FALSE(failure) << Report(document.trace, *failure, file);
  oracle.Snapshot(&result.state);
  return result;
}

class Replay : public testing::TestWithParam<fs::path> {};

TEST_P(Replay, MachinesAgreeAndExpectationsAreMet) {
  Play(ReadTrace(GetParam()), GetParam().string());
}

TEST_P(Replay, TextIsCanonicalAndBeginsWithItsIdea) {
  const std::string text = ReadFile(GetParam());
  EXPECT_EQ(PrintTrace(ReadTrace(GetParam())), text);
  EXPECT_TRUE(absl::StartsWith(text, "# ")) << "the first line says why";
}

TEST_P(Replay, BinaryFormIsTheSameTrace) {
  const std::string name = GetParam().stem().string();
  const std::string bytes = ReadFile(absl::StrCat("corpus/binary/", name));
  const Trace trace = DecodeTrace(
      {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  EXPECT_EQ(PrintTrace(trace), PrintTrace(ReadTrace(GetParam()).trace));
}

INSTANTIATE_TEST_SUITE_P(Corpus, Replay, testing::ValuesIn(AllTraces()),
                         [](const testing::TestParamInfo<fs::path>& info) {
                           return info.param.stem().string();
                         });

// corpus/iomem/NAME shows the tree that the seed NAME builds.
void ExpectTree(const fs::path& path, Slot root) {
  const std::string seed =
      absl::StrCat("corpus/seeds/", path.stem().string(), ".trace");
  const TraceDocument document = ReadTrace(seed);
  const Result result = Play(document, seed);
  EXPECT_EQ(IomemText(result.state, document.trace.names, root),
            ReadFile(path));
}

TEST(Seeds, BuildTheTreesInIomem) {
  int trees = 0;
  for (const auto& entry : fs::directory_iterator("corpus/iomem")) {
    const bool ports = entry.path().extension() == ".ioports";
    ExpectTree(entry.path(), ports ? kIoport : kIomem);
    ++trees;
  }
  EXPECT_GE(trees, 4);
}

TEST(Seeds, CoverEveryVerbAndOutcome) {
  std::set<Verb> verbs;
  std::set<Outcome> outcomes;
  for (const fs::path& path : TracesIn("seeds")) {
    const TraceDocument document = ReadTrace(path);
    for (const Op& op : document.trace.ops) verbs.insert(op.verb);
    for (const Observation& seen : Play(document, path.string()).seen) {
      outcomes.insert(seen.outcome);
    }
  }
  EXPECT_EQ(verbs.size(), size_t{kVerbs});
  EXPECT_EQ(outcomes.size(), size_t{kOutcomes});
}

}  // namespace
}  // namespace restree

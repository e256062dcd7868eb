// SPDX-License-Identifier: Apache-2.0
#include "triage/report/out_directory.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "triage/json_read.h"
#include "triage/report/example_document.h"

namespace restree {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr char kFinding[] = "findings/observation.request.EBUSY-ok.straddles/";

class OutDirectoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string path = ::testing::TempDir() + "/outXXXXXX";
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    out_ = path;
  }
  void TearDown() override { fs::remove_all(out_); }

  // Returns what is in the directory: content by relative path.
  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(out_)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      files[fs::relative(entry.path(), out_)] =
          std::string(std::istreambuf_iterator<char>(file), {});
    }
    return files;
  }

  std::string out_;
};

TEST_F(OutDirectoryTest, EveryFindingHasADirectory) {
  ASSERT_TRUE(WriteReports(ExampleDocument(), out_ + "/new/deep").ok());
  out_ += "/new/deep";
  const std::string finding = kFinding;
  const auto files = Files();
  EXPECT_THAT(
      files, UnorderedElementsAre(
                 Key("report.html"), Key("report.json"), Key("report.sarif"),
                 Key("report.txt"), Key(finding + "finding.json"),
                 Key(finding + "report.txt"), Key(finding + "minimal.trace"),
                 Key(finding + "minimal.bytes"), Key(finding + "before.iomem"),
                 Key(finding + "expected.iomem"), Key(finding + "actual.iomem"),
                 Key(finding + "kunit.c"), Key(finding + "inputs.txt")));
  EXPECT_EQ(files.at(finding + "inputs.txt"), "crash-12ab\ncrash-34cd\n");
  EXPECT_THAT(files.at(finding + "actual.iomem"), HasSubstr(" : seam\n"));
  EXPECT_EQ(Json::parse(files.at("report.json")), ExampleDocument());
}

TEST_F(OutDirectoryTest, TwiceGivesTheSameBytes) {
  ASSERT_TRUE(WriteReports(DocumentOnDisk(), out_).ok());
  const auto once = Files();
  ASSERT_TRUE(WriteReports(DocumentOnDisk(), out_).ok());
  EXPECT_TRUE(Files() == once);
}

TEST_F(OutDirectoryTest, WhatIsNoLongerThereGoes) {
  Json document = ExampleDocument();
  ASSERT_TRUE(WriteReports(document, out_).ok());
  Json& finding = document["bugs"][0]["findings"][0];
  finding["actual"] = nullptr;
  finding["exports"]["kunit"]["text"] = "";
  ASSERT_TRUE(WriteReports(document, out_).ok());
  EXPECT_THAT(
      Files(),
      Not(::testing::Contains(Key(std::string(kFinding) + "actual.iomem"))));
  EXPECT_THAT(Files(),
              Not(::testing::Contains(Key(std::string(kFinding) + "kunit.c"))));
}

TEST_F(OutDirectoryTest, StaysInside) {
  Json document = ExampleDocument();
  for (const char* directory : {"../escape", "findings/../..", "findings/..",
                                "/tmp/escape", "findings/", ""}) {
    document["bugs"][0]["findings"][0]["directory"] = directory;
    ASSERT_TRUE(WriteReports(document, out_ + "/in").ok());
  }
  EXPECT_THAT(Files(), UnorderedElementsAre(
                           Key("in/report.html"), Key("in/report.json"),
                           Key("in/report.sarif"), Key("in/report.txt")));
}

TEST_F(OutDirectoryTest, OddBytesAreUtf8InJson) {
  ASSERT_TRUE(WriteReports(DocumentOfOddBytes(), out_).ok());
  EXPECT_TRUE(Json::accept(Files().at("report.json")));
}

TEST_F(OutDirectoryTest, SaysWhatCannotBeWritten) {
  std::ofstream(out_ + "/file") << "in the way";
  const absl::Status status = WriteReports(ExampleDocument(), out_ + "/file");
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(absl::StrContains(status.message(), out_ + "/file")) << status;
}

TEST_F(OutDirectoryTest, AFailureLeavesNoHalfFile) {
  ASSERT_TRUE(WriteReports(ExampleDocument(), out_).ok());
  const auto before = Files();
  fs::remove(out_ + "/report.txt");
  fs::create_directory(out_ + "/report.txt");  // in the way of the rename
  const absl::Status status = WriteReports(ExampleDocument(), out_);
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(Files().size(), before.size() - 1);
}

}  // namespace
}  // namespace restree

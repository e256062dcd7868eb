// SPDX-License-Identifier: Apache-2.0
#include "fuzz/hunt_directory.h"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "fuzz/stats.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

class HuntDirectoryTest : public testing::Test {
 protected:
  HuntDirectoryTest() : path_(testing::TempDir() + "/directory") {
    fs::remove_all(path_);
    directory_.emplace(*HuntDirectory::Open(path_));
  }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(path_ + "/" + name) << text;
  }

  size_t Files(const std::string& name) const {
    return std::distance(fs::directory_iterator(path_ + "/" + name), {});
  }

  const std::string path_;
  std::optional<HuntDirectory> directory_;
  Stats stats_;
};

TEST_F(HuntDirectoryTest, CollectsTheArtifactsOfOneJobOrAll) {
  Write("artifacts/0-crash-a", "a");
  Write("artifacts/1-crash-b", "b");
  Write("artifacts/10-crash-c", "c");
  Write("artifacts/strange", "d");
  EXPECT_EQ(*directory_->CollectArtifacts(1, &stats_), 1);
  EXPECT_EQ(Files("artifacts"), 3);
  EXPECT_EQ(directory_->FindingFiles(), 1);
  EXPECT_EQ(*directory_->CollectArtifacts(std::nullopt, &stats_), 3);
  EXPECT_EQ(Files("artifacts"), 0);
  EXPECT_EQ(directory_->FindingFiles(), 4);
  EXPECT_EQ(stats_.Read().findings, 4);
}

TEST_F(HuntDirectoryTest, LeavesAloneWhatIsOnlySlow) {
  Write("artifacts/0-slow-unit-a", "a");
  EXPECT_EQ(*directory_->CollectArtifacts(0, &stats_), 0);
  EXPECT_EQ(Files("artifacts"), 1);
}

TEST_F(HuntDirectoryTest, KeepsOneFileForEqualCrashes) {
  Write("logs/job-0.log",
        "SUMMARY: AddressSanitizer: double-free\n"
        "    #0 0x1 in restree::F() model/a.cc:1:1\n"
        "x; Test unit written to y/0-crash-a\n"
        "#1 pulse cov: 1\n"
        "SUMMARY: AddressSanitizer: double-free\n"
        "    #0 0x2 in restree::F() model/a.cc:1:1\n"
        "x; Test unit written to y/0-crash-b\n");
  Write("artifacts/0-crash-a", "a");
  Write("artifacts/0-crash-b", "b");
  EXPECT_EQ(*directory_->CollectArtifacts(0, &stats_), 2);
  const std::vector<FindingFile> findings = directory_->Findings();
  ASSERT_EQ(findings.size(), 1);
  EXPECT_TRUE(absl::StartsWith(findings[0].name, "double-free-F-"));
  EXPECT_EQ(stats_.FindingsOf(StableHash(findings[0].name)), 2);
}

TEST_F(HuntDirectoryTest, IsForOneHuntAtATime) {
  EXPECT_FALSE(HuntDirectory::Open(path_).ok());
  directory_.reset();
  EXPECT_TRUE(HuntDirectory::Open(path_).ok());
}

}  // namespace
}  // namespace restree

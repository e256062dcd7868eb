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

  std::string Text(const std::string& name) const {
    std::ifstream file(path_ + "/" + name);
    return std::string(std::istreambuf_iterator<char>(file), {});
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
  EXPECT_EQ(directory_->Findings().size(), 1);
  EXPECT_EQ(*directory_->CollectArtifacts(std::nullopt, &stats_), 3);
  EXPECT_EQ(Files("artifacts"), 0);
  EXPECT_EQ(directory_->Findings().size(), 4);
  EXPECT_EQ(stats_.Read().findings, 4);
}

TEST_F(HuntDirectoryTest, LeavesAloneWhatIsOnlySlow) {
  Write("artifacts/0-slow-unit-a", "a");
  EXPECT_EQ(*directory_->CollectArtifacts(0, &stats_), 0);
  EXPECT_EQ(Files("artifacts"), 1);
}

TEST_F(HuntDirectoryTest, KeepsSeveralInputsOfCrashesThatLookTheSame) {
  std::string base;
  for (int i = 0; i < 12; ++i) {
    Write("logs/job-0.log",
          "SUMMARY: AddressSanitizer: double-free\n"
          "    #0 0x1 in restree::F() model/a.cc:1:1\n"
          "x; Test unit written to y/0-crash-a\n");
    Write("artifacts/0-crash-a", std::to_string(i / 2));
    ASSERT_EQ(*directory_->CollectArtifacts(0, &stats_), 1);
    base = "findings/" + directory_->Findings()[0].name;
  }
  EXPECT_EQ(directory_->Findings().size(), 1);
  EXPECT_EQ(Files("findings"), 7);  // the trace and six inputs
  EXPECT_EQ(Text(base + ".input"), "0");
  EXPECT_EQ(Text(base + "-2.input"), "1");
  EXPECT_EQ(Text(base + "-6.input"), "5");
  for (int i = 10; i < 20; ++i) {
    Write("artifacts/0-crash-a", std::to_string(i));
    ASSERT_EQ(*directory_->CollectArtifacts(0, &stats_), 1);
  }
  EXPECT_EQ(Files("findings"), 9);
  EXPECT_EQ(Files("artifacts"), 0);
}

TEST_F(HuntDirectoryTest, AddsEverySeedOnce) {
  for (const char* name : {"one", "two"}) fs::create_directories(path_ + name);
  Write("../directoryone/same", "a");
  Write("../directoryone/equal", "a");
  Write("../directorytwo/same", "b");
  EXPECT_EQ(*directory_->AddSeeds(path_ + "one"), 1);
  EXPECT_EQ(*directory_->AddSeeds(path_ + "two"), 1);
  EXPECT_EQ(*directory_->AddSeeds(path_ + "two"), 0);
  EXPECT_EQ(directory_->CorpusFiles(), 2);
}

TEST_F(HuntDirectoryTest, TakesOnlyFindingsForFindings) {
  Write("findings/empty.trace", "");
  Write("findings/notes.trace", "# what I think\nrelease r0\n");
  Write("findings/junk.trace", "# junk\n#\n# it is wrong\nrelaese r0\n");
  EXPECT_TRUE(directory_->Findings().empty());
  EXPECT_TRUE(directory_->ReplayFindings().ok());
  EXPECT_EQ(directory_->CorpusFiles(), 0);
  Write("findings/bug.trace", "# bug\n#\n# it is wrong\nrelease r0\n");
  EXPECT_EQ(directory_->Findings().size(), 1);
  EXPECT_TRUE(directory_->ReplayFindings().ok());
  EXPECT_EQ(directory_->CorpusFiles(), 1);
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
  EXPECT_TRUE(absl::StartsWith(findings[0].name, "double-free.F-"));
  EXPECT_EQ(stats_.FindingsOf(StableHash(findings[0].name)), 2);
}

TEST_F(HuntDirectoryTest, IsForOneHuntAtATime) {
  EXPECT_FALSE(HuntDirectory::Open(path_).ok());
  directory_.reset();
  EXPECT_TRUE(HuntDirectory::Open(path_).ok());
}

}  // namespace
}  // namespace restree

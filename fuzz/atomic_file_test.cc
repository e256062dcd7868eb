// SPDX-License-Identifier: Apache-2.0
#include "fuzz/atomic_file.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

class AtomicFile : public testing::Test {
 protected:
  AtomicFile() {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }

  std::string Text() {
    std::ifstream file(path_);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const std::string directory_ = testing::TempDir() + "/atomic";
  const std::string path_ = directory_ + "/file";
};

TEST_F(AtomicFile, ReplacesTheWholeText) {
  EXPECT_TRUE(WriteAtomically(path_, "first and long").ok());
  EXPECT_EQ(Text(), "first and long");
  EXPECT_TRUE(WriteAtomically(path_, "second").ok());
  EXPECT_EQ(Text(), "second");
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 1);
}

TEST_F(AtomicFile, SaysWhatCannotBeWritten) {
  const auto status = WriteAtomically(directory_ + "/none/file", "x");
  EXPECT_EQ(status.message(), "cannot write " + directory_ +
                                  "/none/file: No such file or directory");
}

// A limit on the size of files stands for a disk that is full.
TEST_F(AtomicFile, LeavesTheOldTextWhenTheDiskIsFull) {
  ASSERT_TRUE(WriteAtomically(path_, "old").ok());
  const pid_t pid = fork();
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    _exit(WriteAtomically(path_, std::string(9000, 'x')).ok() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(Text(), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 1);
}

}  // namespace
}  // namespace restree

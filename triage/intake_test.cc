// SPDX-License-Identifier: Apache-2.0
#include "triage/intake.h"

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/trace.h"
#include "model/trace_binary.h"
#include "model/trace_text.h"

namespace restree {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// Text of a trace, each number another one.
std::string Text(int number = 1) {
  return absl::StrCat("r", number, " = request iomem 0x1000-0x1fff mem\n");
}

std::string Bytes(int number = 1) {
  const std::vector<uint8_t> bytes =
      EncodeTrace(ParseTrace(Text(number), "")->trace);
  return std::string(bytes.begin(), bytes.end());
}

// While one lives, not even root may read what has no permissions.
class WithoutPrivileges {
 public:
  WithoutPrivileges() {
    syscall(SYS_capget, &header_, before_);
    __user_cap_data_struct none[2] = {before_[0], before_[1]};
    none[0].effective = none[1].effective = 0;
    syscall(SYS_capset, &header_, none);
  }
  ~WithoutPrivileges() { syscall(SYS_capset, &header_, before_); }

 private:
  __user_cap_header_struct header_ = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct before_[2] = {};
};

class IntakeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string path = ::testing::TempDir() + "/intakeXXXXXX";
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    directory_ = path;
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::string PathOf(const std::string& name) const {
    return absl::StrCat(directory_, "/", name);
  }

  void Put(const std::string& name, absl::string_view content) {
    fs::create_directories(fs::path(PathOf(name)).parent_path());
    std::ofstream(PathOf(name), std::ios::binary) << content;
  }

  Intake Read() const {
    absl::StatusOr<Intake> intake = ReadInputs(directory_);
    EXPECT_TRUE(intake.ok()) << intake.status();
    return intake.ok() ? *std::move(intake) : Intake();
  }

  // "name kind" of each input, "name: why" of what was skipped.
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    const Intake intake = Read();
    for (const Input& input : intake.inputs) {
      lines.push_back(absl::StrCat(input.name, " ", input.kind));
    }
    for (const Skipped& skipped : intake.skipped) {
      lines.push_back(absl::StrCat(skipped.name, ": ", skipped.why));
    }
    return lines;
  }

  std::string Problem(const std::string& path) const {
    return std::string(ReadInputs(path).status().message());
  }

  std::string directory_;
};

TEST_F(IntakeTest, NoDirectoryIsAnError) {
  EXPECT_EQ(Problem(directory_),
            absl::StrCat("\"", directory_, "\": nothing is in it"));
  EXPECT_THAT(Problem(PathOf("none")),
              HasSubstr(": No such file or directory"));
  Put("file", Bytes());
  EXPECT_THAT(Problem(PathOf("file")), HasSubstr("\" is a file: give the dir"));
  EXPECT_THAT(Problem(""), HasSubstr("No such file"));
  EXPECT_THAT(Problem("a\nb"), StartsWith("\"a\\nb\": "));
}

TEST_F(IntakeTest, TellsKindsApart) {
  int number = 0;
  for (const char* name :
       {"crash-1", "leak-1", "timeout-1", "oom-1", "slow-unit-1", "3-crash-2",
        "crashes", "sub/dir/corpus-file", "timeout.walk_mem_res.input",
        "out-of-memory.f.input", "heap-use-after-free.f-2.input"}) {
    Put(name, Bytes(++number));
  }
  Put("a.trace", Text(++number));
  Put("crash-text", Text(++number));
  Put("text", Text(++number));
  Put("crash-nonsense", "letters that a fuzzer may have made");
  EXPECT_THAT(
      Lines(),
      ElementsAre("3-crash-2 crash", "a.trace trace", "crash-1 crash",
                  "crash-nonsense crash", "crash-text crash", "crashes bytes",
                  "heap-use-after-free.f-2.input crash", "leak-1 leak",
                  "oom-1 oom", "out-of-memory.f.input oom",
                  "slow-unit-1 slow-unit", "sub/dir/corpus-file bytes",
                  "text trace", "timeout-1 timeout",
                  "timeout.walk_mem_res.input timeout"));
}

TEST_F(IntakeTest, GivesEachTraceOnce) {
  Put("a.trace", absl::StrCat("# a.b.c.d\n#\n# Why.\n", Text()));
  Put("b", Bytes());
  Put("c/crash-b", Bytes());
  Put("d", Bytes(2));
  const Intake intake = Read();
  ASSERT_EQ(intake.inputs.size(), 2);
  EXPECT_EQ(intake.inputs[0].name, "a.trace");
  EXPECT_THAT(intake.inputs[0].also, ElementsAre("b", "c/crash-b"));
  EXPECT_EQ(intake.inputs[0].trace.ops, ParseTrace(Text(), "")->trace.ops);
  EXPECT_EQ(intake.inputs[0].bytes, Bytes());
  EXPECT_EQ(intake.inputs[0].was, "a.b.c.d");
  EXPECT_NE(intake.inputs[0].hash, intake.inputs[1].hash);
  EXPECT_THAT(intake.inputs[1].also, IsEmpty());
  EXPECT_EQ(intake.inputs[1].was, "");
}

// Anything is some trace.
TEST_F(IntakeTest, TakesWhatOtherFuzzersWrote) {
  Put("image.png", absl::string_view("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
  Put("tool", absl::string_view("\x7f"
                                "ELF\x02\x01\x01\0",
                                8));
  EXPECT_THAT(Lines(), ElementsAre("image.png bytes", "tool bytes"));
}

TEST_F(IntakeTest, SaysWhyAFileIsNoInput) {
  Put("bad.trace", "r1 = request iomem 0x1000-0x1fff memm\n");
  Put("binary.trace", Bytes());
  Put("comment.trace", "# nothing\n");
  Put("empty", "");
  Put("long", std::string(kInputOpsMax * 64 + 1, '\1'));
  Put("notes.txt", "remember the milk\n");
  Put("sparse", "x");
  fs::resize_file(PathOf("sparse"), uintmax_t{1} << 30);
  Put("sub/.hidden", Bytes());
  EXPECT_THAT(Lines(),
              ElementsAre(StartsWith("bad.trace: bad.trace:1:34: "),
                          StartsWith("binary.trace: binary.trace:1:1: "),
                          "comment.trace: a trace without ops", "empty: empty",
                          "long: 10001 ops, more than 10000",
                          StartsWith("notes.txt: notes.txt:1:1: "),
                          "sparse: larger than 4 MiB", "sub/.hidden: hidden"));
}

TEST_F(IntakeTest, NeverOpensWhatIsNoFile) {
  ASSERT_EQ(mkfifo(PathOf("pipe").c_str(), 0600), 0);
  fs::create_symlink("/dev/zero", PathOf("zero"));
  ASSERT_EQ(mknod(PathOf("socket").c_str(), S_IFSOCK | 0600, 0), 0);
  EXPECT_THAT(Lines(), ElementsAre("pipe: no file but a named pipe",
                                   "socket: no file but a socket",
                                   "zero: no file but a device"));
}

TEST_F(IntakeTest, FollowsLinksOnce) {
  Put("in/crash-1", Bytes());
  fs::create_symlink("in/crash-1", PathOf("link"));
  fs::create_symlink("loop", PathOf("loop"));
  fs::create_symlink("nowhere", PathOf("dangling"));
  fs::create_directory_symlink("..", PathOf("in/self"));
  fs::create_directory_symlink("../..", PathOf("in/up"));
  fs::create_directory_symlink("/", PathOf("in/root"));
  fs::create_directory_symlink("in", PathOf("again"));
  EXPECT_THAT(
      Lines(),
      ElementsAre("in/crash-1 crash",
                  "again: a directory that is listed already",
                  "dangling: a symbolic link to nothing",
                  "in/root: leads back to a directory that this one is in",
                  "in/self: a directory that is listed already",
                  "in/up: leads back to a directory that this one is in",
                  "loop: a loop of symbolic links"));
  EXPECT_THAT(Read().inputs[0].also, ElementsAre("link"));
}

TEST_F(IntakeTest, FollowsALinkToElsewhere) {
  Put("elsewhere/crash-1", Bytes());
  fs::create_directories(PathOf("here"));
  fs::create_directory_symlink("../elsewhere", PathOf("here/link"));
  const absl::StatusOr<Intake> intake = ReadInputs(PathOf("here"));
  ASSERT_TRUE(intake.ok()) << intake.status();
  ASSERT_EQ(intake->inputs.size(), 1);
  EXPECT_EQ(intake->inputs[0].name, "link/crash-1");
}

TEST_F(IntakeTest, SkipsWhatItMayNotRead) {
  Put("crash-1", Bytes());
  Put("sub/crash-2", Bytes());
  chmod(PathOf("crash-1").c_str(), 0);
  chmod(PathOf("sub").c_str(), 0);
  const WithoutPrivileges without;
  EXPECT_THAT(Lines(), ElementsAre("crash-1: cannot be read: Permission denied",
                                   "sub: cannot be read: Permission denied"));
  chmod(PathOf("sub").c_str(), 0700);
}

TEST_F(IntakeTest, TakesFindingsOfAHuntAndNotItsCorpus) {
  for (const char* name : {"corpus/1", "logs/1", "lock", "stats"}) {
    Put(name, Bytes(9));
  }
  Put("artifacts/0-crash-1", Bytes(1));
  Put("findings/a.f.input", Bytes(2));
  Put("findings/a.f.trace", absl::StrCat("# a.f\n#\n", Text(2)));
  Put("findings/a.f-2.input", Bytes(3));
  Put("findings/state.release.parent.inside.trace",
      absl::StrCat("# state.release.parent.inside\n#\n# Story.\n", Text(4)));
  Put("report.txt", "a report");
  const Intake intake = Read();
  EXPECT_THAT(intake.skipped, IsEmpty());
  std::vector<std::string> lines;
  for (const Input& input : intake.inputs) {
    lines.push_back(absl::StrCat(input.name, " ", input.kind, " ", input.was));
  }
  EXPECT_THAT(lines,
              ElementsAre("artifacts/0-crash-1 crash ",
                          "findings/a.f-2.input crash a.f",
                          "findings/a.f.input crash a.f",
                          "findings/state.release.parent.inside.trace trace "
                          "state.release.parent.inside"));
}

TEST_F(IntakeTest, AHuntWithoutFindingsIsNoError) {
  for (const char* name : {"corpus", "findings", "artifacts"}) {
    fs::create_directories(PathOf(name));
  }
  Put("lock", "");
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(IntakeTest, TakesMinimalTracesOfATriage) {
  for (const char* name :
       {"report.json", "report.sarif", "report.txt", "work/1.json",
        "findings/a.b/finding.json", "findings/a.b/kunit.c"}) {
    Put(name, "{}");
  }
  Put("findings/a.b/minimal.trace", Text());
  EXPECT_THAT(Lines(), ElementsAre("findings/a.b/minimal.trace trace"));
}

TEST_F(IntakeTest, NamesMayBeAnyBytes) {
  Put("crash-\xff\n\x1b[2J", Bytes());
  Put("\xff\n.trace", "?");
  EXPECT_THAT(Lines(),
              ElementsAre("crash-\xff\n\x1b[2J crash",
                          StartsWith("\xff\n.trace: \\xff\\n.trace:1:1: ")));
}

}  // namespace
}  // namespace restree

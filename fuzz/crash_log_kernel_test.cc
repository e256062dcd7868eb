// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "fuzz/crash_log.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

// Returns what a fuzzer printed when a kernel with a planted bug played one
// input, cut short.
std::string Log(const std::string& name) {
  const std::string path = absl::StrCat("fuzz/testdata/", name, ".log");
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string NameIn(absl::string_view log) {
  const std::optional<Crash> crash = CrashInReplay(log);
  return crash.has_value() ? crash->Name() : "none";
}

TEST(CrashInReplay, NamesTheKernelsFunction) {
  EXPECT_EQ(NameIn(Log("use_after_free")), "use-after-poison.__release_region");
  EXPECT_EQ(NameIn(Log("hang")), "timeout.lookup_resource");
}

TEST(CrashInReplay, NamesABugAlikeWhoeverNotices) {
  EXPECT_EQ(NameIn(Log("null_ubsan")),
            "null-dereference.__release_child_resources");
  EXPECT_EQ(NameIn(Log("null_segv")), NameIn(Log("null_ubsan")));
}

TEST(CrashInReplay, NamesABugAlikeInEveryKernel) {
  for (const std::string& log :
       {Log("use_after_free"), Log("hang"), Log("null_segv")}) {
    EXPECT_EQ(NameIn(absl::StrReplaceAll(log, {{"linux_tree", "linux_6_12"},
                                               {"resource.c:", "resource.c:9"},
                                               {"0x5", "0x6"}})),
              NameIn(log));
  }
}

TEST(CrashInReplay, BlamesNoHelperOfAHeader) {
  EXPECT_EQ(NameIn("SUMMARY: AddressSanitizer: use-after-poison\n"
                   "    #0 0x1 in restree::Runtime::FreeMemory(void const*) "
                   "kernel/runtime.cc:4:1\n"
                   "    #1 0x1 in list_del external/linux_6_1/include/linux/"
                   "list.h:146:2\n"
                   "    #2 0x1 in linux_6_1_resource_list_free "
                   "external/linux_6_1/kernel/resource.c:7:1\n"),
            "use-after-poison.resource_list_free");
}

// Where a loop is met is chance, and so is the helper that it has just called.
TEST(CrashInReplay, BlamesTheEntryForALoop) {
  const auto name = [](const char* top, const char* kind) {
    return NameIn(absl::StrCat(
        "    #0 0x1 in ", top, " external/linux_6_1/kernel/resource.c:1:1\n",
        "    #1 0x1 in linux_6_1_walk_mem_res "
        "external/linux_6_1/kernel/resource.c:7:1\n"
        "    #2 0x1 in restree::LinuxMachine::Apply() kernel/a.cc:1:1\n"
        "SUMMARY: libFuzzer: ",
        kind, "\n"));
  };
  EXPECT_EQ(name("next_resource", "timeout"), "timeout.walk_mem_res");
  EXPECT_EQ(name("is_type_match", "timeout"), "timeout.walk_mem_res");
  EXPECT_EQ(name("alloc_resource", "out-of-memory (malloc(1))"),
            "out-of-memory.walk_mem_res");
}

TEST(CrashInReplay, KeepsTheSignatureOfAFailure) {
  const std::optional<Crash> crash = CrashInReplay(Log("dies"));
  ASSERT_TRUE(crash.has_value());
  EXPECT_EQ(crash->Name(), "observation.adjust.warnings.alone");
}

TEST(CrashInReplay, SaysTheSameInEachRun) {
  const std::optional<Crash> crash = CrashInReplay(Log("use_after_free"));
  ASSERT_TRUE(crash.has_value());
  EXPECT_EQ(crash->report.substr(0, crash->report.find("    #2")),
            "ERROR: AddressSanitizer: use-after-poison on address 0x... at pc "
            "0x... bp 0x... sp 0x...\n"
            "READ of size 8 at 0x... thread T0\n"
            "    #0 linux_tree___release_region "
            "external/linux_tree/kernel/resource.c:1372:13\n"
            "    #1 operator() "
            "/usr/include/absl/functional/function_ref.h:132:12\n");
  EXPECT_FALSE(absl::StrContains(crash->report, "Shadow"));
  const std::optional<Crash> segv = CrashInReplay(Log("null_segv"));
  ASSERT_TRUE(segv.has_value());
  EXPECT_FALSE(absl::StrContains(segv->report, "0x0"));
  EXPECT_FALSE(absl::StrContains(segv->report, "25739"));
}

TEST(CrashInReplay, FindsNoneInARunThatEndsWell) {
  EXPECT_EQ(NameIn("INFO: Seed: 1\nRunning: in/uaf\nExecuted in/uaf in 0 ms\n"
                   "***\n*** NOTE: fuzzing was not performed, you have only\n"),
            "none");
  EXPECT_EQ(NameIn(""), "none");
}

}  // namespace
}  // namespace restree

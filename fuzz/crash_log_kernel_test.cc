// SPDX-License-Identifier: Apache-2.0
//
// What fuzzers printed when a kernel with planted bugs played one input, cut
// short.
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "fuzz/crash_log.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

constexpr char kNullUnderUbsan[] =
    R"(Running: in/null
external/linux_tree/kernel/resource.c:231:20: runtime error: member access within null pointer of type 'struct resource'
    #0 0x5652b3f2ed0b in __release_child_resources /proc/self/cwd/external/linux_tree/kernel/resource.c:231:20
    #1 0x5652b3f2eb80 in linux_tree_release_child_resources /proc/self/cwd/external/linux_tree/kernel/resource.c:246:2
    #2 0x5652b3f2be85 in operator() /usr/include/absl/functional/function_ref.h:132:12
    #3 0x5652b3f2be85 in restree::Runtime::Call(absl::debian3::FunctionRef<void ()>) /proc/self/cwd/kernel/runtime.cc:92:5
    #4 0x5652b3eef4ff in restree::LinuxMachine::Apply(restree::Op const&) /proc/self/cwd/kernel/linux_machine.cc:139:12
    #9 0x5652b3cbb6d6 in fuzzer::Fuzzer::ExecuteCallback(unsigned char const*, unsigned long) crtstuff.c
    #12 0x5652b3cd49d2 in main (/tmp/uafA/asan+0x22a9d2) (BuildId: 9b86635011d99043)

SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior external/linux_tree/kernel/resource.c:231:20
)";

constexpr char kNullAsSegv[] =
    R"(Running: in/null
UndefinedBehaviorSanitizer:DEADLYSIGNAL
==25739==ERROR: UndefinedBehaviorSanitizer: SEGV on unknown address 0x000000000028 (pc 0x561b097c1cc4 bp 0x7fff9e384800 sp 0x7fff9e3847f0 T25739)
==25739==The signal is caused by a READ memory access.
==25739==Hint: address points to the zero page.
    #0 0x561b097c1cc4 in __release_child_resources /proc/self/cwd/external/linux_tree/kernel/resource.c:231:20
    #1 0x561b097c1c78 in linux_tree_release_child_resources /proc/self/cwd/external/linux_tree/kernel/resource.c:246:2
    #2 0x561b097c0e20 in operator() /usr/include/absl/functional/function_ref.h:132:12
    #3 0x561b097c0e20 in restree::Runtime::Call(absl::debian3::FunctionRef<void ()>) /proc/self/cwd/kernel/runtime.cc:92:5
    #4 0x561b097b1f50 in restree::LinuxMachine::Apply(restree::Op const&) /proc/self/cwd/kernel/linux_machine.cc:139:12
    #9 0x561b09713cf6 in fuzzer::Fuzzer::ExecuteCallback(unsigned char const*, unsigned long) crtstuff.c
    #12 0x561b0972cff2 in main (/tmp/uafA/nosan+0xe2ff2) (BuildId: 07ff4dc0f10cf5b2)

==25739==Register values:
rax = 0xffffffffffffef60  rbx = 0x00007f6e4f400080
UndefinedBehaviorSanitizer can not provide additional info.
SUMMARY: UndefinedBehaviorSanitizer: SEGV /proc/self/cwd/external/linux_tree/kernel/resource.c:231:20 in __release_child_resources
)";

constexpr char kUseAfterFree[] =
    R"(Running: in/uaf
=================================================================
==25745==ERROR: AddressSanitizer: use-after-poison on address 0x7f39a7200098 at pc 0x5556cbf0f97d bp 0x7fffcdc85350 sp 0x7fffcdc85348
READ of size 8 at 0x7f39a7200098 thread T0
    #0 0x5556cbf0f97c in linux_tree___release_region /proc/self/cwd/external/linux_tree/kernel/resource.c:1372:13
    #1 0x5556cbf07e85 in operator() /usr/include/absl/functional/function_ref.h:132:12
    #2 0x5556cbf07e85 in restree::Runtime::Call(absl::debian3::FunctionRef<void ()>) /proc/self/cwd/kernel/runtime.cc:92:5
    #3 0x5556cbecb4ff in restree::LinuxMachine::Apply(restree::Op const&) /proc/self/cwd/kernel/linux_machine.cc:139:12
    #8 0x5556cbc976d6 in fuzzer::Fuzzer::ExecuteCallback(unsigned char const*, unsigned long) crtstuff.c

Address 0x7f39a7200098 is a wild pointer inside of access range of size 0x000000000008.
SUMMARY: AddressSanitizer: use-after-poison /proc/self/cwd/external/linux_tree/kernel/resource.c:1372:13 in linux_tree___release_region
Shadow bytes around the buggy address:
)";

constexpr char kHang[] =
    R"(Running: in/hang
ALARM: working on the last Unit for 3 seconds
       and the timeout value is 3 (use -timeout=N to change)
==25730== ERROR: libFuzzer: timeout after 3 seconds
    #0 0x55837785c354 in __sanitizer_print_stack_trace (/tmp/uafA/nosan+0xfb354) (BuildId: 07ff4dc0f10cf5b2)
    #1 0x5583778437a8 in fuzzer::PrintStackTrace() crtstuff.c
    #2 0x558377829727 in fuzzer::Fuzzer::AlarmCallback() crtstuff.c
    #3 0x7ff69725a04f  (/lib/x86_64-linux-gnu/libc.so.6+0x3c04f) (BuildId: 93ac61ec5a8eb1396f9fbd350e3169a558528a40)
    #4 0x5583778da562 in linux_tree_lookup_resource /proc/self/cwd/external/linux_tree/kernel/resource.c:846:55
    #5 0x5583778cac69 in restree::LinuxMachine::Ask(restree::Op const&, restree::Observation*) /proc/self/cwd/kernel/linux_ask.cc:85:34
    #6 0x5583778d7e20 in operator() /usr/include/absl/functional/function_ref.h:132:12
    #7 0x5583778d7e20 in restree::Runtime::Call(absl::debian3::FunctionRef<void ()>) /proc/self/cwd/kernel/runtime.cc:92:5
    #13 0x55837782acf6 in fuzzer::Fuzzer::ExecuteCallback(unsigned char const*, unsigned long) crtstuff.c

SUMMARY: libFuzzer: timeout
)";

constexpr char kDies[] =
    R"(Running: in/warn
linux disagrees with model at op 2 of 2: want ok, got ok warn=WARN_ON
  verdict: linux stands alone: model and oracle agree
    r0 = request iomem 0x1000-0x1fff mem
  > adjust r0 0x1000-0x1fff   want ok, got ok warn=WARN_ON
  state
    00001000-00001fff : r0  [r0 mem]
replay: bazel-bin/restree run FILE

signature: observation.adjust.warnings.alone
==25762== ERROR: libFuzzer: deadly signal
    #0 0x558452758c41 in __sanitizer_print_stack_trace (/tmp/uafA/asan+0x2d2c41) (BuildId: 9b86635011d99043)
    #1 0x5584526b0188 in fuzzer::PrintStackTrace() crtstuff.c
    #2 0x558452696193 in fuzzer::Fuzzer::CrashCallback() crtstuff.c
    #3 0x7f7fb7f7a04f  (/lib/x86_64-linux-gnu/libc.so.6+0x3c04f) (BuildId: 93ac61ec5a8eb1396f9fbd350e3169a558528a40)
    #4 0x7f7fb7fc8eeb in __pthread_kill_implementation nptl/pthread_kill.c:43:17
    #5 0x7f7fb7f79fb1 in raise signal/../sysdeps/posix/raise.c:26:13
    #6 0x7f7fb7f64471 in abort stdlib/abort.c:79:7
    #7 0x5584527cbeba in (anonymous namespace)::Observation((anonymous namespace)::Frame const* const*) /proc/self/cwd/./fuzz/frame_names.inc:7:1
    #8 0x5584527d2a62 in (anonymous namespace)::op_adjust((anonymous namespace)::Frame const* const*) /proc/self/cwd/./fuzz/frame_names.inc:130:1
    #9 0x5584527ca542 in (anonymous namespace)::Oxbow((anonymous namespace)::Frame const* const*) /proc/self/cwd/./fuzz/frame_names.inc:234:1
    #10 0x5584527c69a8 in restree::DieAs(absl::debian3::string_view) /proc/self/cwd/fuzz/die.cc:100:3

NOTE: libFuzzer has rudimentary signal handlers.
      Combine libFuzzer with AddressSanitizer or similar for better crash reports.
SUMMARY: libFuzzer: deadly signal
)";

std::string NameIn(absl::string_view log) {
  const std::optional<Crash> crash = CrashInReplay(log);
  return crash.has_value() ? crash->Name() : "none";
}

TEST(CrashInReplay, NamesTheKernelsFunction) {
  EXPECT_EQ(NameIn(kUseAfterFree), "use-after-poison.__release_region");
  EXPECT_EQ(NameIn(kHang), "timeout.lookup_resource");
}

TEST(CrashInReplay, NamesABugAlikeWhoeverNotices) {
  EXPECT_EQ(NameIn(kNullUnderUbsan),
            "null-dereference.__release_child_resources");
  EXPECT_EQ(NameIn(kNullAsSegv), NameIn(kNullUnderUbsan));
}

TEST(CrashInReplay, NamesABugAlikeInEveryKernel) {
  for (const char* log : {kUseAfterFree, kHang, kNullAsSegv}) {
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
  const std::optional<Crash> crash = CrashInReplay(kDies);
  ASSERT_TRUE(crash.has_value());
  EXPECT_EQ(crash->Name(), "observation.adjust.warnings.alone");
}

TEST(CrashInReplay, SaysTheSameInEachRun) {
  const std::optional<Crash> crash = CrashInReplay(kUseAfterFree);
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
  const std::optional<Crash> segv = CrashInReplay(kNullAsSegv);
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

// SPDX-License-Identifier: Apache-2.0
#include "fuzz/crash_log.h"

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

constexpr char kUseAfterFree[] =
    R"(INFO: Seed: 7
#2	INITED cov: 12 ft: 30 corp: 1/1b
#9	NEW    cov: 14 ft: 31 corp: 2/2b
=================================================================
==41==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010
READ of size 8 at 0x602000000010 thread T0
    #0 0x4f1 in __asan_memcpy (/x/fuzzer+0x4f1) (BuildId: d62b)
    #1 0x555 in restree::(anonymous namespace)::Adopt(Node*) model/tree.cc:12:3
    #2 0x556 in void restree::Walk<int>(int) model/walk.cc:7:1
    #3 0x557 in restree::Model::Apply(restree::Op const&) model/model.cc:9:1
    #4 0x558 in fuzzer::Fuzzer::ExecuteCallback(unsigned char const*) (/x+0x1)
    #5 0x559 in main (/x/fuzzer+0x559) (BuildId: d62b)

0x602000000010 is located 0 bytes inside of 16-byte region
freed by thread T0 here:
    #0 0x4f2 in operator delete(void*) (/x/fuzzer+0x4f2)
    #1 0x559 in restree::Drop() model/drop.cc:1:1

SUMMARY: AddressSanitizer: heap-use-after-free model/tree.cc:12:3 in rt::Adopt
MS: 2 Custom-CrossOver-; base unit: adc8
0xa,0xa,0x32,
\012\0122
artifact_prefix='d/0-'; Test unit written to d/0-crash-58de
Base64: Cgoy
)";

TEST(CrashIn, ReadsASanitizersReport) {
  const std::optional<Crash> crash = CrashIn(kUseAfterFree, "0-crash-58de");
  ASSERT_TRUE(crash.has_value());
  EXPECT_EQ(crash->kind, "heap-use-after-free");
  EXPECT_EQ(crash->function, "Adopt");
  EXPECT_TRUE(absl::StartsWith(crash->Name(), "heap-use-after-free.Adopt-"));
  EXPECT_TRUE(absl::StrContains(crash->report, "located 0 bytes inside"));
  EXPECT_FALSE(absl::StrContains(crash->report, "cov: 14"));
  EXPECT_FALSE(absl::StrContains(crash->report, "base unit"));
  EXPECT_FALSE(absl::StrContains(crash->report, "012"));
  EXPECT_FALSE(absl::StrContains(crash->report, "ExecuteCallback"));
  EXPECT_FALSE(absl::StrContains(crash->report, "in main"));
  EXPECT_TRUE(absl::StrContains(crash->report, "(/x/fuzzer+0x4f1)\n"));
  EXPECT_FALSE(CrashIn(kUseAfterFree, "0-crash-1111").has_value());
}

TEST(CrashIn, NamesEqualBugsEqually) {
  const std::string name = CrashIn(kUseAfterFree, "0-crash-58de")->Name();
  const auto changed = [](const char* from, const char* to) {
    const std::string log = absl::StrReplaceAll(kUseAfterFree, {{from, to}});
    return CrashIn(log, "0-crash-58de")->Name();
  };
  EXPECT_EQ(changed("0x602000000010", "0x603000000040"), name);
  EXPECT_EQ(changed("tree.cc:12:3", "tree.cc:14:3"), name);
  EXPECT_EQ(changed("Drop()", "Dropped()"), name);
  EXPECT_NE(changed("heap-use-after-free", "heap-buffer-overflow"), name);
  EXPECT_NE(changed("Adopt", "Expand"), name);
  EXPECT_NE(changed("Walk<int>", "Visit<int>"), name);
}

TEST(CrashIn, NamesAShallowStackByItselfAlone) {
  const auto name = [](const char* freed_by) {
    return CrashIn(absl::StrCat("SUMMARY: AddressSanitizer: double-free\n"
                                "    #0 0x1 in restree::F() model/a.cc:1:1\n"
                                "freed by thread T0 here:\n"
                                "    #0 0x1 in restree::",
                                freed_by,
                                "() model/b.cc:1:1\n"
                                "d/; Test unit written to d/0-x"),
                   "0-x")
        ->Name();
  };
  EXPECT_EQ(name("Drop"), name("Clear"));
}

TEST(CrashIn, DoesNotBlameTheLibraryForWhatIsInlined) {
  const auto name = [](const char* frames) {
    return CrashIn(absl::StrCat("SUMMARY: libFuzzer: deadly signal\n", frames,
                                "d/; Test unit written to d/0-x"),
                   "0-x")
        ->Name();
  };
  const std::string inlined =
      "    #0 0x1 in raise (/lib/libc.so.6+0x3c04f) (BuildId: 58)\n"
      "    #1 0x1 in _M_get /usr/include/c++/12/optional:480:2\n"
      "    #2 0x1 in operator* /usr/include/c++/12/optional:967:2\n"
      "    #3 0x1 in value /usr/include/c++/12/optional:990:2\n";
  const std::string first =
      name(absl::StrCat(inlined,
                        "    #4 0x1 in restree::BrokenInvariant(restree::State "
                        "const&) properties/invariants.cc:40:3\n")
               .c_str());
  EXPECT_TRUE(absl::StartsWith(first, "deadly-signal.BrokenInvariant-"))
      << first;
  const std::string second =
      name(absl::StrCat(inlined,
                        "    #4 0x1 in Adjust /x/restree/model/model.cc:4:3\n")
               .c_str());
  EXPECT_TRUE(absl::StartsWith(second, "deadly-signal.Adjust-")) << second;
  const std::string third = name(
      "    #0 0x1 in Foo /x/external/com_google_absl/a.h:1:1\n"
      "    #1 0x1 in Bar /build/llvm-toolchain/asan.cpp:1:1\n"
      "    #2 0x1 in std::pair<int, long> restree::Find<int, long>(int) "
      "model/find.cc:1:1\n");
  EXPECT_TRUE(absl::StartsWith(third, "deadly-signal.Find-int-long-")) << third;
}

TEST(CrashIn, FindsTheRightOneOfSeveral) {
  const std::string second = absl::StrReplaceAll(
      kUseAfterFree, {{"heap-use-after-free", "heap-buffer-overflow"},
                      {"crash-58de", "crash-77"}});
  const std::string log = absl::StrCat(kUseAfterFree, second);
  EXPECT_EQ(CrashIn(log, "0-crash-58de")->kind, "heap-use-after-free");
  EXPECT_EQ(CrashIn(log, "0-crash-77")->kind, "heap-buffer-overflow");
}

TEST(CrashIn, KnowsOtherKinds) {
  const auto kind = [](const std::string& report) {
    return CrashIn(absl::StrCat("#2\tINITED cov: 1\n", report,
                                "\nd/; Test unit written to d/0-x"),
                   "0-x")
        ->Name();
  };
  EXPECT_TRUE(absl::StartsWith(
      kind("fuzz: model/a.cc:1: int F(): Assertion `x < 1' failed.\n"
           "==7== ERROR: libFuzzer: deadly signal\n"
           "    #0 0x1 in __assert_fail assert/assert.c:101:3\n"
           "    #1 0x1  (/lib/libc.so.6+0x3c04f)\n"
           "    #2 0x1 in restree::F() model/a.cc:1:1\n"
           "SUMMARY: libFuzzer: deadly signal"),
      "assertion.F-"));
  EXPECT_TRUE(absl::StartsWith(
      kind("model/a.cc:1:2: runtime error: shift exponent 64 is too large\n"
           "    #0 0x1 in restree::G() model/a.cc:1:2\n"
           "SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior a.cc:1:2"),
      "shift-exponent.G-"));
  EXPECT_TRUE(
      absl::StartsWith(kind("==7== ERROR: libFuzzer: timeout after 30 seconds\n"
                            "SUMMARY: libFuzzer: timeout"),
                       "timeout-"));
  EXPECT_TRUE(absl::StartsWith(
      kind("==7== ERROR: libFuzzer: out-of-memory (used: 9Mb)\n"
           "SUMMARY: libFuzzer: out-of-memory"),
      "out-of-memory-"));
  EXPECT_TRUE(
      absl::StartsWith(kind("SUMMARY: libFuzzer: deadly signal"), "deadly-"));
  EXPECT_TRUE(absl::StartsWith(kind("strange words"), "crash-"));
}

TEST(LastCoverage, IsTheLastNumber) {
  EXPECT_EQ(LastCoverage(kUseAfterFree), 14);
  EXPECT_EQ(LastCoverage("#1\tpulse  cov: 9\n"), 9);
  EXPECT_EQ(LastCoverage("no number"), std::nullopt);
  EXPECT_EQ(LastCoverage(" cov: x"), std::nullopt);
}

}  // namespace
}  // namespace restree

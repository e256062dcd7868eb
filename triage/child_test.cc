// SPDX-License-Identifier: Apache-2.0
#include "triage/child.h"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "triage/black_box.h"

namespace restree {
namespace {

ChildEnd Play(const std::function<std::string()>& body,
              const ChildLimits& limits = {}) {
  BlackBox box;
  return RunChild(limits, box, body);
}

void Sleep(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

TEST(ChildTest, HandsOverItsResult) {
  const std::string large(size_t{3} << 20, 'x');
  const ChildEnd end = Play([&] { return large; });
  EXPECT_EQ(end.kind, ChildEnd::Kind::kDone);
  EXPECT_EQ(end.result, large);
}

TEST(ChildTest, KeepsWhatItDoesToMemoryToItself) {
  int number = 1;
  Play([&] {
    number = 2;
    return "";
  });
  EXPECT_EQ(number, 1);
}

TEST(ChildTest, HasNoInputAndItsOutputIsKept) {
  const ChildEnd end = Play([] {
    std::printf("printed\n");
    std::fflush(stdout);
    std::fprintf(stderr, "complained\n");
    return absl::StrCat(std::getchar());
  });
  EXPECT_EQ(end.result, absl::StrCat(EOF));
  EXPECT_EQ(end.errors, "printed\ncomplained\n");
}

TEST(ChildTest, KeepsTheBeginningOfMuchOutput) {
  const ChildEnd end = Play([] {
    for (int i = 0; i < 100'000; ++i) std::fprintf(stderr, "line %d\n", i);
    return "done";
  });
  EXPECT_EQ(end.result, "done");
  EXPECT_EQ(end.errors.size(), size_t{64} << 10);
  EXPECT_EQ(end.errors.substr(0, 14), "line 0\nline 1\n");
}

TEST(ChildTest, Crashes) {
  const ChildEnd end = Play([]() -> std::string {
    signal(SIGSEGV, SIG_DFL);  // a sanitizer's handler would end it otherwise
    raise(SIGSEGV);
    return "";
  });
  EXPECT_EQ(end.kind, ChildEnd::Kind::kCrash);
  EXPECT_EQ(end.signal, SIGSEGV);
  EXPECT_EQ(SignalText(end.signal), "SEGV");
}

TEST(ChildTest, EndsInTheMiddle) {
  const ChildEnd end = Play([]() -> std::string { _exit(3); });
  EXPECT_EQ(end.kind, ChildEnd::Kind::kCrash);
  EXPECT_EQ(SignalText(end.signal), "exit");
}

TEST(ChildTest, Hangs) {
  const ChildEnd end = Play(
      [] {
        Sleep(60'000);
        return "";
      },
      {.seconds = 0.2});
  EXPECT_EQ(end.kind, ChildEnd::Kind::kHang);
}

TEST(ChildTest, DoesNotHangWhileItNotesSomethingNew) {
  BlackBox box;
  const ChildEnd end = RunChild({.seconds = 0.5}, box, [&] {
    for (size_t i = 0; i < 10; ++i) {
      Sleep(100);
      box.At(i, Verb::kRequest);
    }
    return "done";
  });
  EXPECT_EQ(end.kind, ChildEnd::Kind::kDone);
}

TEST(ChildTest, RunsOutOfMemory) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "which has a limit of its own";
#endif
#endif
  const ChildEnd end = Play(
      [] {
        std::vector<std::string> all;
        for (;;) all.emplace_back(size_t{1} << 20, 'x');
        return "";
      },
      {.memory_bytes = size_t{64} << 20});
  EXPECT_EQ(end.kind, ChildEnd::Kind::kMemory);
}

TEST(ChildTest, LeavesWhatItPlayed) {
  const Trace trace =
      ParseTrace("r0 = request iomem 0x1000-0x1fff \"a\" mem\nrelease r0\n", "")
          ->trace;
  BlackBox box;
  const ChildEnd end = RunChild({}, box, [&]() -> std::string {
    box.Playing(trace);
    box.At(1, Verb::kRelease);
    box.Turn(2);
    std::_Exit(1);
  });
  EXPECT_EQ(end.kind, ChildEnd::Kind::kCrash);
  ASSERT_TRUE(box.is_playing());
  EXPECT_EQ(box.trace(), trace);
  EXPECT_EQ(box.op_index(), 1u);
  EXPECT_EQ(box.verb(), Verb::kRelease);
  EXPECT_EQ(box.machine(), 2u);
  box.Done();
  EXPECT_FALSE(box.is_playing());
  EXPECT_EQ(box.trace(), std::nullopt);
}

TEST(ChildTest, RunsManySomeAtATime) {
  std::vector<std::string> results(20);
  RunChildren({.count = results.size(),
               .jobs = 3,
               .body =
                   [](size_t number, BlackBox& box) {
                     box.At(number, Verb::kRelease);
                     if (number == 7) std::_Exit(1);
                     return absl::StrCat("result ", number);
                   },
               .on_end =
                   [&](size_t number, ChildEnd end, const BlackBox& box) {
                     EXPECT_EQ(box.op_index(), number);
                     results[number] = end.result;
                   },
               .must_stop = [] { return false; }});
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i], i == 7 ? "" : absl::StrCat("result ", i));
  }
}

TEST(ChildTest, KillsAllWhenItMustStop) {
  const auto begin = std::chrono::steady_clock::now();
  int asked = 0;
  int ended = 0;
  RunChildren({.count = 5,
               .jobs = 2,
               .body =
                   [](size_t, BlackBox&) {
                     Sleep(60'000);
                     return "";
                   },
               .on_end = [&](size_t, ChildEnd, const BlackBox&) { ++ended; },
               .must_stop = [&] { return ++asked > 3; }});
  EXPECT_EQ(ended, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(ChildTest, HasChildrenOfItsOwn) {
  const ChildEnd end = Play([] {
    return absl::StrCat("outer ", Play([] { return "inner"; }).result);
  });
  EXPECT_EQ(end.result, "outer inner");
}

}  // namespace
}  // namespace restree

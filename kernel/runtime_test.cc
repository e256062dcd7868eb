// SPDX-License-Identifier: Apache-2.0
#include "kernel/runtime.h"

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "gtest/gtest.h"
#include "kernel/arena.h"
#include "kernel/devices.h"
#include "kernel/fibers.h"
#include "kernel/hooks.h"
#include "model/observation.h"
#include "model/trace.h"

namespace restree {
namespace {

// Returns what code that calls the hooks as `body` does is warned of.
int WarningsOf(Runtime* runtime, absl::FunctionRef<void()> body) {
  Observation seen;
  runtime->Begin(&seen);
  runtime->Call(body);
  runtime->End();
  return seen.warnings;
}

int WarningsOf(absl::FunctionRef<void()> body) {
  Runtime runtime;
  return WarningsOf(&runtime, body);
}

void Do(kernel_event_kind what) { kernel_event(what, nullptr); }

TEST(RuntimeTest, LocksHaveRules) {
  EXPECT_EQ(WarningsOf([] {
              Do(KERNEL_READ_LOCK);
              Do(KERNEL_READ_UNLOCK);
              Do(KERNEL_WRITE_LOCK);
              Do(KERNEL_WRITE_UNLOCK);
            }),
            0);
  EXPECT_EQ(WarningsOf([] { Do(KERNEL_READ_UNLOCK); }), kWarnLock);
  EXPECT_EQ(WarningsOf([] { Do(KERNEL_WRITE_UNLOCK); }), kWarnLock);
  EXPECT_EQ(WarningsOf([] { Do(KERNEL_WRITE_LOCK); }), kWarnLock);
  EXPECT_EQ(WarningsOf([] {
              Do(KERNEL_WRITE_LOCK);
              Do(KERNEL_READ_UNLOCK);
            }),
            kWarnLock);
  EXPECT_EQ(WarningsOf([] {
              Do(KERNEL_READ_LOCK);
              Do(KERNEL_WRITE_LOCK);
              Do(KERNEL_WRITE_UNLOCK);
              Do(KERNEL_READ_UNLOCK);
            }),
            kWarnLock);
}

TEST(RuntimeTest, NobodySleepsOrCallsBackUnderALock) {
  const auto under_lock = [](absl::FunctionRef<void()> body) {
    return WarningsOf([body] {
      Do(KERNEL_READ_LOCK);
      body();
      Do(KERNEL_READ_UNLOCK);
    });
  };
  EXPECT_EQ(under_lock([] { kernel_alloc(8, 0); }), 0);
  EXPECT_EQ(under_lock([] { kernel_alloc(8, KERNEL_GFP_SLEEP); }), kWarnLock);
  EXPECT_EQ(under_lock([] { Do(KERNEL_CALLBACK); }), kWarnLock);
}

TEST(RuntimeTest, OnlyWhatKmallocGaveIsFreedAndOnce) {
  EXPECT_EQ(WarningsOf([] { kernel_free(kernel_alloc(8, 0)); }), 0);
  EXPECT_EQ(WarningsOf([] { kernel_free(nullptr); }), 0);
  EXPECT_EQ(WarningsOf([] {
              void* const memory = kernel_alloc(8, 0);
              kernel_free(memory);
              kernel_free(memory);
            }),
            kWarnBug);
  EXPECT_EQ(WarningsOf([] {
              int mine = 0;
              kernel_free(&mine);
            }),
            kWarnBug);
  EXPECT_EQ(WarningsOf([] {
              kernel_free(static_cast<char*>(kernel_alloc(256, 0)) + 64);
            }),
            kWarnBug);
}

TEST(RuntimeTest, RemembersWhatWasFreed) {
  EXPECT_EQ(WarningsOf([] {
              void* const memory = kernel_alloc(8, 0);
              kernel_free(memory);
              EXPECT_TRUE(kernel_is_slab(memory));
            }),
            0);
}

TEST(RuntimeTest, BugLeavesTheKernel) {
  bool went_on = false;
  EXPECT_EQ(WarningsOf([&went_on] {
              Do(KERNEL_WRITE_LOCK);
              kernel_bug("f");
              went_on = true;
            }),
            kWarnBug);
  EXPECT_FALSE(went_on);
}

TEST(RuntimeTest, EndlessLoopsEnd) {
  EXPECT_EQ(WarningsOf([] {
              for (;;) {
                Do(KERNEL_READ_LOCK);
                Do(KERNEL_READ_UNLOCK);
              }
            }),
            kWarnBug);
  EXPECT_EQ(WarningsOf([] {
              void* memory = nullptr;
              for (int i = 1;; ++i) memory = kernel_realloc(memory, i * 64, 0);
            }),
            kWarnBug);
}

TEST(RuntimeTest, AllocationsFailOnDemand) {
  Runtime runtime;
  runtime.fail_nth = 2;
  runtime.fail_times = 2;
  std::string got;
  WarningsOf(&runtime, [&got] {
    for (int i = 0; i < 4; ++i) got += kernel_alloc(8, 0) ? '1' : '0';
  });
  EXPECT_EQ(got, "1001");
  EXPECT_EQ(runtime.fail_nth, 0u);
  runtime.fail_nth = 1;
  runtime.fail_times = 1;
  WarningsOf(&runtime, [] {
    EXPECT_NE(kernel_alloc(8, KERNEL_GFP_NOFAIL), nullptr);
    EXPECT_NE(kernel_alloc(8, 0), nullptr);
  });
}

TEST(RuntimeTest, KnowsMessagesByTheirBeginning) {
  EXPECT_EQ(WarningsOf([] {
              kernel_printk("Trying to free nonexistent resource <%pa>\n");
            }),
            kWarnNonexistent);
  EXPECT_EQ(WarningsOf([] { kernel_printk("Never heard of\n"); }), kWarnOther);
}

TEST(RuntimeTest, PrintsAsTheKernelDoes) {
  Runtime runtime;
  WarningsOf(&runtime, [] {
    kernel_seq_printf(nullptr, "%*s%0*llx-%0*llx : %s|%s\n", 2, "", 4, 0x1fULL,
                      8, UINT64_MAX, NamePointer(kNameReserved), "<BAD>");
  });
  EXPECT_EQ(runtime.text, "  001f-ffffffffffffffff : reserved|<BAD>\n");
}

TEST(RuntimeTest, ReadsNumbersOfBootParameters) {
  char text[] = "0x10,7";
  char* at = text;
  int number = 0;
  EXPECT_EQ(kernel_get_option(&at, &number), 2);
  EXPECT_EQ(number, 16);
  EXPECT_EQ(kernel_get_option(&at, &number), 1);
  EXPECT_EQ(number, 7);
  EXPECT_EQ(kernel_get_option(&at, &number), 0);
  EXPECT_EQ(number, 7);
}

TEST(RuntimeTest, DevresEntriesHaveOneOwner) {
  const kernel_dr_release release = [](device*, void*) {};
  Runtime runtime;
  device* const owner = runtime.devices.At(3);
  EXPECT_EQ(WarningsOf(&runtime,
                       [&] {
                         void* const data = kernel_devres_alloc(release, 8, 0);
                         kernel_devres_add(owner, data);
                         EXPECT_EQ(kernel_devres_remove(owner, release, nullptr,
                                                        nullptr),
                                   data);
                         kernel_devres_free(data);
                       }),
            0);
  EXPECT_EQ(runtime.arena.kernel_live(), 0u);
  EXPECT_EQ(WarningsOf(&runtime,
                       [&] {
                         void* const data = kernel_devres_alloc(release, 8, 0);
                         kernel_devres_add(owner, data);
                         kernel_devres_add(owner, data);
                       }),
            kWarnBug);
  EXPECT_EQ(WarningsOf(&runtime,
                       [&] {
                         void* const data = kernel_devres_alloc(release, 8, 0);
                         kernel_devres_add(owner, data);
                         kernel_devres_free(data);
                       }),
            kWarnBug);
}

void SleepTwice(Fiber*) {
  for (int i = 0; i < 2; ++i) {
    kernel_event(KERNEL_WAIT, &i);
    kernel_event(KERNEL_SCHEDULE, nullptr);
    kernel_event(KERNEL_WAIT_END, &i);
  }
}

TEST(RuntimeTest, SleepersWakeTheNewestFirst) {
  Runtime runtime;
  Observation seen;
  runtime.Begin(&seen);
  Op op;
  op.slot = R(1);
  Fiber* const first = runtime.CallAndMaySleep(op, &SleepTwice, nullptr);
  op.slot = R(2);
  Fiber* const second = runtime.CallAndMaySleep(op, &SleepTwice, nullptr);
  EXPECT_FALSE(first->is_done);
  EXPECT_EQ(runtime.ResumeNext(), nullptr);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(runtime.fibers.queue().size(), 2u);
    runtime.Call([] { kernel_event(KERNEL_WAKE, nullptr); });
    Fiber* const newest = runtime.fibers.queue()[0];
    EXPECT_EQ(newest, i == 0 ? second : first);
    EXPECT_EQ(runtime.ResumeNext(), newest);
    EXPECT_NE(runtime.ResumeNext(), newest);
    EXPECT_EQ(runtime.ResumeNext(), nullptr);
  }
  EXPECT_TRUE(first->is_done);
  EXPECT_TRUE(second->is_done);
  runtime.End();
  EXPECT_EQ(seen.warnings, 0);
}

TEST(RuntimeTest, ACompletionWakesItsOwnSleepers) {
  Runtime runtime;
  Observation seen;
  runtime.Begin(&seen);
  static int completions[2];
  const auto wait = [](Fiber* fiber) {
    kernel_event(KERNEL_WAIT_FOR_COMPLETION, &completions[fiber->op.number]);
  };
  Op op;
  runtime.CallAndMaySleep(op, wait, nullptr);
  op.number = 1;
  Fiber* const other = runtime.CallAndMaySleep(op, wait, nullptr);
  EXPECT_EQ(runtime.fibers.sleepers().size(), 2u);
  runtime.Call([] {
    kernel_event(KERNEL_WAKE, nullptr);
    kernel_event(KERNEL_COMPLETE, &completions[1]);
  });
  EXPECT_EQ(runtime.ResumeNext(), other);
  EXPECT_TRUE(other->is_done);
  EXPECT_EQ(runtime.ResumeNext(), nullptr);
  runtime.End();
  EXPECT_EQ(seen.warnings, 0);
  runtime.Reset();
  EXPECT_TRUE(runtime.fibers.sleepers().empty());
}

TEST(RuntimeTest, LocksOfMemoryArePairedAndNotSleptWith) {
  EXPECT_EQ(WarningsOf([] {
              Do(KERNEL_HOTPLUG_BEGIN);
              Do(KERNEL_SLEEP);
              Do(KERNEL_ATOMIC_BEGIN);
              Do(KERNEL_ATOMIC_END);
              Do(KERNEL_HOTPLUG_DONE);
            }),
            0);
  EXPECT_EQ(WarningsOf([] {
              Do(KERNEL_ATOMIC_BEGIN);
              Do(KERNEL_SLEEP);
              Do(KERNEL_ATOMIC_END);
            }),
            kWarnLock);
  EXPECT_EQ(WarningsOf([] { Do(KERNEL_ATOMIC_BEGIN); }), kWarnLock);
  EXPECT_EQ(WarningsOf([] { Do(KERNEL_ATOMIC_END); }), kWarnLock);
  EXPECT_EQ(WarningsOf([] { Do(KERNEL_HOTPLUG_BEGIN); }), kWarnLock);
  EXPECT_EQ(WarningsOf([] { Do(KERNEL_HOTPLUG_DONE); }), kWarnLock);
}

TEST(RuntimeTest, SleepersEndWithTheTrace) {
  Runtime runtime;
  for (int i = 0; i < 3; ++i) {
    runtime.CallAndMaySleep({}, &SleepTwice, nullptr);
    runtime.CallAndMaySleep({}, &SleepTwice, nullptr);
    runtime.Reset();
    EXPECT_TRUE(runtime.fibers.queue().empty());
  }
}

TEST(RuntimeTest, OnlyFibersSleep) {
  EXPECT_EQ(WarningsOf([] { Do(KERNEL_SCHEDULE); }), kWarnBug);
}

TEST(RuntimeTest, BugEndsAFiberAndNothingElse) {
  Runtime runtime;
  Observation seen;
  runtime.Begin(&seen);
  Fiber* const fiber =
      runtime.CallAndMaySleep({}, [](Fiber*) { kernel_bug("f"); }, nullptr);
  EXPECT_TRUE(fiber->is_dead);
  runtime.fibers.Finish(fiber);
  runtime.End();
  EXPECT_EQ(seen.warnings, kWarnBug);
  EXPECT_EQ(seen.raised_in, "f");
}

}  // namespace
}  // namespace restree

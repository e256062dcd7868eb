// SPDX-License-Identifier: Apache-2.0
#include "properties/simpler.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"
#include "properties/choices.h"
#include "properties/generate.h"

namespace restree {
namespace {

Op Request(Slot slot, Slot parent, Range range) {
  Op op;
  op.slot = slot;
  op.parent = parent;
  op.range = range;
  op.flags = kResourceMem;
  return op;
}

bool Contains(const std::vector<Trace>& traces, const std::vector<Op>& ops) {
  return std::any_of(traces.begin(), traces.end(),
                     [&ops](const Trace& trace) { return trace.ops == ops; });
}

TEST(SimplerTraces, LeaveOutOneOpEach) {
  const Op a = Request(R(0), kIomem, {0, 0});
  const Op b = Request(R(1), kIomem, {1, 1});
  Trace trace;
  trace.ops = {a, b};
  const std::vector<Trace> simpler = SimplerTraces(trace);
  EXPECT_TRUE(Contains(simpler, {a}));
  EXPECT_TRUE(Contains(simpler, {b}));
}

TEST(SimplerTraces, LeaveOutALevel) {
  const Op top = Request(R(0), kIoport, {0, 0});
  const Op low = Request(R(1), R(0), {0, 0});
  Trace trace;
  trace.ops = {top, low};
  EXPECT_TRUE(Contains(SimplerTraces(trace), {Request(R(1), kIoport, {0, 0})}));
}

TEST(SimplerTraces, KeepTheParentOnceItsSlotIsDefinedAnew) {
  const Op top = Request(R(0), kIoport, {0, 0});
  const Op again = Request(R(0), kIomem, {0, 0});
  const Op low = Request(R(1), R(0), {0, 0});
  Trace trace;
  trace.ops = {top, again, low};
  EXPECT_FALSE(
      Contains(SimplerTraces(trace), {again, Request(R(1), kIoport, {0, 0})}));
}

TEST(SimplerTraces, DefineWithTheRangeOfAnAdjust) {
  Op adjust;
  adjust.verb = Verb::kAdjust;
  adjust.slot = R(1);
  adjust.range = {2, 2};
  Trace trace;
  trace.ops = {Request(R(0), kIoport, {0, 0}), Request(R(1), kIoport, {1, 1}),
               adjust};
  EXPECT_TRUE(Contains(SimplerTraces(trace), {Request(R(0), kIoport, {0, 0}),
                                              Request(R(1), kIoport, {2, 2})}));
}

TEST(SimplerTraces, RequestWhatIsDefinedFirstAndPlacedLater) {
  Op root = Request(R(1), kIomem, {1, 1});
  root.verb = Verb::kRoot;
  Op again;
  again.verb = Verb::kInsertAgain;
  again.slot = R(1);
  again.parent = kIoport;
  Trace trace;
  trace.ops = {root, again};
  EXPECT_TRUE(Contains(SimplerTraces(trace), {Request(R(1), kIoport, {1, 1})}));
}

TEST(SimplerTraces, AllocateAboveWhatIsLeftOut) {
  Op allocate = Request(R(1), kIomem, {0, 0xffff});
  allocate.verb = Verb::kAllocate;
  allocate.size = 1;
  Trace trace;
  trace.ops = {Request(R(0), kIomem, {0, 0xfff}), allocate};
  allocate.range.start = 0x1000;
  EXPECT_TRUE(Contains(SimplerTraces(trace), {allocate}));
}

TEST(SimplerTraces, KeepOneDeviceAndOneList) {
  Op list;
  list.verb = Verb::kListAdd;
  list.number = 3;
  Op device;
  device.verb = Verb::kUnbind;
  device.number = 2;
  Trace trace;
  trace.ops = {list, device};
  list.number = device.number = 0;
  EXPECT_TRUE(Contains(SimplerTraces(trace), {list, device}));
}

TEST(SimplerTraces, DefineInNoTree) {
  Op region = Request(R(0), kIoport, {0, 0});
  region.verb = Verb::kRequestRegion;
  Op root = Request(R(0), kIomem, {0, 0});
  root.verb = Verb::kRoot;
  Trace trace;
  trace.ops = {region};
  EXPECT_TRUE(Contains(SimplerTraces(trace), {root}));
}

Op OfPagemap(Verb verb, uint32_t number, Range range = {}) {
  Op op;
  op.verb = verb;
  op.slot = number;
  op.range = range;
  return Normal(op);
}

TEST(SimplerTraces, CountPagemapsFromTheFirst) {
  Trace trace;
  trace.ops = {OfPagemap(Verb::kPagemap, 7), OfPagemap(Verb::kPagemap, 3),
               OfPagemap(Verb::kGetPagemap, 7 + 1)};
  EXPECT_TRUE(
      Contains(SimplerTraces(trace),
               {OfPagemap(Verb::kPagemap, 0), OfPagemap(Verb::kPagemap, 1),
                OfPagemap(Verb::kGetPagemap, 0 + 1)}));
}

TEST(SimplerTraces, MoveDeviceMemoryDownTogether) {
  Trace trace;
  trace.ops = {Request(R(0), kIomem, {0x1000, 0x1fff}),
               Request(R(1), kIomem, {0x108000000, 0x1080fffff}),
               OfPagemap(Verb::kPagemap, 0, {0x108000000, 0x1081fffff}),
               OfPagemap(Verb::kGetPagemap, 0, {0x108001, 0x108001})};
  EXPECT_TRUE(Contains(SimplerTraces(trace),
                       {Request(R(0), kIomem, {0x1000, 0x1fff}),
                        Request(R(1), kIomem, {0x8000000, 0x80fffff}),
                        OfPagemap(Verb::kPagemap, 0, {0x8000000, 0x81fffff}),
                        OfPagemap(Verb::kGetPagemap, 0, {0x8001, 0x8001})}));
}

TEST(SimplerTraces, LeaveOutAFailureWithWhatFails) {
  Trace trace;
  trace.ops = {OfPagemap(Verb::kPagemap, 0), OfPagemap(Verb::kFailStep, 0),
               OfPagemap(Verb::kMemremap, 0), OfPagemap(Verb::kMemremap, 0)};
  EXPECT_TRUE(Contains(SimplerTraces(trace), {OfPagemap(Verb::kPagemap, 0),
                                              OfPagemap(Verb::kMemremap, 0)}));
}

TEST(SimplerTraces, AreNoneForAnEmptyTrace) {
  EXPECT_TRUE(SimplerTraces(Trace()).empty());
}

TEST(SimplerOps, AreNormalAndDifferent) {
  RandomChoices choices(1);
  for (int i = 0; i < 50; ++i) {
    for (const Op& op : AnyTrace(choices, 30).ops) {
      for (const Op& simpler : SimplerOps(op)) {
        EXPECT_EQ(simpler, Normal(simpler));
        EXPECT_NE(simpler, op);
        if (simpler.verb != Verb::kRoot) EXPECT_EQ(simpler.verb, op.verb);
      }
    }
  }
}

// Always takes the last candidate, the most timid one.
TEST(SimplerOps, ComeToAnEnd) {
  RandomChoices choices(2);
  size_t longest = 0;
  for (int i = 0; i < 50; ++i) {
    for (Op op : AnyTrace(choices, 30).ops) {
      size_t steps = 0;
      for (auto ops = SimplerOps(op); !ops.empty(); ops = SimplerOps(op)) {
        op = ops.back();
        ASSERT_LT(++steps, 1000u);
      }
      longest = std::max(longest, steps);
    }
  }
  EXPECT_GT(longest, 10u);
}

}  // namespace
}  // namespace restree

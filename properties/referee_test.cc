// SPDX-License-Identifier: Apache-2.0
#include "properties/referee.h"

#include <utility>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/trace.h"
#include "properties/check.h"

namespace restree {
namespace {

Op Request(Slot slot, Range range) {
  return {.verb = Verb::kRequest,
          .slot = slot,
          .range = range,
          .flags = kResourceMem};
}

// A request that is refused, and the one before it; as the model plays them.
struct Played {
  Played() {
    trace.ops = {Request(R(1), {0x1000, 0x1fff}),
                 Request(R(2), {0x1800, 0x27ff})};
    Model model;
    for (const Op& op : trace.ops) failure.want = model.Apply(op);
    model.Snapshot(&failure.want_state);
    failure.got = failure.want;
    failure.got_state = failure.want_state;
    failure.op_index = 1;
    failure.reference = "model";
    failure.machine = "linux";
  }

  Trace trace;
  Failure failure;
  Oracle oracle;
};

TEST(RefereeTest, SaysWhoStandsAlone) {
  Played played;
  Failure& failure = played.failure;
  EXPECT_EQ(Verdict(played.trace, failure, played.oracle),
            "model, linux and oracle agree");

  failure.got.outcome = Outcome::kOk;
  EXPECT_EQ(Verdict(played.trace, failure, played.oracle),
            "linux stands alone: model and oracle agree");

  std::swap(failure.want, failure.got);
  EXPECT_EQ(Verdict(played.trace, failure, played.oracle),
            "model stands alone: linux and oracle agree");

  failure.got = failure.want;
  EXPECT_EQ(Verdict(played.trace, failure, played.oracle),
            "oracle stands alone: model and linux agree");

  failure.got_state.rows.pop_back();
  EXPECT_EQ(Verdict(played.trace, failure, played.oracle),
            "model, linux and oracle all differ");
}

TEST(RefereeTest, StatesCountAsObservationsDo) {
  Played played;
  played.failure.got_state.rows.pop_back();
  EXPECT_EQ(Verdict(played.trace, played.failure, played.oracle),
            "linux stands alone: model and oracle agree");
}

// A law that the reference breaks has nobody on the other side.
TEST(RefereeTest, TheReferenceIsNamedOnce) {
  Played played;
  played.failure.machine = "model";
  EXPECT_EQ(Verdict(played.trace, played.failure, played.oracle),
            "model and oracle agree");

  played.failure.want.outcome = played.failure.got.outcome = Outcome::kOk;
  EXPECT_EQ(Verdict(played.trace, played.failure, played.oracle),
            "model and oracle differ");
}

TEST(RefereeTest, OneOfTheTwoIsNoReferee) {
  Played played;
  played.failure.reference = "oracle";
  EXPECT_EQ(Verdict(played.trace, played.failure, played.oracle), "");
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/report.h"

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/check.h"
#include "properties/example_states.h"

namespace restree {
namespace {

constexpr char kSeam[] =
    "r1 = request iomem 0x1000-0x1fff \"low\" mem\n"
    "r2 = request iomem 0x2000-0x2fff mem\n"
    "r3 = request iomem 0x1800-0x27ff mem\n"
    "release r1\n";

Trace Parsed(absl::string_view text) {
  const auto document = ParseTrace(text, "test");
  EXPECT_TRUE(document.ok()) << document.status();
  return document.ok() ? document->trace : Trace();
}

// Returns a failure after op `op_index`, with everything as the model has it.
Failure After(const Trace& trace, size_t op_index) {
  Failure failure;
  failure.reference = "oracle";
  failure.machine = "model";
  failure.op_index = op_index;
  failure.op = trace.ops[op_index];
  Model model;
  for (size_t i = 0; i <= op_index; ++i) {
    model.Snapshot(&failure.before);
    failure.want = model.Apply(trace.ops[i]);
  }
  failure.got = failure.want;
  model.Snapshot(&failure.want_state);
  failure.got_state = failure.want_state;
  return failure;
}

TEST(ReportTest, ShowsADisagreementOnAnObservation) {
  const Trace trace = Parsed(kSeam);
  Failure failure = After(trace, 2);
  failure.what = "observation";
  failure.sentence = "want EBUSY r1, got ok";
  failure.got = Observation();
  Row seam = At(1, R(3), {0x1800, 0x27ff});
  seam.parent = kIomem;
  failure.got_state.rows.insert(failure.got_state.rows.begin() + 2, seam);
  EXPECT_EQ(Report(trace, failure, "/tmp/seam.trace"),
            R"(model disagrees with oracle at op 3 of 4: want EBUSY r1, got ok
    r1 = request iomem 0x1000-0x1fff "low" mem
    r2 = request iomem 0x2000-0x2fff mem
  > r3 = request iomem 0x1800-0x27ff mem   want EBUSY r1, got ok
  state (- oracle, + model)
      00001000-00001fff : low  [r1 mem]
    + 00001800-000027ff : r3  [r3 mem]
      00002000-00002fff : r2  [r2 mem]
replay: bazel-bin/restree run /tmp/seam.trace
)");
}

TEST(ReportTest, ShowsADisagreementOnAState) {
  const Trace trace = Parsed(kSeam);
  Failure failure = After(trace, 1);
  failure.what = "state";
  failure.sentence = "r2 is not the same";
  RowOf(failure.got_state, R(2)).flags = 0;
  EXPECT_EQ(Report(trace, failure, ""),
            R"(model disagrees with oracle after op 2 of 4: r2 is not the same
    r1 = request iomem 0x1000-0x1fff "low" mem
  > r2 = request iomem 0x2000-0x2fff mem   -> ok
  state (- oracle, + model)
      00001000-00001fff : low  [r1 mem]
    - 00002000-00002fff : r2  [r2 mem]
    + 00002000-00002fff : r2  [r2]
)");
}

TEST(ReportTest, ShowsABrokenInvariant) {
  const Trace trace = Parsed(kSeam);
  Failure failure = After(trace, 1);
  failure.kind = Failure::Kind::kInvariant;
  failure.what = "SiblingsAreSortedAndDisjoint";
  failure.sentence = "r2 0x1fff-0x2fff overlaps its sibling r1 0x1000-0x1fff";
  RowOf(failure.got_state, R(2)).range.start = 0x1fff;
  EXPECT_EQ(Report(trace, failure, "a.trace"),
            "model breaks SiblingsAreSortedAndDisjoint after op 2 of 4: "
            "r2 0x1fff-0x2fff overlaps its sibling r1 0x1000-0x1fff\n"
            "  why: every search stops at the first sibling that starts too "
            "high, and an address has one owner a level\n"
            R"(    r1 = request iomem 0x1000-0x1fff "low" mem
  > r2 = request iomem 0x2000-0x2fff mem   -> ok
  state (- oracle, + model)
      00001000-00001fff : low  [r1 mem]
    - 00002000-00002fff : r2  [r2 mem]
    + 00001fff-00002fff : r2  [r2 mem]
replay: bazel-bin/restree run a.trace
)");
}

// All machines agree, and all are wrong: what the op did is shown.
TEST(ReportTest, ShowsABrokenLaw) {
  const Trace trace = Parsed(kSeam);
  Failure failure = After(trace, 3);
  failure.kind = Failure::Kind::kLaw;
  failure.what = "ReleaseTakesOutOneSubtree";
  failure.sentence = "release says ok, and r2 0x2000-0x2fff is gone";
  failure.want_state.rows.erase(failure.want_state.rows.begin() + 1);
  failure.got_state = failure.want_state;
  EXPECT_EQ(Report(trace, failure, "a.trace"),
            "model breaks ReleaseTakesOutOneSubtree after op 4 of 4: "
            "release says ok, and r2 0x2000-0x2fff is gone\n"
            "  why: the resource leaves its tree with all that is below it, "
            "and nothing else moves\n"
            R"(    r1 = request iomem 0x1000-0x1fff "low" mem
    r2 = request iomem 0x2000-0x2fff mem
    r3 = request iomem 0x1800-0x27ff mem
  > release r1   -> ok
  state (- before, + after)
    + in no tree:
      00001000-00001fff : low  [r1 mem]
    - 00002000-00002fff : r2  [r2 mem]
replay: bazel-bin/restree run a.trace
)");
}

TEST(ReportTest, ShowsTheStateThatNothingChanged) {
  const Trace trace = Parsed(kSeam);
  Failure failure = After(trace, 2);
  failure.kind = Failure::Kind::kLaw;
  failure.what = "RefusalsNameWhatIsInTheWay";
  failure.sentence = "so it is";
  EXPECT_THAT(Report(trace, failure, ""),
              testing::EndsWith("   -> EBUSY r1\n"
                                "  state\n"
                                "    00001000-00001fff : low  [r1 mem]\n"
                                "    00002000-00002fff : r2  [r2 mem]\n"));
}

TEST(ReportTest, ShowsTheEndOfALongTrace) {
  Trace trace = Parsed("lookup iomem 0x1\n");
  trace.ops.resize(100, trace.ops[0]);
  Failure failure = After(trace, 99);
  failure.what = "observation";
  failure.sentence = "want NULL, got ok";
  const std::string report = Report(trace, failure, "");
  EXPECT_THAT(report, testing::HasSubstr("at op 100 of 100: want NULL, got ok\n"
                                         "    ... 60 ops before\n"
                                         "    lookup iomem 0x1\n"));
  EXPECT_THAT(report, testing::EndsWith("  state: both roots, empty\n"));
}

TEST(ReportTest, ShowsABigStateInPart) {
  const Trace trace = Parsed("lookup iomem 0x1\n");
  Failure failure = After(trace, 0);
  failure.what = "observation";
  for (uint32_t i = 0; i < 100; ++i) {
    Row row = At(1, R(i), {i, i});
    row.parent = kIomem;
    failure.want_state.rows.insert(failure.want_state.rows.begin() + 1 + i,
                                   row);
  }
  failure.got_state = failure.want_state;
  failure.before = failure.want_state;
  EXPECT_THAT(Report(trace, failure, ""),
              testing::EndsWith("    00000027-00000027 : r39  [r39 mem]\n"
                                "    ... 60 more lines\n"));
  RowOf(failure.got_state, R(50)).flags = 0;
  EXPECT_THAT(Report(trace, failure, ""),
              testing::EndsWith("  state (- oracle, + model)\n"
                                "      ... 47 lines alike\n"
                                "      0000002f-0000002f : r47  [r47 mem]\n"
                                "      00000030-00000030 : r48  [r48 mem]\n"
                                "      00000031-00000031 : r49  [r49 mem]\n"
                                "    - 00000032-00000032 : r50  [r50 mem]\n"
                                "    + 00000032-00000032 : r50  [r50]\n"
                                "      00000033-00000033 : r51  [r51 mem]\n"
                                "      00000034-00000034 : r52  [r52 mem]\n"
                                "      00000035-00000035 : r53  [r53 mem]\n"
                                "      ... 46 lines alike\n"));
}

TEST(ReportTest, AFailureWithoutOpsHasAReportToo) {
  Failure failure;
  failure.what = "state";
  failure.machine = "model";
  failure.reference = "oracle";
  failure.sentence = "ioport is missing";
  EXPECT_EQ(Report(Trace(), failure, "x"),
            "model disagrees with oracle after op 0 of 0: ioport is missing\n"
            "  state: both roots, empty\n"
            "replay: bazel-bin/restree run x\n");
}

TEST(AsCommentTest, HasEachLine) {
  EXPECT_EQ(AsComment("one\n\n  two \n\n"), "# one\n#\n#   two\n");
  EXPECT_EQ(AsComment(""), "#\n");
}

TEST(MachineFlagTest, NamesMachinesOfAVariant) {
  EXPECT_EQ(MachineFlag("model"), "");
  EXPECT_EQ(MachineFlag("model:altmap=patch"), "--machine=model:altmap=patch ");
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/recording.h"

#include <gtest/gtest.h>

#include "model/model.h"
#include "model/trace_text.h"

namespace restree {
namespace {

TEST(Recording, KeepsWhatEachOpLeft) {
  const auto document = ParseTrace(
      "r1 = request iomem 0x1000-0x1fff\n"
      "r2 = request iomem 0x1800-0x27ff\n"
      "release r1\n",
      "test.trace");
  ASSERT_TRUE(document.ok());
  const Trace& trace = document->trace;
  Model model;
  model.Apply(trace.ops[0]);  // is forgotten
  const Recording recording = Record(trace, model);
  EXPECT_EQ(recording.trace, trace);
  EXPECT_EQ(StateText(recording.before, {}), "");
  ASSERT_EQ(recording.steps.size(), 3);
  EXPECT_EQ(ObservationText(recording.steps[0].observation), "ok");
  EXPECT_EQ(ObservationText(recording.steps[1].observation), "EBUSY r1");
  EXPECT_EQ(recording.steps[2].op, trace.ops[2]);
  EXPECT_EQ(IomemText(recording.steps[1].after, trace.names),
            "00001000-00001fff : r1\n");
  EXPECT_EQ(IomemText(recording.steps[2].after, trace.names), "");
}

}  // namespace
}  // namespace restree

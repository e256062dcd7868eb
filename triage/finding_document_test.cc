// SPDX-License-Identifier: Apache-2.0
#include "triage/finding_document.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/oracle.h"
#include "model/trace_text.h"
#include "properties/canaries.h"
#include "properties/check.h"
#include "properties/minimize.h"
#include "triage/json_read.h"
#include "triage/recording.h"

namespace restree {
namespace {

constexpr char kTrace[] =
    "r0 = request iomem 0x1000-0x1fff mem\n"
    "r1 = request r0 0x1000-0x1fff mem\n"
    "adjust r0 0x1000-0x17ff\n";

FoundTrace Found() {
  Oracle oracle;
  const std::unique_ptr<Machine> canary = MakeCanary("AdjustCutsThroughAChild");
  Lockstep lockstep({&oracle, canary.get()});
  FoundTrace found;
  found.minimized.trace = ParseTrace(kTrace, "x")->trace;
  found.failure = lockstep.Play(found.minimized.trace);
  found.minimized.attempt = AttemptOn(lockstep, found.minimized.trace);
  found.signature = found.minimized.attempt.signature;
  found.recording = Record(found.minimized.trace, oracle);
  found.machine = "AdjustCutsThroughAChild";
  found.reference = "oracle";
  found.machines = {{"oracle", false}, {"AdjustCutsThroughAChild", true}};
  return found;
}

TEST(FindingDocumentTest, TellsWhatWasExpectedAndWhatCame) {
  const Json json = FindingDocument(Found());
  EXPECT_EQ(TextAt(json, "signature"), "observation.adjust.EBUSY-ok.inside");
  EXPECT_EQ(TextAt(json, "kind"), "disagreement");
  EXPECT_EQ(TextAt(json, "headline"),
            "AdjustCutsThroughAChild disagrees with oracle at op 3 of 3: want "
            "EBUSY, got ok");
  EXPECT_EQ(TextAt(json, "trace"),
            "# observation.adjust.EBUSY-ok.inside\n#\n" + std::string(kTrace));
  EXPECT_EQ(TextAt(json, "want"), "EBUSY");
  EXPECT_EQ(TextAt(json, "got"), "ok");
  ASSERT_EQ(ListAt(json, "steps").size(), 3u);
  EXPECT_EQ(TextAt(ListAt(json, "steps")[2], "op"), "adjust r0 0x1000-0x17ff");
  EXPECT_EQ(TextAt(At(json, "expected"), "iomem"),
            "00001000-00001fff : r0\n  00001000-00001fff : r1\n");
  EXPECT_EQ(TextAt(At(json, "actual"), "iomem"),
            "00001000-000017ff : r0\n  00001000-00001fff : r1\n");
  EXPECT_EQ(TextAt(json, "iomem_diff"),
            "- 00001000-00001fff : r0  [r0 mem]\n"
            "+ 00001000-000017ff : r0  [r0 mem]\n"
            "    00001000-00001fff : r1  [r1 mem]\n");
  const Json& row = ListAt(At(json, "before"), "rows")[1];
  EXPECT_EQ(TextAt(row, "slot"), "r0");
  EXPECT_EQ(TextAt(row, "parent"), "iomem");
  EXPECT_EQ(TextAt(row, "end"), "0x1fff");
  EXPECT_EQ(TextAt(row, "flags"), "mem");
}

TEST(FindingDocumentTest, HasNoStateOfAMachineThatDied) {
  FoundTrace found = Found();
  found.failure.reset();
  found.death = {"crash", "heap-use-after-free", "adjust_resource", "#0 ..."};
  const Json json = FindingDocument(found);
  EXPECT_EQ(TextAt(json, "kind"), "crash");
  EXPECT_EQ(TextAt(json, "headline"),
            "AdjustCutsThroughAChild dies at op 3 of 3: heap-use-after-free in "
            "adjust_resource");
  EXPECT_TRUE(At(json, "actual").is_null());
  EXPECT_EQ(TextAt(At(json, "crash"), "function"), "adjust_resource");
}

TEST(FindingDocumentTest, AnyBytesMakeADocument) {
  Json json = {{"name", "a\xff"}};
  EXPECT_EQ(DocumentText(json), "{\n \"name\": \"a\xef\xbf\xbd\"\n}\n");
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
// The model one op at a time, in trace text: each line says what must be
// observed. Broad agreement with the source is the lockstep tests' work.
#include "model/model.h"

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace_text.h"

namespace restree {
namespace {

// Plays `text` and returns the text of the state behind it. Every op must
// carry an expectation, and meet it.
std::string Play(absl::string_view text) {
  const auto document = ParseTrace(text, "test");
  EXPECT_TRUE(document.ok()) << document.status();
  if (!document.ok()) return "";
  Model model;
  State state;
  for (const TraceLine& line : document->lines) {
    if (!line.op.has_value()) continue;
    const Op& op = document->trace.ops[*line.op];
    const uint64_t before = model.Digest();
    const Observation seen = model.Apply(op);
    const std::string observed = ObservationText(seen);
    EXPECT_NE(line.expectation, "") << OpText(op, document->trace);
    EXPECT_TRUE(Meets(observed, line.expectation))
        << OpText(op, document->trace) << " -> " << observed;
    if (seen.outcome == Outcome::kMisuse) {
      EXPECT_EQ(model.Digest(), before) << OpText(op, document->trace);
    }
    model.Snapshot(&state);
    EXPECT_EQ(StateDigest(state), model.Digest());
  }
  model.Snapshot(&state);
  return IomemText(state, document->trace.names);
}

TEST(ModelTest, FailedDefinitionDefinesNothing) {
  EXPECT_EQ(Play(R"(
r1 = request iomem 0x1000-0x1fff -> ok
r2 = request iomem 0x1800-0x27ff -> EBUSY r1
request iomem r2 -> misuse
r2 = request iomem 0x2000-0x2fff -> ok
release r2 -> ok
r2 = request iomem 0x1000-0x1000 -> EBUSY r1
request iomem r2 -> ok
)"),
            "00001000-00001fff : r1\n00002000-00002fff : r2\n");
}

TEST(ModelTest, EveryPreconditionIsMisuse) {
  Play(R"(
r1 = request r9 0x0-0xf -> misuse
release r1 -> misuse
release iomem -> misuse
remove iomem -> misuse
request iomem ioport -> misuse
r1 = request r1 0x0-0xf -> misuse
r1 = request iomem 0x1000-0x1fff -> ok
r1 = request iomem 0x3000-0x3fff -> misuse
request iomem r1 -> misuse
insert iomem r1 -> misuse
insert_expand_to_fit iomem r1 -> ok
allocate ioport r1 0x0-0xff size=0x1 align=0x1 -> misuse
r2 = request r1 0x1000-0x10ff -> ok
release r1 -> ok
release r1 -> misuse
r1 = request iomem 0x0-0xf -> misuse
insert iomem r1 -> misuse
insert_expand_to_fit iomem r1 -> misuse
allocate iomem r1 0x0-0xffff size=0x1 align=0x1 -> misuse
request r1 r1 -> misuse
request r2 r1 -> misuse
request iomem r1 -> ok
r3 = request_region iomem 0x5000-0x5fff 0x100000000 -> misuse
r3 = request iomem 0x5000-0x5fff busy -> ok
release_region iomem 0x5000-0x5fff -> misuse
r4 = request_region iomem 0x6000-0x6fff -> ok
r5 = request r4 0x6000-0x60ff -> ok
release_region iomem 0x6000-0x6fff -> misuse
release r5 -> ok
release_region iomem 0x6000-0x6fff -> ok
release r4 -> misuse
)");
}

TEST(ModelTest, RegionsDescendAndInherit) {
  Play(R"(
r1 = request iomem 0x1000-0x8fff mem sysram desc=cxl -> ok
r2 = request_region iomem 0x2000-0x2fff exclusive -> ok
lookup r1 0x2000 -> ok r2
walk_iomem_res_desc 0x0-0xffff busy desc=cxl -> ok visits=1 0x2000-0x2fff
walk_system_ram_res 0x0-0xffff -> ok visits=1
r3 = request_region iomem 0x2800-0x37ff -> NULL
release_region iomem 0x2000-0x2ffe -> ok warn=nonexistent
release_region iomem 0x2000-0x2fff -> ok
lookup r1 0x2000 -> NULL
)");
}

TEST(ModelTest, MuxedRegionsWouldBlock) {
  Play(R"(
r1 = request_region ioport 0x60-0x6f muxed -> ok
r2 = request_region ioport 0x60-0x60 muxed -> would-block
r2 = request_region ioport 0x60-0x60 -> NULL
release_region ioport 0x60-0x6f -> ok
r2 = request_region ioport 0x60-0x60 muxed -> ok
)");
}

TEST(ModelTest, UnaddressableDeviceWarns) {
  Play(R"(
r1 = request iomem 0x1000-0x1fff busy desc=device_private_memory -> ok
r2 = request_region iomem 0x1000-0x1fff -> NULL warn=unaddressable
r2 = request_region r1 0x1000-0x1fff -> ok
)");
}

TEST(ModelTest, PartsFromTheSourceWhereItWouldBreakTheTree) {
  Play(R"(
r1 = request iomem 0x1000-0x1fff mem busy -> ok
adjust r1 0x1000-0xfff -> EBUSY
r2 = request r1 0x1000-0x17ff -> ok
remove r1 -> ok
request iomem r1 -> EBUSY r2
release r2 -> ok
request iomem r1 -> ok
r3 = request iomem 0xfffffffffffff000-0xffffffffffffffff mem busy -> ok
walk_mem_res 0x0-0xffffffffffffffff -> ok visits=2
release r1 -> ok
adjust r1 0x1000-0xfff -> ok
request iomem r1 -> EBUSY iomem
)");
}

TEST(ModelTest, WalksHaveTheCornersOfTheSource) {
  Play(R"(
r1 = request iomem 0x1800-0x2fff mem sysram busy -> ok
r2 = request iomem 0x3000-0x4fff mem sysram busy -> ok
walk_system_ram_res 0x1800-0x1800 -> EINVAL
walk_system_ram_res 0x1800-0x3000 -> ok visits=1 0x1800-0x2fff
walk_system_ram_res 0x1800-0x3001 -> ok visits=2 0x1800-0x2fff 0x3000-0x3001
walk_system_ram_res_rev 0x0-0xffff -> ok visits=2 0x3000-0x4fff 0x1800-0x2fff
walk_system_ram_res_rev 0x0-0xffff stop=1 -> stopped visits=1 0x3000-0x4fff
walk_system_ram_res_rev 0x6000-0xffff -> EPERM
walk_system_ram_range 0x0-0xf -> ok visits=2 0x2-0x2 0x3-0x4
walk_system_ram_range 0x1-0x1 -> EINVAL
)");
}

TEST(ModelTest, IntersectsCountsWhatMatchingDescendantsCover) {
  Play(R"(
r1 = request iomem 0x1000-0x1fff mem desc=cxl -> ok
region_intersects 0x1000-0x1fff sysram -> REGION_DISJOINT
r2 = request r1 0x1000-0x17ff mem sysram -> ok
region_intersects 0x1000-0x17ff sysram -> REGION_INTERSECTS
region_intersects 0x1000-0x1800 sysram -> REGION_MIXED
r3 = request r1 0x1800-0x1fff mem sysram -> ok
region_intersects 0x1000-0x1fff sysram -> REGION_INTERSECTS
region_intersects 0x0-0xffff desc=cxl -> REGION_INTERSECTS
region_intersects 0x1000-0xfff sysram -> REGION_DISJOINT
region_intersects 0x1400-0x13ff sysram -> REGION_INTERSECTS
)");
}

TEST(ModelTest, ReallocateGrowsAroundChildrenAndMovesWhatHasNone) {
  EXPECT_EQ(Play(R"(
r1 = request iomem 0x1000-0x1fff -> ok
r2 = request iomem 0x4000-0x4fff -> ok
r3 = request r1 0x1000-0x10ff -> ok
allocate iomem r1 0x1000-0xffff size=0x3001 align=0x1000 -> EBUSY
allocate iomem r1 0x1000-0xffff size=0x2000 align=0x1000 -> ok
allocate iomem r2 0x0-0xfff size=0x10 align=0x10 -> ok
)"),
            "00000000-0000000f : r2\n"
            "00001000-00002fff : r1\n"
            "  00001000-000010ff : r3\n");
}

}  // namespace
}  // namespace restree

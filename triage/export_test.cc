// SPDX-License-Identifier: Apache-2.0
#include "triage/export.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "model/model.h"
#include "model/trace_binary.h"
#include "model/trace_text.h"
#include "triage/recording.h"

namespace restree {
namespace {

constexpr absl::string_view kOverlap =
    "r0 = request iomem 0x1000-0x1fff \"low\" mem\n"
    "r1 = request iomem 0x1fff-0x2fff mem busy\n";

Recording RecordText(absl::string_view text) {
  const auto document = ParseTrace(text, "test.trace");
  EXPECT_TRUE(document.ok()) << document.status();
  Model model;
  return Record(document->trace, model);
}

absl::StatusOr<std::string> ExportText(ExportAs as, absl::string_view text,
                                       KunitRoot root = KunitRoot::kPrivate) {
  ExportInfo info;
  info.name = "overlap";
  info.signature = "observation.request.EBUSY-ok.straddles";
  info.root = root;
  return Export(as, RecordText(text), info);
}

// The case alone.
std::string Case(const absl::StatusOr<std::string>& suite) {
  EXPECT_TRUE(suite.ok()) << suite.status();
  if (!suite.ok()) return "";
  const size_t begin = suite->find("static void resource_test_overlap");
  return suite->substr(begin, suite->find("static struct kunit_case") - begin);
}

TEST(Export, WritesAKunitCase) {
  EXPECT_EQ(Case(ExportText(ExportAs::kKunit, kOverlap)),
            R"(static void resource_test_overlap(struct kunit *test)
{
	struct resource root = {
		.name = "root",
		.start = 0,
		.end = ~0ULL,
		.flags = IORESOURCE_MEM,
	};
	struct resource r0 = {
		.name = "low",
		.start = 0x1000,
		.end = 0x1fff,
		.flags = IORESOURCE_MEM,
	};
	struct resource r1 = {
		.name = "r1",
		.start = 0x1fff,
		.end = 0x2fff,
		.flags = IORESOURCE_MEM | IORESOURCE_BUSY,
	};

	KUNIT_EXPECT_EQ(test, request_resource(&root, &r0), 0);

	KUNIT_EXPECT_PTR_EQ(test, request_resource_conflict(&root, &r1), &r0);
	KUNIT_EXPECT_NULL(test, r1.parent);

	KUNIT_EXPECT_PTR_EQ(test, root.child, &r0);
	KUNIT_EXPECT_EQ(test, r0.start, 0x1000);
	KUNIT_EXPECT_EQ(test, r0.end, 0x1fff);
	KUNIT_EXPECT_PTR_EQ(test, r0.parent, &root);
	KUNIT_EXPECT_NULL(test, r0.sibling);
	KUNIT_EXPECT_NULL(test, r0.child);
}

)");
}

TEST(Export, AKunitCaseAboutIomemPlaysInAHole) {
  constexpr absl::string_view kWalk =
      "r0 = request iomem 0x1000-0x1fff mem busy\n"
      "walk_mem_res 0x1000-0x1fff\n";
  const auto none = ExportText(ExportAs::kKunit, kWalk);
  EXPECT_TRUE(absl::IsUnimplemented(none.status()));
  EXPECT_EQ(Case(ExportText(ExportAs::kKunit, kWalk, KunitRoot::kHole)),
            R"(static void resource_test_overlap(struct kunit *test)
{
	resource_size_t base;
	struct resource *hole;
	static struct resource r0;
	struct resource_test_walk walk;

	/* Find a hole to play in. */
	hole = alloc_free_mem_region(&iomem_resource, 0x100000, 0x100000,
				     "restree");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, hole);
	base = hole->start;
	remove_resource(hole);
	kfree(hole);

	r0 = (struct resource) {
		.name = "r0",
		.start = base + 0x1000,
		.end = base + 0x1fff,
		.flags = IORESOURCE_MEM | IORESOURCE_BUSY,
	};
	KUNIT_EXPECT_EQ(test, request_resource(&iomem_resource, &r0), 0);

	walk = (struct resource_test_walk) { .stop = 0 };
	KUNIT_EXPECT_EQ(test, walk_mem_res(base + 0x1000, base + 0x1fff, &walk,
					   resource_test_visit), 0);
	KUNIT_EXPECT_EQ(test, walk.visits, 1);
	KUNIT_EXPECT_EQ(test, walk.seen[0].start, base + 0x1000);
	KUNIT_EXPECT_EQ(test, walk.seen[0].end, base + 0x1fff);
	KUNIT_EXPECT_EQ(test, walk.seen[0].flags,
			IORESOURCE_MEM | IORESOURCE_BUSY);

	KUNIT_EXPECT_EQ(test, r0.start, base + 0x1000);
	KUNIT_EXPECT_EQ(test, r0.end, base + 0x1fff);
	KUNIT_EXPECT_PTR_EQ(test, r0.parent, &iomem_resource);
	KUNIT_EXPECT_NULL(test, r0.child);

	resource_test_drop(&r0);
}

)");
}

TEST(Export, SaysWhatKunitHasNoWordFor) {
  const auto none = ExportText(ExportAs::kKunit,
                               "r0 = request iomem 0x1000-0x1fff\n"
                               "proc iomem\n");
  EXPECT_EQ(none.status(),
            absl::UnimplementedError("op 2, proc: it is seen from user space"));
}

TEST(Export, WritesAGtest) {
  const auto text = ExportText(ExportAs::kGtest, kOverlap);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(*text, R"__(// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "triage/host/machine_under_test.h"

namespace restree {
namespace {

// Found by restree: observation.request.EBUSY-ok.straddles
TEST(Restree, Overlap) {
  MachineUnderTest machine;
  EXPECT_EQ(machine.Play("r0 = request iomem 0x1000-0x1fff \"low\" mem"), "ok");
  EXPECT_EQ(machine.Play("r1 = request iomem 0x1fff-0x2fff mem busy"),
            "EBUSY r0");
  EXPECT_EQ(machine.State(),
            "00001000-00001fff : low  [r0 mem]\n");
}

}  // namespace
}  // namespace restree
)__");
}

TEST(Export, DrawsTheTree) {
  const auto text = ExportText(ExportAs::kDot, kOverlap);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(*text, R"(// SPDX-License-Identifier: Apache-2.0
digraph restree {
  label="r1 = request iomem 0x1fff-0x2fff mem busy";
  node [shape=box, fontname=monospace];
  subgraph cluster_before {
    label="before";
    before_iomem [label="iomem\n00000000-ffffffffffffffff\nmem"];
    before_r0 [label="low\n00001000-00001fff\nmem"];
    before_iomem -> before_r0;
  }
  subgraph cluster_after {
    label="after";
    after_iomem [label="iomem\n00000000-ffffffffffffffff\nmem"];
    after_r0 [label="low\n00001000-00001fff\nmem"];
    after_iomem -> after_r0;
  }
}
)");
}

TEST(Export, WritesProcIomemAndBytes) {
  EXPECT_EQ(*ExportText(ExportAs::kIomem, kOverlap),
            "00001000-00001fff : low\n");
  const std::string bytes = *ExportText(ExportAs::kBytes, kOverlap);
  EXPECT_EQ(DecodeTrace(
                {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}),
            RecordText(kOverlap).trace);
}

TEST(Export, NamesAreWords) {
  EXPECT_EQ(TestName("observation.request.EBUSY-ok.straddles"),
            "observation_request_ebusy_ok_straddles");
  EXPECT_EQ(TestName("ReleaseUndoesRequest.insert"),
            "release_undoes_request_insert");
  EXPECT_EQ(TestName("RemoveLeavesAStaleParent"),
            "remove_leaves_a_stale_parent");
  EXPECT_EQ(TestName("../"), "restree");
  EXPECT_EQ(CamelName("release_undoes_request"), "ReleaseUndoesRequest");
}

}  // namespace
}  // namespace restree

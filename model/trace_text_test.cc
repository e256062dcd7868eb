// SPDX-License-Identifier: Apache-2.0
#include "model/trace_text.h"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

TraceDocument Parsed(absl::string_view text) {
  const absl::StatusOr<TraceDocument> document = ParseTrace(text, "test");
  EXPECT_TRUE(document.ok()) << document.status();
  return document.ok() ? *document : TraceDocument();
}

std::string Canonical(absl::string_view text) {
  return PrintTrace(Parsed(text));
}

// A line of canonical text for every verb, with every field that it has.
struct Example {
  Verb verb;
  absl::string_view text;
};

constexpr Example kExamples[] = {
    {Verb::kRequest,
     R"(r1 = request iomem 0x1000-0x1fff "low" mem busy desc=cxl)"},
    {Verb::kRequestAgain, "request iomem r1"},
    {Verb::kInsert,
     R"(r2 = insert r1 0x0-0xffffffffffffffff "a b" io desc=0x1f)"},
    {Verb::kInsertAgain, "insert r1 r2"},
    {Verb::kInsertExpand,
     R"(r3 = insert_expand_to_fit ioport 0x5-0x4 "x" bus 0x3 desc=reserved)"},
    {Verb::kInsertExpandAgain, "insert_expand_to_fit ioport r3"},
    {Verb::kAllocate,
     R"(r0 = allocate iomem 0x0-0xffff size=0x10 align=0x4 "x" mem desc=cxl)"},
    {Verb::kAllocateAgain, "allocate iomem r0 0x0-0xffff size=0x0 align=0x0"},
    {Verb::kRelease, "release r1"},
    {Verb::kRemove, "remove r16777149"},
    {Verb::kAdjust, "adjust r1 0x1000-0x1fff"},
    {Verb::kReleaseChildren, "release_child iomem"},
    {Verb::kRequestRegion,
     R"(r4 = request_region ioport 0x60-0x6f "kbd" muxed)"},
    {Verb::kReleaseRegion, "release_region ioport 0x60-0x6f"},
    {Verb::kLookup, "lookup iomem 0x1000"},
    {Verb::kAlignment, "alignment r1"},
    {Verb::kRegionIntersects, "region_intersects 0x1-0x2 mem sysram desc=cxl"},
    {Verb::kWalkDesc, "walk_iomem_res_desc 0x0-0xff mem busy desc=cxl stop=2"},
    {Verb::kWalkMem, "walk_mem_res 0x0-0xff stop=4294967295"},
    {Verb::kWalkSystemRam, "walk_system_ram_res 0x0-0xff stop=1"},
    {Verb::kWalkSystemRamRev, "walk_system_ram_res_rev 0x0-0xff stop=1"},
    {Verb::kWalkSystemRamRange, "walk_system_ram_range 0x1-0xf stop=3"},

    {Verb::kRoot, R"(r5 = root 0x0-0xffff "dax" mem desc=cxl)"},
    {Verb::kReserve, R"(r6 = reserve_region_with_split iomem 0x1-0x2 "e820")"},
    {Verb::kReleaseAdjustable, "r7 = release_mem_region_adjustable 0x1-0x2"},
    {Verb::kMerge, "merge_system_ram_resource r1"},
    {Verb::kRequestFree,
     R"(r8 = request_free_mem_region iomem size=0x8000000 "hmm")"},
    {Verb::kAllocFree,
     R"(r8 = alloc_free_mem_region r1 size=0x10 align=0x10 "cxl")"},
    {Verb::kDevmRequestFree,
     "r8 = devm_request_free_mem_region d255 iomem size=0x1"},

    {Verb::kFindSpace,
     "find_resource_space ioport r0 0x0-0xff size=0x8 align=0x8 isa_align"},
    {Verb::kSanityCheck, "iomem_map_sanity_check 0x1000-0x1fff"},
    {Verb::kIsExclusive, "resource_is_exclusive iomem 0x1000-0x1fff"},
    {Verb::kIomemIsExclusive, "iomem_is_exclusive 0x1000"},
    {Verb::kPageIsRam, "page_is_ram 0x100"},
    {Verb::kContains, "resource_contains r1 r2"},
    {Verb::kOverlaps, "resource_overlaps iomem r2"},
    {Verb::kIntersection, "resource_intersection r1 r2"},
    {Verb::kUnion, "resource_union r1 r2"},
    {Verb::kSize, "resource_size r1"},
    {Verb::kProc, "proc ioport unprivileged"},

    {Verb::kDevmRequest,
     R"(r1 = devm_request_resource d0 iomem 0x1-0x2 "low" mem desc=cxl)"},
    {Verb::kDevmRelease, "devm_release_resource d0 r1"},
    {Verb::kDevmRequestRegion,
     R"(r1 = devm_request_region d1 ioport 0x60-0x6f "kbd")"},
    {Verb::kDevmReleaseRegion, "devm_release_region d1 ioport 0x60-0x6f"},
    {Verb::kUnbind, "unbind d1"},

    {Verb::kListAdd, "resource_list_add l0 r1"},
    {Verb::kListAddTail, "resource_list_add_tail l255 iomem"},
    {Verb::kListDestroy, "resource_list_destroy_entry l0 r1"},
    {Verb::kListFirst, "resource_list_first_type l0 mem"},
    {Verb::kListFree, "resource_list_free l0"},

    {Verb::kFailAlloc, "fail_alloc nth=4294967295 times=18446744073709551615"},
    {Verb::kReserveSetup, "r1 = reserve_setup 0x10000-0x1ffff"},
    {Verb::kStrictIomem, "strict_iomem relaxed"},
    {Verb::kInitInode, "iomem_init_inode"},
    {Verb::kGetMapping, "iomem_get_mapping"},

    {Verb::kPagemap, "p0 = dev_pagemap fsdax 0x100000000-0x10fffffff"},
    {Verb::kPagemap,
     "p63 = dev_pagemap 2147483647 0x1-0x0 shift=31 "
     "lacks=ops,page_free,migrate_to_ram,owner,range"},
    {Verb::kAddRange, "add_range p1 0x0-0x1fffff"},
    {Verb::kAltmap, "vmem_altmap p0 0x100000-0x10ffff reserve=2 free=1534"},
    {Verb::kAltmap, "vmem_altmap p0 0x0-0x1 reserve=0 free=0 parent=r1"},
    {Verb::kAltmap, "vmem_altmap p0 0x0-0x1 reserve=0 free=0 parent=iomem"},
    {Verb::kSetupPfn,
     "p0 = nvdimm_setup_pfn generic 0x0-0x1 align=0x200000 parent=v3"},
    {Verb::kMemremap, "memremap_pages p0"},
    {Verb::kMemunmap, "memunmap_pages p0"},
    {Verb::kDevmMemremap, "devm_memremap_pages d1 p2"},
    {Verb::kDevmMemunmap, "devm_memunmap_pages d1 p2"},
    {Verb::kGetPagemap, "get_dev_pagemap 0x100000"},
    {Verb::kGetPagemap, "get_dev_pagemap 0x100000 cached=p63"},
    {Verb::kPutPagemap, "put_dev_pagemap p0"},
    {Verb::kPfnValid, "pgmap_pfn_valid p0 0x100000"},
    {Verb::kPageInit, "zone_device_page_init 0x100000"},
    {Verb::kPageFree, "free_zone_device_page 0x100000"},
    {Verb::kPageFree, "free_zone_device_page 0x100000 anon"},
    {Verb::kPageGet, "get_page 0x100000"},
    {Verb::kPagePut, "put_devmap_page 0x100000 refs=1"},
    {Verb::kAltmapOffset, "vmem_altmap_offset p0"},
    {Verb::kAltmapAlloc, "vmemmap_alloc_block_buf p0 size=0x200000"},
    {Verb::kAltmapFree, "vmem_altmap_free p0 pages=512"},
    {Verb::kFailStep, "fail_step add_memory nth=2"},
    {Verb::kDumpable, "dumpable kexec_file"},
    {Verb::kDumpable, R"(dumpable kexec_tools "System RAM")"},
    {Verb::kDumpable, "dumpable kexec_file_vmemmap"},
};

TEST(TraceTextTest, EveryVerbReadsBack) {
  std::set<Verb> verbs;
  for (const Example& example : kExamples) {
    const TraceDocument document = Parsed(example.text);
    ASSERT_EQ(document.trace.ops.size(), 1u) << example.text;
    const Op& op = document.trace.ops[0];
    EXPECT_EQ(op.verb, example.verb) << example.text;
    EXPECT_EQ(op, Normal(op)) << example.text;
    EXPECT_EQ(OpText(op, document.trace), example.text);
    EXPECT_EQ(PrintTrace(document.trace), absl::StrCat(example.text, "\n"));
    verbs.insert(op.verb);
  }
  EXPECT_EQ(verbs.size(), size_t{kVerbs});
}

TEST(TraceTextTest, EveryFieldGetsItsValue) {
  const Trace trace =
      Parsed(
          "r7 = allocate r9 0x1-0x2 size=3 align=0x4 \"n\" busy desc=5\n"
          "walk_iomem_res_desc 6-7 mem desc=cxl stop=8\n"
          "lookup ioport 9\n")
          .trace;
  ASSERT_EQ(trace.ops.size(), 3u);
  EXPECT_EQ(trace.ops[0], (Op{.verb = Verb::kAllocate,
                              .slot = R(7),
                              .parent = R(9),
                              .name = 1,
                              .number = 0,
                              .range = {1, 2},
                              .size = 3,
                              .align = 4,
                              .flags = kResourceBusy,
                              .desc = 5}));
  EXPECT_EQ(trace.ops[1], (Op{.verb = Verb::kWalkDesc,
                              .slot = 0,
                              .parent = 0,
                              .name = 0,
                              .number = 8,
                              .range = {6, 7},
                              .size = 0,
                              .align = 0,
                              .flags = kResourceMem,
                              .desc = 9}));
  EXPECT_EQ(trace.ops[2].parent, kIoport);
  EXPECT_EQ(trace.ops[2].range, (Range{9, 9}));
}

TEST(TraceTextTest, OptionalFieldsMayBeLeftOut) {
  for (const absl::string_view text :
       {"r1 = request iomem 0x0-0x0", "r1 = request iomem 0x0-0x0 busy",
        "r1 = request iomem 0x0-0x0 desc=cxl",
        "r1 = request iomem 0x0-0x0 \"n\" desc=cxl",
        "r1 = request iomem 0x0-0x0 0x1", "walk_mem_res 0x0-0x0",
        "walk_iomem_res_desc 0x0-0x0 stop=1", "r1 = root 0x0-0x0",
        "r1 = reserve_region_with_split iomem 0x0-0x0", "proc iomem",
        "r1 = allocate iomem 0x0-0x0 size=0x1 align=0x1 isa_align",
        "r1 = allocate iomem 0x0-0x0 size=0x1 align=0x1 io desc=cxl isa_align",
        "allocate iomem r1 0x0-0x0 size=0x1 align=0x1 isa_align",
        "r1 = devm_request_region d0 iomem 0x0-0x0",
        "resource_list_first_type l0", "strict_iomem strict",
        "fail_alloc nth=0 times=0"}) {
    EXPECT_EQ(Canonical(text), absl::StrCat(text, "\n"));
  }
}

TEST(TraceTextTest, PrintsTheCanonicalForm) {
  EXPECT_EQ(Canonical("  r1   =  request iomem 4096-0x001FFF  \"low\"   busy "
                      "0x3 mem  desc=9   ->   EBUSY   r2#why\n"),
            "r1 = request iomem 0x1000-0x1fff \"low\" mem busy 0x3 desc=cxl "
            "-> EBUSY r2  #why\n");
  EXPECT_EQ(Canonical("r1 = request iomem 0x1-0x2 0x81000200 desc=none"),
            "r1 = request iomem 0x1-0x2 mem sysram busy\n");
  EXPECT_EQ(Canonical("walk_mem_res 1-2 stop=0x10"),
            "walk_mem_res 0x1-0x2 stop=16\n");
  EXPECT_EQ(Canonical("fail_alloc nth=0x10 times=0x20"),
            "fail_alloc nth=16 times=32\n");
}

TEST(TraceTextTest, CommentsAndBlankLinesSurvive) {
  const std::string text =
      "# Two siblings. \"quotes\", \ttabs and caf\xc3\xa9 are its own affair.\n"
      "\n"
      "release r1  # why\n"
      "#\n"
      "\n";
  EXPECT_EQ(Canonical(text), text);
  EXPECT_EQ(Canonical("   # indented \t \n"), "# indented\n");
  const TraceDocument document = Parsed(text);
  ASSERT_EQ(document.lines.size(), 5u);
  EXPECT_EQ(document.lines[1].op, std::nullopt);
  EXPECT_EQ(document.lines[2].op, 0u);
  EXPECT_EQ(document.lines[2].comment, "# why");
}

TEST(TraceTextTest, ExpectationsAreKnownByTheirColumn) {
  const TraceDocument document = Parsed(
      "release r1  ->   ok  # -> here\n"
      "\n"
      "r1 = request iomem 0x1-0x2 \"-> a\" -> EBUSY\n"
      "release r1\n");
  ASSERT_EQ(document.lines.size(), 4u);
  EXPECT_EQ(document.lines[0].expectation, "ok");
  EXPECT_EQ(document.lines[0].comment, "# -> here");
  EXPECT_EQ(document.lines[0].expectation_column, 18u);
  EXPECT_EQ(document.lines[2].expectation_column, 38u);
  EXPECT_EQ(document.lines[3].expectation_column, 0u);
}

// Half a gigabyte if each line had strings of its own.
TEST(TraceTextTest, BlankLinesAreCheap) {
  const std::string text(8'000'000, '\n');
  const TraceDocument document = Parsed(text);
  EXPECT_EQ(document.lines.size(), text.size());
  EXPECT_EQ(PrintTrace(document), text);
}

TEST(TraceTextTest, TheLastLineNeedsNoNewline) {
  EXPECT_EQ(Canonical(""), "");
  EXPECT_EQ(Canonical("\n"), "\n");
  EXPECT_EQ(Canonical("release r1"), "release r1\n");
  EXPECT_EQ(Canonical("release r1\n# end"), "release r1\n# end\n");
}

TEST(TraceTextTest, EveryByteOfANameSurvives) {
  std::string name;
  for (int byte = 0; byte < 256; ++byte)
    name.push_back(static_cast<char>(byte));
  Op op;
  op.slot = R(1);
  op.name = 1;
  const std::string text = OpText(op, {{}, {name}});
  for (const char c : text) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << text;
  const Trace trace = Parsed(text).trace;
  ASSERT_EQ(trace.names.size(), 1u);
  EXPECT_EQ(trace.names[0], name);
}

TEST(TraceTextTest, EscapesAreCanonical) {
  const std::string start = "r1 = request iomem 0x0-0x0 ";
  EXPECT_EQ(Canonical(start + R"("\x41\x0a\x09\x0d\x22\x5c\x7F")"),
            start + R"("A\n\t\r\"\\\x7f")" + "\n");
  EXPECT_EQ(Canonical(start + "\"caf\xc3\xa9 # -> =\""),
            start + R"("caf\xc3\xa9 # -> =")" + "\n");
  EXPECT_EQ(Canonical(start + R"("\\" busy # "\)"),
            start + R"("\\" busy  # "\)" + "\n");
}

TEST(TraceTextTest, NamesAreNumberedInOrderOfFirstUse) {
  const Trace trace = Parsed(
                          "r1 = request iomem 0x0-0x0 \"b\"\n"
                          "r2 = request iomem 0x1-0x1 \"a\"\n"
                          "r3 = request iomem 0x2-0x2 \"b\"\n"
                          "r4 = request iomem 0x3-0x3\n"
                          "r5 = request iomem 0x4-0x4 \"\"\n")
                          .trace;
  EXPECT_EQ(trace.names, (std::vector<std::string>{"b", "a", ""}));
  ASSERT_EQ(trace.ops.size(), 5u);
  EXPECT_EQ(trace.ops[0].name, 1u);
  EXPECT_EQ(trace.ops[1].name, 2u);
  EXPECT_EQ(trace.ops[2].name, 1u);
  EXPECT_EQ(trace.ops[3].name, 0u);
  EXPECT_EQ(trace.ops[4].name, 3u);
}

TEST(TraceTextTest, ANameOutsideTheTableIsLeftOut) {
  Op op;
  op.slot = R(1);
  op.name = 2;
  EXPECT_EQ(OpText(op, {{}, {"only"}}), "r1 = request iomem 0x0-0x0");
}

TEST(TraceTextTest, ExpectationsAreCanonicalWords) {
  struct Case {
    absl::string_view in;
    absl::string_view out;
  };
  for (const Case& c : {
           Case{"ok", "ok"},
           {"EBUSY  r1", "EBUSY r1"},
           {"ok 4096", "ok 0x1000"},
           {"ok 0x0010", "ok 0x10"},
           {"NULL warn=nonexistent", "NULL warn=nonexistent"},
           {"ok warn=unaddressable", "ok warn=unaddressable"},
           {"EPERM warn=spans", "EPERM warn=spans"},
           {"ok warn=outside warn=WARN_ON", "ok warn=outside warn=WARN_ON"},
           {"ok warn=BUG warn=lock warn=other",
            "ok warn=BUG warn=lock warn=other"},
           {"ok 0 visits=0", "ok 0x0 visits=0"},
           {"ok lines=0x10", "ok lines=16"},
           {"ERANGE", "ERANGE"},
           {"ENOMEM", "ENOMEM"},
           {"stopped visits=0x2 0x1-15 3-4 ...",
            "stopped visits=2 0x1-0xf 0x3-0x4 ..."},
           {"misuse (r1 is  not here)", "misuse (r1 is not here)"},
           {"misuse (r1 is", "misuse (r1 is"},
           {"would-block", "would-block"},
           {"REGION_DISJOINT", "REGION_DISJOINT"},
       }) {
    const TraceDocument document = Parsed(absl::StrCat("remove r1 -> ", c.in));
    ASSERT_EQ(document.lines.size(), 1u) << c.in;
    EXPECT_EQ(document.lines[0].expectation, c.out);
    EXPECT_EQ(PrintTrace(document), absl::StrCat("remove r1 -> ", c.out, "\n"));
  }
}

// Two prints of different lengths would mean that a word is lost on the way.
TEST(TraceTextTest, PrintingIsAFixedPoint) {
  std::string text;
  for (const Example& example : kExamples) {
    absl::StrAppend(&text, "\n # about ", example.text, "\n ", example.text,
                    " -> ok 7   # ", example.text, "\n");
  }
  const TraceDocument first = Parsed(text);
  const std::string printed = PrintTrace(first);
  const TraceDocument second = Parsed(printed);
  EXPECT_EQ(PrintTrace(second), printed);
  EXPECT_EQ(second.trace, first.trace);
  ASSERT_EQ(second.lines.size(), first.lines.size());
  for (size_t i = 0; i < first.lines.size(); ++i) {
    EXPECT_EQ(second.lines[i].op, first.lines[i].op);
    EXPECT_EQ(second.lines[i].expectation, first.lines[i].expectation);
    EXPECT_EQ(second.lines[i].comment, first.lines[i].comment);
  }
}

// Much longer than a test could wait for if the time were quadratic.
TEST(TraceTextTest, LongTextsTakeLinearTime) {
  constexpr size_t kOps = 100'000;
  std::string text;
  for (size_t i = 0; i < kOps; ++i) {
    absl::StrAppend(&text, "r", i, " = request iomem 0x", absl::Hex(i), "-0x",
                    absl::Hex(i), " \"name", i, "\" mem busy\n");
  }
  const TraceDocument document = Parsed(text);
  EXPECT_EQ(document.trace.ops.size(), kOps);
  EXPECT_EQ(document.trace.names.size(), kOps);
  EXPECT_EQ(PrintTrace(document), text);
}

}  // namespace
}  // namespace restree

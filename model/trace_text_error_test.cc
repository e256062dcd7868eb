// SPDX-License-Identifier: Apache-2.0
//
// What trace text says about what it does not take. The messages are exact:
// they are what a person gets to see.
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/trace_text.h"

namespace restree {
namespace {

// Returns the message without the name of the file, "" if there is none.
std::string ErrorOf(absl::string_view text) {
  const absl::StatusOr<TraceDocument> document = ParseTrace(text, "f");
  if (document.ok()) return "";
  EXPECT_EQ(document.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StartsWith(document.status().message(), "f:"));
  return std::string(document.status().message().substr(2));
}

struct Case {
  absl::string_view text;
  absl::string_view message;
};

#define REQUEST_USAGE \
  "write `rN = request PARENT START-END [\"NAME\"] [FLAG]... [desc=WORD]`"

TEST(TraceTextErrorTest, NamesTheFileAndCountsLines) {
  const auto document = ParseTrace("\n# ok\nrelease\n", "dir/a.trace");
  EXPECT_EQ(document.status().message(),
            "dir/a.trace:3:8: missing a slot: write `release SLOT`");
}

TEST(TraceTextErrorTest, StrayBytesAreNamed) {
  EXPECT_EQ(ErrorOf("release r1\r\n"),
            "1:11: carriage return: convert the file to LF line ends");
  EXPECT_EQ(ErrorOf("# comment\r\n"),
            "1:10: carriage return: convert the file to LF line ends");
  EXPECT_EQ(ErrorOf("\r\n"),
            "1:1: carriage return: convert the file to LF line ends");
  EXPECT_EQ(ErrorOf("release\tr1"), "1:8: tab: separate words by spaces");
  EXPECT_EQ(ErrorOf("\trelease r1"), "1:1: tab: separate words by spaces");
  EXPECT_EQ(ErrorOf(std::string("release r1\0", 11)),
            "1:11: NUL byte: this is not text (`restree decode` reads binary "
            "traces)");
  EXPECT_EQ(ErrorOf("# \x1b[1m"), "1:3: control character 0x1b: remove it");
  EXPECT_EQ(ErrorOf("release r1\x7f"),
            "1:11: control character 0x7f: remove it");
  EXPECT_EQ(ErrorOf("release\xc2\xa0r1"),
            "1:8: byte 0xc2: only ASCII may stand outside of quotes and "
            "comments");
}

TEST(TraceTextErrorTest, StringsAreChecked) {
  const std::string start = "r1 = request iomem 0x0-0x0 ";
  const std::string unclosed =
      "1:28: the name that starts here has no closing quote";
  const std::string escape =
      "unknown escape: write \\\" \\\\ \\n \\r \\t or \\xHH, with two "
      "hexadecimal digits";
  EXPECT_EQ(ErrorOf(start + "\"low"), unclosed);
  EXPECT_EQ(ErrorOf(start + "\""), unclosed);
  EXPECT_EQ(ErrorOf(start + "\"\\\""), unclosed);
  EXPECT_EQ(ErrorOf(start + "\"\\"), unclosed);
  EXPECT_EQ(ErrorOf(start + "\"a\nb\""), unclosed);
  EXPECT_EQ(ErrorOf(start + "\"a\tb\""),
            "1:30: control character 0x09 in a name: write it as \\t");
  EXPECT_EQ(ErrorOf(start + "\"a\x01\""),
            "1:30: control character 0x01 in a name: write it as \\x01");
  EXPECT_EQ(ErrorOf(start + "\"a\\q\""), "1:30: " + escape);
  EXPECT_EQ(ErrorOf(start + "\"\\x4\""), "1:29: " + escape);
  EXPECT_EQ(ErrorOf(start + "\"\\x4g\""), "1:29: " + escape);
  EXPECT_EQ(ErrorOf(start + "\"a\"busy"),
            "1:31: a space is missing after the quote");
  EXPECT_EQ(ErrorOf(start + "busy\"a\""),
            "1:32: a space is missing before the quote");
  EXPECT_EQ(ErrorOf(start + "\"a\"\r"),
            "1:31: carriage return: convert the file to LF line ends");
}

TEST(TraceTextErrorTest, VerbsAreKnown) {
  constexpr Case kCases[] = {
      {"requst iomem r1",
       "1:1: unknown verb `requst`: did you mean `request`?"},
      {"release_resource r1",
       "1:1: unknown verb `release_resource`: did you mean `release`?"},
      {"r1 = insert_resource iomem 0x1-0x2",
       "1:6: unknown verb `insert_resource`: did you mean `insert` or "
       "`insert_expand_to_fit`?"},
      {"x",
       "1:1: unknown verb `x`: the verbs are request, insert, "
       "insert_expand_to_fit, allocate, release, remove, adjust, "
       "release_child, request_region, release_region, lookup, alignment, "
       "region_intersects, walk_iomem_res_desc, walk_mem_res, "
       "walk_system_ram_res, walk_system_ram_res_rev, walk_system_ram_range, "
       "root, reserve_region_with_split, release_mem_region_adjustable, "
       "merge_system_ram_resource, request_free_mem_region, "
       "alloc_free_mem_region, devm_request_free_mem_region, "
       "find_resource_space, iomem_map_sanity_check, resource_is_exclusive, "
       "iomem_is_exclusive, page_is_ram, resource_contains, "
       "resource_overlaps, resource_intersection, resource_union, "
       "resource_size, proc, devm_request_resource, devm_release_resource, "
       "devm_request_region, devm_release_region, unbind, resource_list_add, "
       "resource_list_add_tail, resource_list_destroy_entry, "
       "resource_list_first_type, resource_list_free, fail_alloc, "
       "reserve_setup, strict_iomem, iomem_init_inode, iomem_get_mapping, "
       "dev_pagemap, add_range, vmem_altmap, nvdimm_setup_pfn, "
       "memremap_pages, memunmap_pages, devm_memremap_pages, "
       "devm_memunmap_pages, get_dev_pagemap, put_dev_pagemap, "
       "pgmap_pfn_valid, zone_device_page_init, free_zone_device_page, "
       "get_page, put_devmap_page, vmem_altmap_offset, "
       "vmemmap_alloc_block_buf, vmem_altmap_free, fail_step, dumpable"},
      {"r1=request iomem 0x1-0x2",
       "1:1: spaces are missing around `=`: write `rN = `"},
      {"r1 =", "1:5: missing a verb behind `=`"},
      {"r1 = # later", "1:6: missing a verb behind `=`"},
      {"r1 = release r1", "1:6: release defines nothing: write `release SLOT`"},
      {"request_region iomem 0x1-0x2",
       "1:1: request_region defines something: write `rN = request_region "
       "PARENT START-END [\"NAME\"] [FLAG]...`"},
  };
  for (const Case& c : kCases) EXPECT_EQ(ErrorOf(c.text), c.message);
}

// Who comes from the kernel types what the kernel calls it.
TEST(TraceTextErrorTest, TheKernelsNamesAreKnown) {
  struct Name {
    absl::string_view kernel;
    absl::string_view ours;
  };
  constexpr Name kNames[] = {
      {"__request_region", "`request_region`"},
      {"__devm_request_region", "`devm_request_region`"},
      {"__release_region", "`release_region`"},
      {"__insert_resource", "`insert` or `insert_expand_to_fit`"},
      {"__find_resource_space", "`find_resource_space`"},
      {"adjust_resource", "`adjust`"},
      {"release_child_resources", "`release_child`"},
      {"lookup_resource", "`lookup`"},
      {"resource_alignment", "`alignment`"},
      {"request_mem_region", "`request_region iomem`"},
      {"request_muxed_region", "`request_region ioport ... muxed`"},
      {"release_mem_region", "`release_region iomem`"},
      {"devm_request_mem_region", "`devm_request_region`"},
      {"get_free_mem_region", "`request_free_mem_region`"},
      {"resource_list_create_entry", "`resource_list_add`"},
      {"resource_list_del", "`resource_list_destroy_entry`"},
      {"devres_release_all", "`unbind`"},
      {"r_show", "`proc`"},
      {"reserve_region", "`reserve_region_with_split`"},
      {"merge_system_ram", "`merge_system_ram_resource`"},
      {"resource_contain", "`resource_contains`"},
      {"strict_iomen", "`strict_iomem`"},
  };
  for (const Name& name : kNames) {
    EXPECT_EQ(ErrorOf(name.kernel),
              absl::StrCat("1:1: unknown verb `", name.kernel,
                           "`: did you mean ", name.ours, "?"));
  }
}

TEST(TraceTextErrorTest, DevicesListsAndChoicesAreKnown) {
#define DEVICE_USAGE ": write `unbind dN`"
  constexpr Case kCases[] = {
      {"unbind", "1:7: missing a device d0 to d255" DEVICE_USAGE},
      {"unbind r1", "1:8: `r1` is not a device d0 to d255" DEVICE_USAGE},
      {"unbind d", "1:8: `d` is not a device d0 to d255" DEVICE_USAGE},
      {"unbind d256", "1:8: `d256` is not a device d0 to d255" DEVICE_USAGE},
      {"unbind d00", "1:8: `d00` is not a device d0 to d255" DEVICE_USAGE},
      {"resource_list_free d0",
       "1:20: `d0` is not a list l0 to l255: write `resource_list_free lN`"},
      {"strict_iomem",
       "1:13: missing `strict` or `relaxed`: write `strict_iomem "
       "strict|relaxed`"},
      {"strict_iomem lax",
       "1:14: `lax` is not `strict` or `relaxed`: write `strict_iomem "
       "strict|relaxed`"},
      {"fail_alloc nth=1",
       "1:17: missing times=N: write `fail_alloc nth=N times=N`"},
      {"fail_alloc times=1 nth=1",
       "1:12: `times=1` is not nth=N: write `fail_alloc nth=N times=N`"},
      {"fail_alloc nth=4294967296 times=1",
       "1:16: `4294967296` does not fit in 32 bits"},
      {"proc iomem privileged",
       "1:12: unexpected `privileged`: write `proc PARENT [unprivileged]`"},
      {"iomem_init_inode r1",
       "1:18: unexpected `r1`: write `iomem_init_inode`"},
      {"page_is_ram 0x1-0x2", "1:13: `0x1-0x2` is not a number"},
      {"r1 = allocate iomem 0x1-0x2 size=1 align=1 isa_align busy",
       "1:54: unexpected `busy`: write `rN = allocate PARENT START-END "
       "size=BYTES align=BYTES [\"NAME\"] [FLAG]... [desc=WORD] [isa_align]`"},
      {"reserve_setup 0x1-0x2",
       "1:1: reserve_setup defines something: write `rN = reserve_setup "
       "START-END`"},
      {"r1 = proc iomem",
       "1:6: proc defines nothing: write `proc PARENT "
       "[unprivileged]`"},
  };
#undef DEVICE_USAGE
  for (const Case& c : kCases) EXPECT_EQ(ErrorOf(c.text), c.message);
}

TEST(TraceTextErrorTest, SlotsAreExact) {
  constexpr Case kCases[] = {
      {"iomem = request iomem 0x1-0x2",
       "1:1: `iomem` always exists: define r0, r1"},
      {"x = request iomem 0x1-0x2",
       "1:1: `x` is not a slot (iomem, ioport, r0, r1)"},
      {"release r01", "1:9: `r01` has a leading zero"},
      {"release r", "1:9: `r` is not a slot (iomem, ioport, r0, r1)"},
      {"release R1", "1:9: `R1` is not a slot (iomem, ioport, r0, r1)"},
      {"release r-1", "1:9: `r-1` is not a slot (iomem, ioport, r0, r1)"},
      {"release r16777150",
       "1:9: `r16777150` is too large: the last one is r16777149"},
      {"release r18446744073709551618",
       "1:9: `r18446744073709551618` is too large: the last one is "
       "r16777149"},
      {"request iomem 0x1000-0x1fff",
       "1:15: `0x1000-0x1fff` is not a slot (iomem, ioport, r0, r1); to define "
       "a resource " REQUEST_USAGE},
      {"request iomem", "1:14: missing a slot: write `request PARENT SLOT`"},
  };
  for (const Case& c : kCases) EXPECT_EQ(ErrorOf(c.text), c.message);
}

TEST(TraceTextErrorTest, NumbersFitAndSayTheirBase) {
  constexpr Case kCases[] = {
      {"adjust r1 0x1000",
       "1:11: `0x1000` is not a range START-END: write `adjust SLOT "
       "START-END`"},
      {"adjust r1  # soon",
       "1:12: missing a range START-END: write `adjust SLOT START-END`"},
      {"adjust r1 0x1000-1fff",
       "1:18: `1fff` is not a decimal number: is it hexadecimal, `0x1fff`?"},
      {"adjust r1 00001000-00001fff",
       "1:11: `00001000` has a leading zero: is it hexadecimal, `0x00001000`?"},
      {"adjust r1 0x-0x1", "1:11: `0x` is not a number"},
      {"adjust r1 0x1-", "1:15: `` is not a number"},
      {"adjust r1 -1-2", "1:11: `` is not a number"},
      {"adjust r1 0x1-0x2-0x3", "1:15: `0x2-0x3` is not a number"},
      {"adjust r1 0X1-0x2", "1:11: `0X1` is not a number"},
      {"lookup iomem 0x10000000000000000",
       "1:14: `0x10000000000000000` does not fit in 64 bits"},
      {"lookup iomem 18446744073709551616",
       "1:14: `18446744073709551616` does not fit in 64 bits"},
      {"lookup iomem 99999999999999999999999999999999999999999999999999",
       "1:14: `9999999999999999999999999999999999999999...` does not fit in 64 "
       "bits"},
      {"walk_mem_res 0x1-0x2 stop=4294967296",
       "1:27: `4294967296` does not fit in 32 bits"},
      {"walk_mem_res 0x1-0x2 stop=", "1:27: `` is not a number"},
      {"r1 = allocate iomem 0x1-0x2 align=1 size=1",
       "1:29: `align=1` is not size=N: write `rN = allocate PARENT START-END "
       "size=BYTES align=BYTES [\"NAME\"] [FLAG]... [desc=WORD] [isa_align]`"},
      {"allocate iomem r1 0x1-0x2 size=x align=1", "1:32: `x` is not a number"},
  };
  for (const Case& c : kCases) EXPECT_EQ(ErrorOf(c.text), c.message);
  EXPECT_EQ(ErrorOf("lookup iomem 0xffffffffffffffff"), "");
  EXPECT_EQ(ErrorOf("lookup iomem 18446744073709551615"), "");
}

TEST(TraceTextErrorTest, FlagsAndDescriptorsAreKnownAndSaidOnce) {
  const std::string start = "r1 = request iomem 0x1-0x2 ";
  constexpr Case kCases[] = {
      {"IORESOURCE_BUSY",
       "1:28: unknown flag `IORESOURCE_BUSY`: did you mean `busy`?"},
      {"mem IORESOURCE_SYSTEM_RAM",
       "1:32: unknown flag `IORESOURCE_SYSTEM_RAM`: did you mean `mem "
       "sysram`?"},
      {"buzy", "1:28: unknown flag `buzy`: did you mean `busy`?"},
      {"cxl", "1:28: unknown flag `cxl`: did you mean `desc=cxl`?"},
      {"wonderful", "1:28: unknown flag `wonderful`"},
      {"busy mem busy", "1:37: `busy` repeats a flag"},
      {"busy 0x80000001", "1:33: `0x80000001` repeats a flag"},
      {"io mem reg", "1:35: `reg` repeats a flag"},
      {"mem 1f",
       "1:32: `1f` is not a decimal number: is it hexadecimal, `0x1f`?"},
      {"desc=IORES_DESC_CXL",
       "1:33: unknown descriptor `IORES_DESC_CXL`: did you mean `cxl`?"},
      {"desc=reservd",
       "1:33: unknown descriptor `reservd`: did you mean `reserved`?"},
      {"desc=", "1:33: unknown descriptor ``"},
      {"desc=1x", "1:33: `1x` is not a number"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(ErrorOf(absl::StrCat(start, c.text)), c.message);
  }
}

TEST(TraceTextErrorTest, FieldsComeInOrderAndNothingFollows) {
  constexpr Case kCases[] = {
      {"r1 = request iomem 0x1-0x2 busy \"low\"",
       "1:33: unexpected `\"low\"`: " REQUEST_USAGE},
      {"r1 = request iomem 0x1-0x2 desc=cxl busy",
       "1:37: unexpected `busy`: " REQUEST_USAGE},
      {"r1 = request iomem 0x1-0x2 stop=1",
       "1:28: unexpected `stop=1`: " REQUEST_USAGE},
      {"release r1 r2", "1:12: unexpected `r2`: write `release SLOT`"},
      {"walk_mem_res 0x1-0x2 mem",
       "1:22: unexpected `mem`: write `walk_mem_res START-END [stop=CALL]`"},
      {"\"low\" release", "1:1: a line starts with a verb or with `rN =`"},
  };
  for (const Case& c : kCases) EXPECT_EQ(ErrorOf(c.text), c.message);
}

TEST(TraceTextErrorTest, FieldsOfDeviceMemoryAreChecked) {
  const Case kCases[] = {
      {"p0 = request iomem 0x1-0x2",
       "1:1: request does not define `p0`: write `rN = request PARENT "
       "START-END [\"NAME\"] [FLAG]... [desc=WORD]`"},
      {"r0 = dev_pagemap fsdax 0x1-0x2",
       "1:1: dev_pagemap does not define `r0`: write `pN = dev_pagemap TYPE "
       "START-END [shift=ORDER] [lacks=WORD,...]`"},
      {"p64 = dev_pagemap fsdax 0x1-0x2",
       "1:1: `p64` is too large: the last one is p63"},
      {"v0 = request iomem 0x1-0x2",
       "1:1: `v0` is for mm/memremap.c to define: define r0"},
      {"release v64", "1:9: `v64` is too large: the last one is v63"},
      {"p0 = dev_pagemap dax 0x1-0x2",
       "1:18: `dax` is not a memory type (private, coherent, fsdax, generic, "
       "p2pdma, or a number)"},
      {"p0 = dev_pagemap 2147483648 0x1-0x2",
       "1:18: `2147483648` does not fit in an int"},
      {"p0 = dev_pagemap fsdax 0x1-0x2 shift=32",
       "1:38: the order of a struct page is at most 31"},
      {"p0 = dev_pagemap fsdax 0x1-0x2 lacks=ops,opps",
       "1:42: `opps` is none of ops,page_free,migrate_to_ram,owner,range"},
      {"p0 = dev_pagemap fsdax 0x1-0x2 lacks=ops,ops",
       "1:42: `ops` is repeated"},
      {"vmem_altmap p0 1-2 free=1 reserve=1",
       "1:20: `free=1` is not reserve=N: write `vmem_altmap pN "
       "START_PFN-END_PFN reserve=PAGES free=PAGES [parent=SLOT]`"},
      {"vmem_altmap p0 1-2 reserve=1 free=1 parent=d1",
       "1:44: `d1` is not a slot (iomem, ioport, r0, r1)"},
      {"memremap_pages r0", "1:16: `r0` is not p0, p1, ..."},
      {"get_dev_pagemap 1 cached=p99",
       "1:26: `p99` is too large: the last one is p63"},
      {"fail_step kmalloc nth=1",
       "1:11: `kmalloc` is not a step: xa_store, track_pfn, kasan or "
       "add_memory: write `fail_step STEP nth=N`"},
      {"dumpable",
       "1:9: missing kexec_file, kexec_tools or kexec_file_vmemmap: write "
       "`dumpable VIEW [\"NAME\"]`"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(ErrorOf(c.text), c.message);
  }
}

TEST(TraceTextErrorTest, ExpectationsAreChecked) {
  constexpr Case kCases[] = {
      {"release r1 ->", "1:14: missing an outcome behind `->`"},
      {"release r1 -> # ok", "1:15: missing an outcome behind `->`"},
      {"release r1 ->ok", "1:12: a space is missing after `->`"},
      {"release r1 -> ebusy",
       "1:15: unknown outcome `ebusy`: did you mean `EBUSY`?"},
      {"release r1 -> EBUSZ",
       "1:15: unknown outcome `EBUSZ`: did you mean `EBUSY`?"},
      {"release r1 -> ENOMEMORY",
       "1:15: unknown outcome `ENOMEMORY`: the outcomes are ok, EBUSY, EINVAL, "
       "EPERM, NULL, stopped, REGION_DISJOINT, REGION_INTERSECTS, "
       "REGION_MIXED, would-block, misuse, ERANGE, ENOMEM, EEXIST, "
       "ENXIO"},
      {"release r1 -> ok fine", "1:18: `fine` is not part of a result"},
      {"release r1 -> ok r01", "1:18: `r01` is not part of a result"},
      {"release r1 -> ok warn=new", "1:18: `warn=new` is not part of a result"},
      {"release r1 -> ok warn=warn_on",
       "1:18: `warn=warn_on` is not part of a result"},
      {"release r1 -> ok visits=x", "1:18: `x` is not a number"},
      {"release r1 -> ok lines=x", "1:18: `x` is not a number"},
      {"release r1 -> ok 0x1-x", "1:18: `x` is not a number"},
      {"release r1 -> ok \"low\"", "1:18: an expectation has no name in it"},
      {"-> ok", "1:1: missing an op before `->`"},
  };
  for (const Case& c : kCases) EXPECT_EQ(ErrorOf(c.text), c.message);
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// A whole suite around the one case of a KunitWriter.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "triage/export_parts.h"
#include "triage/kunit_writer.h"

namespace restree {
namespace {

constexpr VerbSet kPlaces = SetOf(
    Verb::kRequest, Verb::kRequestAgain, Verb::kInsert, Verb::kInsertAgain,
    Verb::kInsertExpand, Verb::kInsertExpandAgain, Verb::kAllocate,
    Verb::kAllocateAgain, Verb::kRelease, Verb::kRemove, Verb::kAdjust,
    Verb::kReleaseChildren, Verb::kRequestRegion, Verb::kReleaseRegion,
    Verb::kLookup, Verb::kAlignment, Verb::kRoot, Verb::kReserve, Verb::kMerge,
    Verb::kAllocFree, Verb::kFindSpace, Verb::kIsExclusive, Verb::kContains,
    Verb::kOverlaps, Verb::kIntersection, Verb::kUnion, Verb::kSize);

constexpr VerbSet kAboutIomem = SetOf(
    Verb::kRegionIntersects, Verb::kWalkDesc, Verb::kWalkMem,
    Verb::kWalkSystemRam, Verb::kWalkSystemRamRev, Verb::kWalkSystemRamRange,
    Verb::kReleaseAdjustable, Verb::kRequestFree, Verb::kSanityCheck,
    Verb::kIomemIsExclusive, Verb::kPageIsRam);

bool Has(VerbSet set, Verb verb) { return (SetOf(verb) & set) != 0; }

constexpr absl::string_view kVisit =
    R"(struct resource_test_walk {
	unsigned int stop;
	unsigned int visits;
	struct {
		resource_size_t start;
		resource_size_t end;
		unsigned long flags;
	} seen[16];
};

static int resource_test_visit(struct resource *res, void *data)
{
	struct resource_test_walk *walk = data;
	unsigned int i = walk->visits++;

	if (i < ARRAY_SIZE(walk->seen)) {
		walk->seen[i].start = res->start;
		walk->seen[i].end = res->end;
		walk->seen[i].flags = res->flags;
	}
	return walk->visits == walk->stop;
}

)";

constexpr absl::string_view kVisitPfns =
    R"(struct resource_test_pfns {
	unsigned int stop;
	unsigned int visits;
	struct {
		unsigned long start;
		unsigned long end;
	} seen[16];
};

static int resource_test_visit_pfns(unsigned long pfn, unsigned long pages,
				    void *data)
{
	struct resource_test_pfns *pfns = data;
	unsigned int i = pfns->visits++;

	if (i < ARRAY_SIZE(pfns->seen)) {
		pfns->seen[i].start = pfn;
		pfns->seen[i].end = pfn + pages - 1;
	}
	return pfns->visits == pfns->stop;
}

)";

constexpr absl::string_view kIsaAlign =
    R"(/* As pcibios_align_resource() does it for I/O ports. */
static resource_size_t resource_test_isa_align(void *data,
					       const struct resource *res,
					       resource_size_t size,
					       resource_size_t align)
{
	resource_size_t start = res->start;

	if (start & 0x300)
		start = (start + 0x3ff) & ~0x3ffULL;
	return start;
}

)";

constexpr absl::string_view kDrop =
    R"(static void resource_test_drop(struct resource *res)
{
	if (res->parent)
		remove_resource(res);
}

)";

// Of every kind, the roots that the trace begins with.
std::string Roots(absl::string_view body) {
  std::string text;
  if (absl::StrContains(body, "&root")) {
    text +=
        "\tstruct resource root = {\n\t\t.name = \"root\",\n"
        "\t\t.start = 0,\n\t\t.end = ~0ULL,\n"
        "\t\t.flags = IORESOURCE_MEM,\n\t};\n";
  }
  if (absl::StrContains(body, "&ports")) {
    text +=
        "\tstruct resource ports = {\n\t\t.name = \"ports\",\n"
        "\t\t.start = 0,\n\t\t.end = 0xffff,\n"
        "\t\t.flags = IORESOURCE_IO,\n\t};\n";
  }
  return text;
}

std::string Story(const ExportInfo& info) {
  const auto lines = StoryLines(info, 77);
  if (lines.empty()) return "";
  std::string text = "/*\n";
  for (const std::string& line : lines) {
    absl::StrAppend(&text, line.empty() ? " *" : " * ", line, "\n");
  }
  return text + " */\n";
}

}  // namespace

absl::string_view NoWordFor(const Op& op, const Observation& seen) {
  if (seen.outcome == Outcome::kWouldBlock) {
    return "the test would sleep until another thread releases the region";
  }
  if (Has(kPlaces, op.verb) || Has(kAboutIomem, op.verb)) {
    return seen.visits.size() > 16 ? "a walk of more than 16 visits" : "";
  }
  switch (op.verb) {
    case Verb::kDevmRequestFree:
    case Verb::kDevmRequest:
    case Verb::kDevmRelease:
    case Verb::kDevmRequestRegion:
    case Verb::kDevmReleaseRegion:
    case Verb::kUnbind:
      return "it takes a device";
    case Verb::kListAdd:
    case Verb::kListAddTail:
    case Verb::kListDestroy:
    case Verb::kListFirst:
    case Verb::kListFree:
      return "it is about a list of resources, not about a tree";
    case Verb::kFailAlloc:
    case Verb::kFailStep:
      return "KUnit cannot make the allocator fail";
    case Verb::kProc:
    case Verb::kDumpable:
      return "it is seen from user space";
    case Verb::kReserveSetup:
    case Verb::kStrictIomem:
    case Verb::kInitInode:
    case Verb::kGetMapping:
      return "it is for boot";
    default:
      return "it maps device memory, which takes pages of a real device";
  }
}

bool IsAboutIomem(Verb verb) { return Has(kAboutIomem, verb); }

// Addresses are moved by the start of the hole, so they must be few, nobody may
// look beyond them, and ports stay where they are.
uint64_t HoleBytes(const Recording& sound) {
  constexpr uint64_t kMax = uint64_t{1} << 30;
  uint64_t bytes = uint64_t{1} << 20;
  for (const Op& op : sound.trace.ops) {
    const VerbInfo& info = InfoOf(op.verb);
    if (info.Has(Field::kParent) && op.parent == kIoport) return 0;
    if (op.verb == Verb::kRequestFree || op.verb == Verb::kAllocFree) return 0;
    if (info.Has(Field::kSlot) && op.slot < kFirstSlot) return 0;
    if (op.verb == Verb::kFindSpace) return 0;
    const uint64_t unit =
        info.Has(Field::kPfns) || info.Has(Field::kPfn) ? 4096 : 1;
    const uint64_t last =
        std::max({op.range.start, op.range.end, op.size, op.align});
    if (last >= kMax / unit) return 0;
    while (bytes <= last * unit) bytes *= 2;
  }
  return bytes;
}

std::string KunitWriter::Helpers() const {
  return absl::StrCat(uses_walk_ ? kVisit : "", uses_pfns_ ? kVisitPfns : "",
                      uses_isa_align_ ? kIsaAlign : "", removes_ ? kDrop : "");
}

absl::StatusOr<std::string> ExportKunit(const Recording& sound,
                                        const ExportInfo& info) {
  KunitWriter writer(sound, info);
  const absl::Status written = writer.Write();
  if (!written.ok()) return written;
  const std::string function = absl::StrCat("resource_test_", info.name);
  return absl::StrCat(
      "// SPDX-License-Identifier: GPL-2.0+\n"
      "/*\n"
      " * A case for kernel/resource_kunit.c: the functions below go there,\n"
      " * and the line with KUNIT_CASE() to resource_test_cases[].\n"
      " */\n\n"
      "#include <kunit/test.h>\n#include <linux/ioport.h>\n"
      "#include <linux/kernel.h>\n#include <linux/mm.h>\n"
      "#include <linux/slab.h>\n\n",
      writer.Helpers(), Story(info), "static void",
      function.size() > 48 ? "\n" : " ", function, "(struct kunit *test)\n{\n",
      Roots(writer.body()), writer.declarations(), "\n", writer.body(), "}\n\n",
      "static struct kunit_case resource_test_cases[] = {\n\tKUNIT_CASE(",
      function, "),\n\t{}\n};\n\n",
      "static struct kunit_suite resource_test_suite = {\n"
      "\t.name = \"resource_restree\",\n"
      "\t.test_cases = resource_test_cases,\n};\n"
      "kunit_test_suite(resource_test_suite);\n\n"
      "MODULE_DESCRIPTION(\"A case found by restree\");\n"
      "MODULE_LICENSE(\"GPL\");\n");
}

}  // namespace restree

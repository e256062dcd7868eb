// SPDX-License-Identifier: Apache-2.0
//
// What each op is in C.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/observation.h"
#include "model/trace.h"
#include "triage/c_text.h"
#include "triage/kunit_writer.h"

namespace restree {
namespace {

std::string ErrnoText(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "0";
    case Outcome::kPerm:
      return "-1";
    case Outcome::kStopped:
      return "1";
    default:
      return absl::StrCat("-", OutcomeText(outcome));
  }
}

std::string Call(absl::string_view function, absl::string_view a,
                 absl::string_view b) {
  return absl::StrCat(function, "(", a, b.empty() ? "" : ", ", b, ")");
}

}  // namespace

bool KunitWriter::Place(const Op& op, const Observation& seen) {
  std::string function;
  switch (op.verb) {
    case Verb::kRequest:
    case Verb::kRequestAgain:
      function = "request_resource";
      break;
    case Verb::kInsert:
    case Verb::kInsertAgain:
      function = "insert_resource";
      break;
    case Verb::kInsertExpand:
    case Verb::kInsertExpandAgain:
      function = "insert_resource_expand_to_fit";
      break;
    case Verb::kAllocate:
    case Verb::kAllocateAgain:
      function = "allocate_resource";
      break;
    case Verb::kRoot:
      break;
    default:
      return false;
  }
  // A definition that fails leaves what the slot had.
  const auto old = variables_;
  if (InfoOf(op.verb).Has(Field::kDefines)) DefineOwn(op);
  const std::string it = Pointer(op.slot);
  const std::string parent = Pointer(op.parent);
  if (function == "allocate_resource") {
    uses_isa_align_ |= op.number != 0;
    Expect("EQ",
           absl::StrCat(function, "(", parent, ", ", it, ", ", CNumber(op.size),
                        ", ", Address(op.range.start), ", ",
                        Address(op.range.end), ", ", CNumber(op.align), ", ",
                        op.number != 0 ? "resource_test_isa_align" : "NULL",
                        ", NULL)"),
           ErrnoText(seen.outcome));
  } else if (function == "insert_resource_expand_to_fit") {
    Say(absl::StrCat(Call(function, parent, it), ";"));
    Expect(seen.outcome == Outcome::kOk ? "NOT_NULL" : "NULL",
           Member(op.slot, "parent"), "");
  } else if (seen.outcome == Outcome::kBusy && Pointer(seen.found) != "NULL") {
    Expect("PTR_EQ", Call(function + "_conflict", parent, it),
           Pointer(seen.found));
  } else if (!function.empty()) {
    Expect("EQ", Call(function, parent, it), ErrnoText(seen.outcome));
  }
  if (seen.outcome == Outcome::kOk) return true;
  const bool says = function == "insert_resource_expand_to_fit";
  if (!says && InfoOf(op.verb).Has(Field::kDefines)) {
    Expect("NULL", Member(op.slot, "parent"), "");
  }
  variables_ = old;
  return true;
}

bool KunitWriter::Leave(const Op& op, const Observation& seen) {
  const std::string it = Pointer(op.slot);
  switch (op.verb) {
    case Verb::kRelease:
      Expect("EQ", Call("release_resource", it, ""), ErrnoText(seen.outcome));
      return true;
    case Verb::kRemove:
      Expect("EQ", Call("remove_resource", it, ""), ErrnoText(seen.outcome));
      return true;
    case Verb::kAdjust:
      Expect("EQ",
             Call("adjust_resource", it,
                  absl::StrCat(Address(op.range.start), ", ",
                               CNumber(op.range.size()))),
             ErrnoText(seen.outcome));
      return true;
    case Verb::kReleaseChildren:
      Say(absl::StrCat(Call("release_child_resources", it, ""), ";"));
      return true;
    case Verb::kMerge:
      Say(absl::StrCat(Call("merge_system_ram_resource", it, ""), ";"));
      return true;
    default:
      return false;
  }
}

bool KunitWriter::Regions(const Op& op, const Observation& seen) {
  const std::string parent = Pointer(op.parent);
  const std::string place =
      absl::StrCat(Address(op.range.start), ", ", CNumber(op.range.size()));
  std::string call;
  switch (op.verb) {
    case Verb::kRequestRegion:
      call =
          Call("__request_region", parent,
               absl::StrCat(place, ", ", NameText(op), ", ", CFlags(op.flags)));
      break;
    case Verb::kRequestFree:
      call = Call("request_free_mem_region", parent,
                  absl::StrCat(CNumber(op.size), ", ", NameText(op)));
      break;
    case Verb::kAllocFree:
      call = Call("alloc_free_mem_region", parent,
                  absl::StrCat(CNumber(op.size), ", ", CNumber(op.align), ", ",
                               NameText(op)));
      break;
    case Verb::kReleaseRegion:
      Say(absl::StrCat(Call("__release_region", parent, place), ";"));
      return true;
    case Verb::kReleaseAdjustable:
      Say(absl::StrCat(Call("release_mem_region_adjustable", place, ""), ";"));
      return true;
    case Verb::kReserve:
      Say(absl::StrCat(
          Call("reserve_region_with_split", parent,
               absl::StrCat(Address(op.range.start), ", ",
                            Address(op.range.end), ", ", NameText(op))),
          ";"));
      return true;
    default:
      return false;
  }
  const bool is_error = op.verb != Verb::kRequestRegion;
  if (seen.outcome == Outcome::kOk) {
    const int before = definitions_[op.slot]++;
    const std::string name =
        before == 0 ? SlotText(op.slot)
                    : absl::StrCat(SlotText(op.slot), "_", before + 1);
    variables_[op.slot] = {name, true, 0, 0};
    absl::StrAppend(&declarations_, "\tstruct resource *", name, ";\n");
    Say(absl::StrCat(name, " = ", call, ";"));
    Say(absl::StrCat("KUNIT_ASSERT_NOT_", is_error ? "ERR_OR_" : "",
                     "NULL(test, ", name, ");"));
  } else if (is_error) {
    Expect("PTR_EQ", call,
           absl::StrCat("ERR_PTR(", ErrnoText(seen.outcome), ")"));
  } else {
    Expect("NULL", call, "");
  }
  return true;
}

bool KunitWriter::Ask(const Op& op, const Observation& seen) {
  const std::string start = Address(op.range.start);
  const std::string size = CNumber(op.range.size());
  const absl::string_view is = seen.value != 0 ? "TRUE" : "FALSE";
  switch (op.verb) {
    case Verb::kLookup: {
      const std::string call =
          Call("lookup_resource", Pointer(op.parent), start);
      if (seen.found == kNoSlot) {
        Expect("NULL", call, "");
      } else {
        Expect("PTR_EQ", call, Pointer(seen.found));
      }
      return true;
    }
    case Verb::kAlignment:
      Expect("EQ", Call("resource_alignment", Pointer(op.slot), ""),
             CNumber(seen.value));
      return true;
    case Verb::kSize:
      Expect("EQ", Call("resource_size", Pointer(op.slot), ""),
             CNumber(seen.value));
      return true;
    case Verb::kRegionIntersects:
      Expect("EQ",
             Call("region_intersects", start,
                  absl::StrCat(size, ", ", CFlags(op.flags), ", ",
                               CDesc(op.desc))),
             OutcomeText(seen.outcome));
      return true;
    case Verb::kSanityCheck:
      Expect("EQ", Call("iomem_map_sanity_check", start, size),
             ErrnoText(seen.outcome));
      return true;
    case Verb::kIsExclusive:
      Expect(is,
             Call("resource_is_exclusive", Pointer(op.parent),
                  absl::StrCat(start, ", ", size)),
             "");
      return true;
    case Verb::kIomemIsExclusive:
      Expect(is, Call("iomem_is_exclusive", start, ""), "");
      return true;
    case Verb::kPageIsRam:
      Expect(is, Call("page_is_ram", Pfn(op.range.start), ""), "");
      return true;
    default:
      return false;
  }
}

bool KunitWriter::Compare(const Op& op, const Observation& seen) {
  const std::string a = Pointer(op.parent), b = Pointer(op.slot);
  const absl::string_view is = seen.value != 0 ? "TRUE" : "FALSE";
  switch (op.verb) {
    case Verb::kContains:
      Expect(is, Call("resource_contains", a, b), "");
      return true;
    case Verb::kOverlaps:
      Expect(is, Call("resource_overlaps", a, b), "");
      return true;
    case Verb::kIntersection:
    case Verb::kUnion:
      AskForResult();
      Expect(is, Call(InfoOf(op.verb).kernel, a, absl::StrCat(b, ", &result")),
             "");
      if (seen.value == 0 || seen.visits.empty()) return true;
      Expect("EQ", "result.start", Address(seen.visits[0].range.start));
      Expect("EQ", "result.end", Address(seen.visits[0].range.end));
      return true;
    case Verb::kFindSpace:
      uses_isa_align_ |= op.number != 0;
      absl::StrAppend(
          &body_, "\tconstraint = (struct resource_constraint) {\n",
          "\t\t.min = ", Address(op.range.start),
          ",\n\t\t.max = ", Address(op.range.end),
          ",\n\t\t.align = ", CNumber(op.align), ",\n",
          op.number != 0 ? "\t\t.alignf = resource_test_isa_align,\n" : "",
          "\t};\n");
      if (!absl::StrContains(declarations_, "constraint;")) {
        absl::StrAppend(&declarations_,
                        "\tstruct resource_constraint constraint;\n");
      }
      Expect("EQ",
             Call("find_resource_space", a,
                  absl::StrCat(b, ", ", CNumber(op.size), ", &constraint")),
             ErrnoText(seen.outcome));
      return true;
    default:
      return false;
  }
}

bool KunitWriter::Walk(const Op& op, const Observation& seen) {
  const bool pfns = op.verb == Verb::kWalkSystemRamRange;
  const absl::string_view walk = pfns ? "pfns" : "walk";
  const absl::string_view type =
      pfns ? "struct resource_test_pfns" : "struct resource_test_walk";
  bool& used = pfns ? uses_pfns_ : uses_walk_;
  if (!used) absl::StrAppend(&declarations_, "\t", type, " ", walk, ";\n");
  used = true;
  Say(absl::StrCat(walk, " = (", type, ") { .stop = ", op.number, " };"));
  std::string arguments;
  if (op.verb == Verb::kWalkDesc) {
    arguments = absl::StrCat(CDesc(op.desc), ", ", CFlags(op.flags), ", ");
  }
  const auto address = [this, pfns](uint64_t at) {
    return pfns ? Pfn(at) : Address(at);
  };
  absl::StrAppend(
      &arguments, address(op.range.start), ", ",
      pfns ? CNumber(op.range.size()) : Address(op.range.end), ", &", walk,
      pfns ? ", resource_test_visit_pfns" : ", resource_test_visit");
  Expect("EQ", Call(InfoOf(op.verb).kernel, arguments, ""),
         ErrnoText(seen.outcome));
  Expect("EQ", absl::StrCat(walk, ".visits"), CNumber(seen.visits.size()));
  for (size_t i = 0; i < seen.visits.size(); ++i) {
    const Visit& visit = seen.visits[i];
    const std::string at = absl::StrCat(walk, ".seen[", i, "].");
    Expect("EQ", at + "start", address(visit.range.start));
    Expect("EQ", at + "end", address(visit.range.end));
    if (pfns) continue;
    Expect("EQ", at + "flags", CFlags(visit.flags));
  }
  return true;
}

}  // namespace restree

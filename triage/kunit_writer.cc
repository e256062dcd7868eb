// SPDX-License-Identifier: Apache-2.0
#include "triage/kunit_writer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/trace.h"
#include "triage/c_text.h"
#include "triage/export_parts.h"

namespace restree {
namespace {

// More struct resource than a function of the kernel should have on its stack.
constexpr size_t kOnStackMax = 12;

// May free a resource of the caller's, which asks what memory it is in; the
// stack has no answer.
constexpr VerbSet kFrees =
    SetOf(Verb::kReleaseRegion, Verb::kReleaseAdjustable, Verb::kMerge);

bool Defines(const Op& op) { return InfoOf(op.verb).Has(Field::kDefines); }

}  // namespace

std::string KunitWriter::Pointer(Slot slot) const {
  if (slot == kIomem && info_.root != KunitRoot::kPrivate) {
    return "&iomem_resource";
  }
  if (slot == kIomem) return "&root";
  if (slot == kIoport) return "&ports";
  const auto it = variables_.find(slot);
  if (it == variables_.end()) return "NULL";
  return absl::StrCat(it->second.is_pointer ? "" : "&", it->second.name);
}

std::string KunitWriter::Member(Slot slot, absl::string_view member) const {
  const std::string pointer = Pointer(slot);
  if (pointer[0] == '&') return absl::StrCat(pointer.substr(1), ".", member);
  return absl::StrCat(pointer, "->", member);
}

std::string KunitWriter::Address(uint64_t address) const {
  if (info_.root != KunitRoot::kHole) return CNumber(address);
  return address == 0 ? "base" : absl::StrCat("base + ", CNumber(address));
}

std::string KunitWriter::Pfn(uint64_t pfn) const {
  if (info_.root != KunitRoot::kHole) return CNumber(pfn);
  return pfn == 0 ? "PHYS_PFN(base)"
                  : absl::StrCat("PHYS_PFN(base) + ", CNumber(pfn));
}

std::string KunitWriter::NameText(const Op& op) const {
  return CString(
      NameOf(sound_.trace.names, FullName(op.name, op.slot), op.slot));
}

void KunitWriter::Say(absl::string_view statement) {
  body_ += CStatement(statement);
}

void KunitWriter::Paragraph() {
  if (!body_.empty() && !absl::EndsWith(body_, "\n\n")) body_ += "\n";
}

void KunitWriter::Expect(absl::string_view relation, absl::string_view left,
                         absl::string_view right) {
  const absl::string_view comma = right.empty() ? "" : ", ";
  Say(absl::StrCat("KUNIT_EXPECT_", relation, "(test, ", left, comma, right,
                   ");"));
}

// The initializer has what the op gives, and what is 0 goes without saying. An
// allocation has no range yet.
void KunitWriter::DefineOwn(const Op& op) {
  const int before = definitions_[op.slot]++;
  const std::string name =
      before == 0 ? SlotText(op.slot)
                  : absl::StrCat(SlotText(op.slot), "_", before + 1);
  variables_[op.slot] = {name, false, op.flags, op.desc};
  const bool moves = info_.root == KunitRoot::kHole;
  std::string* const text = moves ? &body_ : &declarations_;
  if (moves) {
    absl::StrAppend(&declarations_, "\tstatic struct resource ", name, ";\n");
    absl::StrAppend(text, "\t", name, " = (struct resource) {\n");
  } else {
    absl::StrAppend(text, "\t", storage_, "struct resource ", name, " = {\n");
  }
  absl::StrAppend(text, "\t\t.name = ", NameText(op), ",\n");
  if (op.verb != Verb::kAllocate) {
    absl::StrAppend(text, "\t\t.start = ", Address(op.range.start),
                    ",\n\t\t.end = ", Address(op.range.end), ",\n");
  }
  if (op.flags != 0) {
    absl::StrAppend(text, "\t\t.flags = ", CFlags(op.flags), ",\n");
  }
  if (op.desc != 0) {
    absl::StrAppend(text, "\t\t.desc = ", CDesc(op.desc), ",\n");
  }
  absl::StrAppend(text, "\t};\n");
}

void KunitWriter::AskForResult() {
  if (!uses_result_) {
    absl::StrAppend(&declarations_, "\tstruct resource result;\n");
  }
  uses_result_ = true;
}

absl::Status KunitWriter::CheckRoot() const {
  const auto& ops = sound_.trace.ops;
  const bool is_global = std::any_of(ops.begin(), ops.end(), [](const Op& op) {
    return IsAboutIomem(op.verb);
  });
  if (info_.root == KunitRoot::kPrivate && is_global) {
    return absl::UnimplementedError("an op is about iomem_resource itself");
  }
  if (info_.root == KunitRoot::kHole && HoleBytes(sound_) == 0) {
    return absl::UnimplementedError(
        "the trace is not about a few addresses below iomem alone");
  }
  return absl::OkStatus();
}

absl::Status KunitWriter::WriteOp(size_t step) {
  const Op& op = sound_.steps[step].op;
  const Observation& seen = sound_.steps[step].observation;
  if (seen.outcome == Outcome::kMisuse) return absl::OkStatus();
  const absl::string_view why = NoWordFor(op, seen);
  if (!why.empty()) {
    return absl::UnimplementedError(
        absl::StrFormat("op %d, %s: %s", step + 1, InfoOf(op.verb).name, why));
  }
  Place(op, seen) || Leave(op, seen) || Regions(op, seen) || Ask(op, seen) ||
      Compare(op, seen) || Walk(op, seen);
  if (op.verb == Verb::kReserve || op.verb == Verb::kReleaseAdjustable) {
    FindPieces(step == 0 ? sound_.before : sound_.steps[step - 1].after,
               sound_.steps[step].after);
  }
  return absl::OkStatus();
}

absl::Status KunitWriter::Write() {
  const absl::Status root = CheckRoot();
  if (!root.ok()) return root;
  const auto& ops = sound_.trace.ops;
  const auto defined = std::count_if(ops.begin(), ops.end(), Defines);
  const bool frees = std::any_of(ops.begin(), ops.end(), [](const Op& op) {
    return (SetOf(op.verb) & kFrees) != 0;
  });
  if (info_.root != KunitRoot::kPrivate || frees ||
      static_cast<size_t>(defined) > kOnStackMax) {
    storage_ = "static ";
  }
  if (info_.root == KunitRoot::kHole) {
    declarations_ = "\tresource_size_t base;\n\tstruct resource *hole;\n";
    const std::string bytes = CNumber(HoleBytes(sound_));
    body_ = "\t/* Find a hole to play in. */\n";
    Say(absl::StrCat("hole = alloc_free_mem_region(&iomem_resource, ", bytes,
                     ", ", bytes, ", \"restree\");"));
    Say("KUNIT_ASSERT_NOT_ERR_OR_NULL(test, hole);");
    Say("base = hole->start;");
    Say("remove_resource(hole);");
    Say("kfree(hole);");
    body_ += "\n";
  } else if (info_.root == KunitRoot::kWhole) {
    body_ =
        "\tif (iomem_resource.child)\n"
        "\t\tkunit_skip(test, \"needs an empty iomem_resource\");\n\n";
  }
  const size_t last = StepOf(sound_, info_);
  for (size_t i = 0; i <= last; ++i) {
    if (i == last) Paragraph();
    const absl::Status written = WriteOp(i);
    if (!written.ok()) return written;
  }
  const State& before =
      last == 0 ? sound_.before : sound_.steps[last - 1].after;
  const State& after = sound_.steps[last].after;
  ExpectState(sound_.steps[last].op, before, after);
  CleanUp(after);
  return absl::OkStatus();
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// What a KUnit case expects of the tree, and how it gives it back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/state.h"
#include "model/trace.h"
#include "triage/c_text.h"
#include "triage/kunit_writer.h"

namespace restree {
namespace {

const Row* RowOf(const State& state, Slot slot) {
  for (const Row& row : state.rows) {
    if (row.slot == slot) return &row;
  }
  return nullptr;
}

// The neighbours of a row, by where it stands.
Slot ChildOf(const State& state, size_t i) {
  const auto& rows = state.rows;
  const bool has = i + 1 < rows.size() && rows[i + 1].depth > rows[i].depth;
  return has ? rows[i + 1].slot : kNoSlot;
}

Slot SiblingOf(const State& state, size_t i) {
  const auto& rows = state.rows;
  if (rows[i].depth == 0) return kNoSlot;
  size_t next = i + 1;
  while (next < rows.size() && rows[next].depth > rows[i].depth) ++next;
  const bool has = next < rows.size() && rows[next].depth == rows[i].depth;
  return has ? rows[next].slot : kNoSlot;
}

// The one before in the list of its siblings; kNoSlot if it is the first.
Slot BeforeOf(const State& state, size_t i) {
  for (size_t k = i; k-- > 0 && state.rows[k].depth >= state.rows[i].depth;) {
    if (state.rows[k].depth == state.rows[i].depth) return state.rows[k].slot;
  }
  return kNoSlot;
}

// The root that a row stands below.
Slot RootOf(const State& state, size_t i) {
  while (state.rows[i].depth != 0) --i;
  return state.rows[i].slot;
}

}  // namespace

// What the kernel made without a word to the caller is found by its links.
void KunitWriter::FindPieces(const State& before, const State& after) {
  for (size_t i = 0; i < after.rows.size(); ++i) {
    const Row& row = after.rows[i];
    if (row.slot < kFirstSlot || row.depth == 0) continue;
    if (RowOf(before, row.slot) != nullptr) continue;
    const int earlier = definitions_[row.slot]++;
    const std::string name =
        earlier == 0 ? SlotText(row.slot)
                     : absl::StrCat(SlotText(row.slot), "_", earlier + 1);
    const Slot sibling = BeforeOf(after, i);
    std::string where;
    if (sibling != kNoSlot) {
      where = Member(sibling, "sibling");
    } else if (info_.root != KunitRoot::kPrivate && row.parent == kIomem) {
      where = absl::StrCat("lookup_resource(&iomem_resource, ",
                           Address(row.range.start), ")");
    } else {
      where = Member(row.parent, "child");
    }
    variables_[row.slot] = {name, true, 0, 0};
    absl::StrAppend(&declarations_, "\tstruct resource *", name, ";\n");
    Say(absl::StrCat(name, " = ", where, ";"));
    Say(absl::StrCat("KUNIT_ASSERT_NOT_NULL(test, ", name, ");"));
  }
}

void KunitWriter::ExpectRow(const Op& op, const State& before,
                            const State& after, size_t i) {
  const Row& row = after.rows[i];
  const bool is_root = row.slot < kFirstSlot;
  if (is_root && !absl::StrContains(body_, Pointer(row.slot))) return;
  const auto expect_pointer = [this, &row](absl::string_view member,
                                           Slot slot) {
    const std::string left = Member(row.slot, member);
    if (slot == kNoSlot) return Expect("NULL", left, "");
    Expect("PTR_EQ", left, Pointer(slot));
  };
  // Beside a hole and around it are others.
  const bool in_hole = info_.root == KunitRoot::kHole;
  if (is_root && in_hole) return;
  if (!is_root) {
    const bool moves = RootOf(after, i) != kIoport;
    const auto address = [this, moves](uint64_t at) {
      return moves ? Address(at) : CNumber(at);
    };
    Expect("EQ", Member(row.slot, "start"), address(row.range.start));
    Expect("EQ", Member(row.slot, "end"), address(row.range.end));
    const Variable& variable = variables_[row.slot];
    const Row* const was = RowOf(before, row.slot);
    const bool is_about = row.slot == op.slot || was == nullptr || row.region;
    if (is_about || row.flags != variable.flags || row.flags != was->flags) {
      Expect("EQ", Member(row.slot, "flags"), CFlags(row.flags));
    }
    if (is_about ? row.desc != 0 || row.region : row.desc != variable.desc) {
      Expect("EQ", Member(row.slot, "desc"), CDesc(row.desc));
    }
    expect_pointer("parent", row.parent);
  }
  const Slot sibling = SiblingOf(after, i);
  if (row.depth != 0 && !(in_hole && row.depth == 1 && sibling == kNoSlot)) {
    expect_pointer("sibling", sibling);
  }
  expect_pointer("child", ChildOf(after, i));
}

void KunitWriter::ExpectState(const Op& op, const State& before,
                              const State& after) {
  Paragraph();
  for (size_t i = 0; i < after.rows.size(); ++i) {
    if (Pointer(after.rows[i].slot) == "NULL") continue;
    ExpectRow(op, before, after, i);
  }
}

// From the leaves upwards, for what is removed leaves its children behind.
void KunitWriter::CleanUp(const State& after) {
  std::string undo;
  for (size_t i = after.rows.size(); i-- > 0;) {
    const Row& row = after.rows[i];
    if (row.slot < kFirstSlot || Pointer(row.slot) == "NULL") continue;
    const bool in_tree = row.depth != 0;
    if (in_tree && (row.region || info_.root != KunitRoot::kPrivate)) {
      removes_ = true;
      absl::StrAppend(&undo, "\tresource_test_drop(", Pointer(row.slot),
                      ");\n");
    }
    if (row.region) {
      absl::StrAppend(&undo, "\tkfree(", Pointer(row.slot), ");\n");
    }
  }
  if (undo.empty()) return;
  Paragraph();
  body_ += undo;
}

}  // namespace restree

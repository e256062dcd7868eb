// SPDX-License-Identifier: Apache-2.0

// What an Oracle refuses to do. Each sentence is a row of the table in
// model/preconditions.md.
#include <cstdint>

#include "absl/strings/string_view.h"
#include "model/oracle.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

absl::string_view Oracle::Misuse(const Op& op) const {
  const VerbInfo& info = InfoOf(op.verb);
  if (info.Has(Field::kParent) && Find(op.parent) == nullptr) {
    return "the parent does not exist";
  }
  if (info.Has(Field::kSlot) && Find(op.slot) == nullptr) {
    return "the resource does not exist";
  }
  if (info.Has(Field::kDefines)) {
    const absl::string_view why = MisuseOfDefinition(op);
    if (!why.empty()) return why;
  }
  switch (op.verb) {
    case Verb::kRequestAgain:
    case Verb::kInsertAgain:
    case Verb::kInsertExpandAgain:
    case Verb::kAllocateAgain:
      return MisuseOfPlacement(op);
    case Verb::kRelease:
    case Verb::kRemove:
      if (Find(op.slot)->parent == kNoSlot) {
        return "the resource is in no tree";
      }
      return "";
    case Verb::kRequestRegion:
      return op.flags > UINT32_MAX ? "the flags do not fit in an int" : "";
    case Verb::kReleaseRegion: {
      const Row* target = ReleaseTarget(op.parent, op.range);
      if (target == nullptr) return "";
      if (!target->region) return "the busy resource is no region";
      return HasChildren(target->slot) ? "the region has children" : "";
    }
    default:
      return "";
  }
}

absl::string_view Oracle::MisuseOfDefinition(const Op& op) const {
  const Row* row = Find(op.slot);
  if (row == nullptr) return "";
  if (row->parent != kNoSlot) return "the resource is in a tree already";
  if (HasChildren(op.slot)) return "the resource has children";
  return op.slot == op.parent ? "the resource is its own parent" : "";
}

absl::string_view Oracle::MisuseOfPlacement(const Op& op) const {
  if (op.slot < kFirstSlot) return "a root is nobody's child";
  const Slot parent = Find(op.slot)->parent;
  if (parent != kNoSlot) {
    if (op.verb == Verb::kInsertExpandAgain) return "";
    if (op.verb != Verb::kAllocateAgain) {
      return "the resource is in a tree already";
    }
    return parent == op.parent ? "" : "the resource has another parent";
  }
  if (op.parent == op.slot) return "the resource is its own parent";
  if (IsBelow(op.parent, op.slot)) return "the parent lies below the resource";
  if (op.verb == Verb::kRequestAgain) return "";
  return HasChildren(op.slot) ? "the resource has children" : "";
}

}  // namespace restree

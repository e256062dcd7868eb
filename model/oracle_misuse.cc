// SPDX-License-Identifier: Apache-2.0

// What an Oracle refuses to do. Each sentence is a row of a table in
// model/preconditions.md.
#include <bit>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// get_option() reads an int, and a size of 2^32 does not fit in one.
bool IsReservable(const Range& range) {
  return !range.inverted() && range.end <= UINT32_MAX &&
         range.size() <= UINT32_MAX;
}

// Returns whether a verb does to the resource of Op::slot what only those do
// who made it.
bool IsForOwners(Verb verb) {
  switch (verb) {
    case Verb::kRequestAgain:
    case Verb::kInsertAgain:
    case Verb::kInsertExpandAgain:
    case Verb::kAllocateAgain:
    case Verb::kFindSpace:
    case Verb::kRelease:
    case Verb::kRemove:
    case Verb::kAdjust:
    case Verb::kMerge:
    case Verb::kDevmRelease:
    case Verb::kListAdd:
    case Verb::kListAddTail:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::string_view Oracle::Misuse(const Op& op) const {
  if (op.verb >= Verb::kPagemap) return MisuseOfMemory(op);
  const absl::string_view why = MisuseOfSlots(op);
  if (!why.empty()) return why;
  switch (op.verb) {
    case Verb::kRequestAgain:
    case Verb::kInsertAgain:
    case Verb::kInsertExpandAgain:
    case Verb::kAllocateAgain:
    case Verb::kFindSpace:
      return MisuseOfPlacement(op);
    case Verb::kRelease:
    case Verb::kRemove:
      if (Find(op.slot)->parent == kNoSlot) {
        return "the resource is in no tree";
      }
      return "";
    case Verb::kRequestRegion:
      return op.flags > UINT32_MAX ? "the flags do not fit in an int" : "";
    case Verb::kReleaseRegion:
    case Verb::kDevmReleaseRegion:
      return MisuseOfRelease(op.parent, op.range);
    case Verb::kReleaseAdjustable: {
      const Row* target = AdjustTarget(op.range);
      if (target == nullptr || target->range != op.range) return "";
      return MisuseOfForgetting(target->slot);
    }
    case Verb::kMerge:
      return MisuseOfMerge(*Find(op.slot));
    case Verb::kAllocFree:
      return std::has_single_bit(op.align) ? "" : "no power of two";
    case Verb::kProc:
      return op.parent < kFirstSlot ? "" : "no file shows the resource";
    default:
      return MisuseOfLedger(op);
  }
}

absl::string_view Oracle::MisuseOfLedger(const Op& op) const {
  switch (op.verb) {
    case Verb::kDevmRelease:
      return MisuseOfDevmRelease(op);
    case Verb::kUnbind:
      return MisuseOfUnbind(op.number);
    case Verb::kReserveSetup:
      return IsReservable(op.range) ? "" : "reserve= cannot say the range";
    case Verb::kInitInode:
      return ledger_.inode ? "the inode is there already" : "";
    case Verb::kGetMapping:
      return ledger_.inode ? "" : "there is no inode";
    default:
      return "";
  }
}

absl::string_view Oracle::MisuseOfSlots(const Op& op) const {
  const VerbInfo& info = InfoOf(op.verb);
  if (info.Has(Field::kParent) && Find(op.parent) == nullptr) {
    return "the parent does not exist";
  }
  if (info.Has(Field::kSlot) && Find(op.slot) == nullptr) {
    return "the resource does not exist";
  }
  if (IsVmemmapSlot(op.slot) && IsForOwners(op.verb)) {
    return "nobody has a handle to the resource";
  }
  return info.Has(Field::kDefines) ? MisuseOfDefinition(op) : "";
}

absl::string_view Oracle::MisuseOfDefinition(const Op& op) const {
  if (IsSpokenFor(op.slot)) return "a waiter will define the resource";
  const Row* row = Find(op.slot);
  if (row == nullptr) return "";
  if (op.verb == Verb::kReserve || op.verb == Verb::kReleaseAdjustable) {
    return "the resource exists already";
  }
  if (row->parent != kNoSlot) return "the resource is in a tree already";
  if (op.slot == op.parent) return "the resource is its own parent";
  return MisuseOfForgetting(op.slot);
}

// A resource may be no more, unless something goes on referring to it.
absl::string_view Oracle::MisuseOfForgetting(Slot slot) const {
  if (HasChildren(slot)) return "the resource has children";
  return IsHeld(slot) ? "the resource is held" : "";
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

absl::string_view Oracle::MisuseOfRelease(Slot parent,
                                          const Range& range) const {
  const Row* target = ReleaseTarget(parent, range);
  return target == nullptr ? "" : MisuseOfForgetting(target->slot);
}

absl::string_view Oracle::MisuseOfMerge(const Row& row) const {
  if (row.parent == kNoSlot) return "the resource is in no tree";
  constexpr uint64_t kRamBusy = kResourceSystemRam | kResourceBusy;
  if ((row.flags & kRamBusy) != kRamBusy) return "";
  Row marked = row;
  marked.flags |= kResourceSysramMergeable;
  const Slot above = MergePartner(marked, Side::kAbove);
  if (above != kNoSlot && IsHeld(above)) return "the next sibling is held";
  const Slot below = MergePartner(marked, Side::kBelow);
  return below != kNoSlot && IsHeld(row.slot) ? "the resource is held" : "";
}

absl::string_view Oracle::MisuseOfDevmRelease(const Op& op) const {
  const auto entry = NewestDevres({op.number, false, op.slot, {}});
  if (!entry.has_value() || Find(op.slot)->parent != kNoSlot) return "";
  return "the resource is in no tree";
}

absl::string_view Oracle::MisuseOfUnbind(uint32_t device) const {
  for (const Pagemap& map : ledger_.pagemaps) {
    if (map.releasing && map.device == device) {
      return "the device waits for a mapping to end";
    }
  }
  const auto newest = NewestDevres(device);
  if (!newest.has_value()) return "";
  const Devres& entry = ledger_.devres[*newest];
  if (entry.pagemap) return MisuseOfWithdrawal(entry.slot);
  if (entry.region) return MisuseOfRelease(entry.slot, entry.range);
  if (Find(entry.slot)->parent != kNoSlot) return "";
  return "the resource is in no tree";
}

}  // namespace restree

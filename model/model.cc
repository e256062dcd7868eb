// SPDX-License-Identifier: Apache-2.0
#include "model/model.h"

#include <cassert>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/walk.h"

namespace restree {
namespace {

Observation FromConflict(const Resource* conflict) {
  if (conflict == nullptr) return {.outcome = Outcome::kOk};
  return {.outcome = Outcome::kBusy, .found = conflict->slot};
}

constexpr absl::string_view kSpokenFor = "a sleeping call will define it";

bool IsRoot(Slot slot) { return slot < kFirstSlot; }

}  // namespace

absl::string_view Model::name() const {
  switch (shown_altmap_) {
    case AltmapVariant::kPatch:
      return "model:altmap=patch";
    case AltmapVariant::kSound:
      return "model:altmap=sound";
    case AltmapVariant::kTree:
      return "model:altmap=tree";
    case AltmapVariant::kNone:
      break;
  }
  return "model";
}

Observation Model::Apply(const Op& op) {
  switch (op.verb) {
    case Verb::kRequest:
    case Verb::kInsert:
    case Verb::kInsertExpand:
    case Verb::kAllocate:
      return Define(op);
    case Verb::kRequestAgain:
    case Verb::kInsertAgain:
    case Verb::kInsertExpandAgain:
    case Verb::kAllocateAgain:
      return PlaceAgain(op);
    case Verb::kRelease:
    case Verb::kRemove:
    case Verb::kAdjust:
    case Verb::kReleaseChildren:
      return ChangeOne(op);
    case Verb::kFindSpace:
      return FindSpace(op);
    case Verb::kRoot:
      return MakeRoot(op);
    case Verb::kRequestRegion:
      return RequestRegion(op);
    case Verb::kReleaseRegion:
      return ReleaseRegion(op);
    case Verb::kReserve:
      return Reserve(op);
    case Verb::kReleaseAdjustable:
      return ReleaseAdjustable(op);
    case Verb::kMerge:
      return Merge(op);
    case Verb::kRequestFree:
    case Verb::kDevmRequestFree:
      return RequestFree(op);
    case Verb::kAllocFree:
      return AllocFree(op);
    default:
      return Manage(op);
  }
}

Observation Model::Manage(const Op& op) {
  switch (op.verb) {
    case Verb::kDevmRequest:
      return DevmRequest(op);
    case Verb::kDevmRelease:
      return DevmRelease(op);
    case Verb::kDevmRequestRegion:
      return DevmRequestRegion(op);
    case Verb::kDevmReleaseRegion:
      return DevmReleaseRegion(op);
    case Verb::kUnbind:
      return Unbind(op);
    case Verb::kListAdd:
    case Verb::kListAddTail:
      return ListAdd(op);
    case Verb::kListDestroy:
      return ListDestroy(op);
    case Verb::kListFree:
      return ListFree(op);
    case Verb::kFailAlloc:
      return FailAlloc(op);
    case Verb::kReserveSetup:
      return ReserveSetup(op);
    case Verb::kStrictIomem:
      Edit().relaxed = op.number != 0;
      return Is(Outcome::kOk);
    case Verb::kInitInode:
      return InitInode();
    case Verb::kWalkSystemRamRev:
      return WalkBackward(*tree_.Find(kIomem), op, [this] { return Fails(); });
    default:
      return op.verb < Verb::kPagemap ? Ask(op) : ManageMemory(op);
  }
}

void Model::Snapshot(State* state) const {
  tree_.Snapshot(state);
  state->ledger = ledger_;
  state->ledger.live = LiveInLedger() + tree_.regions();
}

void Model::Reset() {
  tree_.Reset();
  ledger_ = {};
  ledger_digest_ = 0;
  ledger_changed_ = false;
  mapping_objects_ = 0;
}

void Model::DigestLedger() const {
  ledger_.live = LiveInLedger();
  ledger_digest_ = LedgerDigest(ledger_);
  ledger_changed_ = false;
}

bool Model::Fails() {
  if (ledger_.fail_times == 0) return false;
  Ledger& ledger = Edit();
  if (ledger.fail_nth > 1) {
    --ledger.fail_nth;
    return false;
  }
  if (--ledger.fail_times == 0) ledger.fail_nth = 0;
  return true;
}

absl::string_view Model::WhyNotDefine(Slot slot, const Resource* parent) const {
  if (parent == nullptr) return kNoResource;
  if (const Resource* const old = tree_.Find(slot)) {
    if (old->parent != nullptr) return "the slot is in a tree";
    if (old == parent) return "the slot is the parent";
    return WhyNotForget(*old);
  }
  return IsSpokenFor(slot) ? kSpokenFor : "";
}

absl::string_view Model::WhyNotEmpty(Slot slot) const {
  if (tree_.Find(slot) != nullptr) return "the slot is not empty";
  return IsSpokenFor(slot) ? kSpokenFor : "";
}

absl::string_view Model::WhyNotForget(const Resource& node) {
  if (!node.children.empty()) return "it has children";
  if (node.holds != 0) return "a list, a device or a sleeping call holds it";
  return "";
}

bool Model::IsSpokenFor(Slot slot) const {
  for (const Waiter& waiter : ledger_.waiters) {
    if (waiter.slot == slot) return true;
  }
  return false;
}

void Model::Forget(Resource* node) {
  if (IsVmemmapSlot(node->slot)) {
    EditPagemap(node->slot - kFirstVmemmap)->altmap.res_gone = true;
  }
  tree_.Unlink(node);
  tree_.Free(node);
}

Observation Model::Define(const Op& op) {
  Resource* const parent = tree_.Find(op.parent);
  const absl::string_view why = WhyNotDefine(op.slot, parent);
  if (!why.empty()) return Misuse(why);
  Row row;
  row.slot = op.slot;
  row.name = op.name;
  if (op.verb != Verb::kAllocate) row.range = op.range;
  row.flags = op.flags;
  row.desc = op.desc;
  Resource* const node = tree_.New(row);
  const Observation seen = Place(op, parent, node);
  if (node->parent == nullptr) {
    tree_.Free(node);
  } else {
    tree_.Keep(node);
  }
  return seen;
}

Observation Model::PlaceAgain(const Op& op) {
  Resource* const parent = tree_.Find(op.parent);
  Resource* const node = tree_.Find(op.slot);
  if (parent == nullptr || node == nullptr) return Misuse(kNoResource);
  if (IsRoot(op.slot)) return Misuse("a root is nobody's child");
  if (IsVmemmapSlot(op.slot)) return Misuse(kNoHandle);
  if (node->parent != nullptr) {
    if (op.verb == Verb::kInsertExpandAgain) return Is(Outcome::kOk);
    if (op.verb != Verb::kAllocateAgain) {
      return Misuse("the resource is in a tree already");
    }
    if (node->parent != parent) return Misuse("its parent is another");
    return Reallocate(op, parent, node);
  }
  if (op.verb == Verb::kRequestAgain) {
    if (ResourceTree::IsWithin(parent, node)) {
      return Misuse("the parent lies below the resource");
    }
  } else {
    if (!node->children.empty()) return Misuse("the resource has children");
    if (parent == node) return Misuse("the resource is the parent");
  }
  return Place(op, parent, node);
}

Observation Model::Place(const Op& op, Resource* parent, Resource* node) {
  switch (op.verb) {
    case Verb::kRequest:
    case Verb::kRequestAgain:
      return FromConflict(tree_.Request(parent, node));
    case Verb::kInsert:
    case Verb::kInsertAgain:
      return FromConflict(tree_.Insert(parent, node));
    case Verb::kInsertExpand:
    case Verb::kInsertExpandAgain:
      return OkOr(Outcome::kNull, tree_.InsertExpand(parent, node));
    default:
      return Allocate(op, parent, node);
  }
}

Observation Model::Allocate(const Op& op, Resource* parent, Resource* node) {
  const auto space = ResourceTree::FindSpace(*parent, nullptr, op.range,
                                             op.size, op.align, op.number != 0);
  if (!space.has_value()) return Is(Outcome::kBusy);
  tree_.Change(node, [&space](Resource& r) { r.range = *space; });
  tree_.Link(parent, node);
  return Is(Outcome::kOk);
}

// reallocate_resource(): grows in place if that is what was found, and moves
// only what has no children. It compares with resource_contains(), which is
// false for a resource that is UNSET.
Observation Model::Reallocate(const Op& op, Resource* parent, Resource* node) {
  const auto space = ResourceTree::FindSpace(*parent, node, op.range, op.size,
                                             op.align, op.number != 0);
  if (!space.has_value()) return Is(Outcome::kBusy);
  const bool grows =
      space->Contains(node->range) && (node->flags & kResourceUnset) == 0;
  if (!grows && !node->children.empty()) return Is(Outcome::kBusy);
  tree_.Unlink(node);
  tree_.Change(node, [&space](Resource& r) { r.range = *space; });
  tree_.Link(parent, node);
  return Is(Outcome::kOk);
}

Observation Model::ChangeOne(const Op& op) {
  Resource* const node = tree_.Find(op.slot);
  if (node == nullptr) return Misuse(kNoResource);
  if (IsVmemmapSlot(op.slot) && op.verb != Verb::kReleaseChildren) {
    return Misuse(kNoHandle);
  }
  switch (op.verb) {
    case Verb::kRelease:
    case Verb::kRemove:
      if (node->parent == nullptr) return Misuse("it is in no tree");
      if (op.verb == Verb::kRelease) {
        tree_.Release(node);
      } else {
        tree_.Remove(node);
      }
      return Is(Outcome::kOk);
    case Verb::kAdjust:
      return OkOr(Outcome::kBusy, tree_.Adjust(node, op.range));
    case Verb::kReleaseChildren:
      tree_.ReleaseChildren(node);
      return Is(Outcome::kOk);
    default:
      assert(false);
      return {};
  }
}

// find_resource_space(): as allocate, but only the resource itself learns
// about its place.
Observation Model::FindSpace(const Op& op) {
  const Resource* const parent = tree_.Find(op.parent);
  Resource* const node = tree_.Find(op.slot);
  if (parent == nullptr || node == nullptr) return Misuse(kNoResource);
  if (IsRoot(op.slot)) return Misuse("a root has its place");
  if (IsVmemmapSlot(op.slot)) return Misuse(kNoHandle);
  if (node->parent != nullptr) return Misuse("the resource is in a tree");
  if (!node->children.empty()) return Misuse("the resource has children");
  if (parent == node) return Misuse("the resource is the parent");
  const auto space = ResourceTree::FindSpace(*parent, nullptr, op.range,
                                             op.size, op.align, op.number != 0);
  if (!space.has_value()) return Is(Outcome::kBusy);
  tree_.Change(node, [&space](Resource& r) { r.range = *space; });
  return Is(Outcome::kOk);
}

Observation Model::MakeRoot(const Op& op) {
  const absl::string_view why = WhyNotDefine(op.slot, tree_.Find(kIomem));
  if (!why.empty()) return Misuse(why);
  Row row;
  row.slot = op.slot;
  row.name = op.name;
  row.range = op.range;
  row.flags = op.flags;
  row.desc = op.desc;
  tree_.Keep(tree_.New(row));
  return Is(Outcome::kOk);
}

}  // namespace restree

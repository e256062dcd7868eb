// SPDX-License-Identifier: Apache-2.0
#include "model/model.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/trace.h"
#include "model/walk.h"

namespace restree {
namespace {

constexpr absl::string_view kNoResource = "a resource does not exist";

Observation Misuse(absl::string_view why) {
  return {.outcome = Outcome::kMisuse, .why = why};
}

Observation Is(Outcome outcome) { return {.outcome = outcome}; }

Observation OkOr(Outcome otherwise, bool ok) {
  return Is(ok ? Outcome::kOk : otherwise);
}

Observation FromConflict(const Resource* conflict) {
  if (conflict == nullptr) return Is(Outcome::kOk);
  return {.outcome = Outcome::kBusy, .found = conflict->slot};
}

bool IsRoot(Slot slot) { return slot < kFirstSlot; }

}  // namespace

Observation Model::Apply(const Op& op) {
  switch (op.verb) {
    case Verb::kRequest:
    case Verb::kInsert:
    case Verb::kInsertExpand:
    case Verb::kAllocate:
    case Verb::kRequestRegion:
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
    case Verb::kAlignment:
      return ChangeOne(op);
    case Verb::kReleaseRegion:
      return ReleaseRegion(op);
    case Verb::kLookup:
      return Lookup(op);
    case Verb::kRegionIntersects:
      return RegionIntersects(op);
    case Verb::kWalkDesc:
    case Verb::kWalkMem:
    case Verb::kWalkSystemRam:
    case Verb::kWalkSystemRamRev:
    case Verb::kWalkSystemRamRange:
      return Walk(*tree_.Find(kIomem), op);
    default:
      return {.outcome = Outcome::kMisuse, .why = "not yet"};
  }
}

Observation Model::Define(const Op& op) {
  Resource* const parent = tree_.Find(op.parent);
  if (parent == nullptr) return Misuse(kNoResource);
  if (const Resource* const old = tree_.Find(op.slot)) {
    if (old->parent != nullptr) return Misuse("the slot is in a tree");
    if (!old->children.empty()) return Misuse("the slot has children");
    if (old == parent) return Misuse("the slot is the parent");
  }
  const bool region = op.verb == Verb::kRequestRegion;
  if (region && op.flags > UINT32_MAX) return Misuse("flags are an int");

  Row row;
  row.slot = op.slot;
  row.name = op.name;
  row.region = region;
  if (op.verb != Verb::kAllocate) row.range = op.range;
  row.flags = op.flags;
  row.desc = op.desc;
  Resource* const node = tree_.New(row);
  const Observation seen =
      region ? RequestRegion(op, parent, node) : Place(op, parent, node);
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
  const auto space =
      ResourceTree::FindSpace(*parent, nullptr, op.range, op.size, op.align);
  if (!space.has_value()) return Is(Outcome::kBusy);
  tree_.Change(node, [&space](Resource& r) { r.range = *space; });
  tree_.Link(parent, node);
  return Is(Outcome::kOk);
}

// reallocate_resource(): grows in place if that is what was found, and moves
// only what has no children. It compares with resource_contains(), which is
// false for a resource that is UNSET.
Observation Model::Reallocate(const Op& op, Resource* parent, Resource* node) {
  const auto space =
      ResourceTree::FindSpace(*parent, node, op.range, op.size, op.align);
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
      break;
  }
  assert(op.verb == Verb::kAlignment);
  Observation seen;
  switch (node->flags & (kResourceSizeAlign | kResourceStartAlign)) {
    case kResourceSizeAlign:
      seen.value = node->range.size();
      break;
    case kResourceStartAlign:
      seen.value = node->range.start;
      break;
    default:
      break;
  }
  return seen;
}

// __request_region(): descends until it finds room below something that is not
// busy, and inherits from where it ends up.
Observation Model::RequestRegion(const Op& op, Resource* parent,
                                 Resource* node) {
  Observation seen;
  for (;;) {
    Resource* const conflict = tree_.Request(parent, node);
    if (conflict == nullptr) break;
    if (parent->slot == kIomem && conflict->desc == kDescDevicePrivateMemory) {
      seen.warnings |= kWarnUnaddressable;
    }
    if (conflict != parent && (conflict->flags & kResourceBusy) == 0) {
      parent = conflict;
      continue;
    }
    const bool waits = (conflict->flags & op.flags & kResourceMuxed) != 0;
    seen.outcome = waits ? Outcome::kWouldBlock : Outcome::kNull;
    return seen;
  }
  tree_.Change(node, [parent, &op](Resource& r) {
    const uint64_t inherited = kResourceTypeBits | kResourceExtTypeBits;
    r.flags = (parent->flags & inherited) | kResourceBusy | op.flags;
    r.desc = parent->desc;
  });
  return seen;
}

Observation Model::ReleaseRegion(const Op& op) {
  const Resource* parent = tree_.Find(op.parent);
  if (parent == nullptr) return Misuse(kNoResource);
  for (;;) {
    Resource* const node = ResourceTree::FirstEndingFrom(*parent, op.range.end);
    if (node == nullptr || node->range.start > op.range.start) break;
    if ((node->flags & kResourceBusy) == 0) {
      parent = node;
      continue;
    }
    if (node->range != op.range) break;
    if (!node->region) return Misuse("request_region did not make it");
    if (!node->children.empty()) return Misuse("the region has children");
    tree_.Unlink(node);
    tree_.Free(node);
    return Is(Outcome::kOk);
  }
  return {.warnings = kWarnNonexistent};
}

Observation Model::Lookup(const Op& op) const {
  const Resource* const parent = tree_.Find(op.parent);
  if (parent == nullptr) return Misuse(kNoResource);
  const Resource* const found = ResourceTree::ChildAt(*parent, op.range.start);
  if (found == nullptr) return Is(Outcome::kNull);
  return {.outcome = Outcome::kOk, .found = found->slot};
}

// region_intersects(): counts iomem's children in the range as matching or as
// something else. One that does not match itself still counts as matching if
// matching descendants cover all of it that lies in the range.
Observation Model::RegionIntersects(const Op& op) const {
  const Resource& iomem = *tree_.Find(kIomem);
  const auto is_match = [&op](const Resource& r) {
    return (r.flags & op.flags) == op.flags &&
           (op.desc == kDescNone || op.desc == r.desc);
  };
  bool any_match = false;
  bool any_other = false;
  const Resource* top = ResourceTree::FirstOverlap(iomem, op.range);
  while (top != nullptr) {
    bool covered = is_match(*top);
    any_match |= covered;
    if (!covered) {
      const Range part = top->range.Intersection(op.range);
      uint64_t next = part.start;  // nothing is missing below this address
      const Resource* node = top;
      while ((node = ResourceTree::NextOverlap(*top, node, op.range))) {
        if (!is_match(*node)) continue;
        any_match = true;
        if (node->range.start > next) break;
        covered = node->range.end >= part.end;
        if (covered) break;
        next = std::max(next, node->range.end + 1);
      }
    }
    any_other |= !covered;
    if (any_match && any_other) break;
    if (top->range.end >= op.range.end) break;
    top = ResourceTree::FirstOverlap(iomem, {top->range.end + 1, op.range.end});
  }
  if (!any_match) return Is(Outcome::kDisjoint);
  return Is(any_other ? Outcome::kMixed : Outcome::kIntersects);
}

}  // namespace restree

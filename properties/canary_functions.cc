// SPDX-License-Identifier: Apache-2.0
#include "properties/canary_functions.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "model/flags.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr Outcome kOk = Outcome::kOk;

// Links what `op` defines below `parent` although the model refused it.
Observation ForceRequest(Model& model, const Op& op, Resource* parent) {
  Row row;
  row.slot = op.slot;
  row.range = op.range;
  row.flags = op.flags;
  row.desc = op.desc;
  row.name = op.name;
  Resource* const node = model.tree().New(row);
  model.tree().Link(parent, node);
  model.tree().Keep(node);
  return {.outcome = kOk};
}

}  // namespace

Observation Right(Model& model, const Op& op) { return model.Model::Apply(op); }

Observation RequestOverlapsByOneByte(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  if (op.verb != Verb::kRequest || right.outcome != Outcome::kBusy) {
    return right;
  }
  Resource* const parent = model.tree().Find(op.parent);
  const Resource& conflict = *model.tree().Find(right.found);
  if (&conflict == parent || conflict.range.end != op.range.start ||
      conflict.range.start == op.range.start) {
    return right;
  }
  if (op.range.size() > 1) {
    const Range rest = {op.range.start + 1, op.range.end};
    if (ResourceTree::FirstOverlap(*parent, rest) != nullptr) return right;
  }
  return ForceRequest(model, op, parent);
}

Observation DeepChildSticksOut(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  if (op.verb != Verb::kRequest || right.outcome != Outcome::kBusy) {
    return right;
  }
  Resource* const parent = model.tree().Find(op.parent);
  int depth = 0;
  for (const Resource* up = parent->parent; up != nullptr; up = up->parent) {
    ++depth;
  }
  if (depth < 3 || right.found != op.parent || op.range.inverted() ||
      op.range.start < parent->range.start ||
      op.range.end != parent->range.end + 1 ||
      ResourceTree::FirstOverlap(*parent, op.range) != nullptr) {
    return right;
  }
  return ForceRequest(model, op, parent);
}

Observation RequestRefusesTheLastAddress(Model& model, const Op& op) {
  Op played = op;
  if (op.verb == Verb::kRequest && op.range.end == UINT64_MAX) {
    played.range = {1, 0};
  }
  return Right(model, played);
}

Observation ReleaseLosesTheNextSibling(Model& model, const Op& op) {
  const Resource* const node = model.tree().Find(op.slot);
  Resource* next = nullptr;
  if (op.verb == Verb::kRelease && node != nullptr && node->parent != nullptr) {
    const auto& siblings = node->parent->children;
    const auto it = siblings.upper_bound(node->range.start);
    if (it != siblings.end()) next = *it;
  }
  const Observation right = Right(model, op);
  if (next != nullptr) model.tree().Unlink(next);
  return right;
}

Observation RemoveLeavesAStaleParent(Model& model, const Op& op) {
  Resource* const node = model.tree().Find(op.slot);
  std::vector<Resource*> moved;
  if (op.verb == Verb::kRemove && node != nullptr && node->parent != nullptr) {
    moved.assign(node->children.begin(), node->children.end());
  }
  const Observation right = Right(model, op);
  for (Resource* child : moved) {
    model.tree().Change(child, [node](Resource& r) { r.parent = node; });
  }
  return right;
}

Observation ReleaseRegionTakesAShorterRange(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  if (op.verb != Verb::kReleaseRegion || right.warnings == 0) return right;
  const Resource* parent = model.tree().Find(op.parent);
  Resource* node = nullptr;
  do {
    if (node != nullptr) parent = node;
    node = ResourceTree::FirstEndingFrom(*parent, op.range.end);
  } while (node != nullptr && node->range.start <= op.range.start &&
           (node->flags & kResourceBusy) == 0);
  if (node == nullptr || !node->region || !node->children.empty() ||
      op.range.inverted() || node->range.start != op.range.start) {
    return right;
  }
  model.tree().Unlink(node);
  model.tree().Free(node);
  return {.outcome = kOk};
}

Observation RequestRegionDropsSysram(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  if (op.verb != Verb::kRequestRegion || right.outcome != kOk) return right;
  model.tree().Change(model.tree().Find(op.slot), [&op](Resource& r) {
    r.flags &= ~kResourceExtTypeBits | op.flags;
  });
  return right;
}

Observation RequestRegionInheritsFromItsOperand(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  if (op.verb != Verb::kRequestRegion || right.outcome != kOk) return right;
  const uint64_t desc = model.tree().Find(op.parent)->desc;
  model.tree().Change(model.tree().Find(op.slot),
                      [desc](Resource& r) { r.desc = desc; });
  return right;
}

Observation MuxedRegionIsRefused(Model& model, const Op& op) {
  Observation right = Right(model, op);
  if (right.outcome == Outcome::kWouldBlock) right.outcome = Outcome::kNull;
  return right;
}

Observation InsertAdoptsAllButTheLast(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  if (op.verb != Verb::kInsert || right.outcome != kOk) return right;
  Resource* const node = model.tree().Find(op.slot);
  if (node->children.size() < 2) return right;
  Resource* const last = *node->children.rbegin();
  model.tree().Unlink(last);
  model.tree().Link(node->parent, last);
  return right;
}

Observation InsertOfAnEqualRangeGoesBelow(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  if (op.verb != Verb::kInsert || right.outcome != kOk) return right;
  Resource* const node = model.tree().Find(op.slot);
  if (node->children.size() != 1) return right;
  Resource* const child = *node->children.begin();
  if (child->range != node->range) return right;
  Resource* const parent = node->parent;
  model.tree().Unlink(child);
  while (!child->children.empty()) {
    Resource* const grandchild = *child->children.begin();
    model.tree().Unlink(grandchild);
    model.tree().Link(node, grandchild);
  }
  model.tree().Unlink(node);
  model.tree().Link(parent, child);
  model.tree().Link(child, node);
  return right;
}

Observation FailedExpandLeavesATrace(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  if (op.verb != Verb::kInsertExpandAgain || right.outcome != Outcome::kNull) {
    return right;
  }
  Resource* const node = model.tree().Find(op.slot);
  if (node->range.inverted()) return right;
  const uint64_t end = model.tree().Find(op.parent)->range.end;
  model.tree().Change(
      node, [end](Resource& r) { r.range.end = std::max(r.range.end, end); });
  return right;
}

Observation AdjustCutsThroughAChild(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  if (op.verb != Verb::kAdjust || right.outcome != Outcome::kBusy) {
    return right;
  }
  Resource* const node = model.tree().Find(op.slot);
  if (node->parent == nullptr || op.range.start != node->range.start ||
      op.range.inverted() || op.range.end > node->range.end) {
    return right;
  }
  const Range range = op.range;
  model.tree().Change(node, [range](Resource& r) { r.range = range; });
  return {.outcome = kOk};
}

Observation AllocateIgnoresAlignment(Model& model, const Op& op) {
  Op played = op;
  if (op.verb == Verb::kAllocate) played.align = 1;
  return Right(model, played);
}

Observation AllocatePassesTheMaximumByOne(Model& model, const Op& op) {
  Op played = op;
  if (op.verb == Verb::kAllocate && op.range.end != UINT64_MAX) {
    ++played.range.end;
  }
  return Right(model, played);
}

Observation ReleaseChildForgetsGrandchildren(Model& model, const Op& op) {
  Resource* const node = model.tree().Find(op.slot);
  if (op.verb != Verb::kReleaseChildren || node == nullptr) {
    return Right(model, op);
  }
  while (!node->children.empty()) {
    Resource* const child = *node->children.begin();
    model.tree().Unlink(child);
    model.tree().Change(
        child, [](Resource& r) { r.range = Range::OfSize(0, r.range.size()); });
  }
  return {.outcome = kOk};
}

Observation WalkMissesTheLastByte(Model& model, const Op& op) {
  Observation right = Right(model, op);
  if (op.verb != Verb::kWalkMem || right.visits.empty()) return right;
  Range& last = right.visits.back().range;
  if (last.end == op.range.end && last.start < last.end) --last.end;
  return right;
}

Observation IntersectsMissesTheLastByte(Model& model, const Op& op) {
  Op played = op;
  if (op.verb == Verb::kRegionIntersects && op.range.start < op.range.end) {
    --played.range.end;
  }
  return Right(model, played);
}

Observation LookupFindsWhatCovers(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  if (op.verb != Verb::kLookup || right.outcome != Outcome::kNull) return right;
  const Resource* const child =
      ResourceTree::FirstOverlap(*model.tree().Find(op.parent), op.range);
  if (child == nullptr) return right;
  return {.outcome = kOk, .found = child->slot};
}

}  // namespace restree

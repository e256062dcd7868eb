// SPDX-License-Identifier: Apache-2.0
#include "properties/canaries.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/flags.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr Outcome kOk = Outcome::kOk;

// What the model itself does, from within a machine that is a model.
Observation Right(Model& model, const Op& op) { return model.Model::Apply(op); }

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

// Sorted by what it takes to see the bug.
const Canary kCanaries[] = {
    {"AllocateIgnoresAlignment", "allocate places without a look at align", 1,
     "r0 = allocate iomem 0x1-0xffff size=0x10 align=0x1000 mem\n", true,
     AllocateIgnoresAlignment},
    {"AllocatePassesTheMaximumByOne",
     "allocate may use the byte behind its maximum", 1,
     "r0 = allocate iomem 0x0-0xe size=0x10 align=0x1 mem\n", true,
     AllocatePassesTheMaximumByOne},
    {"RequestRefusesTheLastAddress",
     "request takes an end of 2^64 - 1 for an overflow", 1,
     "r0 = request iomem 0x1000-0xffffffffffffffff mem\n", true,
     RequestRefusesTheLastAddress},
    {"RequestOverlapsByOneByte",
     "request may start on the last byte of the sibling before", 2,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = request iomem 0x1fff-0x2fff mem\n",
     true, RequestOverlapsByOneByte},
    {"ReleaseRegionTakesAShorterRange",
     "release_region frees a region by its start alone", 2,
     "r0 = request_region iomem 0x1000-0x1fff\n"
     "release_region iomem 0x1000-0x17ff\n",
     true, ReleaseRegionTakesAShorterRange},
    {"RequestRegionDropsSysram",
     "request_region inherits the type but not SYSRAM", 2,
     "r0 = request iomem 0x1000-0x1fff mem sysram\n"
     "r1 = request_region iomem 0x1000-0x1fff\n",
     true, RequestRegionDropsSysram},
    {"RequestRegionInheritsFromItsOperand",
     "request_region takes desc from its operand, not from the parent", 2,
     "r0 = request iomem 0x1000-0x1fff mem desc=cxl\n"
     "r1 = request_region iomem 0x1000-0x1fff\n",
     true, RequestRegionInheritsFromItsOperand},
    {"MuxedRegionIsRefused", "request_region never waits for a muxed region", 2,
     "r0 = request_region iomem 0x1000-0x1fff muxed\n"
     "r1 = request_region iomem 0x1000-0x1fff muxed\n",
     true, MuxedRegionIsRefused},
    {"InsertOfAnEqualRangeGoesBelow",
     "insert puts an equal range below instead of above", 2,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = insert iomem 0x1000-0x1fff mem\n",
     false, InsertOfAnEqualRangeGoesBelow},
    {"WalkMissesTheLastByte", "walk_mem_res stops one byte early", 2,
     "r0 = request iomem 0x1000-0x1fff mem busy\n"
     "walk_mem_res 0x1000-0x1fff\n",
     true, WalkMissesTheLastByte},
    {"IntersectsMissesTheLastByte",
     "region_intersects does not look at the last byte", 2,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "region_intersects 0x0-0x1000 mem\n",
     true, IntersectsMissesTheLastByte},
    {"LookupFindsWhatCovers",
     "lookup finds what covers the address, not what starts there", 2,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "lookup iomem 0x1001\n",
     true, LookupFindsWhatCovers},
    {"ReleaseLosesTheNextSibling", "release takes out the next sibling too", 3,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = request iomem 0x2000-0x2fff mem\n"
     "release r0\n",
     true, ReleaseLosesTheNextSibling},
    {"RemoveLeavesAStaleParent",
     "remove moves children up and lets them name the old parent", 3,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = request r0 0x1000-0x1fff mem\n"
     "remove r0\n",
     true, RemoveLeavesAStaleParent},
    {"InsertAdoptsAllButTheLast",
     "insert leaves the last of what it covers beside itself", 3,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = request iomem 0x2000-0x2fff mem\n"
     "r2 = insert iomem 0x1000-0x2fff mem\n",
     true, InsertAdoptsAllButTheLast},
    {"AdjustCutsThroughAChild", "adjust may end before a child does", 3,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = request r0 0x1000-0x1fff mem\n"
     "adjust r0 0x1000-0x17ff\n",
     true, AdjustCutsThroughAChild},
    {"ReleaseChildForgetsGrandchildren",
     "release_child takes apart one level only", 3,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = request r0 0x1000-0x1fff mem\n"
     "release_child iomem\n",
     true, ReleaseChildForgetsGrandchildren},
    {"FailedExpandLeavesATrace",
     "insert_expand_to_fit that fails has widened the resource", 3,
     "r0 = root 0x1000-0x1fff mem\n"
     "r1 = root 0x2000-0x2fff mem\n"
     "insert_expand_to_fit r1 r0\n",
     true, FailedExpandLeavesATrace},
    {"DeepChildSticksOut",
     "request below the third level may end one byte behind its parent", 4,
     "r0 = request iomem 0x1000-0x1fff mem\n"
     "r1 = request r0 0x1000-0x1fff mem\n"
     "r2 = request r1 0x1000-0x1fff mem\n"
     "r3 = request r2 0x1000-0x2000 mem\n",
     true, DeepChildSticksOut},
};

class Planted final : public Model {
 public:
  explicit Planted(const Canary& canary) : canary_(canary) {}

  absl::string_view name() const override { return canary_.name; }
  Observation Apply(const Op& op) override { return canary_.apply(*this, op); }

 private:
  const Canary& canary_;
};

}  // namespace

absl::Span<const Canary> Canaries() { return kCanaries; }

std::unique_ptr<Machine> MakeCanary(absl::string_view name) {
  for (const Canary& canary : kCanaries) {
    if (canary.name == name) return std::make_unique<Planted>(canary);
  }
  return nullptr;
}

}  // namespace restree

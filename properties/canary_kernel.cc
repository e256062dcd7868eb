// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "model/flags.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/canary_functions.h"

namespace restree {
namespace {

constexpr Outcome kOk = Outcome::kOk;

State Shown(const Model& model) {
  State state;
  model.Snapshot(&state);
  return state;
}

// Takes a resource away that nobody holds and that has no children.
void Drop(Model& model, Resource* node) {
  model.tree().Unlink(node);
  model.tree().Free(node);
}

Resource* NextSibling(const Resource& node) {
  const auto& siblings = node.parent->children;
  const auto it = siblings.upper_bound(node.range.start);
  return it == siblings.end() ? nullptr : *it;
}

}  // namespace

void Leak(Model& model) {
  // The tree counts what the kernel made, and forgets to count back.
  Row row;
  row.region = true;
  Resource* const lost = model.tree().New(row);
  model.tree().Change(lost, [](Resource& r) { r.region = false; });
  model.tree().Free(lost);
}

Observation ReserveForgetsTheLastGap(Model& model, const Op& op) {
  if (op.verb != Verb::kReserve) return Right(model, op);
  const State before = Shown(model);
  const Observation right = Right(model, op);
  if (right.outcome != kOk) return right;
  const State after = Shown(model);
  size_t i = 0;
  int pieces = 0;
  Slot last = kNoSlot;
  for (const Row& row : after.rows) {
    if (i < before.rows.size() && before.rows[i].slot == row.slot) {
      ++i;
      continue;
    }
    ++pieces;
    last = row.slot;
  }
  if (pieces >= 2) Drop(model, model.tree().Find(last));
  return right;
}

Observation SplitLosesSysram(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  if (op.verb != Verb::kReleaseAdjustable || right.outcome != kOk) return right;
  Resource* const high = model.tree().Find(op.slot);
  if (high == nullptr) return right;
  model.tree().Change(high, [](Resource& r) { r.flags &= ~kResourceSysram; });
  return right;
}

Observation MergeReachesOverAGap(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  if (op.verb != Verb::kMerge || right.outcome != kOk || right.warnings != 0) {
    return right;
  }
  Resource* const node = model.tree().Find(op.slot);
  Resource* const next = node == nullptr ? nullptr : NextSibling(*node);
  if (next == nullptr || next->range.start == node->range.end + 1 ||
      next->flags != node->flags || next->desc != node->desc ||
      next->name == 0 || next->name != node->name || next->holds != 0 ||
      !node->children.empty() || !next->children.empty()) {
    return right;
  }
  const uint64_t end = next->range.end;
  Drop(model, next);
  model.tree().Change(node, [end](Resource& r) { r.range.end = end; });
  return right;
}

Observation AllocFreeForgetsTheLastByte(Model& model, const Op& op) {
  Op played = op;
  if (op.verb == Verb::kAllocFree && op.size > 0) --played.size;
  return Right(model, played);
}

Observation ExclusiveMissesTheLastByte(Model& model, const Op& op) {
  Op played = op;
  if (op.verb == Verb::kIsExclusive && op.range.start < op.range.end) {
    --played.range.end;
  }
  return Right(model, played);
}

Observation ProcTellsEverybody(Model& model, const Op& op) {
  Op played = op;
  if (op.verb == Verb::kProc) played.number = 0;
  return Right(model, played);
}

Observation FailedDevmRequestLeaks(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  if (op.verb != Verb::kDevmRequest || right.outcome != Outcome::kBusy) {
    return right;
  }
  Leak(model);
  return right;
}

Observation UnbindUndoesTheOldestFirst(Model& model, const Op& op) {
  if (op.verb != Verb::kUnbind) return Right(model, op);
  Op played = op;
  for (const Devres& it : Shown(model).ledger.devres) {
    if (it.device != op.number) continue;
    played.verb = it.region    ? Verb::kDevmReleaseRegion
                  : it.pagemap ? Verb::kDevmMemunmap
                               : Verb::kDevmRelease;
    played.slot = it.slot;
    played.parent = it.slot;
    played.range = it.range;
    break;
  }
  return Right(model, Normal(played));
}

Observation WokenRegionIsLost(Model& model, const Op& op) {
  if (op.verb != Verb::kReleaseRegion) return Right(model, op);
  const State before = Shown(model);
  const Observation right = Right(model, op);
  for (const Waiter& it : before.ledger.waiters) {
    Resource* const region = model.tree().Find(it.slot);
    if (region != nullptr && region->holds == 0) Drop(model, region);
  }
  return right;
}

Observation ListAddGoesToTheTail(Model& model, const Op& op) {
  Op played = op;
  if (op.verb == Verb::kListAdd) played.verb = Verb::kListAddTail;
  return Right(model, played);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
// Regions, and the calls that sleep until a muxed one goes.
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

Observation Model::RequestRegion(const Op& op) {
  const absl::string_view why = WhyNotDefine(op.slot, tree_.Find(op.parent));
  if (!why.empty()) return Misuse(why);
  if (op.flags > UINT32_MAX) return Misuse("flags are an int");
  if (Fails()) return Is(Outcome::kNull);
  const Waiter call = {op.slot, op.name, op.parent, op.range, op.flags};
  Observation seen;
  const Resource* const node = TryRegion(call, &seen);
  if (node != nullptr && op.parent == kIomem) Revoke(*node, &seen);
  if (seen.outcome == Outcome::kWouldBlock) Wait(call);
  return seen;
}

// __request_region_locked(): descends until it finds room below something that
// is not busy, and inherits from where it ends up. Returns the resource that is
// in call.slot then, or null.
Resource* Model::TryRegion(const Waiter& call, Observation* seen) {
  Row row;
  row.slot = call.slot;
  row.name = call.name;
  row.region = true;
  row.range = call.range;
  Resource* const node = tree_.New(row);
  Resource* parent = tree_.Find(call.parent);
  while (Resource* const conflict = tree_.Request(parent, node)) {
    if (parent->slot == kIomem && conflict->desc == kDescDevicePrivateMemory) {
      seen->warnings |= kWarnUnaddressable;
    }
    if (conflict != parent && (conflict->flags & kResourceBusy) == 0) {
      parent = conflict;
      continue;
    }
    const bool waits = (conflict->flags & call.flags & kResourceMuxed) != 0;
    seen->outcome = waits ? Outcome::kWouldBlock : Outcome::kNull;
    tree_.Free(node);
    return nullptr;
  }
  tree_.Change(node, [parent, &call](Resource& r) {
    const uint64_t inherited = kResourceTypeBits | kResourceExtTypeBits;
    r.flags = (parent->flags & inherited) | kResourceBusy | call.flags;
    r.desc = parent->desc;
  });
  tree_.Keep(node);
  return node;
}

// Puts the call to sleep. What its slot held is gone: the call has the slot.
void Model::Wait(const Waiter& call) {
  if (Resource* const old = tree_.Find(call.slot)) tree_.Free(old);
  Edit().waiters.push_back(call);
  Hold(call.parent);
}

// Lets every sleeping call try again, the newest first. Who has to sleep again
// becomes the newest. What they are warned of is not for who wakes them.
void Model::Wake(Observation* seen) {
  if (ledger_.waiters.empty()) return;
  const std::vector<Waiter> calls = std::exchange(Edit().waiters, {});
  for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
    LetGo(call->parent);
    Observation own;
    const Resource* const node = TryRegion(*call, &own);
    if (node != nullptr && call->parent == kIomem) Revoke(*node, seen);
    if (own.outcome == Outcome::kWouldBlock) Wait(*call);
  }
}

// revoke_iomem(): whoever has mapped /dev/mem loses the region, unless both of
// its ends may be mapped even so.
void Model::Revoke(const Resource& node, Observation* seen) const {
  if (!ledger_.inode) return;
  if (IsIomemExclusive(node.range.start) || IsIomemExclusive(node.range.end)) {
    seen->visits.push_back({.range = node.range});
  }
}

Observation Model::ReleaseRegion(const Op& op) {
  if (tree_.Find(op.parent) == nullptr) return Misuse(kNoResource);
  Resource* const node = FindRegion(op.parent, op.range);
  if (node == nullptr) return {.warnings = kWarnNonexistent};
  const absl::string_view why = WhyNotForget(*node);
  if (!why.empty()) return Misuse(why);
  Observation seen;
  TakeRegion(node, &seen);
  return seen;
}

// Returns what __release_region() would take away, or null.
Resource* Model::FindRegion(Slot parent, const Range& range) {
  const Resource* below = tree_.Find(parent);
  for (;;) {
    Resource* const node = ResourceTree::FirstEndingFrom(*below, range.end);
    if (node == nullptr || node->range.start > range.start) return nullptr;
    if ((node->flags & kResourceBusy) != 0) {
      return node->range == range ? node : nullptr;
    }
    below = node;
  }
}

void Model::TakeRegion(Resource* node, Observation* seen) {
  const bool muxed = (node->flags & kResourceMuxed) != 0;
  Forget(node);
  if (muxed) Wake(seen);
}

}  // namespace restree

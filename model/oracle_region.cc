// SPDX-License-Identifier: Apache-2.0

// The resources that request_region makes and release_region frees, and those
// who wait for them.
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// What a region takes over from the resource that it is placed under.
constexpr uint64_t kInherited = kResourceTypeBits | kResourceExtTypeBits;

}  // namespace

Observation Oracle::RequestRegion(const Op& op) {
  if (Fails()) return {.outcome = Outcome::kNull};
  return Claim({.slot = op.slot,
                .name = op.name,
                .parent = op.parent,
                .range = op.range,
                .flags = op.flags});
}

Observation Oracle::Claim(const Waiter& call) {
  Observation seen;
  Row row;
  row.slot = call.slot;
  row.name = call.name;
  row.region = true;
  row.range = call.range;
  for (Slot parent = call.parent;;) {
    const Row& above = *Find(parent);
    row.parent = parent;
    row.flags = (above.flags & kInherited) | kResourceBusy | call.flags;
    row.desc = above.desc;
    const Slot in_the_way = InTheWay(parent, row.range);
    if (in_the_way == kNoSlot) break;
    const Row& other = *Find(in_the_way);
    if (parent == kIomem && other.desc == kDescDevicePrivateMemory) {
      seen.warnings |= kWarnUnaddressable;
    }
    if (in_the_way != parent && !(other.flags & kResourceBusy)) {
      parent = in_the_way;
      continue;
    }
    seen.outcome = Outcome::kNull;
    if (other.flags & call.flags & kResourceMuxed) {
      seen.outcome = Outcome::kWouldBlock;
      if (Find(call.slot) != nullptr) Forget(call.slot);
      ledger_.waiters.push_back(call);
    }
    return seen;
  }
  Put(row);
  if (call.parent == kIomem) Revoke(call.range, &seen);
  return seen;
}

// Here a waiter starts from the top, as if it had just come. The kernel's goes
// on from the resource that it had descended to. Its warnings are its own.
void Oracle::WakeWaiters(Observation* seen) {
  const std::vector<Waiter> woken = std::exchange(ledger_.waiters, {});
  for (size_t i = woken.size(); i > 0; --i) {
    const Observation its = Claim(woken[i - 1]);
    seen->visits.insert(seen->visits.end(), its.visits.begin(),
                        its.visits.end());
  }
}

// The kernel looks at the first page and the last and not between them.
void Oracle::Revoke(const Range& range, Observation* seen) const {
  if (!ledger_.inode) return;
  if (!IsExclusivePage(range.start) && !IsExclusivePage(range.end)) return;
  seen->visits.push_back({.range = range});
}

const Row* Oracle::ReleaseTarget(Slot parent, const Range& range) const {
  for (;;) {
    const Row* row = FirstChild(parent, [&range](const Row& child) {
      return child.range.start <= range.start && child.range.end >= range.end;
    });
    if (row == nullptr) return nullptr;
    if (row->flags & kResourceBusy) return row->range == range ? row : nullptr;
    parent = row->slot;
  }
}

Observation Oracle::ReleaseRegion(Slot parent, const Range& range) {
  const Row* target = ReleaseTarget(parent, range);
  if (target == nullptr) return {.warnings = kWarnNonexistent};
  const bool wakes = target->flags & kResourceMuxed;
  Forget(target->slot);
  Observation seen;
  if (wakes) WakeWaiters(&seen);
  return seen;
}

}  // namespace restree

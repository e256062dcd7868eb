// SPDX-License-Identifier: Apache-2.0

// The resources that request_region makes and release_region frees.
#include <cstdint>

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
  Observation seen;
  Row row = Subject(op);
  row.region = true;
  for (Slot parent = op.parent;;) {
    const Row& above = *Find(parent);
    row.parent = parent;
    row.flags = (above.flags & kInherited) | kResourceBusy | op.flags;
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
    const bool sleeps = other.flags & op.flags & kResourceMuxed;
    seen.outcome = sleeps ? Outcome::kWouldBlock : Outcome::kNull;
    return seen;
  }
  Put(row);
  return seen;
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

Observation Oracle::ReleaseRegion(const Op& op) {
  const Row* target = ReleaseTarget(op.parent, op.range);
  if (target == nullptr) return {.warnings = kWarnNonexistent};
  rows_.erase(rows_.begin() + (target - rows_.data()));
  return {};
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0

// Free regions: each place that could be the answer is tried.
//
// The kernel steps through all places of a grid and takes the first that is
// free. That is the first of all, or its predecessor on the grid was taken by a
// child that this one clears: so the places worth trying are the first one, and
// for each child the first one past it.
#include <algorithm>
#include <cstdint>
#include <optional>

#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// Returns the first multiple of `align` from `value` on, modulo 2^64.
// REQUIRES: align is a power of two.
uint64_t AlignedUp(uint64_t value, uint64_t align) {
  return (value + align - 1) & ~(align - 1);
}

uint64_t LimitOf(const Range& base) { return std::min(base.end, kPhysmemEnd); }

}  // namespace

bool Oracle::IsFree(Slot base, const Range& range) const {
  return std::none_of(rows_.begin(), rows_.end(), [&](const Row& row) {
    return row.parent == base && row.range.Overlaps(range);
  });
}

// The kernel lets the region end beyond the limit that it begins below, and
// does not free its resource when it finds none.
Observation Oracle::AllocFree(const Op& op) {
  if (Fails()) return {.outcome = Outcome::kNoMem};
  const Range base = Find(op.parent)->range;
  const uint64_t limit = LimitOf(base);
  const uint64_t size = AlignedUp(op.size, op.align);
  const uint64_t lowest = std::max(base.start, op.align);
  std::optional<uint64_t> best;
  const auto try_at_or_above = [&](uint64_t address) {
    const uint64_t start = AlignedUp(address, op.align);
    if (start < address || start < lowest || start > limit) return;
    if (size == 0 || size - 1 > limit - start) return;
    if (!IsFree(op.parent, Range::OfSize(start, size))) return;
    if (!best.has_value() || start < *best) best = start;
  };
  try_at_or_above(lowest);
  for (const Row& child : rows_) {
    if (child.parent != op.parent || child.range.end == UINT64_MAX) continue;
    try_at_or_above(child.range.end + 1);
  }
  if (!best.has_value()) return {.outcome = Outcome::kRange};
  Row row = Subject(op);
  row.parent = op.parent;
  row.region = true;
  row.range = Range::OfSize(*best, size);
  row.flags = kResourceMem;
  Put(row);
  return {};
}

// The grid hangs from the highest place.
Observation Oracle::RequestFree(const Op& op) {
  const bool devm = op.verb == Verb::kDevmRequestFree;
  if (Fails() || (devm && Fails())) return {.outcome = Outcome::kNoMem};
  const Range base = Find(op.parent)->range;
  const uint64_t limit = LimitOf(base);
  const uint64_t size = AlignedUp(op.size, kSectionBytes);
  if (size == 0 || size - 1 > limit) return {.outcome = Outcome::kRange};
  const uint64_t highest = limit - (size - 1);
  std::optional<uint64_t> best;
  const auto try_at_or_below = [&](uint64_t address) {
    const uint64_t off = (address - highest) & (kSectionBytes - 1);
    if (address > highest || address < off) return;
    const uint64_t start = address - off;
    if (start <= kSectionBytes || start < base.start) return;
    if (!IsFree(op.parent, Range::OfSize(start, size))) return;
    if (!best.has_value() || start > *best) best = start;
  };
  try_at_or_below(highest);
  for (const Row& child : rows_) {
    if (child.parent != op.parent || child.range.start < size) continue;
    try_at_or_below(child.range.start - size);
  }
  if (!best.has_value()) return {.outcome = Outcome::kRange};
  const Range range = Range::OfSize(*best, size);
  Observation seen = Claim({.slot = op.slot,
                            .name = devm ? kNameOfDevice | op.number : op.name,
                            .parent = kIomem,
                            .range = range});
  if (seen.outcome != Outcome::kOk) {
    seen.outcome = Outcome::kRange;
    return seen;
  }
  Find(op.slot)->desc = kDescDevicePrivateMemory;
  if (devm) AddDevres({op.number, true, kIomem, range});
  return seen;
}

}  // namespace restree

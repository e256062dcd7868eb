// SPDX-License-Identifier: Apache-2.0

// What an Oracle answers about iomem: region_intersects and the walks.
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr uint64_t kPageSize = 4096;
constexpr uint64_t kMemBusy = kResourceMem | kResourceBusy;
constexpr uint64_t kRamBusy = kResourceSystemRam | kResourceBusy;

bool IsMatch(const Row& row, uint64_t flags, uint64_t desc) {
  return (row.flags & flags) == flags &&
         (desc == kDescNone || desc == row.desc);
}

// Ends a walk that would make all of `walk->visits`, but for its callback:
// returning 1 at the stop-th call, it cuts the rest off.
void Deliver(uint32_t stop, Outcome never, Observation* walk) {
  walk->outcome = walk->visits.empty() ? never : Outcome::kOk;
  if (stop == 0 || walk->visits.size() < stop) return;
  walk->visits.resize(stop);
  walk->outcome = Outcome::kStopped;
}

// Returns the bytes of the pages, each end modulo 2^64.
Range BytesOf(const Range& pfns) {
  return {pfns.start * kPageSize, (pfns.end + 1) * kPageSize - 1};
}

// Turns visits in bytes into visits of the whole pages inside. The callback of
// walk_system_ram_range is told neither flags nor desc.
void RoundToPages(Observation* walk) {
  size_t kept = 0;
  for (const Visit& visit : walk->visits) {
    const uint64_t pfn = (visit.range.start + kPageSize - 1) / kPageSize;
    const uint64_t end_pfn = (visit.range.end + 1) / kPageSize;
    if (pfn < end_pfn) {
      walk->visits[kept++] = {.range = {pfn, end_pfn - 1}};
    } else if (kept == 0) {
      break;  // the walk takes its own initial -EINVAL for the callback's
    }
  }
  walk->visits.resize(kept);
}

}  // namespace

// A child of iomem that does not match counts as something else, unless all
// that the question asks about it lies in matching resources below it.
Observation Oracle::RegionIntersects(const Op& op) const {
  bool found = false;
  bool others = false;
  for (const Row& top : rows_) {
    if (top.parent != kIomem || !top.range.Overlaps(op.range)) continue;
    if (IsMatch(top, op.flags, op.desc)) {
      found = true;
      continue;
    }
    for (const Row& row : rows_) {
      if (!row.range.Overlaps(op.range)) continue;
      if (!IsMatch(row, op.flags, op.desc)) continue;
      if (IsBelow(row.slot, top.slot)) found = true;
    }
    if (!IsCovered(top.slot, top.range.Intersection(op.range), op)) {
      others = true;
    }
  }
  if (!found) return {.outcome = Outcome::kDisjoint};
  return {.outcome = others ? Outcome::kMixed : Outcome::kIntersects};
}

// Returns whether each address of `part` lies in a resource below `top` that
// matches.
bool Oracle::IsCovered(Slot top, const Range& part, const Op& op) const {
  uint64_t address = part.start;
  for (;;) {
    const Row* furthest = nullptr;
    for (const Row& row : rows_) {
      if (!row.range.Contains(address)) continue;
      if (!IsMatch(row, op.flags, op.desc)) continue;
      if (!IsBelow(row.slot, top)) continue;
      if (furthest == nullptr || furthest->range.end < row.range.end) {
        furthest = &row;
      }
    }
    if (furthest == nullptr) return false;
    if (furthest->range.end >= part.end) return true;
    address = furthest->range.end + 1;
  }
}

// Returns whether a walk meets `a` before `b`. Two resources of one tree that
// start together lie one below the other, and the upper one comes first.
// REQUIRES: both lie below iomem.
bool Oracle::Precedes(const Row& a, const Row& b) const {
  if (a.range.start != b.range.start) return a.range.start < b.range.start;
  return IsBelow(b.slot, a.slot);
}

const Row* Oracle::NextMatch(const Range& range, uint64_t flags,
                             uint64_t desc) const {
  const Row* next = nullptr;
  for (const Row& row : rows_) {
    if (!row.range.Overlaps(range) || !IsMatch(row, flags, desc)) continue;
    if (!IsBelow(row.slot, kIomem)) continue;
    if (next == nullptr || Precedes(row, *next)) next = &row;
  }
  return next;
}

// Returns what a walk would visit if nothing stopped it: again and again the
// next match in what is left of the range behind the last one, until less than
// two bytes are left.
Observation Oracle::Matches(const Range& range, uint64_t flags,
                            uint64_t desc) const {
  Observation walk;
  Range rest = range;
  while (rest.start < rest.end) {
    const Row* match = NextMatch(rest, flags, desc);
    if (match == nullptr) break;
    const Range met = match->range.Intersection(rest);
    walk.visits.push_back({met, match->flags, match->desc});
    // WalkWrapsAtTheMaximum: the kernel's walk would start again at 0.
    if (met.end == UINT64_MAX) break;
    rest.start = met.end + 1;
  }
  return walk;
}

Observation Oracle::Walk(const Op& op) const {
  Observation walk;
  switch (op.verb) {
    case Verb::kWalkDesc:
      walk = Matches(op.range, op.flags, op.desc);
      break;
    case Verb::kWalkMem:
      walk = Matches(op.range, kMemBusy, kDescNone);
      break;
    case Verb::kWalkSystemRam:
      walk = Matches(op.range, kRamBusy, kDescNone);
      break;
    case Verb::kWalkSystemRamRange:
      walk = Matches(BytesOf(op.range), kRamBusy, kDescNone);
      RoundToPages(&walk);
      break;
    default:
      assert(false);
  }
  Deliver(op.number, Outcome::kInval, &walk);
  return walk;
}

// The kernel notes the ranges first, and its list grows 16 at a time.
Observation Oracle::WalkReversed(const Op& op) {
  Observation walk = Matches(op.range, kRamBusy, kDescNone);
  for (size_t room = 0; room == 0 || room < walk.visits.size(); room += 16) {
    if (Fails()) return {.outcome = Outcome::kPerm};
  }
  std::reverse(walk.visits.begin(), walk.visits.end());
  Deliver(op.number, Outcome::kPerm, &walk);
  return walk;
}

Observation Oracle::PageIsRam(const Op& op) const {
  Observation walk = Matches(BytesOf(op.range), kRamBusy, kDescNone);
  RoundToPages(&walk);
  return {.value = walk.visits.empty() ? uint64_t{0} : uint64_t{1}};
}

}  // namespace restree

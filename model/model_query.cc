// SPDX-License-Identifier: Apache-2.0
// Questions: ops that change nothing.
#include <algorithm>
#include <cassert>
#include <cstdint>

#include "model/flags.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/walk.h"

namespace restree {
namespace {

constexpr uint64_t kPageMask = ~uint64_t{0xfff};

Observation Answer(uint64_t value) { return {.value = value}; }

// Returns whether the pages that `outer` touches include those of `inner`.
bool PagesContain(const Range& outer, const Range& inner) {
  return (outer.start & kPageMask) <= (inner.start & kPageMask) &&
         (outer.end & kPageMask) >= (inner.end & kPageMask);
}

// resource_contains(): also a question of their types.
bool Contains(const Resource& outer, const Resource& inner) {
  const uint64_t differing = outer.flags ^ inner.flags;
  const uint64_t either = outer.flags | inner.flags;
  return (differing & kResourceTypeBits) == 0 &&
         (either & kResourceUnset) == 0 &&
         outer.range.start <= inner.range.start &&
         outer.range.end >= inner.range.end;
}

}  // namespace

Observation Model::Ask(const Op& op) const {
  switch (op.verb) {
    case Verb::kLookup:
      return LookUp(op);
    case Verb::kAlignment:
    case Verb::kSize:
      return AskAboutOne(op);
    case Verb::kContains:
    case Verb::kOverlaps:
    case Verb::kIntersection:
    case Verb::kUnion:
      return AskAboutTwo(op);
    case Verb::kRegionIntersects:
      return RegionIntersects(op);
    case Verb::kWalkDesc:
    case Verb::kWalkMem:
    case Verb::kWalkSystemRam:
    case Verb::kWalkSystemRamRange:
      return Walk(*tree_.Find(kIomem), op);
    case Verb::kSanityCheck:
      return SanityCheck(op);
    case Verb::kIsExclusive:
      return IsExclusive(op);
    case Verb::kIomemIsExclusive:
      return Answer(IsIomemExclusive(op.range.start) ? 1 : 0);
    case Verb::kPageIsRam:
      return PageIsRam(op);
    case Verb::kProc:
      return Proc(op);
    case Verb::kListFirst:
      return ListFirst(op);
    case Verb::kGetMapping:
      return ledger_.inode ? Is(Outcome::kOk) : Misuse("there is no inode");
    default:
      assert(false);
      return {};
  }
}

Observation Model::LookUp(const Op& op) const {
  const Resource* const parent = tree_.Find(op.parent);
  if (parent == nullptr) return Misuse(kNoResource);
  const Resource* const found = ResourceTree::ChildAt(*parent, op.range.start);
  if (found == nullptr) return Is(Outcome::kNull);
  return {.outcome = Outcome::kOk, .found = found->slot};
}

Observation Model::AskAboutOne(const Op& op) const {
  const Resource* const node = tree_.Find(op.slot);
  if (node == nullptr) return Misuse(kNoResource);
  if (op.verb == Verb::kSize) return Answer(node->range.size());
  switch (node->flags & (kResourceSizeAlign | kResourceStartAlign)) {
    case kResourceSizeAlign:
      return Answer(node->range.size());
    case kResourceStartAlign:
      return Answer(node->range.start);
    default:
      return Answer(0);
  }
}

Observation Model::AskAboutTwo(const Op& op) const {
  const Resource* const first = tree_.Find(op.parent);
  const Resource* const second = tree_.Find(op.slot);
  if (first == nullptr || second == nullptr) return Misuse(kNoResource);
  if (op.verb == Verb::kContains) {
    return Answer(Contains(*first, *second) ? 1 : 0);
  }
  const Range& a = first->range;
  const Range& b = second->range;
  if (!a.Overlaps(b)) return Answer(0);
  Observation seen = Answer(1);
  if (op.verb == Verb::kIntersection) {
    seen.visits.push_back({.range = a.Intersection(b)});
  } else if (op.verb == Verb::kUnion) {
    const Range both = {std::min(a.start, b.start), std::max(a.end, b.end)};
    seen.visits.push_back({.range = both});
  }
  return seen;
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

// iomem_map_sanity_check(): complains about a mapping that spans more pages
// than a resource of the hardware's that it touches.
Observation Model::SanityCheck(const Op& op) const {
  const Resource& iomem = *tree_.Find(kIomem);
  const Resource* node = &iomem;
  while ((node = ResourceTree::NextOverlap(iomem, node, op.range))) {
    if ((node->flags & kResourceBusy) != 0) continue;
    if (PagesContain(node->range, op.range)) continue;
    return {.outcome = Outcome::kPerm, .warnings = kWarnSpans};
  }
  return Is(Outcome::kOk);
}

Observation Model::IsExclusive(const Op& op) const {
  const Resource* const root = tree_.Find(op.parent);
  if (root == nullptr) return Misuse(kNoResource);
  return Answer(HasExclusive(*root, op.range) ? 1 : 0);
}

bool Model::IsIomemExclusive(uint64_t address) const {
  const Range page = {address & kPageMask, address | ~kPageMask};
  return HasExclusive(*tree_.Find(kIomem), page);
}

// Returns whether user space must not map some of `range`, because of what lies
// below `root`.
bool Model::HasExclusive(const Resource& root, const Range& range) const {
  const uint64_t exclusive_ram = kResourceSystemRam | kResourceExclusive;
  const Resource* node = &root;
  while ((node = ResourceTree::NextOverlap(root, node, range))) {
    if ((node->flags & exclusive_ram) == exclusive_ram) return true;
    if (!ledger_.relaxed && (node->flags & kResourceBusy) != 0) return true;
  }
  return false;
}

Observation Model::PageIsRam(const Op& op) const {
  Op walk;
  walk.verb = Verb::kWalkSystemRamRange;
  walk.range = op.range;
  walk.number = 1;  // the first page is answer enough
  const Observation seen = Walk(*tree_.Find(kIomem), walk);
  return Answer(seen.outcome == Outcome::kStopped ? 1 : 0);
}

Observation Model::Proc(const Op& op) const {
  if (op.parent >= kFirstSlot) return Misuse("it has no file in /proc");
  State state;
  tree_.Snapshot(&state);
  const bool privileged = op.number == 0;
  return {.text = IomemText(state, {}, op.parent, privileged)};
}

Observation Model::ListFirst(const Op& op) const {
  for (const Listed& it : ledger_.listed) {
    if (it.list != op.number) continue;
    const uint64_t type = tree_.Find(it.slot)->flags & kResourceTypeBits;
    if (type == op.flags) return {.found = it.slot};
  }
  return Is(Outcome::kNull);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
// Memory that comes and goes: resources that are made, split and merged.
#include <algorithm>
#include <cstdint>
#include <iterator>

#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr uint64_t kMergeable = kResourceSystemRam | kResourceBusy;

// system_ram_resources_mergeable(), for siblings that follow each other.
// `flags` are those of `lower`, as they are going to be.
bool AreMergeable(const Resource& lower, uint64_t flags, const Resource& upper,
                  uint64_t upper_flags) {
  return flags == upper_flags && lower.range.end + 1 == upper.range.start &&
         FullName(lower.name, lower.slot) == FullName(upper.name, upper.slot) &&
         lower.desc == upper.desc && lower.children.empty() &&
         upper.children.empty();
}

}  // namespace

// reserve_region_with_split(): what is free among the children, a piece a gap.
Observation Model::Reserve(const Op& op) {
  Resource* const parent = tree_.Find(op.parent);
  if (parent == nullptr) return Misuse(kNoResource);
  const absl::string_view why = WhyNotEmpty(op.slot);
  if (!why.empty()) return Misuse(why);
  Observation seen;
  Range rest = op.range;
  const Range& bounds = parent->range;
  if (bounds.start > rest.start || bounds.end < rest.end) {
    seen.warnings |= kWarnOutside;
    if (rest.start > bounds.end || rest.end < bounds.start) return seen;
    rest = rest.Intersection(bounds);
  }
  if (Fails() || rest.inverted()) return seen;

  Row piece;
  piece.slot = op.slot;
  piece.region = true;
  piece.flags = (parent->flags & kResourceTypeBits) | kResourceBusy;
  const NameId name = FullName(op.name, op.slot);
  bool more = true;
  while (more) {
    const Resource* const conflict = ResourceTree::FirstOverlap(*parent, rest);
    piece.range = rest;
    if (conflict == nullptr) {
      more = false;
    } else {
      const Range& taken = conflict->range;
      more = taken.end < rest.end;
      rest.start = taken.end + 1;
      if (taken.start <= piece.range.start) continue;
      piece.range.end = taken.start - 1;
      if (more && Fails()) return seen;
    }
    while (!WhyNotEmpty(piece.slot).empty()) {
      piece.slot =
          piece.slot == kFirstVmemmap - 1 ? kFirstSlot : piece.slot + 1;
    }
    piece.name = OwnName(name, piece.slot);
    Resource* const node = tree_.New(piece);
    tree_.Link(parent, node);
    tree_.Keep(node);
  }
  return seen;
}

// release_mem_region_adjustable(): the same, or all but a part of a region.
Observation Model::ReleaseAdjustable(const Op& op) {
  const absl::string_view why = WhyNotEmpty(op.slot);
  if (!why.empty()) return Misuse(why);
  const Range& range = op.range;
  const Range& all = tree_.Find(kIomem)->range;
  if (range.start < all.start || range.end > all.end) {
    return {.warnings = kWarnOn};
  }
  Resource* const node = range.inverted() ? nullptr : FindAdjustable(range);
  if (node != nullptr && node->range == range) {
    const absl::string_view why_not = WhyNotForget(*node);
    if (!why_not.empty()) return Misuse(why_not);
  }
  const bool failed = Fails();
  Observation seen;
  if (node == nullptr) return seen;
  Range keeps = node->range;
  if (keeps == range) {
    Forget(node);
    return seen;
  }
  if (keeps.start < range.start && range.end < keeps.end) {
    // A failure is not final: the third time the allocator tries for ever.
    if (failed && Fails()) Fails();
    Split(op, node, &seen);
    return seen;
  }
  if (keeps.start == range.start) {
    keeps.start = range.end + 1;
  } else {
    keeps.end = range.start - 1;
  }
  if (!tree_.Adjust(node, keeps)) seen.warnings |= kWarnOn;
  return seen;
}

// Returns the busy resource that contains `range` and that
// release_mem_region_adjustable() finds, or null.
Resource* Model::FindAdjustable(const Range& range) {
  const Resource* below = tree_.Find(kIomem);
  for (;;) {
    Resource* const node = ResourceTree::FirstEndingFrom(*below, range.end);
    if (node == nullptr || node->range.start > range.start) return nullptr;
    if ((node->flags & kResourceMem) == 0) return nullptr;
    if ((node->flags & kResourceBusy) != 0) return node;
    below = node;
  }
}

// Takes op.range out of the middle of `node`, which keeps what lies below it
// and its children. What lies above becomes a resource of its own.
void Model::Split(const Op& op, Resource* node, Observation* seen) {
  const Range whole = node->range;
  if (!tree_.Adjust(node, {whole.start, op.range.start - 1})) {
    seen->warnings |= kWarnOn;
    return;
  }
  Row upper;
  upper.slot = op.slot;
  upper.name = OwnName(FullName(node->name, node->slot), op.slot);
  upper.region = true;
  upper.range = {op.range.end + 1, whole.end};
  upper.flags = node->flags;
  upper.desc = node->desc;
  Resource* const made = tree_.New(upper);
  tree_.Link(node->parent, made);
  tree_.Keep(made);
}

// merge_system_ram_resource(): with its next sibling, then with the one before.
Observation Model::Merge(const Op& op) {
  Resource* const node = tree_.Find(op.slot);
  if (node == nullptr) return Misuse(kNoResource);
  if (IsVmemmapSlot(op.slot)) return Misuse(kNoHandle);
  if (node->parent == nullptr) return Misuse("it is in no tree");
  if ((node->flags & kMergeable) != kMergeable) return {.warnings = kWarnOn};

  const uint64_t flags = node->flags | kResourceSysramMergeable;
  const auto& siblings = node->parent->children;
  const auto self = siblings.find(node->range.start);
  Resource* next =
      std::next(self) == siblings.end() ? nullptr : *std::next(self);
  if (next && !AreMergeable(*node, flags, *next, next->flags)) next = nullptr;
  Resource* before = self == siblings.begin() ? nullptr : *std::prev(self);
  if (before && !AreMergeable(*before, before->flags, *node, flags)) {
    before = nullptr;
  }
  for (const Resource* gone : {next, before ? node : nullptr}) {
    if (gone == nullptr) continue;
    const absl::string_view why = WhyNotForget(*gone);
    if (!why.empty()) return Misuse(why);
  }

  const uint64_t end = next == nullptr ? node->range.end : next->range.end;
  if (next != nullptr) Forget(next);
  if (before != nullptr) {
    Forget(node);
    tree_.Change(before, [end](Resource& r) { r.range.end = end; });
  } else {
    tree_.Change(node, [flags, end](Resource& r) {
      r.flags = flags;
      r.range.end = end;
    });
  }
  return Is(Outcome::kOk);
}

}  // namespace restree

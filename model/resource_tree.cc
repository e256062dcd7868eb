// SPDX-License-Identifier: Apache-2.0
#include "model/resource_tree.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <vector>

#include "model/flags.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr Range kEverything = {0, UINT64_MAX};
constexpr Range kIoSpace = {0, 0xffff};  // IO_SPACE_LIMIT of x86

// The kernel's ALIGN(): exact for powers of two, and for any other number
// whatever this formula makes of it.
constexpr uint64_t Align(uint64_t x, uint64_t align) {
  return (x + (align - 1)) & ~(align - 1);
}

// Returns the range that an allocation would get in one gap.
std::optional<Range> FitInto(const Range& gap, const Range& bounds,
                             uint64_t size, uint64_t align, bool isa_align) {
  const uint64_t start = std::max(gap.start, bounds.start);
  const uint64_t end = std::min(gap.end, bounds.end);
  uint64_t aligned = Align(start, align);
  if (aligned < start) return std::nullopt;  // wrapped
  if (isa_align && (aligned & 0x300) != 0) {
    aligned = Align(aligned, 0x400);
    if (aligned < start) return std::nullopt;
  }
  const Range found = Range::OfSize(aligned, size);
  if (found.inverted() || found.end > end) return std::nullopt;
  return found;
}

}  // namespace

bool ByStart::operator()(const Resource* a, const Resource* b) const {
  return a->range.start < b->range.start;
}
bool ByStart::operator()(const Resource* a, uint64_t start) const {
  return a->range.start < start;
}
bool ByStart::operator()(uint64_t start, const Resource* b) const {
  return start < b->range.start;
}

ResourceTree::ResourceTree() { Reset(); }

void ResourceTree::Reset() {
  slots_.clear();
  free_.clear();
  used_ = 0;
  regions_ = 0;
  const auto restore = [](Resource& root, Slot slot, const Range& range,
                          uint64_t flags) {
    root.slot = slot;
    root.holds = 0;
    root.range = range;
    root.flags = flags;
    root.children.clear();
  };
  restore(iomem_, kIomem, kEverything, kResourceMem);
  restore(ioport_, kIoport, kIoSpace, kResourceIo);
  digest_ = RowDigest(RowOf(iomem_)) + RowDigest(RowOf(ioport_));
}

Resource* ResourceTree::Find(Slot slot) {
  if (slot == kIomem) return &iomem_;
  if (slot == kIoport) return &ioport_;
  const auto it = slots_.find(slot);
  return it == slots_.end() ? nullptr : it->second;
}

const Resource* ResourceTree::Find(Slot slot) const {
  return const_cast<ResourceTree*>(this)->Find(slot);
}

Resource* ResourceTree::New(const Row& row) {
  Resource* node;
  if (!free_.empty()) {
    node = free_.back();
    free_.pop_back();
  } else {
    if (used_ == pool_.size()) pool_.emplace_back();
    node = &pool_[used_++];
  }
  node->slot = row.slot;
  node->name = row.name;
  node->region = row.region;
  node->holds = 0;
  node->range = row.range;
  node->flags = row.flags;
  node->desc = row.desc;
  node->parent = nullptr;
  node->children.clear();
  regions_ += row.region ? 1 : 0;
  digest_ += RowDigest(RowOf(*node));
  return node;
}

void ResourceTree::Keep(Resource* node) {
  Resource*& held = slots_[node->slot];
  if (held != nullptr) {
    Resource* const old = held;
    held = nullptr;
    Free(old);
  }
  // Free() leaves slots_ alone for a resource that its slot does not hold.
  held = node;
}

void ResourceTree::Free(Resource* node) {
  assert(node->parent == nullptr);
  assert(node->children.empty());
  regions_ -= node->region ? 1 : 0;
  digest_ -= RowDigest(RowOf(*node));
  const auto it = slots_.find(node->slot);
  if (it != slots_.end() && it->second == node) slots_.erase(it);
  free_.push_back(node);
}

Resource* ResourceTree::Request(Resource* parent, Resource* node) {
  if (node->range.inverted()) return parent;
  if (node->range.start < parent->range.start) return parent;
  if (node->range.end > parent->range.end) return parent;
  Resource* const conflict = FirstOverlap(*parent, node->range);
  if (conflict == nullptr) Link(parent, node);
  return conflict;
}

Resource* ResourceTree::Insert(Resource* parent, Resource* node) {
  Resource* first;
  for (;;) {
    first = Request(parent, node);
    if (first == nullptr || first == parent) return first;
    // A strictly larger resource takes the new one in; an equal one goes below
    // it, like any other that it covers.
    if (!first->range.Contains(node->range)) break;
    if (first->range == node->range) break;
    parent = first;
  }
  for (auto it = parent->children.find(first->range.start);
       it != parent->children.end() && (*it)->range.start <= node->range.end;
       ++it) {
    if (!node->range.Contains((*it)->range)) return *it;
  }
  Adopt(parent, first, node);
  Link(parent, node);
  return nullptr;
}

void ResourceTree::Adopt(Resource* parent, Resource* first, Resource* node) {
  const auto begin = parent->children.find(first->range.start);
  const auto end = parent->children.upper_bound(node->range.end);
  node->children.insert(begin, end);
  parent->children.erase(begin, end);
  for (Resource* child : node->children) {
    Change(child, [node](Resource& r) { r.parent = node; });
  }
}

bool ResourceTree::InsertExpand(Resource* parent, Resource* node) {
  for (;;) {
    const Resource* const conflict = Insert(parent, node);
    if (conflict == nullptr) return true;
    if (conflict == parent) return false;
    Change(node, [conflict](Resource& r) {
      r.range.start = std::min(r.range.start, conflict->range.start);
      r.range.end = std::max(r.range.end, conflict->range.end);
    });
  }
}

void ResourceTree::Release(Resource* node) { Unlink(node); }

void ResourceTree::Remove(Resource* node) {
  Resource* const parent = node->parent;
  Unlink(node);
  for (Resource* child : node->children) {
    Change(child, [parent](Resource& r) { r.parent = parent; });
  }
  parent->children.insert(node->children.begin(), node->children.end());
  node->children.clear();
}

void ResourceTree::ReleaseChildren(Resource* node) {
  // A list instead of recursion: a trace may nest resources a million deep.
  std::vector<Resource*> todo = {node};
  while (!todo.empty()) {
    Resource* const r = todo.back();
    todo.pop_back();
    todo.insert(todo.end(), r->children.begin(), r->children.end());
    r->children.clear();
    if (r == node) continue;
    Change(r, [](Resource& child) {
      child.parent = nullptr;
      child.range = Range::OfSize(0, child.range.size());
    });
  }
}

bool ResourceTree::Adjust(Resource* node, const Range& range) {
  if (const Resource* const parent = node->parent) {
    if (range.inverted()) return false;
    if (!parent->range.Contains(range)) return false;
    auto it = parent->children.find(node->range.start);
    assert(it != parent->children.end());
    if (it != parent->children.begin() &&
        (*std::prev(it))->range.end >= range.start) {
      return false;
    }
    if (++it != parent->children.end() && (*it)->range.start <= range.end) {
      return false;
    }
  }
  if (!node->children.empty()) {
    const Range& first = (*node->children.begin())->range;
    const Range& last = (*node->children.rbegin())->range;
    if (first.start < range.start || last.end > range.end) return false;
  }
  Change(node, [&range](Resource& r) { r.range = range; });
  return true;
}

std::optional<Range> ResourceTree::FindSpace(const Resource& parent,
                                             const Resource* self,
                                             const Range& bounds, uint64_t size,
                                             uint64_t align, bool isa_align) {
  if (parent.range.inverted()) return std::nullopt;
  uint64_t start = parent.range.start;  // where the gap at hand starts
  // What ends below the bounds leaves no room that counts, so begin there; two
  // back, because the gap before it starts behind a sibling, and that one may
  // be `self`.
  auto it = parent.children.end();
  if (const Resource* const low = FirstEndingFrom(parent, bounds.start)) {
    it = parent.children.find(low->range.start);
  }
  for (int i = 0; i < 2 && it != parent.children.begin(); ++i) --it;
  for (; it != parent.children.end(); ++it) {
    if (*it == self) continue;
    const Range& taken = (*it)->range;
    if (taken.start > start) {
      const Range gap = {start, taken.start - 1};
      if (auto found = FitInto(gap, bounds, size, align, isa_align)) {
        return found;
      }
    }
    if (taken.end >= parent.range.end) return std::nullopt;
    start = taken.end + 1;
  }
  return FitInto({start, parent.range.end}, bounds, size, align, isa_align);
}

std::optional<Range> ResourceTree::FindSpaceFromTop(const Resource& parent,
                                                    uint64_t first,
                                                    uint64_t last,
                                                    uint64_t size,
                                                    uint64_t align) {
  for (uint64_t start = last; start >= first;) {
    const Range found = Range::OfSize(start, size);
    const Resource* const conflict = FirstOverlap(parent, found);
    if (conflict == nullptr) return found;
    // Down by the whole steps that lead below the lowest conflict.
    const uint64_t down = Align(found.end - conflict->range.start + 1, align);
    if (down > start) break;
    start -= down;
  }
  return std::nullopt;
}

Resource* ResourceTree::FirstOverlap(const Resource& parent,
                                     const Range& range) {
  Resource* const first = FirstEndingFrom(parent, range.start);
  if (first == nullptr || first->range.start > range.end) return nullptr;
  return first;
}

Resource* ResourceTree::FirstEndingFrom(const Resource& parent, uint64_t end) {
  const auto& children = parent.children;
  const auto it = children.upper_bound(end);
  if (it != children.begin()) {
    Resource* const before = *std::prev(it);
    if (before->range.end >= end) return before;
  }
  return it == children.end() ? nullptr : *it;
}

Resource* ResourceTree::ChildAt(const Resource& parent, uint64_t start) {
  const auto it = parent.children.find(start);
  return it == parent.children.end() ? nullptr : *it;
}

const Resource* ResourceTree::NextOverlap(const Resource& root,
                                          const Resource* previous,
                                          const Range& range) {
  if (const Resource* const child = FirstOverlap(*previous, range)) {
    return child;
  }
  for (; previous != &root; previous = previous->parent) {
    const auto& siblings = previous->parent->children;
    const auto next = siblings.upper_bound(previous->range.start);
    if (next != siblings.end() && (*next)->range.start <= range.end) {
      return *next;
    }
  }
  return nullptr;
}

bool ResourceTree::IsWithin(const Resource* node, const Resource* root) {
  if (root->children.empty()) return node == root;  // however deep node lies
  while (node != nullptr && node != root) node = node->parent;
  return node != nullptr;
}

void ResourceTree::Link(Resource* parent, Resource* node) {
  const bool linked = parent->children.insert(node).second;
  assert(linked);
  static_cast<void>(linked);
  Change(node, [parent](Resource& r) { r.parent = parent; });
}

void ResourceTree::Unlink(Resource* node) {
  const auto it = node->parent->children.find(node->range.start);
  assert(it != node->parent->children.end());
  assert(*it == node);
  node->parent->children.erase(it);
  Change(node, [](Resource& r) { r.parent = nullptr; });
}

Row ResourceTree::RowOf(const Resource& node) {
  Row row;
  row.slot = node.slot;
  row.parent = node.parent == nullptr ? kNoSlot : node.parent->slot;
  row.name = node.name;
  row.region = node.region;
  row.range = node.range;
  row.flags = node.flags;
  row.desc = node.desc;
  return row;
}

void ResourceTree::AppendTree(const Resource& root, State* state) {
  state->rows.push_back(RowOf(root));
  if (root.children.empty()) return;
  struct Level {
    decltype(root.children)::const_iterator next, end;
  };
  // The usual tree has few levels, so this rarely grows after the first call.
  static thread_local std::vector<Level> levels;
  levels.assign(1, {root.children.begin(), root.children.end()});
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.next == level.end) {
      levels.pop_back();
      continue;
    }
    const Resource& node = **level.next++;
    state->rows.push_back(RowOf(node));
    state->rows.back().depth = static_cast<uint32_t>(levels.size());
    if (!node.children.empty()) {
      levels.push_back({node.children.begin(), node.children.end()});
    }
  }
}

void ResourceTree::Snapshot(State* state) const {
  state->rows.clear();
  AppendTree(iomem_, state);
  AppendTree(ioport_, state);
  if (state->rows.size() - 2 == slots_.size()) return;
  std::vector<const Resource*> outside;
  for (const auto& [slot, node] : slots_) {
    if (node->parent == nullptr) outside.push_back(node);
  }
  std::sort(
      outside.begin(), outside.end(),
      [](const Resource* a, const Resource* b) { return a->slot < b->slot; });
  for (const Resource* node : outside) AppendTree(*node, state);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_RESOURCE_TREE_H_
#define RESTREE_MODEL_RESOURCE_TREE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

struct Resource;

// Orders siblings by where they start, and lets an address look among them.
struct ByStart {
  using is_transparent = void;
  bool operator()(const Resource* a, const Resource* b) const;
  bool operator()(const Resource* a, uint64_t start) const;
  bool operator()(uint64_t start, const Resource* b) const;
};

// One resource: `struct resource` of include/linux/ioport.h, with its children
// in an ordered set where the kernel has a linked list. Siblings never overlap,
// so their ends ascend as their starts do.
struct Resource {
  Slot slot = kNoSlot;
  NameId name = 0;
  bool region = false;  // the kernel allocated it
  uint32_t holds = 0;   // what else points at it; Model counts
  Range range;
  uint64_t flags = 0;
  uint64_t desc = 0;
  Resource* parent = nullptr;  // null for a root, and outside any tree
  absl::btree_set<Resource*, ByStart> children;
};

// All resources of one machine: the trees below `iomem` and `ioport`, and those
// outside any tree. Finding a child by address costs O(log n) of its siblings;
// adopting or giving up k children costs O(k log n).
//
//   ResourceTree tree;
//   Resource* r1 = tree.New({.slot = R(1), .range = {0x1000, 0x1fff}});
//   tree.Request(tree.Find(kIomem), r1);   // null: r1 is in the tree
//   tree.Keep(r1);                         // from here on Find(R(1)) is r1
//
// The functions named after the kernel's do what those of kernel/resource.c
// (6.12) do; they return the conflicting resource or null for none, and change
// nothing when there is one. None checks the preconditions of the kernel's
// callers (model/preconditions.md): that is Model's.
class ResourceTree {
 public:
  ResourceTree();
  ResourceTree(const ResourceTree&) = delete;
  ResourceTree& operator=(const ResourceTree&) = delete;

  // Forgets all resources and restores both roots.
  void Reset();

  // Returns the resource in `slot`, or null.
  Resource* Find(Slot slot);
  const Resource* Find(Slot slot) const;

  // Returns a new resource with what `row` says of it but parent and depth,
  // outside any tree and not to be found by its slot until Keep().
  Resource* New(const Row& row);

  // Lets Find() find `node`. A resource that held the slot before is freed.
  // REQUIRES: that one is in no tree and has no children.
  void Keep(Resource* node);

  // Frees a resource. REQUIRES: it is in no tree and has no children.
  void Free(Resource* node);

  Resource* Request(Resource* parent, Resource* node);
  Resource* Insert(Resource* parent, Resource* node);

  // Widens node's range over whatever is in the way. Returns whether the
  // resource is in a tree afterwards: only a range that is inverted or does not
  // fit into `parent` is not.
  bool InsertExpand(Resource* parent, Resource* node);

  // Takes `node` out of its tree. Its children stay below it (Release), or move
  // up to where it was (Remove). REQUIRES: node->parent.
  void Release(Resource* node);
  void Remove(Resource* node);

  // Takes all that lies below `node` apart: each resource is alone afterwards,
  // at address 0 with the size that it had.
  void ReleaseChildren(Resource* node);

  // Returns whether the range of `node` could become `range`.
  bool Adjust(Resource* node, const Range& range);

  // Returns the lowest free range of `size` bytes below `parent`, inside
  // `bounds` and aligned; the place of `self` counts as free. `isa_align` moves
  // what is aligned on to where ISA cards, which decode 10 bits of an I/O
  // address, do not alias it, as pcibios_align_resource() of x86 does.
  static std::optional<Range> FindSpace(const Resource& parent,
                                        const Resource* self,
                                        const Range& bounds, uint64_t size,
                                        uint64_t align, bool isa_align = false);

  // Returns the highest free range of `size` bytes below `parent` that starts
  // at `last` or a multiple of `align` below it, and at `first` or above.
  // REQUIRES: align is a power of two; last + size - 1 does not wrap.
  static std::optional<Range> FindSpaceFromTop(const Resource& parent,
                                               uint64_t first, uint64_t last,
                                               uint64_t size, uint64_t align);

  // Returns the first child of `parent`, by address, that overlaps `range` (as
  // Range::Overlaps has it), or null.
  static Resource* FirstOverlap(const Resource& parent, const Range& range);

  // Returns the first child of `parent`, by address, with an end of at least
  // `end`, or null.
  static Resource* FirstEndingFrom(const Resource& parent, uint64_t end);

  // Returns the child of `parent` that starts at `start`, or null.
  static Resource* ChildAt(const Resource& parent, uint64_t start);

  // Walks what lies below `root` and overlaps `range`, in pre-order. Start with
  // NextOverlap(root, &root, range); null ends it.
  static const Resource* NextOverlap(const Resource& root,
                                     const Resource* previous,
                                     const Range& range);

  // Returns whether `node` is `root` or lies below it.
  static bool IsWithin(const Resource* node, const Resource* root);

  // Writes the rows of `state`, and no more of it.
  void Snapshot(State* state) const;
  uint64_t digest() const { return digest_; }

  // Returns how many resources exist that the kernel made.
  uint64_t regions() const { return regions_; }

  // The steps that all of the above is made of. They check nothing.
  // Link: REQUIRES no child of `parent` starts where `node` does.
  void Link(Resource* parent, Resource* node);
  void Unlink(Resource* node);

  // Changes fields of `node` by calling edit(*node), and the digest with them.
  // REQUIRES: the order of siblings by start stays as it is.
  template <typename Edit>
  void Change(Resource* node, Edit edit) {
    digest_ -= RowDigest(RowOf(*node));
    edit(*node);
    digest_ += RowDigest(RowOf(*node));
  }

 private:
  static Row RowOf(const Resource& node);
  static void AppendTree(const Resource& root, State* state);

  // Moves the children [first, end of node's range] of `parent` below `node`.
  void Adopt(Resource* parent, Resource* first, Resource* node);

  Resource iomem_;
  Resource ioport_;
  absl::flat_hash_map<Slot, Resource*> slots_;
  std::deque<Resource> pool_;    // never shrinks: a reset keeps the memory
  size_t used_ = 0;              // how much of the pool was ever handed out
  std::vector<Resource*> free_;  // handed out and freed again
  uint64_t regions_ = 0;
  uint64_t digest_ = 0;  // StateDigest() of Snapshot()
};

}  // namespace restree

#endif  // RESTREE_MODEL_RESOURCE_TREE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_SCENE_H_
#define RESTREE_PROPERTIES_SCENE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "model/state.h"
#include "model/trace.h"
#include "properties/choices.h"

namespace restree {

// Indices of some rows of a state. Up to kRowsMax of them are told apart;
// beyond that, later ones take the places of earlier ones.
class RowSet {
 public:
  static constexpr size_t kRowsMax = 64;

  void Add(size_t row) {
    rows_[count_++ % kRowsMax] = static_cast<uint32_t>(row);
  }
  bool empty() const { return count_ == 0; }

  // Returns one of them. REQUIRES: !empty().
  size_t Any(Choices& choices) const {
    return rows_[choices.Below(count_ < kRowsMax ? count_ : kRowsMax)];
  }

 private:
  size_t count_ = 0;
  std::array<uint32_t, kRowsMax> rows_;
};

// Which of p0 to p63 are what: bit n of each is about pN.
struct MemoryScene {
  uint64_t defined = 0;
  uint64_t idle = 0;    // may be changed and mapped
  uint64_t altmap = 0;  // those of them that have an altmap
  uint64_t mapped = 0;  // or dying
  uint64_t dying = 0;
  uint64_t ours = 0;      // memunmap_pages() may unmap them
  uint64_t managed = 0;   // mapped devres entries
  uint64_t gotten = 0;    // a get_dev_pagemap() has not been put
  uint64_t fsdax = 0;     // mapped or dying, and of that type
  uint64_t migrated = 0;  // so of private or coherent memory

  void Add(const Pagemap& it);
};

// What a generator wants to know of a state, gathered in one pass and without
// memory from the heap.
struct Scene {
  // `of` must outlive this.
  explicit Scene(const State& of);

  const Row& row(size_t i) const { return state.rows[i]; }
  bool HasChildren(size_t i) const {
    return i + 1 < state.rows.size() && row(i + 1).depth > row(i).depth;
  }

  // Returns whether row i is row `root` or lies below it.
  bool IsWithin(size_t i, size_t root) const;

  // Returns whether the resource in `slot` must stay: a root, and what a list,
  // a device, a waiter or an altmap holds on to. Perhaps others, but only
  // beyond r62.
  bool IsHeld(Slot slot) const {
    return slot < kFirstSlot || (held >> std::min(slot - kFirstSlot, 63u) & 1);
  }

  // Returns whether some op of this verb is no misuse. Those that define or
  // ask have one in every state.
  bool Allows(Verb verb) const { return (denied & SetOf(verb)) == 0; }

  const State& state;
  MemoryScene memory;
  RowSet placed;        // below another resource
  RowSet loose;         // neither a root nor in a tree
  RowSet loose_leaves;  // those of them that have no children
  RowSet families;      // with children
  RowSet regions;       // placed and busy; no children, and nobody holds them
  RowSet muxed;         // those of them that others wait for
  RowSet rams;          // placed, busy System RAM
  RowSet touching;      // those of them that touch another like them
  RowSet adjustable;    // what release_mem_region_adjustable would find
  uint64_t used = 0;    // bit n: there is an r<n>, or a waiter will define it
  uint64_t held = 0;    // bit n: r<n> must stay; bit 63 is for all beyond r62
  VerbSet denied = 0;   // the verbs that can only be misuse

 private:
  void AddLedger();
  void AddRow(size_t i);
  void AddTouching(size_t i);
  void DenyVerbs();
  void DenyMemoryVerbs();
};

}  // namespace restree

#endif  // RESTREE_PROPERTIES_SCENE_H_

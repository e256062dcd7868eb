// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_STATE_H_
#define RESTREE_MODEL_STATE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "model/device_memory.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {

// One resource as a machine shows it.
struct Row {
  Slot slot = 0;
  uint32_t depth = 0;     // 0 for a root, or for a resource that is in no tree
  Slot parent = kNoSlot;  // what the resource itself says; kNoSlot for NULL
  NameId name = 0;
  bool region = false;  // the kernel allocated it, and frees it
  Range range;
  uint64_t flags = 0;
  uint64_t desc = 0;

  friend bool operator==(const Row&, const Row&) = default;
};

// One devres entry of a device: what goes when the device goes.
struct Devres {
  uint32_t device = 0;
  bool region = false;   // else a resource
  Slot slot = 0;         // the resource; of a region, its parent operand
  Range range = {};      // of a region
  bool pagemap = false;  // neither: the mapping of the pagemap with number slot

  friend bool operator==(const Devres&, const Devres&) = default;
};

// One entry of a resource_list.
struct Listed {
  uint32_t list = 0;
  Slot slot = 0;

  friend bool operator==(const Listed&, const Listed&) = default;
};

// A request_region that sleeps until a muxed region goes: its operands.
struct Waiter {
  Slot slot = 0;
  NameId name = 0;
  Slot parent = 0;
  Range range;
  uint64_t flags = 0;

  friend bool operator==(const Waiter&, const Waiter&) = default;
};

// struct vmem_altmap: where on the device its struct pages are. All are pages
// or pfns, as in the kernel.
struct Altmap {
  bool valid = false;  // PGMAP_ALTMAP_VALID
  uint64_t base_pfn = 0;
  uint64_t end_pfn = 0;
  uint64_t reserve = 0;
  uint64_t free = 0;
  uint64_t align = 0;  // spent on alignment, and never given back
  uint64_t alloc = 0;

  // The parent that the driver names for the separate resource, and that
  // resource if it is remembered: VmemmapSlot(number). Else kNoSlot.
  Slot parent = kNoSlot;
  Slot res = kNoSlot;
  bool res_gone = false;  // remembered, but freed: a dangling pointer

  friend bool operator==(const Altmap&, const Altmap&) = default;
};

// struct dev_pagemap, and what its mapping has led to.
struct Pagemap {
  enum class Phase : uint8_t {
    kIdle,    // not mapped, or not any more
    kMapped,  // from memremap_pages() to memunmap_pages()
    kDying,   // memunmap_pages() sleeps until the last reference is put
  };

  uint32_t number = 0;
  Phase phase = Phase::kIdle;

  // kDying in a devres release, of `device`, whose entry is out of the device
  // and freed at the end. `device` is 0 otherwise.
  bool releasing = false;
  uint32_t device = 0;
  uint32_t type = 0;   // a MemoryType, or what the driver says
  uint32_t shift = 0;  // vmemmap_shift
  uint32_t lacks = 0;  // PagemapLacks bits
  uint32_t nr_range = 0;
  std::array<Range, kPagemapRanges> ranges = {};  // bytes; unused ones are {}
  uint64_t refs = 0;  // of its percpu_ref; 0 while it has none
  uint64_t gets = 0;  // those of get_dev_pagemap() that nobody has put yet
  Altmap altmap = {};

  friend bool operator==(const Pagemap&, const Pagemap&) = default;
};

// Pfns that lead to a pagemap, in the kernel's pgmap_array.
struct Lookup {
  Range pfns;
  uint32_t pagemap = 0;

  friend bool operator==(const Lookup&, const Lookup&) = default;
};

// A page of a mapping that somebody uses.
struct PageUse {
  uint64_t pfn = 0;
  uint64_t count = 0;      // its references: 1, or for fsdax more than 1
  bool holds_ref = false;  // of the pagemap, until it is freed

  friend bool operator==(const PageUse&, const PageUse&) = default;
};

// What mappings have taken from the rest of the kernel. All are 0 while
// nothing is mapped.
struct MemoryUse {
  uint64_t zone_pages = 0;     // moved to ZONE_DEVICE
  uint64_t memory_pages = 0;   // with a struct page: add_pages() and its like
  uint64_t shadow_bytes = 0;   // kasan_add_zero_shadow()
  uint64_t tracked_bytes = 0;  // track_pfn_remap()
  uint64_t managed = 0;        // devmap_managed_key: mapped fsdax pagemaps

  friend bool operator==(const MemoryUse&, const MemoryUse&) = default;
};

// What a machine keeps besides its resources.
struct Ledger {
  std::vector<Devres> devres;   // by device; of one device, the newest last
  std::vector<Listed> listed;   // by list; of one list, in its order
  std::vector<Waiter> waiters;  // the newest last

  // Device memory.
  std::vector<Pagemap> pagemaps;  // by number
  std::vector<Lookup> lookup;     // by pfn; what touches and is one's is one
  std::vector<PageUse> pages;     // by pfn
  MemoryUse memory = {};

  // The fail_step_nth-th call of that step from now fails; 0 for none, and then
  // the step is 0.
  MapStep fail_step = {};
  uint32_t fail_step_nth = 0;

  // Objects that the kernel's allocator has given out and not got back: one a
  // resource that the kernel made, a devres entry, a list entry and a waiter,
  // one a pagemap that is not idle and another if it is releasing, and
  // kInodeObjects for the inode.
  uint64_t live = 0;

  // Allocations number fail_nth to fail_nth + fail_times - 1 from now fail.
  // Both are 0 or neither is.
  uint32_t fail_nth = 0;
  uint64_t fail_times = 0;

  uint8_t reserved = 0;  // regions that reserve_setup has made, 4 at most
  bool relaxed = false;  // "iomem=relaxed" was said last, not "iomem=strict"
  bool inode = false;    // iomem_init_inode() has succeeded

  friend bool operator==(const Ledger&, const Ledger&) = default;
};
inline constexpr uint64_t kInodeObjects = 3;  // vfsmount, fs_context, inode

// Everything visible, in canonical order: `iomem` and what lies below it, then
// `ioport` and what lies below it, then each resource that exists outside any
// tree, by slot, and what lies below it. Below means pre-order, siblings in
// their order in the tree. Equal states have equal rows.
//
// `depth` comes from where a row was met and `parent` from the resource itself,
// so that the two can be held against each other.
struct State {
  std::vector<Row> rows;
  Ledger ledger = {};

  friend bool operator==(const State&, const State&) = default;
};

// Returns a number that depends on every field of `row` but its depth. The
// digest of a state is the sum of its rows' digests and its ledger's modulo
// 2^64, so that a machine can keep it up to date as rows change. That of a
// ledger with nothing in it is 0, and each live object adds kLiveDigest to it.
uint64_t RowDigest(const Row& row);
uint64_t LedgerDigest(const Ledger& ledger);
inline constexpr uint64_t kLiveDigest = 0x9e3779b97f4a7c15;
uint64_t StateDigest(const State& state);

// Returns what /proc/iomem (or /proc/ioports, for root kIoport) shows: a line a
// resource, two spaces a level, at most five levels of indentation, 4 hex
// digits if the root ends below 0x10000 and else 8 (r_show(), kernel/resource.c
// of 6.1 and 6.12). The root itself has no line. Who is not privileged sees
// each address as 0, with the digits that the root's end calls for.
std::string IomemText(const State& state, absl::Span<const std::string> names,
                      Slot root = kIomem, bool privileged = true);

// Returns what the state's ledger has, a line each, and nothing of what it has
// not:
//
//   d0: resource r1, region iomem 0x1000-0x1fff
//   l2: r1 r4
//   waiting: r6 in iomem 0x1000-0x1fff muxed : name
//   p0: fsdax 0x100000000-0x10fffffff mapped refs=64001 altmap
//       0x100000-0x10ffff reserve=2 free=1534 alloc=1024 parent=r1 res=v0
//   lookup: 0x100000-0x10ffff p0
//   page 0x100800: count=2
//   memory: zone=65536 memory=65536 shadow=0x10000000 tracked=0x10000000
//       managed=1
//   fail_step kasan nth=1
//   live objects: 3, accounted for: 2
//   fail_alloc nth=1 times=2
//   reserved: 1
//   iomem=relaxed
//   iomem inode
//
// (one line each; they are broken here). A waiter's name stands there only if
// it has one. The live objects are left out where the rest of the state
// accounts for as many (LiveObjects()).
std::string LedgerText(const State& state, absl::Span<const std::string> names);

// Returns how many objects of the kernel's allocator the state calls for:
// Ledger::live, unless some leaked or were freed too early.
uint64_t LiveObjects(const State& state);

// Returns the whole state: the lines of IomemText with slot, flags and desc
// behind each, a section a root, a section for what lies outside any tree, and
// LedgerText(). An empty section is left out.
//
//   00001000-00001fff : bus  [r1 mem]
//     00001000-000010ff : r2  [r2 region mem busy desc=cxl]
//   ioport:
//   0060-006f : keyboard  [r3 region io busy]
//   in no tree:
//   00005000-00005fff : r4  [r4 mem]
//   d0: region iomem 0x1000-0x10ff
//
// Equal states print equally, and all that Row has is there: `parent=rN` (or
// `parent=NULL`) stands where a resource's own word for its parent is not what
// the lines above say, or where the indentation ends. A root has a line of its
// own only if it differs from what Machine::Reset() makes of it.
std::string StateText(const State& state, absl::Span<const std::string> names);

}  // namespace restree

#endif  // RESTREE_MODEL_STATE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_PAGEMAP_H_
#define RESTREE_MODEL_PAGEMAP_H_

#include <cstdint>
#include <optional>

#include "model/device_memory.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"

namespace restree {

// The arithmetic of mm/memremap.c and of the altmap's allocator on one struct
// dev_pagemap, for Model.

// Returns the pfns that pgmap_array has for a range of bytes, and those that
// add_pages() is asked for: the same for whole pages.
constexpr Range LookupPfns(const Range& range) {
  return {range.start >> kPageShift, range.end >> kPageShift};
}
constexpr Range MemoryPfns(const Range& range) {
  return Range::OfSize(range.start >> kPageShift, range.size() >> kPageShift);
}

// Returns whether pages of the mapping are free from the start, as those of
// device memory that is migrated to are: each holds a reference while in use.
// All others hold theirs as long as they are mapped.
constexpr bool PagesStartFree(const Pagemap& map) {
  return map.type == kMemoryPrivate || map.type == kMemoryCoherent;
}

// Returns mhp_range_allowed(): whether the bytes can be added as memory.
bool IsAddressable(const Range& range);

// vmem_altmap_offset(): how many pages the altmap takes from the first range.
uint64_t OffsetOf(const Altmap& altmap);

// Returns whether the altmap is what __add_pages() wants for `range`.
bool FitsInto(const Altmap& altmap, const Range& range);

// pfn_first(), pfn_len() and pgmap_pfn_valid().
uint64_t FirstPfn(const Pagemap& map, uint32_t index);
uint64_t PageRefs(const Pagemap& map, uint32_t index);
bool IsValidPfn(const Pagemap& map, uint64_t pfn);

// Returns how many references the first nr_range ranges hold.
uint64_t PageRefs(const Pagemap& map);

// altmap_alloc_block_buf(), `count` times: takes blocks of `pages` pages, one
// behind the other. Returns all of them, or nothing if there is not enough;
// what was taken until then stays taken.
std::optional<Range> TakeBlocks(Altmap* altmap, uint64_t pages, uint64_t count);

// Takes the blocks for the struct pages of `pfns` and appends them to the
// visits. Returns whether there were enough; if not, none are taken.
bool Populate(const Range& pfns, Altmap* altmap, Observation* seen);

}  // namespace restree

#endif  // RESTREE_MODEL_PAGEMAP_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_PAGEMAPS_H_
#define RESTREE_PROPERTIES_PAGEMAPS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "model/device_memory.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

// What judges look up in a state, and what device memory is by definition.
namespace restree {

// Returns the row of `slot`; null if there is none.
const Row* FindRow(const State& state, Slot slot);

// Returns the pagemap with that number; null if nobody has defined it.
const Pagemap* FindPagemap(const State& state, uint32_t number);

inline bool IsMapped(const Pagemap& it) {
  return it.phase == Pagemap::Phase::kMapped;
}
inline bool IsIdle(const Pagemap& it) {
  return it.phase == Pagemap::Phase::kIdle;
}
inline bool IsDying(const Pagemap& it) {
  return it.phase == Pagemap::Phase::kDying;
}

// Returns whether its pages are given out one by one, each with a reference.
inline bool IsMigrated(const Pagemap& it) {
  return it.type == kMemoryPrivate || it.type == kMemoryCoherent;
}

// The ranges that are in use, and one of them in pages.
inline absl::Span<const Range> RangesOf(const Pagemap& it) {
  return {it.ranges.data(), it.nr_range};
}
inline Range PagesOf(const Range& bytes) {
  return {bytes.start >> kPageShift, bytes.end >> kPageShift};
}

// The pages, in bytes, that the altmap takes from the first range: 0 if it has
// none.
inline uint64_t AltmapPages(const Altmap& it) {
  return it.valid ? it.reserve + it.free : 0;
}
inline Range AltmapBytes(const Altmap& it) {
  return Range::OfSize(it.base_pfn << kPageShift, AltmapPages(it)
                                                      << kPageShift);
}

// Returns whether `pfn` is one of its pages that are not the altmap's.
bool IsPageOf(const Pagemap& it, uint64_t pfn);

// Returns the pagemap that is mapped or dying and has the page; null for none.
const Pagemap* OwnerOf(const State& state, uint64_t pfn);

// Returns the references that the mapping holds of itself, pages aside.
uint64_t OwnReferences(const Pagemap& it);

// Returns the references that users of its pages hold.
uint64_t PageReferences(const State& state, const Pagemap& it);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_PAGEMAPS_H_

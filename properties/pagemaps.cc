// SPDX-License-Identifier: Apache-2.0
#include "properties/pagemaps.h"

#include <cstddef>
#include <cstdint>

#include "model/device_memory.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

const Row* FindRow(const State& state, Slot slot) {
  for (const Row& row : state.rows) {
    if (row.slot == slot) return &row;
  }
  return nullptr;
}

const Pagemap* FindPagemap(const State& state, uint32_t number) {
  for (const Pagemap& it : state.ledger.pagemaps) {
    if (it.number == number) return &it;
  }
  return nullptr;
}

bool IsPageOf(const Pagemap& it, uint64_t pfn) {
  for (size_t i = 0; i < it.nr_range; ++i) {
    const Range pages = PagesOf(it.ranges[i]);
    if (!pages.Contains(pfn)) continue;
    return i > 0 || pfn - pages.start >= AltmapPages(it.altmap);
  }
  return false;
}

const Pagemap* OwnerOf(const State& state, uint64_t pfn) {
  for (const Pagemap& it : state.ledger.pagemaps) {
    if (!IsIdle(it) && IsPageOf(it, pfn)) return &it;
  }
  return nullptr;
}

uint64_t OwnReferences(const Pagemap& it) {
  if (!IsMapped(it)) return 0;
  uint64_t refs = 1;
  for (size_t i = 0; i < it.nr_range && !IsMigrated(it); ++i) {
    const uint64_t altmap = i == 0 ? AltmapPages(it.altmap) : 0;
    const uint64_t pages = it.ranges[i].size() >> kPageShift;
    refs += (pages - altmap) >> it.shift;
  }
  return refs;
}

uint64_t PageReferences(const State& state, const Pagemap& it) {
  uint64_t refs = 0;
  for (const PageUse& page : state.ledger.pages) {
    refs += page.holds_ref && IsPageOf(it, page.pfn) ? 1 : 0;
  }
  return refs;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "model/device_memory.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/any_range.h"
#include "properties/generator.h"
#include "properties/scene.h"

namespace restree {
namespace {

// The pages of range i that are not the altmap's, perhaps none.
Range PfnsOf(const Pagemap& pagemap, size_t i) {
  const Range& range = pagemap.ranges[i];
  const Altmap& altmap = pagemap.altmap;
  const uint64_t offset =
      i == 0 && altmap.valid ? altmap.reserve + altmap.free : 0;
  return {(range.start >> kPageShift) + offset, range.end >> kPageShift};
}

uint64_t BitOf(const Pagemap& pagemap) { return uint64_t{1} << pagemap.number; }

}  // namespace

// Returns a pfn near an edge of what one of them maps.
uint64_t Generator::PfnNear(uint64_t pagemaps) {
  const Pagemap* const it = PagemapAt(AnyPagemap(pagemaps));
  if (it == nullptr) {
    return AnyAddress(choices_, scene_.state, taste_.universe) >> kPageShift;
  }
  const size_t i = Below(std::max(it->nr_range, 1u));
  const Range pfns = PfnsOf(*it, i);
  switch (Below(8)) {
    default:
      return pfns.start;
    case 2:
      return pfns.start - 1;
    case 3:
      return pfns.start + 1;
    case 4:
      return pfns.end;
    case 5:
      return pfns.end + 1;
    case 6:
      return it->ranges[i].start >> kPageShift;
    case 7:
      return (it->ranges[i].start >> kPageShift) - 1;
  }
}

// Returns one of the first pages of what one of them maps, or the last one;
// rarely one beside.
uint64_t Generator::PageOf(uint64_t pagemaps) {
  const Pagemap* const it = PagemapAt(AnyPagemap(pagemaps));
  if (it == nullptr || OneIn(32)) return PfnNear(pagemaps);
  const Range pfns = PfnsOf(*it, Below(std::max(it->nr_range, 1u)));
  const uint64_t ahead = Below(4);
  return ahead == 3 ? pfns.end : pfns.start + ahead;
}

// Returns some page in use of one of them; null if there is none.
const PageUse* Generator::AnyPage(uint64_t pagemaps) {
  const Ledger& ledger = scene_.state.ledger;
  if (ledger.pages.empty()) return nullptr;
  const size_t first = Below(ledger.pages.size());
  for (size_t i = 0; i < ledger.pages.size(); ++i) {
    const PageUse& page = ledger.pages[(first + i) % ledger.pages.size()];
    for (const Pagemap& it : ledger.pagemaps) {
      if ((pagemaps & BitOf(it)) == 0) continue;
      for (size_t j = 0; j < it.nr_range; ++j) {
        if (PfnsOf(it, j).Contains(page.pfn)) return &page;
      }
    }
  }
  return nullptr;
}

void Generator::GetPagemap(Op* op) {
  const MemoryScene& memory = scene_.memory;
  op->range.start =
      PfnNear(memory.mapped != 0 ? memory.mapped : memory.defined);
  if (OneIn(32)) op->range.start += uint64_t{1} << (64 - kPageShift);
  if (memory.gotten == 0 || !OneIn(4)) return;
  op->slot = 1 + AnyPagemap(memory.gotten);
  if (OneIn(2)) op->range.start = PageOf(uint64_t{1} << (op->slot - 1));
}

void Generator::PutPagemap(Op* op) {
  op->slot = AnyPagemap(scene_.memory.gotten);
}

void Generator::PfnValid(Op* op) {
  op->slot = AnyPagemap(scene_.memory.defined);
  op->range.start =
      PfnNear(OneIn(8) ? scene_.memory.defined : uint64_t{1} << op->slot);
}

// One that nobody uses yet, of the next few.
void Generator::PageInit(Op* op) {
  op->range.start = PageOf(scene_.memory.migrated);
  for (const PageUse& it : scene_.state.ledger.pages) {
    if (it.pfn == op->range.start) ++op->range.start;
  }
}

// Private memory goes page by page; of other kinds any page will do.
void Generator::PageFree(Op* op) {
  const MemoryScene& memory = scene_.memory;
  op->number = OneIn(4) ? 1 : 0;
  const uint64_t others = memory.mapped & ~memory.migrated & ~memory.fsdax;
  const PageUse* const page = AnyPage(memory.migrated);
  const bool other = page == nullptr || (others != 0 && OneIn(4));
  op->range.start = other ? PageOf(others) : page->pfn;
}

void Generator::PageGet(Op* op) {
  op->range.start = PageOf(scene_.memory.fsdax);
}

void Generator::PagePut(Op* op) {
  const MemoryScene& memory = scene_.memory;
  op->size = 1 + Below(2);
  const uint64_t others = memory.mapped & ~memory.fsdax;
  const PageUse* const page = AnyPage(memory.fsdax);
  if (page == nullptr || (others != 0 && OneIn(4))) {
    op->range.start = PageOf(others);
    return;
  }
  op->range.start = page->pfn;
  op->size = OneIn(16) ? page->count : page->count - 1;
  if (OneIn(4)) op->size = 1;
}

void Generator::AltmapOffset(Op* op) {
  op->slot = AnyPagemap(scene_.memory.defined);
}

// From a page to a whole section's struct pages, and what is none.
void Generator::AltmapAlloc(Op* op) {
  op->slot = AnyPagemap(scene_.memory.altmap);
  op->size = kPageBytes << (OneIn(4) ? Below(12) : Below(3));
  if (OneIn(8)) op->size = kPageBytes * Below(8) + Below(3);
}

void Generator::AltmapFree(Op* op) {
  op->slot = AnyPagemap(scene_.memory.altmap);
  const Pagemap* const it = PagemapAt(op->slot);
  if (it != nullptr) op->size = Below(it->altmap.alloc + 1);
  if (it != nullptr && OneIn(2)) op->size = it->altmap.alloc;
  if (OneIn(32)) ++op->size;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "model/device_memory.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/any_range.h"
#include "properties/generator.h"
#include "properties/scene.h"

namespace restree {
namespace {

// Devices have their memory here, a few sections of it, so that what is drawn
// at different times meets.
constexpr uint64_t kDeviceMemory = uint64_t{4} << 30;
constexpr uint64_t kSections = 4;

// An altmap for more than this only makes a machine count for long.
constexpr uint64_t kAltmappedMax = uint64_t{16} << 30;

constexpr uint32_t kTypes[] = {
    kMemoryFsDax, kMemoryGeneric, kMemoryPrivate, kMemoryFsDax,
    kMemoryFsDax, kMemoryP2pdma,  kMemoryPrivate, kMemoryCoherent,
};

constexpr uint64_t kMemBusy = kResourceMem | kResourceBusy;
constexpr uint64_t kAroundFlags[] = {
    kMemBusy,
    kResourceMem,
    kMemBusy | kResourceUnset,
    kResourceBusy | kResourceUnset,
    kResourceSystemRam | kResourceBusy,
    kMemBusy | kResourceVmemmap,
};

// Parts of what is mapped, what is around it, and what touches it: can be
// mapped if `range` can.
Range Beside(Choices& choices, const Range& range) {
  constexpr uint64_t kStep = kSubsectionBytes;
  switch (choices.Below(8)) {
    default:
      return range;
    case 1:
      return {range.end + 1, range.end + kStep * (1 + choices.Below(2))};
    case 2:
      return {range.start - kStep * (1 + choices.Below(2)), range.start - 1};
    case 3:
      return {range.start - kStep, range.end + kStep};
    case 4:
      return {range.start + kStep, range.end + kStep};
    case 5:
      return {range.start - kStep, range.end - kStep};
    case 6:
      return {range.start + kStep, range.end};
  }
}

bool CanBeMapped(const Range& range) {
  return range.start % kSubsectionBytes == 0 &&
         range.size() % kSubsectionBytes == 0 && !range.inverted() &&
         range.end <= kPhysmemEnd;
}

// About as many pages as the struct pages of `range` take.
uint64_t StructPagesOf(const Range& range) {
  const uint64_t bytes = std::min(range.end - range.start, kAltmappedMax);
  return (bytes / kPageBytes + 1) * kStructPageBytes / kPageBytes + 1;
}

Range BytesOf(const Altmap& altmap) {
  return Range::OfSize(altmap.base_pfn << kPageShift,
                       (altmap.reserve + altmap.free) << kPageShift);
}

}  // namespace

// One of `some`, the lowest most often; rarely any other.
uint32_t Generator::AnyPagemap(uint64_t some) {
  if (some == 0 || OneIn(64)) return static_cast<uint32_t>(Below(4));
  uint64_t skip = Below(std::popcount(some));
  while (skip-- > 0) some &= some - 1;
  return static_cast<uint32_t>(std::countr_zero(some));
}

// Null if nobody has defined it.
const Pagemap* Generator::PagemapAt(uint32_t number) const {
  for (const Pagemap& it : scene_.state.ledger.pagemaps) {
    if (it.number == number) return &it;
  }
  return nullptr;
}

// Resources on the device's memory: in the way of the altmap's separate
// resource, around it, inside, or between it and its parent.
void Generator::PlaceAtAMapping(Op* op) {
  const Pagemap* const it = PagemapAt(AnyPagemap(scene_.memory.defined));
  op->range = it == nullptr ? MappableRange() : it->ranges[0];
  op->parent = OneIn(4) ? row(ParentRow()).slot : kIomem;
  if (it != nullptr && it->altmap.valid) {
    const Range range = BytesOf(it->altmap);
    const uint64_t kind = Below(8);
    if (kind < 4) op->range = range;
    if (kind == 4) op->range = RangeWithin(range);
    if (kind == 5) op->range.end = range.end + kPageBytes;
    if (it->altmap.parent != kNoSlot && OneIn(2))
      op->parent = it->altmap.parent;
  } else {
    op->range = Beside(choices_, op->range);
  }
  if (op->parent == op->slot) op->parent = kIomem;
}

// Aligned as memory that can be mapped has to be: some sections, or parts.
Range Generator::MappableRange() {
  if (Below(4) == 3) {
    return Range::OfSize(kDeviceMemory + kSectionBytes * Below(kSections),
                         kSectionBytes * (1 + Below(2)));
  }
  return Range::OfSize(kDeviceMemory + kSectionBytes * Below(kSections) +
                           4 * kSubsectionBytes * Below(16),
                       kSubsectionBytes * (1 + Below(4)));
}

// Memory at the edges of what can be mapped, and beyond.
Range Generator::UnmappableRange() {
  Range range = MappableRange();
  switch (Below(10)) {
    case 0:
      range.start += kPageBytes;
      break;
    case 1:
      range.end -= kPageBytes;
      break;
    case 2:
      range.start += 1 + Below(2);
      break;
    case 3:
      range = {range.end + 1, range.start - 1};
      break;
    case 4:
      range.end = range.start - Below(2);
      break;
    case 5:
      range = Range::OfSize(kPhysmemEnd + 1 - kSubsectionBytes,
                            kSubsectionBytes * (1 + Below(2)));
      break;
    case 6:
      range = Range::OfSize(kPhysmemEnd + 1, kSubsectionBytes);
      break;
    case 7:
      range = {0, OneIn(2) ? UINT64_MAX : kSubsectionBytes - 1};
      break;
    case 8:
      range = {UINT64_MAX - kSubsectionBytes + 1, UINT64_MAX};
      break;
    default:
      range = RangeWithin(row(0).range);
      break;
  }
  return range;
}

// Fresh memory, what has to do with some pagemap's, a resource's, or bad.
Range Generator::MemoryRange() {
  const uint64_t kind = Below(16);
  if (kind >= 14) return UnmappableRange();
  if (kind >= 12) {
    const Range range = AnyRow().range;
    if (CanBeMapped(range)) return range;
  } else if (kind >= 8) {
    const uint64_t some =
        OneIn(2) ? scene_.memory.defined : scene_.memory.mapped;
    const Pagemap* const it = PagemapAt(AnyPagemap(some));
    if (it != nullptr) return Beside(choices_, it->ranges[0]);
  }
  return MappableRange();
}

// None, the root, one that has room for the altmap, or any.
Slot Generator::NamedParent(const Range& altmap) {
  const uint64_t kind = Below(8);
  if (kind < 3) return kNoSlot;
  if (kind < 5) return kIomem;
  if (kind == 5) return AnyRow().slot;
  const auto& rows = scene_.state.rows;
  const size_t first = Below(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row& it = rows[(first + i) % rows.size()];
    if (it.slot != kIomem && it.range.Contains(altmap)) return it.slot;
  }
  return kIomem;
}

// One of p0 to p3 that is not mapped, the lowest most often; rarely another.
void Generator::NewPagemap(Op* op) {
  uint64_t free = ~scene_.memory.mapped & 0xf;
  if (free == 0 || OneIn(32)) free = ~scene_.memory.mapped & 0xff;
  op->slot = AnyPagemap(free);
  op->desc = kTypes[Below(std::size(kTypes))];
  if (OneIn(32)) op->desc = OneIn(2) ? Below(8) : Below(UINT64_MAX);
  op->range = MemoryRange();
}

void Generator::DevPagemap(Op* op) {
  NewPagemap(op);
  if (OneIn(8)) op->align = OneIn(2) ? kSubsectionPages / 64 + 1 : Below(32);
  if (OneIn(8)) op->flags = uint64_t{1} << Below(5);
  if (OneIn(32)) op->flags |= Below(kLacksBits + 1);
}

void Generator::AddRange(Op* op) {
  op->slot = AnyPagemap(scene_.memory.idle);
  op->range = MemoryRange();
  const Pagemap* const it = PagemapAt(op->slot);
  if (it != nullptr && OneIn(4)) op->range = Beside(choices_, it->ranges[0]);
}

// One that fits what it is for, and all that just does not.
void Generator::GiveAltmap(Op* op) {
  op->slot = AnyPagemap(scene_.memory.idle);
  const Pagemap* const it = PagemapAt(op->slot);
  const Range range = it == nullptr ? MappableRange() : it->ranges[0];
  op->range = {range.start >> kPageShift, range.end >> kPageShift};
  const uint64_t pages = range.size() >> kPageShift;
  op->align = OneIn(4) ? Below(600) : 2;
  const uint64_t left = pages - std::min(op->align, pages);
  const uint64_t needed = StructPagesOf(range);
  switch (Below(8)) {
    default:
      op->size = std::min(needed + Below(1024), left);
      break;
    case 5:
      op->size = needed - Below(4);
      break;
    case 6:
      op->size = std::min(needed / (1 + Below(4)), left);
      break;
    case 7:
      op->size = OneIn(2) ? 0 : std::min(left, kAltmapPagesMax / 2) + Below(2);
      if (left > kAltmappedMax / kPageBytes) op->size = 0;
      break;
  }
  if (OneIn(16)) op->range.start += OneIn(2) ? 1 : UINT64_MAX;
  if (OneIn(64)) op->size = kAltmapPagesMax - op->align + Below(2);
  op->parent = NamedParent(Range::OfSize(op->range.start << kPageShift,
                                         (op->align + op->size) << kPageShift));
}

void Generator::SetupPfn(Op* op) {
  constexpr uint64_t kAligns[] = {kSubsectionBytes, kSubsectionBytes,
                                  kPageBytes, uint64_t{1} << 30};
  NewPagemap(op);
  op->align = kAligns[Below(std::size(kAligns))];
  if (OneIn(16)) op->align = Below(8);
  if (op->range.end - op->range.start >= kAltmappedMax && !OneIn(8)) {
    op->range.end = op->range.start + kAltmappedMax - 1;
  }
  op->parent = NamedParent(op->range);
}

void Generator::Memremap(Op* op) {
  op->slot = AnyPagemap(scene_.memory.idle);
  op->number = static_cast<uint32_t>(Below(4));  // a device, where one is
}

void Generator::Memunmap(Op* op) { op->slot = AnyPagemap(scene_.memory.ours); }

// What some device maps, or rarely what it does not.
void Generator::DevmMemunmap(Op* op) {
  const Devres* const it = AnyDevres(Kind::kPagemap);
  op->number = static_cast<uint32_t>(Below(4));
  op->slot = AnyPagemap(scene_.memory.defined);
  if (it == nullptr || OneIn(8)) return;
  op->number = it->device;
  op->slot = it->slot;
}

void Generator::FailStep(Op* op) {
  op->desc = Below(kMapSteps);
  op->number = OneIn(16) ? 0 : 1 + static_cast<uint32_t>(Below(3)) % 2;
}

void Generator::Dumpable(Op* op) {
  op->number = static_cast<uint32_t>(Below(kDumpViews));
  if (!OneIn(8)) op->name = 1;  // as what is System RAM is named
}

uint64_t Generator::AroundFlags() {
  return OneIn(4) ? PlacedFlags()
                  : kAroundFlags[Below(std::size(kAroundFlags))];
}

}  // namespace restree

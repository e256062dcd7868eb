// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_DEVICE_MEMORY_H_
#define RESTREE_MODEL_DEVICE_MEMORY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace restree {

// The words and numbers of device memory: mm/memremap.c, its header, and what
// x86-64 makes of them. A pfn is a page frame number, of 4096 bytes.
inline constexpr int kPageShift = 12;
inline constexpr uint64_t kPageBytes = uint64_t{1} << kPageShift;
inline constexpr uint64_t kStructPageBytes = 64;

// What can be mapped at a time, and what has a struct page array of its own:
// SUBSECTION_SIZE and PAGES_PER_SECTION (include/linux/mmzone.h).
inline constexpr uint64_t kSubsectionBytes = uint64_t{2} << 20;
inline constexpr uint64_t kSubsectionPages = kSubsectionBytes / kPageBytes;
inline constexpr uint64_t kSectionPages = uint64_t{1} << (27 - kPageShift);

// No altmap that a caller can have counts so many pages; above, the kernel's
// sums of pfns would wrap.
inline constexpr uint64_t kAltmapPagesMax = uint64_t{1} << 40;

// enum memory_type (include/linux/memremap.h).
enum MemoryType : uint32_t {
  kMemoryPrivate = 1,  // "private": MEMORY_DEVICE_PRIVATE
  kMemoryCoherent,     // "coherent"
  kMemoryFsDax,        // "fsdax"
  kMemoryGeneric,      // "generic"
  kMemoryP2pdma,       // "p2pdma": MEMORY_DEVICE_PCI_P2PDMA
};

// What a driver's struct dev_pagemap comes without, a bit each.
enum PagemapLacks : uint32_t {
  kLacksOps = 1,           // "ops"
  kLacksPageFree = 2,      // "page_free"
  kLacksMigrateToRam = 4,  // "migrate_to_ram"
  kLacksOwner = 8,         // "owner"
  kLacksRange = 16,        // "range": nr_range is 0
};
inline constexpr uint32_t kLacksBits = 31;

// A step of pagemap_range() that can be told to fail: 0 to kMapSteps - 1.
enum class MapStep : uint8_t {
  kXaStore,    // "xa_store": xa_store_range(), before it has stored anything
  kTrackPfn,   // "track_pfn": track_pfn_remap()
  kKasan,      // "kasan": kasan_add_zero_shadow()
  kAddMemory,  // "add_memory": arch_add_memory() and add_pages()
};
inline constexpr uint32_t kMapSteps = 4;

// Who reads the tree for a crash dump: 0 to kDumpViews - 1.
enum class DumpView : uint8_t {
  kKexecFile,   // "kexec_file": busy System RAM, as kexec_file_load() walks it
  kKexecTools,  // "kexec_tools": lines of /proc/iomem of a name
  kKexecFileVmemmap,  // "kexec_file_vmemmap": kexec_file, taught to look for
                      // the separate resources of altmaps as well
};
inline constexpr uint32_t kDumpViews = 3;

// The words of trace text for these. A number that has no word is printed as
// one, and is the caller's to parse. LacksText() puts commas between words.
std::string MemoryTypeText(uint64_t type);
std::optional<uint64_t> MemoryTypeOf(absl::string_view word);
std::string LacksText(uint64_t bits);
std::optional<uint64_t> LackOf(absl::string_view word);
absl::string_view MapStepText(MapStep step);
std::optional<MapStep> MapStepOf(absl::string_view word);
absl::string_view DumpViewText(DumpView view);
std::optional<DumpView> DumpViewOf(absl::string_view word);

}  // namespace restree

#endif  // RESTREE_MODEL_DEVICE_MEMORY_H_

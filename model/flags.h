// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_FLAGS_H_
#define RESTREE_MODEL_FLAGS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace restree {

// IORESOURCE_* and IORES_DESC_*, by their kernel names and values
// (include/linux/ioport.h, the same in 6.1 and 6.12). Only those that
// kernel/resource.c reads have a constant here; trace text knows them all.
inline constexpr uint64_t kResourceTypeBits = 0x00001f00;
inline constexpr uint64_t kResourceIo = 0x00000100;
inline constexpr uint64_t kResourceMem = 0x00000200;
inline constexpr uint64_t kResourceSizeAlign = 0x00040000;
inline constexpr uint64_t kResourceStartAlign = 0x00080000;
inline constexpr uint64_t kResourceMuxed = 0x00400000;
inline constexpr uint64_t kResourceVmemmap = 0x00800000;  // see below
inline constexpr uint64_t kResourceExtTypeBits = 0x01000000;
inline constexpr uint64_t kResourceSysram = 0x01000000;
inline constexpr uint64_t kResourceSysramMergeable = 0x04000000;
inline constexpr uint64_t kResourceExclusive = 0x08000000;
inline constexpr uint64_t kResourceUnset = 0x20000000;
inline constexpr uint64_t kResourceBusy = 0x80000000;
inline constexpr uint64_t kResourceSystemRam = kResourceMem | kResourceSysram;

inline constexpr uint64_t kDescNone = 0;
inline constexpr uint64_t kDescDevicePrivateMemory = 6;

// Not the kernel's: what marks the separate resource of an altmap. As proposed,
// IORESOURCE_DEVICE_BACKED_VMEMMAP, which is UNSET and BUSY; and a bit and a
// desc that no kernel uses yet, which is what docs/vmemmap.md asks for.
inline constexpr uint64_t kResourcePatchVmemmap = 0xa0000000;
inline constexpr uint64_t kDescVmemmap = 10;

// The highest address that request_free_mem_region() and its like look at, and
// how its places are aligned: PHYSMEM_END and 1 << PA_SECTION_SHIFT of x86-64
// with page tables of four levels (arch/x86/include/asm/sparsemem.h).
inline constexpr uint64_t kPhysmemEnd = (uint64_t{1} << 46) - 1;
inline constexpr uint64_t kSectionBytes = uint64_t{1} << 27;

// Returns the flags as words, lowest bit first, separated by one space: the
// kernel's names in lower case without IORESOURCE_, and one hexadecimal number
// for the bits that have no name. "" for 0.
//
//   FlagsText(0x81000200)   "mem sysram busy"
//   FlagsText(0x80000203)   "mem busy 0x3"
std::string FlagsText(uint64_t flags);

// Returns the bits of one word, such as "busy"; nothing for an unknown word.
// Numbers are the caller's to parse.
std::optional<uint64_t> FlagOf(absl::string_view word);

// Returns the kernel's name in lower case without IORES_DESC_, or a
// hexadecimal number for a value without a name: "cxl", "none", "0x17".
std::string DescText(uint64_t desc);

// Returns the value of one word, such as "cxl"; nothing for an unknown word.
std::optional<uint64_t> DescOf(absl::string_view word);

}  // namespace restree

#endif  // RESTREE_MODEL_FLAGS_H_

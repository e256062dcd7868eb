// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_TRACE_H_
#define RESTREE_MODEL_TRACE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/range.h"

namespace restree {

// What one op does. Nearly every verb is one function of kernel/resource.c or
// mm/memremap.c; the table behind InfoOf() says which, and which fields of an
// Op it reads.
//
// The verbs that place a resource come in two forms. `r1 = request iomem ...`
// defines the resource r1 and places it. `request iomem r1` (k...Again) places
// the r1 that exists, with the range, flags and children that it has.
enum class Verb : uint8_t {
  kRequest,
  kRequestAgain,
  kInsert,
  kInsertAgain,
  kInsertExpand,
  kInsertExpandAgain,
  kAllocate,
  kAllocateAgain,
  kRelease,
  kRemove,
  kAdjust,
  kReleaseChildren,
  kRequestRegion,
  kReleaseRegion,
  kLookup,
  kAlignment,
  kRegionIntersects,
  kWalkDesc,
  kWalkMem,
  kWalkSystemRam,
  kWalkSystemRamRev,
  kWalkSystemRamRange,

  // Resources of the caller's own, and those that the kernel makes.
  kRoot,
  kReserve,
  kReleaseAdjustable,
  kMerge,
  kRequestFree,
  kAllocFree,
  kDevmRequestFree,

  // Questions.
  kFindSpace,
  kSanityCheck,
  kIsExclusive,
  kIomemIsExclusive,
  kPageIsRam,
  kContains,
  kOverlaps,
  kIntersection,
  kUnion,
  kSize,
  kProc,

  // Devices, whose resources go when they do.
  kDevmRequest,
  kDevmRelease,
  kDevmRequestRegion,
  kDevmReleaseRegion,
  kUnbind,

  // struct resource_entry, include/linux/resource_ext.h.
  kListAdd,
  kListAddTail,
  kListDestroy,
  kListFirst,
  kListFree,

  // What else decides how the above end.
  kFailAlloc,
  kReserveSetup,
  kStrictIomem,
  kInitInode,
  kGetMapping,

  // Device memory: mm/memremap.c, and the altmap's part of
  // mm/sparse-vmemmap.c.
  kPagemap,
  kAddRange,
  kAltmap,
  kSetupPfn,
  kMemremap,
  kMemunmap,
  kDevmMemremap,
  kDevmMemunmap,
  kGetPagemap,
  kPutPagemap,
  kPfnValid,
  kPageInit,
  kPageFree,
  kPageGet,
  kPagePut,
  kAltmapOffset,
  kAltmapAlloc,
  kAltmapFree,
  kFailStep,
  kDumpable,
};
inline constexpr int kVerbs = 75;

// A set of verbs: bit 1 << Verb for each.
using VerbSet = unsigned __int128;

template <typename... Verbs>
constexpr VerbSet SetOf(Verbs... verbs) {
  return (VerbSet{0} | ... | (VerbSet{1} << static_cast<int>(verbs)));
}

// A Slot is the symbolic handle of a resource: `iomem`, `ioport`, r0, r1, ...
// A trace names resources by slot, never by address, so that it means the same
// on every machine.
using Slot = uint32_t;
inline constexpr Slot kIomem = 0;
inline constexpr Slot kIoport = 1;
inline constexpr Slot kFirstSlot = 2;  // r0
inline constexpr Slot kSlots = uint32_t{1} << 24;
inline constexpr Slot kNoSlot = kSlots;  // no resource at all, as NULL is

// Pagemaps p0 to p63, each a driver's struct dev_pagemap.
inline constexpr uint32_t kPagemaps = 64;
inline constexpr uint32_t kNoPagemap = kPagemaps;
inline constexpr uint32_t kPagemapRanges = 4;  // of one pagemap, at most

// The last slots, v0 to v63, are for the separate resources of the pagemaps'
// altmaps ("Device Backed Vmemmap"): v7 is that of p7, on machines that
// register one. No op defines or changes it by its slot, for nobody but
// mm/memremap.c has a handle to it.
inline constexpr Slot kFirstVmemmap = kSlots - kPagemaps;
constexpr Slot VmemmapSlot(uint32_t pagemap) { return kFirstVmemmap + pagemap; }
constexpr bool IsVmemmapSlot(Slot slot) {
  return slot >= kFirstVmemmap && slot < kSlots;
}

// Returns the slot of rN. REQUIRES: n < kFirstVmemmap - kFirstSlot.
constexpr Slot R(uint32_t n) { return kFirstSlot + n; }

// Returns "iomem", "ioport", "r7", "v0", or "NULL" for kNoSlot.
std::string SlotText(Slot slot);

// Returns "p7" for the pagemap with that number.
std::string PagemapText(uint32_t number);

// A NameId is an index into Trace::names, plus one. 0 stands for "named after
// its slot", so that a trace without names still prints readable trees.
//
// The highest bits mark the names that no trace gives: that of the resource in
// a slot, taken over by another (`kNameOfSlot | slot`), that of a device
// (`kNameOfDevice | number`), "reserved", which reserve_setup() gives, and
// "Device Backed Vmemmap". They stand in states and in no normal Op.
using NameId = uint32_t;
inline constexpr NameId kNameOfSlot = 0x80000000;
inline constexpr NameId kNameOfDevice = 0xc0000000;
inline constexpr NameId kNameReserved = 0xe0000000;
inline constexpr NameId kNameVmemmap = 0xe0000001;

// Returns the name that a state has for a resource that an op defines: the
// op's, or the text of the slot; and the other way round, where the resource
// is still in that slot.
constexpr NameId FullName(NameId name, Slot slot) {
  return name != 0 ? name : kNameOfSlot | slot;
}
constexpr NameId OwnName(NameId full, Slot slot) {
  return full == (kNameOfSlot | slot) ? 0 : full;
}

// One operation, flat. A verb reads the fields that its VerbInfo lists; the
// others are 0 in a normal Op, so that equal ops compare equal.
struct Op {
  Verb verb = Verb::kRequest;
  Slot slot = 0;    // the resource that is defined, placed or changed; for a
                    // verb of pagemaps, the number of a pagemap
  Slot parent = 0;  // where: a root or any other resource
  NameId name = 0;

  // A small number. The verb's field says which: kStop, kNth, kDevice, kList,
  // kIsaAlign, kUnprivileged, kRelaxed, kAnon or kView. No verb reads two.
  uint32_t number = 0;

  // Addresses in bytes, end included; for walk_system_ram_range, page frame
  // numbers. Functions that take (start, size) get size = range.size().
  // `lookup` reads range.start alone. `allocate` reads its min and max here.
  Range range;
  // Each of these is what the verb's field says: kSize, kTimes, kFree, kPages
  // or kRefs; kAlign, kReserve or kShift; kFlags or kLacks; kDesc, kType or
  // kStep.
  uint64_t size = 0;   // bytes; for `fail_alloc`, how many times
  uint64_t align = 0;  // bytes
  uint64_t flags = 0;  // IORESOURCE_*
  uint64_t desc = 0;   // IORES_DESC_*

  friend bool operator==(const Op&, const Op&) = default;
};

// A finite sequence of ops and the names that they use.
struct Trace {
  std::vector<Op> ops;
  std::vector<std::string> names;

  friend bool operator==(const Trace&, const Trace&) = default;
};

// Returns the name that /proc/iomem shows for a resource: names[name - 1], what
// the highest bits of `name` say, or the text of its slot if there is no such
// name.
std::string NameOf(absl::Span<const std::string> names, NameId name, Slot slot);

// The fields of an Op, in the order in which trace text shows them.
enum class Field : uint8_t {
  kDefines,  // `rN =` before the verb: Op::slot, which the op brings to life
  kParent,   // Op::parent
  kSlot,     // Op::slot, which must exist
  kRange,    // Op::range as START-END
  kPfns,     // Op::range as START-END, in pages of 4096 bytes
  kAddress,  // Op::range.start; Op::range.end is the same
  kPfn,      // the same, a page frame number
  kSize,     // size=N
  kAlign,    // align=N
  kTimes,    // times=N: Op::size
  kName,     // "text"
  kFlags,    // words such as `mem busy`
  kDesc,     // desc=WORD

  // Op::number.
  kStop,          // stop=N: the callback returns 1 at its N-th call, counted
                  // from 1, and 0 at every other; 0 never stops
  kNth,           // nth=N: counted from 1
  kDevice,        // dN
  kList,          // lN
  kIsaAlign,      // the word `isa_align`, or nothing: 1 or 0
  kUnprivileged,  // the word `unprivileged`, or nothing
  kRelaxed,       // the word `relaxed` or `strict`: 1 or 0

  // Device memory (model/device_memory.h). Pages are of 4096 bytes.
  kDefinesPagemap,  // `pN =` before the verb: Op::slot
  kPagemap,         // pN: Op::slot
  kCached,          // cached=pN, or nothing: Op::slot, N + 1 or 0
  kType,            // private, fsdax, ..., or a number: Op::desc
  kShift,           // shift=N, an order of pages, 0 to 31: Op::align
  kLacks,           // lacks=WORD,...: Op::flags
  kReserve,         // reserve=N pages: Op::align
  kFree,            // free=N pages: Op::size
  kNamedParent,     // parent=rN, or nothing, which is kNoSlot: Op::parent
  kPages,           // pages=N: Op::size
  kRefs,            // refs=N: Op::size
  kAnon,            // the word `anon`, or nothing: Op::number, 1 or 0
  kStep,            // a MapStep: Op::desc
  kView,            // a DumpView: Op::number
};

// Devices d0 to d255 and lists l0 to l255 are there from the start.
inline constexpr uint32_t kDevices = 256;
inline constexpr uint32_t kLists = 256;

struct VerbInfo {
  Verb verb;
  absl::string_view name;    // in trace text
  absl::string_view kernel;  // the function that it calls
  absl::Span<const Field> fields;

  bool Has(Field field) const;
};

// Returns the row of the one table of verbs. kVerbs rows, in Verb's order.
const VerbInfo& InfoOf(Verb verb);

// Returns `op` with every field that its verb does not read set to 0, with
// slots in [0, kSlots) that it may name, and with no name that a trace cannot
// give. Idempotent. Machines may assume normal ops.
Op Normal(const Op& op);

}  // namespace restree

#endif  // RESTREE_MODEL_TRACE_H_

// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "absl/types/span.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/trace.h"
#include "properties/scope.h"

namespace restree {
namespace {

using enum Verb;

constexpr uint64_t kMem[] = {kResourceMem};
constexpr uint64_t kNone[] = {kDescNone};
constexpr uint64_t kRegion[] = {kResourceSystemRam,
                                kResourceMem | kResourceBusy | kResourceMuxed};
constexpr uint64_t kRegionDescs[] = {kDescNone, kDescDevicePrivateMemory};
constexpr uint64_t kRam[] = {kResourceMem, kResourceSystemRam | kResourceBusy};
constexpr uint64_t kAsked[] = {kResourceMem, kResourceMem | kResourceBusy,
                               kResourceSystemRam | kResourceBusy};
constexpr uint64_t kBusyRam[] = {
    kResourceSystemRam | kResourceBusy,
    kResourceSystemRam | kResourceBusy | kResourceSysramMergeable};
constexpr uint64_t kMuxed[] = {kResourceMuxed};
constexpr uint64_t kAllocated[] = {kResourceMem, kResourceMem | kResourceUnset};

constexpr Verb kTreeVerbs[] = {kRequest,     kInsert,         kRequestAgain,
                               kInsertAgain, kRelease,        kRemove,
                               kAdjust,      kReleaseChildren};
constexpr Verb kExpandVerbs[] = {kRequest, kInsertExpand, kInsertExpandAgain,
                                 kRelease};
constexpr Verb kRootVerbs[] = {kRoot, kInsertExpand, kInsertExpandAgain,
                               kRequestAgain, kRemove};
constexpr Verb kRegionVerbs[] = {kRequest, kInsert, kRequestRegion,
                                 kReleaseRegion, kRelease};
constexpr Verb kAllocateVerbs[] = {kRequest, kAllocate, kAllocateAgain,
                                   kRelease, kAdjust};
constexpr Verb kIsaVerbs[] = {kRequest, kRoot, kAllocate, kFindSpace};
constexpr Verb kAskVerbs[] = {kRequest,   kInsert,           kLookup,
                              kAlignment, kRegionIntersects, kWalkDesc,
                              kWalkMem,   kWalkSystemRam,    kWalkSystemRamRev};
constexpr Verb kAnswerVerbs[] = {
    kRequest,  kRoot,         kSanityCheck, kIsExclusive, kIomemIsExclusive,
    kContains, kIntersection, kUnion,       kSize,        kProc,
    kOverlaps, kStrictIomem};
constexpr Verb kMemoryVerbs[] = {kRequest, kReserve, kReleaseAdjustable, kMerge,
                                 kAllocFree};
constexpr Verb kDeviceVerbs[] = {kDevmRequest, kDevmRelease, kDevmRequestRegion,
                                 kDevmReleaseRegion, kUnbind};
constexpr Verb kListVerbs[] = {kRoot,        kListAdd,   kListAddTail,
                               kListDestroy, kListFirst, kListFree};
constexpr Verb kSleepVerbs[] = {kRequestRegion, kReleaseRegion, kInitInode,
                                kUnbind, kDevmRequestRegion};
constexpr Verb kFailVerbs[] = {kFailAlloc,         kRequestRegion,   kReserve,
                               kReleaseAdjustable, kListAdd,         kInitInode,
                               kDevmRequestRegion, kWalkSystemRamRev};
constexpr Verb kFreeVerbs[] = {kRequest, kRoot, kRequestFree, kDevmRequestFree,
                               kAllocFree};
constexpr Verb kSetupVerbs[] = {kReserveSetup, kRelease, kReleaseRegion};
constexpr Verb kPageVerbs[] = {kRequest, kInsert, kWalkSystemRamRange};

// Device memory lies above what a page table of 32 bits reaches.
constexpr uint64_t kDeviceMemory = uint64_t{4} << 30;
constexpr uint64_t kGeneric[] = {kMemoryGeneric};
constexpr uint64_t kCounted[] = {kMemoryPrivate, kMemoryFsDax};
constexpr Verb kMapVerbs[] = {kPagemap, kMemremap, kMemunmap, kGetPagemap,
                              kPutPagemap};
constexpr Verb kAltmapVerbs[] = {kPagemap,    kSetupPfn, kAltmap,
                                 kMemremap,   kMemunmap, kAltmapAlloc,
                                 kAltmapFree, kPfnValid, kAltmapOffset};
constexpr Verb kDevicePageVerbs[] = {kPagemap,  kMemremap, kMemunmap, kPageInit,
                                     kPageFree, kPageGet,  kPagePut};
constexpr Verb kFailMapVerbs[] = {kPagemap,      kAddRange,     kMemremap,
                                  kDevmMemremap, kDevmMemunmap, kUnbind,
                                  kFailStep,     kFailAlloc};
constexpr Verb kDumpVerbs[] = {kRequest, kPagemap, kMemremap, kDumpable};

constexpr Scope kScopes[] = {
    {.name = "tree",
     .verbs = kTreeVerbs,
     .ops_max = 4,
     .slots = 4,
     .addresses = 4,
     .flags = kMem,
     .descs = kNone},
    {.name = "tree at the top",
     .verbs = kTreeVerbs,
     .ops_max = 5,
     .base = UINT64_MAX - 2,
     .flags = kMem,
     .descs = kNone},
    {.name = "expand",
     .verbs = kExpandVerbs,
     .ops_max = 4,
     .flags = kMem,
     .descs = kNone},
    {.name = "expand below a root",
     .verbs = kRootVerbs,
     .flags = kMem,
     .descs = kNone},
    {.name = "expand across the end of ioport",
     .verbs = kExpandVerbs,
     .ops_max = 4,
     .ioport = true,
     .base = 0xfffe,
     .addresses = 4,
     .flags = kMem,
     .descs = kNone},
    {.name = "regions",
     .verbs = kRegionVerbs,
     .flags = kRegion,
     .descs = kRegionDescs},
    {.name = "allocation",
     .verbs = kAllocateVerbs,
     .ops_max = 4,
     .addresses = 4,
     .flags = kAllocated,
     .descs = kNone},
    {.name = "allocation beside ISA aliases",
     .verbs = kIsaVerbs,
     .ops_max = 2,
     .slots = 2,
     .ioport = true,
     .base = 0x100,
     .unit = 0x100,
     .addresses = 5,
     .isa = true,
     .flags = kMem,
     .descs = kNone},
    {.name = "questions",
     .verbs = kAskVerbs,
     .slots = 2,
     .flags = kAsked,
     .descs = kRegionDescs},
    {.name = "answers",
     .verbs = kAnswerVerbs,
     .slots = 2,
     .ioport = true,
     .flags = kAsked,
     .descs = kNone},
    {.name = "memory",
     .verbs = kMemoryVerbs,
     .addresses = 4,
     .name_of_all = 1,
     .flags = kBusyRam,
     .descs = kNone},
    {.name = "devices",
     .verbs = kDeviceVerbs,
     .ops_max = 4,
     .ioport = true,
     .base = 0xffff,
     .addresses = 2,
     .flags = kMem,
     .descs = kNone},
    {.name = "lists",
     .verbs = kListVerbs,
     .ops_max = 6,
     .slots = 2,
     .ioport = true,
     .addresses = 1,
     .flags = kMem,
     .descs = kNone},
    {.name = "sleepers",
     .verbs = kSleepVerbs,
     .ops_max = 4,
     .slots = 4,
     .flags = kMuxed,
     .descs = kNone},
    {.name = "failures",
     .verbs = kFailVerbs,
     .ops_max = 4,
     .addresses = 2,
     .flags = kMem,
     .descs = kNone},
    {.name = "sections",
     .verbs = kFreeVerbs,
     .unit = kSectionBytes,
     .addresses = 4,
     .flags = kMem,
     .descs = kNone},
    {.name = "reserved from the start",
     .verbs = kSetupVerbs,
     .ops_max = 4,
     .slots = 5,
     .ioport = true,
     .base = 0xffff,
     .flags = kMem,
     .descs = kNone},
    {.name = "pages",
     .verbs = kPageVerbs,
     .base = 0x1000,
     .unit = 0x800,
     .addresses = 5,
     .flags = kRam,
     .descs = kNone},
    {.name = "mappings",
     .verbs = kMapVerbs,
     .ops_max = 7,
     .base = kDeviceMemory,
     .unit = kSubsectionBytes,
     .addresses = 2,
     .pagemaps = 2,
     .types = kGeneric},
    {.name = "altmaps",
     .verbs = kAltmapVerbs,
     .ops_max = 5,
     .base = kDeviceMemory,
     .unit = kSubsectionBytes,
     .addresses = 2,
     .types = kGeneric},
    {.name = "device pages",
     .verbs = kDevicePageVerbs,
     .ops_max = 6,
     .base = kDeviceMemory,
     .unit = kSubsectionBytes,
     .addresses = 2,
     .types = kCounted},
    {.name = "maps that fail",
     .verbs = kFailMapVerbs,
     .ops_max = 4,
     .base = kDeviceMemory,
     .unit = kSubsectionBytes / 2,
     .addresses = 3,
     .types = kGeneric},
    {.name = "dumps",
     .verbs = kDumpVerbs,
     .base = kDeviceMemory,
     .unit = kSubsectionBytes,
     .addresses = 2,
     .name_of_all = 1,
     .flags = kRam,
     .descs = kNone,
     .types = kGeneric},
};

}  // namespace

absl::Span<const Scope> Scopes() { return kScopes; }

}  // namespace restree

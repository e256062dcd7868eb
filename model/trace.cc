// SPDX-License-Identifier: Apache-2.0
#include "model/trace.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/device_memory.h"

namespace restree {
namespace {

using enum Field;

constexpr Field kPlaceNew[] = {kDefines, kParent, kRange, kName, kFlags, kDesc};
constexpr Field kPlaceOld[] = {kParent, kSlot};
constexpr Field kAllocateNew[] = {kDefines, kParent, kRange, kSize,    kAlign,
                                  kName,    kFlags,  kDesc,  kIsaAlign};
constexpr Field kAllocateOld[] = {kParent, kSlot,  kRange,
                                  kSize,   kAlign, kIsaAlign};
constexpr Field kOne[] = {kSlot};
constexpr Field kOneToRange[] = {kSlot, kRange};
constexpr Field kRegionNew[] = {kDefines, kParent, kRange, kName, kFlags};
constexpr Field kRegionOld[] = {kParent, kRange};
constexpr Field kAt[] = {kParent, kAddress};
constexpr Field kMatch[] = {kRange, kFlags, kDesc};
constexpr Field kMatchAndStop[] = {kRange, kFlags, kDesc, kStop};
constexpr Field kRangeAndStop[] = {kRange, kStop};
constexpr Field kPfnsAndStop[] = {kPfns, kStop};
constexpr Field kMake[] = {kDefines, kRange, kName, kFlags, kDesc};
constexpr Field kPieces[] = {kDefines, kParent, kRange, kName};
constexpr Field kRest[] = {kDefines, kRange};
constexpr Field kFreeNew[] = {kDefines, kParent, kSize, kName};
constexpr Field kAlignedFree[] = {kDefines, kParent, kSize, kAlign, kName};
constexpr Field kDevmFree[] = {kDefines, kDevice, kParent, kSize};
constexpr Field kOneRange[] = {kRange};
constexpr Field kBelow[] = {kParent, kRange};
constexpr Field kOneAddress[] = {kAddress};
constexpr Field kOnePfn[] = {kPfn};
constexpr Field kTwo[] = {kParent, kSlot};
constexpr Field kShow[] = {kParent, kUnprivileged};
constexpr Field kDevmNew[] = {kDefines, kDevice, kParent, kRange,
                              kName,    kFlags,  kDesc};
constexpr Field kDevmOld[] = {kDevice, kSlot};
constexpr Field kDevmRegionNew[] = {kDefines, kDevice, kParent, kRange, kName};
constexpr Field kDevmRegionOld[] = {kDevice, kParent, kRange};
constexpr Field kOneDevice[] = {kDevice};
constexpr Field kListed[] = {kList, kSlot};
constexpr Field kListAndFlags[] = {kList, kFlags};
constexpr Field kOneList[] = {kList};
constexpr Field kCountdown[] = {kNth, kTimes};
constexpr Field kOneRelaxed[] = {kRelaxed};
constexpr Field kPagemapNew[] = {kDefinesPagemap, kType, kRange, kShift,
                                 kLacks};
constexpr Field kPagemapRange[] = {kPagemap, kRange};
constexpr Field kAltmapNew[] = {kPagemap, kPfns, kReserve, kFree, kNamedParent};
constexpr Field kInfoBlock[] = {kDefinesPagemap, kType, kRange, kAlign,
                                kNamedParent};
constexpr Field kOnePagemap[] = {kPagemap};
constexpr Field kDevmPagemap[] = {kDevice, kPagemap};
constexpr Field kPfnCached[] = {kPfn, kCached};
constexpr Field kPagemapPfn[] = {kPagemap, kPfn};
constexpr Field kPfnAnon[] = {kPfn, kAnon};
constexpr Field kPfnRefs[] = {kPfn, kRefs};
constexpr Field kBlock[] = {kPagemap, kSize};
constexpr Field kBlockPages[] = {kPagemap, kPages};
constexpr Field kNextStep[] = {kStep, kNth};
constexpr Field kViewOfName[] = {kView, kName};

constexpr absl::string_view kExpand = "insert_resource_expand_to_fit";

// request and insert call the _conflict form, which returns the resource in
// the way; their errno is what the plain form makes of it.
const VerbInfo kInfos[kVerbs] = {
    {Verb::kRequest, "request", "request_resource_conflict", kPlaceNew},
    {Verb::kRequestAgain, "request", "request_resource_conflict", kPlaceOld},
    {Verb::kInsert, "insert", "insert_resource_conflict", kPlaceNew},
    {Verb::kInsertAgain, "insert", "insert_resource_conflict", kPlaceOld},
    {Verb::kInsertExpand, "insert_expand_to_fit", kExpand, kPlaceNew},
    {Verb::kInsertExpandAgain, "insert_expand_to_fit", kExpand, kPlaceOld},
    {Verb::kAllocate, "allocate", "allocate_resource", kAllocateNew},
    {Verb::kAllocateAgain, "allocate", "allocate_resource", kAllocateOld},
    {Verb::kRelease, "release", "release_resource", kOne},
    {Verb::kRemove, "remove", "remove_resource", kOne},
    {Verb::kAdjust, "adjust", "adjust_resource", kOneToRange},
    {Verb::kReleaseChildren, "release_child", "release_child_resources", kOne},
    {Verb::kRequestRegion, "request_region", "__request_region", kRegionNew},
    {Verb::kReleaseRegion, "release_region", "__release_region", kRegionOld},
    {Verb::kLookup, "lookup", "lookup_resource", kAt},
    {Verb::kAlignment, "alignment", "resource_alignment", kOne},
    {Verb::kRegionIntersects, "region_intersects", "region_intersects", kMatch},
    {Verb::kWalkDesc, "walk_iomem_res_desc", "walk_iomem_res_desc",
     kMatchAndStop},
    {Verb::kWalkMem, "walk_mem_res", "walk_mem_res", kRangeAndStop},
    {Verb::kWalkSystemRam, "walk_system_ram_res", "walk_system_ram_res",
     kRangeAndStop},
    {Verb::kWalkSystemRamRev, "walk_system_ram_res_rev",
     "walk_system_ram_res_rev", kRangeAndStop},
    {Verb::kWalkSystemRamRange, "walk_system_ram_range",
     "walk_system_ram_range", kPfnsAndStop},

    {Verb::kRoot, "root", "(a struct resource of the caller's)", kMake},
    {Verb::kReserve, "reserve_region_with_split", "reserve_region_with_split",
     kPieces},
    {Verb::kReleaseAdjustable, "release_mem_region_adjustable",
     "release_mem_region_adjustable", kRest},
    {Verb::kMerge, "merge_system_ram_resource", "merge_system_ram_resource",
     kOne},
    {Verb::kRequestFree, "request_free_mem_region", "request_free_mem_region",
     kFreeNew},
    {Verb::kAllocFree, "alloc_free_mem_region", "alloc_free_mem_region",
     kAlignedFree},
    {Verb::kDevmRequestFree, "devm_request_free_mem_region",
     "devm_request_free_mem_region", kDevmFree},

    {Verb::kFindSpace, "find_resource_space", "find_resource_space",
     kAllocateOld},
    {Verb::kSanityCheck, "iomem_map_sanity_check", "iomem_map_sanity_check",
     kOneRange},
    {Verb::kIsExclusive, "resource_is_exclusive", "resource_is_exclusive",
     kBelow},
    {Verb::kIomemIsExclusive, "iomem_is_exclusive", "iomem_is_exclusive",
     kOneAddress},
    {Verb::kPageIsRam, "page_is_ram", "page_is_ram", kOnePfn},
    {Verb::kContains, "resource_contains", "resource_contains", kTwo},
    {Verb::kOverlaps, "resource_overlaps", "resource_overlaps", kTwo},
    {Verb::kIntersection, "resource_intersection", "resource_intersection",
     kTwo},
    {Verb::kUnion, "resource_union", "resource_union", kTwo},
    {Verb::kSize, "resource_size", "resource_size", kOne},
    {Verb::kProc, "proc", "r_start, r_next, r_stop, r_show", kShow},

    {Verb::kDevmRequest, "devm_request_resource", "devm_request_resource",
     kDevmNew},
    {Verb::kDevmRelease, "devm_release_resource", "devm_release_resource",
     kDevmOld},
    {Verb::kDevmRequestRegion, "devm_request_region", "__devm_request_region",
     kDevmRegionNew},
    {Verb::kDevmReleaseRegion, "devm_release_region", "__devm_release_region",
     kDevmRegionOld},
    {Verb::kUnbind, "unbind", "devres_release_all, one entry of it",
     kOneDevice},

    {Verb::kListAdd, "resource_list_add", "resource_list_add", kListed},
    {Verb::kListAddTail, "resource_list_add_tail", "resource_list_add_tail",
     kListed},
    {Verb::kListDestroy, "resource_list_destroy_entry",
     "resource_list_destroy_entry", kListed},
    {Verb::kListFirst, "resource_list_first_type", "resource_list_first_type",
     kListAndFlags},
    {Verb::kListFree, "resource_list_free", "resource_list_free", kOneList},

    {Verb::kFailAlloc, "fail_alloc", "(the allocator)", kCountdown},
    {Verb::kReserveSetup, "reserve_setup", "reserve_setup", kRest},
    {Verb::kStrictIomem, "strict_iomem", "strict_iomem", kOneRelaxed},
    {Verb::kInitInode, "iomem_init_inode", "iomem_init_inode", {}},
    {Verb::kGetMapping, "iomem_get_mapping", "iomem_get_mapping", {}},

    {Verb::kPagemap, "dev_pagemap", "(a struct dev_pagemap of the driver's)",
     kPagemapNew},
    {Verb::kAddRange, "add_range", "(its ranges)", kPagemapRange},
    {Verb::kAltmap, "vmem_altmap", "(its altmap)", kAltmapNew},
    {Verb::kSetupPfn, "nvdimm_setup_pfn",
     "(what drivers/nvdimm makes of an info block)", kInfoBlock},
    {Verb::kMemremap, "memremap_pages", "memremap_pages", kOnePagemap},
    {Verb::kMemunmap, "memunmap_pages", "memunmap_pages", kOnePagemap},
    {Verb::kDevmMemremap, "devm_memremap_pages", "devm_memremap_pages",
     kDevmPagemap},
    {Verb::kDevmMemunmap, "devm_memunmap_pages", "devm_memunmap_pages",
     kDevmPagemap},
    {Verb::kGetPagemap, "get_dev_pagemap", "get_dev_pagemap", kPfnCached},
    {Verb::kPutPagemap, "put_dev_pagemap", "put_dev_pagemap", kOnePagemap},
    {Verb::kPfnValid, "pgmap_pfn_valid", "pgmap_pfn_valid", kPagemapPfn},
    {Verb::kPageInit, "zone_device_page_init", "zone_device_page_init",
     kOnePfn},
    {Verb::kPageFree, "free_zone_device_page",
     "free_zone_device_page, free_zone_device_folio", kPfnAnon},
    {Verb::kPageGet, "get_page", "(a page's reference count)", kOnePfn},
    {Verb::kPagePut, "put_devmap_page",
     "__put_devmap_managed_page_refs, __put_devmap_managed_folio_refs",
     kPfnRefs},
    {Verb::kAltmapOffset, "vmem_altmap_offset", "vmem_altmap_offset",
     kOnePagemap},
    {Verb::kAltmapAlloc, "vmemmap_alloc_block_buf", "vmemmap_alloc_block_buf",
     kBlock},
    {Verb::kAltmapFree, "vmem_altmap_free", "vmem_altmap_free", kBlockPages},
    {Verb::kFailStep, "fail_step", "(what pagemap_range() calls)", kNextStep},
    {Verb::kDumpable, "dumpable", "walk_system_ram_res, walk_iomem_res_desc",
     kViewOfName},
};

// Normal() for the fields that Op::number has.
uint32_t NormalNumber(Field field, uint32_t number) {
  switch (field) {
    case kDevice:
      return number % kDevices;
    case kList:
      return number % kLists;
    case kView:
      return number % kDumpViews;
    case kStop:
    case kNth:
      return number;
    default:
      return number & 1;
  }
}

// Normal() for the fields of device memory.
void NormalizeMemory(Field field, const Op& op, Op* normal) {
  switch (field) {
    case kDefinesPagemap:
    case Field::kPagemap:
      normal->slot = op.slot % kPagemaps;
      break;
    case kCached:
      normal->slot = op.slot % (kPagemaps + 1);
      break;
    case kType:
      normal->desc = op.desc & INT32_MAX;
      break;
    case kShift:
      normal->align = op.align % 32;
      break;
    case kLacks:
      normal->flags = op.flags & kLacksBits;
      break;
    case kReserve:
      normal->align = op.align;
      break;
    case kFree:
    case kPages:
    case kRefs:
      normal->size = op.size;
      break;
    case kNamedParent:
      normal->parent = op.parent % (kSlots + 1);
      break;
    case kStep:
      normal->desc = op.desc % kMapSteps;
      break;
    default:
      assert(false);
  }
}

}  // namespace

std::string SlotText(Slot slot) {
  if (slot == kIomem) return "iomem";
  if (slot == kIoport) return "ioport";
  if (slot >= kNoSlot) return "NULL";
  if (IsVmemmapSlot(slot)) return absl::StrCat("v", slot - kFirstVmemmap);
  return absl::StrCat("r", slot - kFirstSlot);
}

std::string PagemapText(uint32_t number) { return absl::StrCat("p", number); }

std::string NameOf(absl::Span<const std::string> names, NameId name,
                   Slot slot) {
  if (name >= 1 && name <= names.size()) return names[name - 1];
  if (name == kNameReserved) return "reserved";
  if (name == kNameVmemmap) return "Device Backed Vmemmap";
  if (name > kNameReserved) return SlotText(slot);
  if (name >= kNameOfDevice) return absl::StrCat("d", name - kNameOfDevice);
  if (name >= kNameOfSlot) return SlotText(name - kNameOfSlot);
  return SlotText(slot);
}

bool VerbInfo::Has(Field field) const {
  return std::find(fields.begin(), fields.end(), field) != fields.end();
}

const VerbInfo& InfoOf(Verb verb) {
  const size_t index = static_cast<size_t>(verb);
  assert(index < kVerbs);
  assert(kInfos[index].verb == verb);
  return kInfos[index];
}

Op Normal(const Op& op) {
  Op normal;
  normal.verb = op.verb;
  for (const Field field : InfoOf(op.verb).fields) {
    switch (field) {
      case kDefines:
        // Only rN can be defined: the two roots are always there.
        normal.slot = op.slot % kFirstVmemmap;
        if (normal.slot < kFirstSlot) normal.slot += kFirstSlot;
        break;
      case kSlot:
        normal.slot = op.slot % kSlots;
        break;
      case kParent:
        normal.parent = op.parent % kSlots;
        break;
      case kRange:
      case kPfns:
        normal.range = op.range;
        break;
      case kAddress:
      case kPfn:
        normal.range = {op.range.start, op.range.start};
        break;
      case kSize:
      case kTimes:
        normal.size = op.size;
        break;
      case kAlign:
        normal.align = op.align;
        break;
      case kName:
        // The names above are the machines' to give.
        normal.name = op.name < kNameOfSlot ? op.name : 0;
        break;
      case kFlags:
        normal.flags = op.flags;
        break;
      case kDesc:
        normal.desc = op.desc;
        break;
      case kStop:
      case kNth:
      case kDevice:
      case kList:
      case kIsaAlign:
      case kUnprivileged:
      case kRelaxed:
      case kAnon:
      case kView:
        normal.number = NormalNumber(field, op.number);
        break;
      default:
        NormalizeMemory(field, op, &normal);
        break;
    }
  }
  return normal;
}

}  // namespace restree

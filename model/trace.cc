// SPDX-License-Identifier: Apache-2.0
#include "model/trace.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace restree {
namespace {

using enum Field;

constexpr Field kPlaceNew[] = {kDefines, kParent, kRange, kName, kFlags, kDesc};
constexpr Field kPlaceOld[] = {kParent, kSlot};
constexpr Field kAllocateNew[] = {kDefines, kParent, kRange, kSize,
                                  kAlign,   kName,   kFlags, kDesc};
constexpr Field kAllocateOld[] = {kParent, kSlot, kRange, kSize, kAlign};
constexpr Field kOne[] = {kSlot};
constexpr Field kOneToRange[] = {kSlot, kRange};
constexpr Field kRegionNew[] = {kDefines, kParent, kRange, kName, kFlags};
constexpr Field kRegionOld[] = {kParent, kRange};
constexpr Field kAt[] = {kParent, kAddress};
constexpr Field kMatch[] = {kRange, kFlags, kDesc};
constexpr Field kMatchAndStop[] = {kRange, kFlags, kDesc, kStop};
constexpr Field kRangeAndStop[] = {kRange, kStop};
constexpr Field kPfnsAndStop[] = {kPfns, kStop};

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
};

}  // namespace

std::string SlotText(Slot slot) {
  if (slot == kIomem) return "iomem";
  if (slot == kIoport) return "ioport";
  if (slot >= kNoSlot) return "NULL";
  return absl::StrCat("r", slot - kFirstSlot);
}

std::string NameOf(absl::Span<const std::string> names, NameId name,
                   Slot slot) {
  if (name >= 1 && name <= names.size()) return names[name - 1];
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
        normal.slot = op.slot % kSlots;
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
        normal.range = {op.range.start, op.range.start};
        break;
      case kSize:
        normal.size = op.size;
        break;
      case kAlign:
        normal.align = op.align;
        break;
      case kName:
        normal.name = op.name;
        break;
      case kFlags:
        normal.flags = op.flags;
        break;
      case kDesc:
        normal.desc = op.desc;
        break;
      case kStop:
        normal.stop = op.stop;
        break;
    }
  }
  return normal;
}

}  // namespace restree

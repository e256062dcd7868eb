// SPDX-License-Identifier: Apache-2.0
#include "properties/scope.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/choices.h"

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
};

// Draws the fields of one op.
class Drawer {
 public:
  Drawer(Choices& choices, const State& state, const Scope& scope)
      : choices_(choices), state_(state), scope_(scope) {}

  Op Draw() {
    Op op;
    op.verb = scope_.verbs[Below(scope_.verbs.size())];
    for (const Field field : InfoOf(op.verb).fields) DrawField(field, &op);
    return Normal(op);
  }

 private:
  uint64_t Below(uint64_t n) { return choices_.Below(n); }
  uint64_t Any(absl::Span<const uint64_t> values) {
    return values[Below(values.size())];
  }

  void DrawField(Field field, Op* op) {
    switch (field) {
      case Field::kDefines:
        op->slot = DrawEmptySlot();
        return;
      case Field::kParent:
        op->parent = DrawSlot();
        return;
      case Field::kSlot:
        op->slot = DrawSlot();
        return;
      case Field::kRange:
        op->range = DrawRange();
        return;
      case Field::kPfns:
        op->range = DrawRange();
        op->range = {op->range.start >> 12, op->range.end >> 12};
        return;
      case Field::kAddress:
        op->range.start = scope_.base + scope_.unit * Below(scope_.addresses);
        return;
      case Field::kSize:
        op->size = scope_.unit * (1 + Below(2));
        return;
      case Field::kAlign:
        op->align = scope_.unit << Below(2);
        return;
      case Field::kFlags:
        op->flags = Any(scope_.flags);
        return;
      case Field::kDesc:
        op->desc = Any(scope_.descs);
        return;
      case Field::kPfn:
        op->range.start =
            (scope_.base + scope_.unit * Below(scope_.addresses)) >> 12;
        return;
      case Field::kStop:
        op->number = static_cast<uint32_t>(Below(3));
        return;
      case Field::kTimes:
        op->size = 1 + Below(2);
        return;
      case Field::kNth:
        op->number = static_cast<uint32_t>(Below(3));
        return;
      case Field::kIsaAlign:
        if (scope_.isa) op->number = static_cast<uint32_t>(Below(2));
        return;
      case Field::kUnprivileged:
      case Field::kRelaxed:
        op->number = static_cast<uint32_t>(Below(2));
        return;
      case Field::kName:
        op->name = scope_.name_of_all;
        return;
      default:
        return;  // the first device, list or pagemap
    }
  }

  Slot DrawSlot() {
    absl::InlinedVector<Slot, 8> slots;
    for (const Row& row : state_.rows) {
      if (row.slot != kIoport || scope_.ioport) slots.push_back(row.slot);
    }
    return slots[Below(slots.size())];
  }

  Slot DrawEmptySlot() {
    absl::InlinedVector<Slot, 8> slots;
    for (Slot slot = kFirstSlot; slot < R(scope_.slots); ++slot) {
      bool exists = false;
      for (const Row& row : state_.rows) exists |= row.slot == slot;
      for (const Waiter& it : state_.ledger.waiters) exists |= it.slot == slot;
      if (exists) continue;
      slots.push_back(slot);
      break;
    }
    for (const Row& row : state_.rows) {
      if (row.depth == 0 && row.slot >= kFirstSlot) slots.push_back(row.slot);
    }
    if (slots.empty()) slots.push_back(kFirstSlot);  // misuse
    return slots[Below(slots.size())];
  }

  // A range from one address to before another; the last ends before the end
  // of the scope, which may be that of all addresses.
  Range DrawRange() {
    const uint64_t first = Below(scope_.addresses);
    const uint64_t more = Below(scope_.addresses - first);
    const uint64_t start = scope_.base + scope_.unit * first;
    return {start, start + scope_.unit * more + (scope_.unit - 1)};
  }

  Choices& choices_;
  const State& state_;
  const Scope& scope_;
};

}  // namespace

std::string ScopeText(const Scope& scope) {
  return absl::StrFormat(
      "%s: %d slots, %d addresses of %#x from %#x, %d verbs, %d flags, %d "
      "descs",
      scope.name, scope.slots, scope.addresses, scope.unit, scope.base,
      scope.verbs.size(), scope.flags.size(), scope.descs.size());
}

Op OpInScope(Choices& choices, const State& state, const Scope& scope) {
  return Drawer(choices, state, scope).Draw();
}

absl::Span<const Scope> Scopes() { return kScopes; }

}  // namespace restree

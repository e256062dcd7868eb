// SPDX-License-Identifier: Apache-2.0
#include "properties/scope.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/choices.h"

namespace restree {
namespace {

// Pages of an altmap: enough for a subsection, and for many.
constexpr uint64_t kFrees[] = {8, 2 * kSubsectionPages};

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
    const bool of_pagemap = InfoOf(op->verb).Has(Field::kPagemap);
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
        op->size = (of_pagemap ? 2 * kPageBytes : scope_.unit) * (1 + Below(2));
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
        DrawMemoryField(field, op);
    }
  }

  void DrawMemoryField(Field field, Op* op) {
    switch (field) {
      case Field::kDefinesPagemap:
      case Field::kPagemap:
        op->slot = static_cast<Slot>(Below(scope_.pagemaps));
        return;
      case Field::kCached:
        op->slot = static_cast<Slot>(Below(scope_.pagemaps + 1));
        return;
      case Field::kType:
        op->desc = Any(scope_.types);
        return;
      case Field::kReserve:
      case Field::kRefs:
      case Field::kPages:
        (field == Field::kReserve ? op->align : op->size) = 1 + Below(2);
        return;
      case Field::kFree:
        op->size = Any(kFrees);
        return;
      case Field::kNamedParent:
        op->parent = kNoSlot;
        return;
      case Field::kStep:
        op->desc = Below(kMapSteps);
        return;
      case Field::kView:
        op->number = static_cast<uint32_t>(Below(kDumpViews));
        return;
      default:
        return;  // the first device or list, and no more than is needed
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

}  // namespace restree

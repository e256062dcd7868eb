// SPDX-License-Identifier: Apache-2.0
#include "properties/field_value.h"

#include <cstdint>

#include "model/trace.h"

namespace restree {

uint64_t ValueOf(const Op& op, Field field) {
  switch (field) {
    case Field::kSize:
    case Field::kTimes:
    case Field::kFree:
    case Field::kPages:
    case Field::kRefs:
      return op.size;
    case Field::kAlign:
    case Field::kShift:
    case Field::kReserve:
      return op.align;
    case Field::kFlags:
    case Field::kLacks:
      return op.flags;
    case Field::kDesc:
    case Field::kType:
    case Field::kStep:
      return op.desc;
    case Field::kName:
      return op.name;
    case Field::kParent:
    case Field::kNamedParent:
      return op.parent;
    case Field::kDefines:
    case Field::kSlot:
    case Field::kDefinesPagemap:
    case Field::kPagemap:
    case Field::kCached:
      return op.slot;
    default:
      return op.number;
  }
}

void SetValue(Field field, uint64_t value, Op* op) {
  switch (field) {
    case Field::kDefines:
    case Field::kSlot:
    case Field::kDefinesPagemap:
    case Field::kPagemap:
    case Field::kCached:
      op->slot = static_cast<Slot>(value);
      break;
    case Field::kParent:
    case Field::kNamedParent:
      op->parent = static_cast<Slot>(value);
      break;
    case Field::kSize:
    case Field::kTimes:
    case Field::kFree:
    case Field::kPages:
    case Field::kRefs:
      op->size = value;
      break;
    case Field::kAlign:
    case Field::kShift:
    case Field::kReserve:
      op->align = value;
      break;
    case Field::kFlags:
    case Field::kLacks:
      op->flags = value;
      break;
    case Field::kDesc:
    case Field::kType:
    case Field::kStep:
      op->desc = value;
      break;
    case Field::kName:
      op->name = static_cast<NameId>(value);
      break;
    case Field::kAddress:
    case Field::kPfn:
      op->range = {value, value};
      break;
    default:
      op->number = static_cast<uint32_t>(value);
  }
}

}  // namespace restree

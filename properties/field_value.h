// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_FIELD_VALUE_H_
#define RESTREE_PROPERTIES_FIELD_VALUE_H_

#include <cstdint>

#include "model/trace.h"

namespace restree {

// Reads and writes what an op has in one of its verb's fields, where that is
// one number: any but a range. An address is written alone.
uint64_t ValueOf(const Op& op, Field field);
void SetValue(Field field, uint64_t value, Op* op);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_FIELD_VALUE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_EXAMPLE_STATES_H_
#define RESTREE_PROPERTIES_EXAMPLE_STATES_H_

#include <cstdint>
#include <initializer_list>

#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// Returns the row of a plain memory resource, for tests. StateOf() fills in its
// parent.
Row At(uint32_t depth, Slot slot, Range range);

// Returns a state: the rows up to the first of depth 0 lie below iomem, the
// rest stands behind the two empty roots. Parents are what the depths say.
//
//   StateOf({At(1, R(1), {0x1000, 0x2fff}),    // below iomem
//            At(2, R(2), {0x1000, 0x1fff}),    // below r1
//            At(0, R(3), {0x1000, 0x1fff})})   // in no tree
State StateOf(std::initializer_list<Row> rows);

// Returns the row of `slot` in `state`. REQUIRES: there is one.
Row& RowOf(State& state, Slot slot);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_EXAMPLE_STATES_H_

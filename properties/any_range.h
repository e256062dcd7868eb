// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_ANY_RANGE_H_
#define RESTREE_PROPERTIES_ANY_RANGE_H_

#include <cstdint>

#include "model/range.h"
#include "model/state.h"
#include "properties/choices.h"

namespace restree {

// Where fresh addresses come from: sixteen cells from here, so that what is
// drawn at different times meets.
struct Universe {
  uint64_t base = 0;
};

// Returns some address: an edge of a row, one beside it, a cell's, or one of
// those at which arithmetic changes (0, 2^32, 2^64 - 1, ...).
uint64_t AnyAddress(Choices& choices, const State& state,
                    const Universe& universe);

// Returns some range for a resource below one that has the range `within`.
// Mostly it lies inside, and mostly it has to do with what exists: equal to it,
// touching it, sharing an edge or one byte, a byte larger or smaller, filling a
// gap.
// Rarely it is inverted.
//
//         |--- row ---|       |------ row ------|      what exists
//         |-----------|                                equal
//   |-----|           |-------|                        touching, gap
//         |----|                  |-------|            an edge, inside
//        |-------------|       |----------------|      nudged
Range AnyRange(Choices& choices, const State& state, const Range& within,
               const Universe& universe);

// Returns some number of bytes: a few cells, or what a row has, give or take
// one. Rarely 0 or more than fits.
uint64_t AnySize(Choices& choices, const State& state);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_ANY_RANGE_H_

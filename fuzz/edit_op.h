// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_EDIT_OP_H_
#define RESTREE_FUZZ_EDIT_OP_H_

#include <cstddef>
#include <cstdint>

#include "model/state.h"
#include "model/trace.h"
#include "properties/choices.h"

namespace restree {

// The edits of Mutate() that change one op of a trace and leave the others
// alone. Each is an Edit::apply.

// Another slot or parent: mostly one that exists at that point.
bool Retarget(Choices& choices, size_t ops_max, Trace* trace);

// Another address, size or alignment: one beside it, one at the edge of what
// exists at that point, or one at the end of all numbers.
bool Nudge(Choices& choices, size_t ops_max, Trace* trace);

// Other flags, desc or name, or another of the small numbers.
bool ChangeDetail(Choices& choices, size_t ops_max, Trace* trace);

// The same asked of another function: request becomes insert, and so on.
bool ChangeVerb(Choices& choices, size_t ops_max, Trace* trace);

// Returns what the model shows before the op at `index`. Valid until the next
// call on this thread.
const State& StateBefore(const Trace& trace, size_t index);

// Returns the slot behind the last one that exists.
Slot FreshSlot(const State& state);

// Returns true once in `one_in` times.
inline bool Chance(Choices& choices, uint64_t one_in) {
  return choices.Below(one_in) == 0;
}

}  // namespace restree

#endif  // RESTREE_FUZZ_EDIT_OP_H_

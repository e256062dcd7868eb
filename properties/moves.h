// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_MOVES_H_
#define RESTREE_PROPERTIES_MOVES_H_

#include <cstddef>
#include <vector>

#include "model/trace.h"

namespace restree {

// Each returns traces of as many ops as `trace` has, or fewer, that may do the
// same with less to read; not all of them are simpler.

// Slots, devices, lists, pagemaps and names, numbered in the order in which
// they come; one device and one list for all, or none; iomem for ioport; two
// requests for one that is split.
std::vector<Trace> WholeMoves(const Trace& trace);

// Returns `trace` numbered so, and without the names that no op has.
Trace Renumbered(const Trace& trace);

// Ops that stand beside each other, the other way round.
std::vector<Trace> Swaps(const Trace& trace);

// Another verb that reads what an op has; and one that the op's verb wraps, in
// the last op too.
std::vector<Trace> OtherVerbs(const Trace& trace);

// Returns the verbs that do less than `verb` and that it is built upon, itself
// not.
std::vector<Verb> WrappedBy(Verb verb);

// Returns `op` as an op of `verb`, with flags that say least if it had none to
// say.
Op WithVerb(const Op& op, Verb verb);

// All addresses squeezed into whole pages, sections or the like, in their
// order; those that are one byte apart stay so.
std::vector<Trace> Squeezes(const Trace& trace);

// One address, wherever it stands, moved to another or to a round one, alone
// or with those beside it; one place moved alone; one range moved.
std::vector<Trace> AddressMoves(const Trace& trace);

// Flags, sizes and other numbers, in one op or in all that have the same.
std::vector<Trace> ValueMoves(const Trace& trace);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_MOVES_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_SIMPLER_H_
#define RESTREE_PROPERTIES_SIMPLER_H_

#include <vector>

#include "model/trace.h"

namespace restree {

// Returns the traces that are `trace` made simpler in one place, the boldest
// first. Whoever repeats that as long as a bug shows comes to an end, at a
// trace in which nothing can be left out:
//
//   - one op less;
//   - one op less, and the resource that it defined replaced by its parent
//     wherever it is one: a level less;
//   - one adjust less, and its range given to the op that defined the resource;
//   - one request where something is defined first and placed later;
//   - one definition less, and allocations look above what it had;
//   - one device and one list where there are several;
//   - one resource that is defined in no tree;
//   - one field of one op simpler: iomem as parent, a lower slot, no flags but
//     `mem`, no desc, one byte, a round address, ...
std::vector<Trace> SimplerTraces(const Trace& trace);

// Returns the ops that are `op` with one field simpler; the verb, too, may be
// another: `root`. All are normal.
// REQUIRES: op == Normal(op).
std::vector<Op> SimplerOps(const Op& op);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_SIMPLER_H_

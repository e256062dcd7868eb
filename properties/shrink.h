// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_SHRINK_H_
#define RESTREE_PROPERTIES_SHRINK_H_

#include "model/trace.h"
#include "properties/check.h"

namespace restree {

// A failing trace in which nothing can be left out, and how it fails.
struct ShrunkTrace {
  Trace trace;
  Failure failure;
};

// Makes `trace`, which fails in `lockstep` with `failure`, simpler one place
// after the other (SimplerTraces()) for as long as it fails alike: the same
// machine breaks the same sentence, or disagrees with the same two outcomes,
// over the same verb. Takes time cubic in the number of ops: fractions of a
// second for a hundred.
ShrunkTrace Shrink(const Trace& trace, const Failure& failure,
                   Lockstep& lockstep);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_SHRINK_H_

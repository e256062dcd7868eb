// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_RECORDING_H_
#define RESTREE_TRIAGE_RECORDING_H_

#include <vector>

#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// One op, what its caller saw and what the machine showed after it.
struct Step {
  Op op;
  Observation observation;
  State after;
};

// All that a machine makes of a trace: what pictures and tests are made from.
struct Recording {
  Trace trace;
  State before;             // the first op
  std::vector<Step> steps;  // one an op
};

// Plays `trace` on `machine`, from its reset, to the end. A machine that does
// not judge misuse must not be given an op that breaks a precondition. Every
// state is kept, so a trace of n ops takes memory in proportion to n^2.
Recording Record(const Trace& trace, Machine& machine);

}  // namespace restree

#endif  // RESTREE_TRIAGE_RECORDING_H_

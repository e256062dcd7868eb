// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_MACHINE_H_
#define RESTREE_MODEL_MACHINE_H_

#include <cassert>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// A Machine is anything that can perform a trace: the model, the oracle, or the
// kernel's own code. It performs one op at a time and can always show its
// state.
//
//   Model model;
//   Op op = {.verb = Verb::kRequest, .slot = R(1), .range = {0x1000, 0x1fff}};
//   model.Apply(op);   // ok
//   op.slot = R(2);
//   model.Apply(op);   // EBUSY r1
//
// Errors that the kernel would return are observations, not failures. An op
// whose precondition does not hold (model/preconditions.md) is observed as
// misuse and changes nothing.
class Machine {
 public:
  virtual ~Machine() = default;

  // Short name for reports, such as "oracle" or "linux-6.12".
  virtual absl::string_view name() const = 0;

  // Performs `op` and returns what its caller would see.
  // REQUIRES: op == Normal(op).
  virtual Observation Apply(const Op& op) = 0;

  // Writes everything visible to `state`, in canonical order. Takes the
  // caller's State so that one that is used again needs no memory.
  virtual void Snapshot(State* state) const = 0;

  // Returns StateDigest() of what Snapshot() would write, perhaps faster.
  virtual uint64_t Digest() const = 0;

  // Returns to the state of a new machine: both roots there and empty,
  // `iomem` [0, 2^64 - 1] with flags IORESOURCE_MEM, `ioport` [0, 0xffff]
  // (IO_SPACE_LIMIT on x86) with flags IORESOURCE_IO.
  virtual void Reset() = 0;

  // Returns whether the machine can perform ops of `verb` at all: an older
  // kernel may lack a function. Whoever plays traces then lets the machine sit
  // the op out and adopt what the others show.
  virtual bool Plays(Verb) const { return true; }

  // Returns whether Apply() itself recognises misuse. Real code does not, and
  // must not be given an op that another machine calls misuse.
  virtual bool JudgesMisuse() const { return true; }

  // Becomes a machine that shows `state`: after an op that it sat out, and
  // after a known divergence. Only machines that can do either need it.
  virtual void Adopt(const State&) { assert(false); }
};

}  // namespace restree

#endif  // RESTREE_MODEL_MACHINE_H_

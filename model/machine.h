// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_MACHINE_H_
#define RESTREE_MODEL_MACHINE_H_

#include <cassert>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// What a machine does about the separate resource that covers an altmap, for
// whoever dumps memory after a crash (docs/vmemmap.md). Two machines are
// comparable if theirs is the same.
enum class AltmapVariant : uint8_t {
  kNone,   // nothing: mainline
  kPatch,  // what was proposed: after the mapping, by devm_ functions alone
  kSound,  // what would be right
  kTree,   // what the kernel's own tree does, whatever that is
};

// Returns "", ":altmap=patch", ":altmap=sound" or ":altmap=tree", which ends a
// machine's name.
absl::string_view AltmapSuffix(AltmapVariant variant);

// Takes a suffix, ":altmap=none" too, off a machine's name. Returns nothing,
// with the name as it was, if what stands behind a colon is no such suffix.
std::optional<AltmapVariant> TakeAltmapSuffix(absl::string_view* name);

// Returns the flags, its type aside, and the desc that mark the separate
// resource, which kNone has not. A tree has a marker of its own: known of it is
// what any has to have.
struct VmemmapMarker {
  uint64_t flags = 0;
  uint64_t desc = 0;
};
VmemmapMarker VmemmapMarkerOf(AltmapVariant variant);

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

  // Returns what the machine does about the separate resource of an altmap.
  virtual AltmapVariant altmap() const { return AltmapVariant::kNone; }

  // Becomes a machine that shows `state`: after an op that it sat out, after a
  // known divergence, and a reference that follows a tree (kTree). Only
  // machines that can do any of these need it.
  virtual void Adopt(const State&) { assert(false); }
};

}  // namespace restree

#endif  // RESTREE_MODEL_MACHINE_H_

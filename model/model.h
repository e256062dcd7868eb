// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_MODEL_H_
#define RESTREE_MODEL_MODEL_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// The readable specification: what kernel/resource.c of Linux 6.12 does, on a
// tree that scales to a million siblings. Preconditions, outcomes, and the few
// places where it parts from the source are in model/preconditions.md.
class Model : public Machine {
 public:
  absl::string_view name() const override { return "model"; }
  Observation Apply(const Op& op) override;
  void Snapshot(State* state) const override { tree_.Snapshot(state); }
  uint64_t Digest() const override { return tree_.digest(); }
  void Reset() override { tree_.Reset(); }

  // For machines with planted bugs, which are models that meddle with the tree.
  ResourceTree& tree() { return tree_; }

 private:
  Observation Define(const Op& op);
  Observation PlaceAgain(const Op& op);
  Observation Place(const Op& op, Resource* parent, Resource* node);
  Observation Allocate(const Op& op, Resource* parent, Resource* node);
  Observation Reallocate(const Op& op, Resource* parent, Resource* node);
  Observation ChangeOne(const Op& op);
  Observation RequestRegion(const Op& op, Resource* parent, Resource* node);
  Observation ReleaseRegion(const Op& op);
  Observation Lookup(const Op& op) const;
  Observation RegionIntersects(const Op& op) const;

  ResourceTree tree_;
};

}  // namespace restree

#endif  // RESTREE_MODEL_MODEL_H_

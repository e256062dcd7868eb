// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_SIGNATURE_H_
#define RESTREE_PROPERTIES_SIGNATURE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "properties/check.h"

namespace restree {

// Returns the key of a failure: equal bugs share it, whatever their addresses
// and slots, and different bugs mostly do not. It names a file well:
//
//   observation.request.EBUSY-ok.straddles
//   state.release.parent.inside
//   state.unbind.leak.nowhere
//   ChildrenLieInsideParent.insert.ok.covers
//
// The parts are: what failed; the verb; what differed (the outcomes wanted and
// got, or the field of the observation, of a resource, or else of the ledger;
// for an invariant or law, the outcome); and how the op's range lies to the
// resources in its tree, before the op: the first of
//
//   inverted   it ends before it starts
//   straddles  it overlaps one in part
//   equal      it is that of one
//   covers     one lies inside it
//   inside     it lies inside one
//   touches    it has no byte between one and itself
//   disjoint   none of these
//   alone      there is no resource but the root
//   nowhere    the op is about no resource
//   unknown    the state before the op is not known
//
// An op of pagemaps is held against what is mapped instead.
//
// Where the kernel's own code complains and the reference does not, the
// function that does says more than all of these:
//
//   kernel-BUG.release_child_resources
//   kernel-WARN.devm_release_resource
std::string Signature(const Failure& failure);

// Returns the name of a kernel's function without what tells machines apart:
// "__release_region" for "linux_6_12___release_region".
absl::string_view KernelFunction(absl::string_view linked_name);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_SIGNATURE_H_

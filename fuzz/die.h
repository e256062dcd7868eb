// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_DIE_H_
#define RESTREE_FUZZ_DIE_H_

#include <array>
#include <cstddef>

#include "absl/strings/string_view.h"

namespace restree {

// How many stack frames tell crashes apart.
inline constexpr size_t kTellingFrames = 3;

// Ends the process by abort(), with the frames of FramesOf(signature) on top of
// the stack. Tools that tell crashes apart by these, as ClusterFuzz does, then
// tell findings apart.
[[noreturn]] void DieAs(absl::string_view signature);

// Returns the functions that DieAs() goes through, the one that calls abort()
// first: what failed, the verb, and a word for the rest of the signature, which
// is all that a stack can say of it.
//
//   observation.request.EBUSY-ok.straddles   Observation, op_request, Kumquat
//   NothingLeaks.unbind.ok.nowhere           NothingLeaks, op_unbind, Flint
//
// What has no function of its own is a word, too.
std::array<absl::string_view, kTellingFrames> FramesOf(
    absl::string_view signature);

}  // namespace restree

#endif  // RESTREE_FUZZ_DIE_H_

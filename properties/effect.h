// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_EFFECT_H_
#define RESTREE_PROPERTIES_EFFECT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "properties/check.h"

namespace restree {

// Returns what is wrong after a failure, whatever op showed it, and where: a
// bug in what several functions share shows in all of them to the same effect.
//
//   SiblingsAreSortedAndDisjoint   of observation.request.EBUSY-ok.straddles
//                                  and SiblingsAreSortedAndDisjoint.insert...
//   LinksAgree+NothingLeaks
//   observation.accepted           what was to be refused was not
//   observation.refused
//   state.parent
//   kernel-BUG.release_resource
//
// The invariants and the laws that the machine breaks say most. Where it breaks
// none, the outcome or field that differs has to do.
std::string Effect(const Failure& failure);

// Returns whether all that is wrong in `effect` is wrong in `whole`, too: a
// simpler trace does less damage.
bool IsPartOf(absl::string_view effect, absl::string_view whole);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_EFFECT_H_

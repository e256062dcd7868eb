// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_EFFECT_H_
#define RESTREE_PROPERTIES_EFFECT_H_

#include <string>

#include "properties/check.h"

namespace restree {

// Returns what is wrong after a failure, whatever op showed it, and where: a
// bug in what several functions share shows in all of them to the same effect.
//
//   SiblingsAreSortedAndDisjoint   of observation.request.EBUSY-ok.straddles
//                                  and SiblingsAreSortedAndDisjoint.insert...
//   NothingLeaks                   of NothingLeaks.request_region.NULL.equal
//   observation.accepted           what was to be refused was not
//   observation.refused
//   state.parent
//   kernel-BUG.release_resource
//
// An invariant or a law that the machine breaks says most. Where it breaks
// none, the outcome or field that differs has to do.
std::string Effect(const Failure& failure);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_EFFECT_H_

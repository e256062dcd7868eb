// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_REFEREE_H_
#define RESTREE_PROPERTIES_REFEREE_H_

#include <string>

#include "model/machine.h"
#include "model/trace.h"
#include "properties/check.h"

namespace restree {

// Returns which of three machines stands alone at a failure that two of them
// had: the reference, the machine that failed, and `third`, which plays `trace`
// up to there. "" if `third` is one of the two.
//
//   "linux-6.12 stands alone: model and oracle agree"
//   "model stands alone: linux-6.12 and oracle agree"
//   "model, linux-6.12 and oracle all differ"
//   "model, linux-6.12 and oracle agree"   a law that all of them break
//
// REQUIRES: the failing op is no misuse for the reference.
std::string Verdict(const Trace& trace, const Failure& failure, Machine& third);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_REFEREE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_KNOWN_H_
#define RESTREE_TRIAGE_KNOWN_H_

#include <map>
#include <string>
#include <vector>

#include "triage/lineups.h"

namespace restree {

// Returns how the traces of known bugs fail today: the name of the first file
// for each signature, without directory. `directories` hold them as *.trace,
// below others or not; what does not fail is not known any more.
std::map<std::string, std::string> KnownSignatures(
    const std::vector<std::string>& directories, const Lineups& lineups);

}  // namespace restree

#endif  // RESTREE_TRIAGE_KNOWN_H_

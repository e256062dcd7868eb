// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_EARLIER_H_
#define RESTREE_TRIAGE_EARLIER_H_

#include <string>
#include <vector>

#include "model/trace.h"
#include "triage/lineups.h"

namespace restree {

// A finding that an earlier triage has written.
struct EarlierFinding {
  std::string signature;
  bool dies = false;  // a machine died, rather than a check failed
  Trace trace;
};

// Returns the findings in the directory `out`, by signature: those whose
// finding.json can be read, and whose machine plays; of the others nothing can
// be said.
std::vector<EarlierFinding> EarlierFindings(const std::string& out,
                                            const Lineups& lineups);

}  // namespace restree

#endif  // RESTREE_TRIAGE_EARLIER_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_REPORT_SARIF_REPORT_H_
#define RESTREE_TRIAGE_REPORT_SARIF_REPORT_H_

#include <string>

#include "triage/json_read.h"

namespace restree {

// Returns a triage document (docs/triage.md) as SARIF 2.1.0, which the UIs of
// code scanning read: one run, a rule for each thing that failed (a law, an
// invariant, a kind of crash), a result for each finding.
//
// Paths are relative. Those of inputs hang on the base INPUTS, the directory
// that was triaged; those of what was written on FINDINGS, the directory of the
// reports. A result lies in the first line of the shortest of its inputs; at
// most 9 others and the minimal trace are related locations. Its code flow goes
// through the lines of the minimal trace, of which the last 1,000 are shown.
std::string SarifReport(const Json& document);

}  // namespace restree

#endif  // RESTREE_TRIAGE_REPORT_SARIF_REPORT_H_

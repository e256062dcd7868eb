// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_REPORT_OUT_DIRECTORY_H_
#define RESTREE_TRIAGE_REPORT_OUT_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"
#include "triage/json_read.h"

namespace restree {

// Writes all reports of a triage document, and the directory of each finding
// that fails, into the directory `out`, which is made if it is not there.
// docs/triage.md lists the files. Each is replaced whole or not at all; those
// of findings that are not in the document stay. Stops at the first file that
// cannot be written, and says which and why.
absl::Status WriteReports(const Json& document, const std::string& out);

// Removes what processes that were killed have left unfinished in `out`.
void RemovePieces(const std::string& out);

}  // namespace restree

#endif  // RESTREE_TRIAGE_REPORT_OUT_DIRECTORY_H_

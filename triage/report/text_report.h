// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_REPORT_TEXT_REPORT_H_
#define RESTREE_TRIAGE_REPORT_TEXT_REPORT_H_

#include <string>

#include "triage/json_read.h"

namespace restree {

// Returns a triage document (docs/triage.md) as a terminal shows it: the answer
// first, then each bug that is new or flaky in full, in short what is known,
// fixed or could not be read. Prose fits 80 columns; ops, lines of a tree and
// commands, which people copy, are never broken.
//
//   3 inputs: 1 bug (1 new), 1 clean
//   machines: linux-6.12, linux-6.1
//
//   1. observation.request.EBUSY-ok.straddles
//      new, 2 inputs, failed 3 times of 3
//      linux-6.12 disagrees with model at op 3 of 3: want EBUSY r1, got ok
//        ...
std::string TextReport(const Json& document);

// Returns the part of it that is about one finding, without a number.
std::string FindingText(const Json& finding);

}  // namespace restree

#endif  // RESTREE_TRIAGE_REPORT_TEXT_REPORT_H_

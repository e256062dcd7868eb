// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_OUTCOME_JSON_H_
#define RESTREE_TRIAGE_OUTCOME_JSON_H_

#include "triage/json_read.h"
#include "triage/play.h"

namespace restree {

// An outcome as a file of work/ keeps it, and back.
Json JsonOf(const InputOutcome& outcome);
InputOutcome OutcomeOf(const Json& json);

}  // namespace restree

#endif  // RESTREE_TRIAGE_OUTCOME_JSON_H_

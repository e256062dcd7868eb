// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_TRIAGE_DOCUMENT_H_
#define RESTREE_TRIAGE_TRIAGE_DOCUMENT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/trace.h"
#include "triage/case.h"
#include "triage/intake.h"
#include "triage/json_read.h"
#include "triage/play.h"
#include "triage/triage.h"

namespace restree {

// A case, what became of it, and which inputs led to it.
struct Finding {
  Case the_case;
  std::optional<Solved> solved;  // nothing: the triage ended before
  std::vector<const Input*> inputs;
  size_t failed = 0;  // plays of all inputs that failed, of
  size_t of = 0;      // so many
  std::string status;
  std::string known_as;
};

// What failed once, and does not any more.
struct FixedFinding {
  std::string signature;
  Trace trace;
};

// Returns the document of all reports, as docs/triage.md has it: findings that
// FirstOfSameBug() ties are one bug. Whatever the order of the arguments, the
// same.
Json TriageDocument(const TriageOptions& options, const Intake& intake,
                    const std::vector<std::optional<InputOutcome>>& outcomes,
                    const std::vector<Finding>& findings,
                    const std::vector<FixedFinding>& fixed);

}  // namespace restree

#endif  // RESTREE_TRIAGE_TRIAGE_DOCUMENT_H_

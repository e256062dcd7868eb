// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_REPORT_EXAMPLE_DOCUMENT_H_
#define RESTREE_TRIAGE_REPORT_EXAMPLE_DOCUMENT_H_

#include <cstddef>
#include <string>

#include "triage/json_read.h"

namespace restree {

// Returns a triage document for tests: 3 inputs, of which two show the same
// disagreement on three ops, and one is clean.
Json ExampleDocument();

// Returns one with so many bugs, all new.
Json DocumentOf(size_t bugs);

// Returns one without an input.
Json EmptyDocument();

// Returns the first one, with the finding's names, texts and inputs in bytes
// that are not UTF-8, would move a cursor, or mean something in HTML.
Json DocumentOfOddBytes();

// Returns the document of triage/testdata/report.json: one bug of each kind.
Json DocumentOnDisk();

}  // namespace restree

#endif  // RESTREE_TRIAGE_REPORT_EXAMPLE_DOCUMENT_H_

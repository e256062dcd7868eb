// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_HTML_REPORT_H_
#define RESTREE_TRIAGE_HTML_REPORT_H_

#include <string>

#include "triage/json_read.h"

namespace restree {

// Returns a triage document as one page of HTML that needs nothing else: style,
// script and drawings are in it, and its policy forbids it any request. It can
// be read without the script, which moves the sliders and copies.
//
// Equal documents give equal bytes. Nothing that a document may lack or hold is
// an error; what is too long to be read is cut, and says so.
std::string HtmlReport(const Json& document);

}  // namespace restree

#endif  // RESTREE_TRIAGE_HTML_REPORT_H_

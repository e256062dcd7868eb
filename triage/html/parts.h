// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_HTML_PARTS_H_
#define RESTREE_TRIAGE_HTML_PARTS_H_

#include <cstddef>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "triage/json_read.h"

namespace restree {

// Where on the page a finding stands.
struct FindingPlace {
  std::string id;   // unique on the page; ids inside begin with it
  int heading = 3;  // the level of its headings
  absl::flat_hash_map<std::string, std::string> ids;  // by signature, to link
};

// "<h3>TITLE</h3>"
std::string Heading(const FindingPlace& place, absl::string_view title);

// Returns text in a box that scrolls, with a button that copies it. `html` is
// the text, escaped; elements of class "nc" in it are not copied. `what` says
// what it is: "the trace".
// `style` is " wrap" where lines may break.
std::string CodeBox(absl::string_view id, absl::string_view what,
                    absl::string_view html, absl::string_view style = "");

// Returns what is closed at first, unless it is `open`.
std::string Details(absl::string_view summary_html, absl::string_view html,
                    bool open = false);

// Returns a status or the like as a small label.
std::string Chip(absl::string_view style, absl::string_view text);

// Returns a signature in which a line may break behind each dot.
std::string SignatureHtml(absl::string_view signature);

// The parts of a finding, each "" where there is nothing to show.
std::string FactsHtml(const Json& finding);
std::string TraceHtml(const Json& finding, const FindingPlace& place);
std::string TreesHtml(const Json& finding, const FindingPlace& place);
std::string StepsHtml(const Json& finding, const FindingPlace& place);
std::string ReproducersHtml(const Json& finding, const FindingPlace& place);
std::string FindingHtml(const Json& finding, const FindingPlace& place);

}  // namespace restree

#endif  // RESTREE_TRIAGE_HTML_PARTS_H_

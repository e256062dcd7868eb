// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_HTML_SVG_TREE_H_
#define RESTREE_TRIAGE_HTML_SVG_TREE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "triage/html/tree_bars.h"

namespace restree {

// Draws trees as address ranges, an SVG element each, all on one axis. Colours
// are classes, which the page defines. What differs has a sign before its name
// and a border of its own as well: `+` is only here, `−` is missing, `≠` is
// changed. `label` is an attribute that names the image, for each in turn.
std::vector<std::string> DrawTrees(absl::Span<const Tree> trees,
                                   absl::Span<const std::string> labels);

// Returns what the drawings refer to, once a page.
absl::string_view SvgDefinitions();

}  // namespace restree

#endif  // RESTREE_TRIAGE_HTML_SVG_TREE_H_

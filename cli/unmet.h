// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_UNMET_H_
#define RESTREE_CLI_UNMET_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "model/trace_lines.h"

namespace restree {

// Says that `line`, the document's line `index`, counted from 0, expects what
// was not observed. Long words are cut.
//
//   low.trace:3:51: expected EBUSY, observed ok
std::string UnmetText(absl::string_view file, size_t index,
                      const TraceLine& line, absl::string_view observed);

}  // namespace restree

#endif  // RESTREE_CLI_UNMET_H_

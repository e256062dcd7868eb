// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_UNMET_H_
#define RESTREE_CLI_UNMET_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "model/trace_text.h"

namespace restree {

// Says where in the text of a trace an expectation was not met:
//
//   low.trace:3:51: expected EBUSY, observed ok
//
// It is asked in the order of the lines, so that the text is read once.
class Unmet {
 public:
  // `source` is the text of the document, line by line; it outlives this.
  Unmet(absl::string_view file, absl::string_view source)
      : file_(file), rest_(source) {}

  // Returns the message about `line`, the document's line `index`, counted from
  // 0. REQUIRES: `index` does not get smaller from call to call.
  std::string Text(size_t index, const TraceLine& line,
                   absl::string_view observed);

 private:
  const std::string file_;
  absl::string_view rest_;  // from the line `index_` on
  size_t index_ = 0;
};

}  // namespace restree

#endif  // RESTREE_CLI_UNMET_H_

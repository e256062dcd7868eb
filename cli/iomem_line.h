// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_IOMEM_LINE_H_
#define RESTREE_CLI_IOMEM_LINE_H_

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "model/range.h"

namespace restree {

// One line of /proc/iomem or /proc/ioports, taken by itself.
struct IomemLine {
  size_t indent = 0;  // spaces: even, at most kIndentMax
  size_t digits = 0;  // of the first address
  Range range;        // not inverted
  absl::string_view name;
};

inline constexpr size_t kIndentMax = 10;  // 2 * MAX_IORES_LEVEL

// What is wrong with a line, and where.
struct IomemProblem {
  size_t column = 1;  // in bytes, from 1
  const char* what = "";
};

// Reads `text`, a line without its newline, into `*line`. Addresses must be
// filled up to `width` digits with zeros and no further. Returns what is wrong,
// or nothing.
std::optional<IomemProblem> ReadIomemLine(absl::string_view text, size_t width,
                                          IomemLine* line);

}  // namespace restree

#endif  // RESTREE_CLI_IOMEM_LINE_H_

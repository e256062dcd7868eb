// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_ATOMIC_FILE_H_
#define RESTREE_FUZZ_ATOMIC_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace restree {

// Writes `text` to the file at `path`, so that whoever looks, and whenever the
// machine stops, sees the whole of it or what was there before. The text goes
// to a file `.*.tmp` in the same directory first, which no error leaves behind.
absl::Status WriteAtomically(const std::string& path, absl::string_view text);

}  // namespace restree

#endif  // RESTREE_FUZZ_ATOMIC_FILE_H_

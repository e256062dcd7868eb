// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_GUESS_H_
#define RESTREE_CLI_GUESS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {

// What a resource probably has and /proc/iomem does not show.
struct Guess {
  uint64_t flags = 0;
  uint64_t desc = 0;

  friend bool operator==(const Guess&, const Guess&) = default;
};

// Returns the flags and the desc that the kernel's own code gives to a resource
// of that name, under that root, at that place:
//
//   GuessFlags(kIomem, "System RAM", ...)     mem sysram busy
//   GuessFlags(kIomem, "CXL Window 1", ...)   mem desc=cxl
//   GuessFlags(kIomem, "my device", ...)      mem
//   GuessFlags(kIoport, "keyboard", ...)      io busy
//
// A name is not proof: drivers choose theirs freely.
Guess GuessFlags(Slot root, absl::string_view name, const Range& range);

}  // namespace restree

#endif  // RESTREE_CLI_GUESS_H_

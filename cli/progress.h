// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_PROGRESS_H_
#define RESTREE_CLI_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace restree {

// A line on standard error that says how far long work is, if that is a
// terminal, and from the third second on. It is gone when the work is done.
//
//   big.trace: 120000 of 1000000 ops
class Progress {
 public:
  // `wanted` is false where something else shows on the terminal.
  Progress(absl::string_view file, size_t all, bool wanted);

  // For work of several parts, of which Show() tells.
  explicit Progress(absl::string_view file) : Progress(file, 0, true) {}

  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { Erase(); }

  // One op more is played.
  void Step();

  // So much of this part of the work is done.
  void Show(absl::string_view what, size_t done, size_t all);

  // Makes room for other text on standard error.
  void Erase();

 private:
  using Clock = std::chrono::steady_clock;

  bool IsDue();

  const std::string file_;
  const size_t all_;
  const bool wanted_;
  Clock::time_point next_;  // when to print the line again
  size_t done_ = 0;
  bool shown_ = false;
};

}  // namespace restree

#endif  // RESTREE_CLI_PROGRESS_H_

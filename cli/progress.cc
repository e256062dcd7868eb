// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdio>

#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace restree {
namespace {

constexpr std::chrono::milliseconds kPatience{2000};
constexpr std::chrono::milliseconds kPause{200};

}  // namespace

Progress::Progress(absl::string_view file, size_t all, bool wanted)
    : file_(file),
      all_(all),
      wanted_(wanted && isatty(STDERR_FILENO)),
      next_(Clock::now() + kPatience) {}

bool Progress::IsDue() {
  if (!wanted_) return false;
  const Clock::time_point now = Clock::now();
  if (now < next_) return false;
  next_ = now + kPause;
  shown_ = true;
  return true;
}

void Progress::Step() {
  ++done_;
  if (!IsDue()) return;
  absl::FPrintF(stderr, "\r%s: %d of %d ops\033[K", file_, done_, all_);
}

void Progress::Show(absl::string_view what, size_t done, size_t all) {
  if (!IsDue()) return;
  absl::FPrintF(stderr, "\r%s: %s %d of %d\033[K", file_, what, done, all);
}

void Progress::Erase() {
  if (!shown_) return;
  shown_ = false;
  std::fputs("\r\033[K", stderr);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_CRASH_LOG_H_
#define RESTREE_FUZZ_CRASH_LOG_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace restree {

// What a fuzzer's log says about one of its crashes.
struct Crash {
  std::string kind;    // "heap-use-after-free", "assertion", "timeout", ...
  std::string frame;   // top function of ours; "" if there is no stack
  uint64_t hash = 0;   // of the kind and the three top functions of ours
  std::string report;  // the sanitizer's lines

  // Returns the name by which crashes are told apart, such as
  // "heap-use-after-free-ResourceTree-Insert-1f2e3d4c".
  std::string Name() const;
};

// Returns the crash that `log`, of libFuzzer and the sanitizers, reports for
// the input that was saved under `artifact`, a file's name without directory.
// Nothing if the log does not name it.
//
//   ==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x602 ...
//       #0 0x55d in restree::ResourceTree::Insert(...) model/tree.cc:12:3
//   SUMMARY: AddressSanitizer: heap-use-after-free model/tree.cc:12:3 in ...
//   artifact_prefix='x/0-'; Test unit written to x/0-crash-da39a3
std::optional<Crash> CrashIn(absl::string_view log, absl::string_view artifact);

// Returns the last number behind "cov: " in a log of libFuzzer.
std::optional<uint64_t> LastCoverage(absl::string_view log);

}  // namespace restree

#endif  // RESTREE_FUZZ_CRASH_LOG_H_

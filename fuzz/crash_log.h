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
  // "heap-use-after-free", "assertion", "timeout", ... A kernel that follows
  // NULL is a "null-dereference", whoever notices.
  std::string kind;

  // Who is to blame, "" if there is no stack. If the kernel's code was running,
  // its function, under the name that it has in the source; of a timeout, or
  // out-of-memory, the outermost one, since it is chance where a loop is met.
  // Otherwise the top function of ours.
  std::string function;
  bool is_kernel = false;

  uint64_t hash = 0;      // of the kind and the three top functions of ours
  std::string signature;  // of the failure that DieAs() died of; or ""

  // The lines of the sanitizer, without what differs from run to run:
  // addresses, process ids, dumps of memory.
  std::string report;

  // Returns the name by which crashes are told apart:
  //
  //   heap-use-after-free.__release_child_resources
  //   timeout.walk_mem_res
  //   assertion.ResourceTree-Insert-1f2e3d4c
  //
  // A function of the kernel's is short and says enough. One of ours may be a
  // helper that everybody calls, so that the hash tells more.
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

// Returns the crash that ends the log of a fuzzer that was run on one input.
// Nothing if it does not end with any.
std::optional<Crash> CrashInReplay(absl::string_view log);

// Returns the last number behind "cov: " in a log of libFuzzer.
std::optional<uint64_t> LastCoverage(absl::string_view log);

}  // namespace restree

#endif  // RESTREE_FUZZ_CRASH_LOG_H_

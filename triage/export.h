// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_EXPORT_H_
#define RESTREE_TRIAGE_EXPORT_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "triage/recording.h"

namespace restree {

enum class ExportAs {
  kKunit,  // a suite for the kernel, with one case for kernel/resource_kunit.c
  kGtest,  // a C++ test of a machine
  kIomem,  // /proc/iomem after the step
  kDot,    // the tree before and after the step, for Graphviz
  kBytes,  // what a fuzzer reads
};

// Returns what `word` of --as=WORD, "kunit" and so on, means.
std::optional<ExportAs> ExportAsOf(absl::string_view word);

// Where a test of the kernel places what the trace places below `iomem`.
enum class KunitRoot {
  kPrivate,  // below a root of its own
  kHole,     // in a hole of iomem_resource, every address moved by its start
  kWhole,    // in iomem_resource, which must be empty
};

// What a test says about where it comes from. Texts of several lines are fine.
struct ExportInfo {
  std::string name;        // of the test, in words: TestName() of a signature
  std::string signature;   // or ""
  std::string sentence;    // says what goes wrong, or ""
  std::string machine;     // that fails, or ""
  std::string verdict;     // "fails on X, passes on Y": what was tried, or ""
  size_t step = SIZE_MAX;  // the op that the test is about; beyond: the last
  KunitRoot root = KunitRoot::kPrivate;
};

// Returns the test, picture or bytes of what `sound`, a machine that is right,
// made of a trace. Deterministic. Unimplemented names the first op that KUnit
// has no word for and says why, or why the root is not possible.
absl::StatusOr<std::string> Export(ExportAs as, const Recording& sound,
                                   const ExportInfo& info);

// Returns a name for a test: the words of a signature in lower case, with `_`
// between them. "restree" if it has none.
std::string TestName(absl::string_view signature);

// Returns the same in CamelCase, as C++ tests are called.
std::string CamelName(absl::string_view name);

}  // namespace restree

#endif  // RESTREE_TRIAGE_EXPORT_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_VERIFY_H_
#define RESTREE_TRIAGE_VERIFY_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "triage/export.h"
#include "triage/recording.h"

namespace restree {

// What it takes to compile and run a test.
struct TestBench {
  // Where Bazel has put what a program needs to run: the directory that has
  // `restree/`, and `linux_6_12/` and its like. Of `restree`,
  // "restree.runfiles".
  std::string runfiles;
  std::string c_compiler;  // paths; "" if there is none
  std::string cxx_compiler;
  double seconds = 60;  // for a compilation; a test gets a sixth
};

// Returns the bench with the compilers that CC and CXX name, or else clang-19,
// clang or gcc, which is what there is.
TestBench FindTestBench(const std::string& runfiles);

// The machines that a test is tried on, by name: kernels, canaries, the model.
struct TestMachines {
  std::string failing;             // "" if the test is to pass everywhere
  std::vector<std::string> sound;  // at least one
};

// A test, and whether it is known to say what it should.
struct Exported {
  std::string text;       // "" if there is none
  bool verified = false;  // it was compiled and run, and did as it should
  std::string note;       // "fails on X, passes on Y", or why not
};

// Returns the KUnit test of what a sound machine recorded, tried on the
// machines. Of the places that it may play in, the first is taken that shows
// the bug: a private root, a hole, the whole of iomem_resource.
Exported VerifiedKunit(const Recording& sound, ExportInfo info,
                       const TestMachines& machines, const TestBench& bench);

// One C++ test.
struct GtestJob {
  const Recording* sound;
  ExportInfo info;  // whose name no other job has
  TestMachines machines;
};

// Returns them in their order. They are compiled together, for that is slow.
std::vector<Exported> VerifiedGtests(absl::Span<const GtestJob> jobs,
                                     const TestBench& bench);

}  // namespace restree

#endif  // RESTREE_TRIAGE_VERIFY_H_

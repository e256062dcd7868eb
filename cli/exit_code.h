// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_EXIT_CODE_H_
#define RESTREE_CLI_EXIT_CODE_H_

namespace restree {

// How every command ends. Scripts depend on these numbers. A command that meets
// several of them ends with the greatest.
enum ExitCode : int {
  kExitClean = 0,        // known divergences do not count
  kExitFinding = 1,      // at least one finding or unmet expectation
  kExitUsage = 2,        // bad usage, bad input, input or output that failed
  kExitUnavailable = 3,  // a machine or source is not available
};

}  // namespace restree

#endif  // RESTREE_CLI_EXIT_CODE_H_

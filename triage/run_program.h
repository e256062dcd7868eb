// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_RUN_PROGRAM_H_
#define RESTREE_TRIAGE_RUN_PROGRAM_H_

#include <string>
#include <vector>

namespace restree {

// How a program ended, and what it printed on both streams: the first 64 KiB.
struct Ended {
  int exit_code = -1;  // -1: by a signal, too late, or it could not be run
  int signal = 0;
  bool late = false;
  std::string output;
};

// Runs argv[0], a path, with the variable `environment`, "NAME=value" or "",
// besides ours; for `seconds` at most, and in its own process group, which is
// gone afterwards.
Ended RunProgram(const std::vector<std::string>& argv,
                 const std::string& environment, double seconds);

// Returns the path of a program that PATH leads to, or "".
std::string FindProgram(const std::string& name);

}  // namespace restree

#endif  // RESTREE_TRIAGE_RUN_PROGRAM_H_

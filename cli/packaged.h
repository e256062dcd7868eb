// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_PACKAGED_H_
#define RESTREE_CLI_PACKAGED_H_

#include <string>

namespace restree {

// Returns where Bazel has put a file or directory of this workspace that the
// command needs to run, or what has its name beside the command; "" if there is
// neither.
std::string Packaged(const std::string& path);

// Returns the directory that Bazel has put them in, in which this workspace is
// `restree`; "" if there is none.
std::string RunfilesDirectory();

}  // namespace restree

#endif  // RESTREE_CLI_PACKAGED_H_

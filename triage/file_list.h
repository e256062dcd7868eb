// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_FILE_LIST_H_
#define RESTREE_TRIAGE_FILE_LIST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace restree {

// What is not looked at, and why. `name` is the path below the directory.
struct Skipped {
  std::string name;
  std::string why;
};

// What lies in a directory, sorted by name.
struct FileList {
  std::vector<std::string> files;  // paths below the directory
  std::vector<Skipped> skipped;
};

// Lists the regular files of `directory`, at any depth. Links are followed, but
// no directory is entered twice, and none that `directory` is in. Of what a
// hunt or a triage wrote there are only the findings and artifacts: a corpus,
// logs and reports are no crashes. Hidden files are skipped, and so is what is
// no file; nothing is opened but directories.
//
// Fails if there is no such directory, if it cannot be listed, if nothing is in
// it, or far too much.
absl::StatusOr<FileList> ListFiles(const std::string& directory);

// Returns whether `path`, which need not exist, is `directory` or lies in it.
bool IsInside(const std::string& path, const std::string& directory);

}  // namespace restree

#endif  // RESTREE_TRIAGE_FILE_LIST_H_

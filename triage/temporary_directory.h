// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_TEMPORARY_DIRECTORY_H_
#define RESTREE_TRIAGE_TEMPORARY_DIRECTORY_H_

#include <string>

#include "absl/strings/string_view.h"

namespace restree {

// A directory of its own that goes, with all that is in it, when this does.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  const std::string& path() const { return path_; }  // "" if there is none
  std::string File(absl::string_view name) const;    // the path of a file in it

  // Returns whether all of it is there.
  bool Write(absl::string_view name, absl::string_view bytes) const;

  // Returns what a file in it has; "" if there is none.
  std::string Read(absl::string_view name) const;

 private:
  std::string path_;
};

}  // namespace restree

#endif  // RESTREE_TRIAGE_TEMPORARY_DIRECTORY_H_

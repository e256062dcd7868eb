// SPDX-License-Identifier: Apache-2.0
#include "triage/temporary_directory.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace restree {

namespace fs = std::filesystem;

TemporaryDirectory::TemporaryDirectory() {
  std::error_code error;
  // mkdtemp() puts letters for the Xs.
  std::string path = fs::temp_directory_path(error) / "restree.XXXXXX";
  if (!error && mkdtemp(path.data()) != nullptr) path_ = path;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

std::string TemporaryDirectory::File(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

bool TemporaryDirectory::Write(absl::string_view name,
                               absl::string_view bytes) const {
  std::ofstream file(File(name), std::ios::binary);
  file << bytes;
  file.close();
  return !path_.empty() && file.good();
}

std::string TemporaryDirectory::Read(absl::string_view name) const {
  std::ifstream file(File(name), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "cli/packaged.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace restree {
namespace {

namespace fs = std::filesystem;

fs::path Self() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored);
}

}  // namespace

std::string RunfilesDirectory() {
  std::error_code ignored;
  const std::string beside = Self().string() + ".runfiles";
  if (fs::exists(beside + "/restree", ignored)) return beside;
  for (const char* name : {"RUNFILES_DIR", "TEST_SRCDIR"}) {
    const char* const runfiles = std::getenv(name);
    if (runfiles == nullptr) continue;
    if (fs::exists(fs::path(runfiles) / "restree", ignored)) return runfiles;
  }
  return "";
}

std::string Packaged(const std::string& path) {
  std::error_code ignored;
  const std::string runfiles = RunfilesDirectory();
  if (!runfiles.empty()) {
    const fs::path place = fs::path(runfiles) / "restree" / path;
    if (fs::exists(place, ignored)) return place;
  }
  const fs::path beside = Self().parent_path() / fs::path(path).filename();
  return fs::exists(beside, ignored) ? beside.string() : "";
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// The engine of a fuzz target under plain `bazel test`: runs the empty input,
// then each file named on the command line and each file below a directory
// named there, once, in sorted order. Arguments that start with a dash are for
// other engines.
//
// Exits with 1 if a file cannot be read or the arguments hold no file at all.
// If the target dies, the last line on standard error names the file.

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" [[gnu::weak]] int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*f)());

namespace {

namespace fs = std::filesystem;

const char* current_file = "the empty input";

void SayWhichFile() {
  std::fprintf(stderr, "replay: died on %s\n", current_file);
}

void OnAbort(int) { SayWhichFile(); }

// Returns the files that path stands for: itself, or all below it.
std::vector<std::string> FilesBelow(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(
           path, fs::directory_options::follow_directory_symlink, ignored)) {
    if (entry.is_regular_file(ignored)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Returns false if the file cannot be read.
bool Replay(const std::string& file) {
  current_file = file.c_str();
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(stream), {});
  if (!stream) return false;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()),
                         bytes.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  std::signal(SIGABRT, OnAbort);
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(SayWhichFile);
  }
  const uint8_t nothing = 0;
  LLVMFuzzerTestOneInput(&nothing, 0);
  int replayed = 0;
  int unreadable = 0;
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] == '-') continue;
    for (const std::string& file : FilesBelow(argv[i])) {
      if (Replay(file)) {
        ++replayed;
      } else {
        std::fprintf(stderr, "replay: cannot read %s\n", file.c_str());
        ++unreadable;
      }
    }
  }
  std::printf("replay: %d files replayed, %d unreadable\n", replayed,
              unreadable);
  if (replayed + unreadable == 0) {
    std::fprintf(stderr, "replay: no input file was given\n");
  }
  return replayed > 0 && unreadable == 0 ? 0 : 1;
}

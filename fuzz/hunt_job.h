// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_HUNT_JOB_H_
#define RESTREE_FUZZ_HUNT_JOB_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace restree {

// How to start a process whose output goes to a file.
struct HuntCommandLine {
  std::vector<std::string> arguments;  // the program's path first
  std::vector<std::pair<std::string, std::string>> environment;  // additions
  std::string log;  // what it prints is appended here
};

// A HuntJob is one fuzzer process. It dies with its parent, however that comes
// about, and does not hear the terminal's Ctrl-C, so that the parent can end it
// in order.
class HuntJob {
 public:
  HuntJob() = default;
  HuntJob(const HuntJob&) = delete;
  HuntJob& operator=(const HuntJob&) = delete;
  ~HuntJob();  // kills it

  // Starts the process. Returns NotFound if the program cannot be executed.
  // REQUIRES: it does not run. The thread that calls this must outlive it.
  absl::Status Start(const HuntCommandLine& command);

  bool running() const { return pid_ > 0; }

  // Returns how the process ended, as waitpid() tells it, once it has.
  std::optional<int> Poll();

  // Sends a signal, if it runs.
  void Signal(int signal);

 private:
  pid_t pid_ = 0;
};

// Returns where the symbolizer is, "" if nowhere on the PATH. Sanitizers name
// functions only if they find it, and Debian gives it a name of its own.
std::string SymbolizerPath();

}  // namespace restree

#endif  // RESTREE_FUZZ_HUNT_JOB_H_

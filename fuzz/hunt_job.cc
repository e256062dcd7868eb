// SPDX-License-Identifier: Apache-2.0
#include "fuzz/hunt_job.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace restree {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& string : strings) {
    pointers.push_back(const_cast<char*>(string.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment(const HuntCommandLine& command) {
  std::vector<std::string> all;
  // Of two with the same name the first counts.
  for (const auto& [name, value] : command.environment) {
    all.push_back(absl::StrCat(name, "=", value));
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    all.push_back(*entry);
  }
  return all;
}

// Becomes the program, or tells why not through the pipe. Only what is safe
// between fork() and exec().
[[noreturn]] void Become(char* const* argv, char* const* envp, int log,
                         int pipe, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before the line above
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execve(argv[0], argv, envp);
  const int error = errno;
  (void)!write(pipe, &error, sizeof(error));
  _exit(127);
}

}  // namespace

HuntJob::~HuntJob() {
  if (!running()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

absl::Status HuntJob::Start(const HuntCommandLine& command) {
  assert(!running());
  const std::vector<std::string> environment = Environment(command);
  const std::vector<char*> argv = Pointers(command.arguments);
  const std::vector<char*> envp = Pointers(environment);
  const int log = open(command.log.c_str(),
                       O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (log < 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot write ", command.log, ": ", strerror(errno)));
  }
  int ends[2] = {-1, -1};
  pid_t pid = -1;
  if (pipe2(ends, O_CLOEXEC) == 0) {
    const pid_t parent = getpid();
    pid = fork();
    if (pid == 0) Become(argv.data(), envp.data(), log, ends[1], parent);
  }
  int error = pid < 0 ? errno : 0;
  close(log);
  close(ends[1]);
  // A pipe that is closed by a successful exec() has nothing to read.
  if (pid > 0 && read(ends[0], &error, sizeof(error)) <= 0) error = 0;
  close(ends[0]);
  if (error == 0) {
    pid_ = pid;
    return absl::OkStatus();
  }
  if (pid > 0) waitpid(pid, nullptr, 0);
  return absl::NotFoundError(absl::StrCat("cannot start ", command.arguments[0],
                                          ": ", strerror(error)));
}

std::optional<int> HuntJob::Poll() {
  int status = 0;
  if (!running() || waitpid(pid_, &status, WNOHANG) != pid_)
    return std::nullopt;
  pid_ = 0;
  return status;
}

void HuntJob::Signal(int signal) {
  if (running()) kill(pid_, signal);
}

std::string SymbolizerPath() {
  const char* path = std::getenv("PATH");
  for (const char* name : {"llvm-symbolizer-19", "llvm-symbolizer"}) {
    for (const absl::string_view directory :
         absl::StrSplit(path == nullptr ? "" : path, ':')) {
      std::string file = absl::StrCat(directory, "/", name);
      if (access(file.c_str(), X_OK) == 0) return file;
    }
  }
  return "";
}

}  // namespace restree

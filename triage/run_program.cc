// SPDX-License-Identifier: Apache-2.0
#include "triage/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace restree {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kOutputMax = size_t{64} << 10;
constexpr rlim_t kFileMax = rlim_t{1} << 30;

void Limit(int what, rlim_t most) {
  const rlimit limit = {most, most};
  setrlimit(what, &limit);
}

// Between fork and exec: nothing here allocates.
[[noreturn]] void Become(char* const* argv, char* const* environment,
                         int output) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_FSIZE, kFileMax);
  const int null = open("/dev/null", O_RDONLY);
  if (null >= 0) dup2(null, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execve(argv[0], argv, environment);
  _exit(127);
}

// Reads until the other end is closed or time is up, and returns false then.
bool ReadAll(int from, Clock::time_point deadline, std::string* output) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd ready = {from, POLLIN, 0};
    if (poll(&ready, 1, static_cast<int>(left.count()) + 1) <= 0) continue;
    char buffer[4096];
    const ssize_t got = read(from, buffer, sizeof(buffer));
    if (got <= 0) return true;
    if (output->size() < kOutputMax) output->append(buffer, got);
  }
}

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& string : strings) {
    pointers.push_back(const_cast<char*>(string.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment(const std::string& more) {
  std::vector<std::string> all;
  const absl::string_view name = absl::string_view(more).substr(
      0, more.find('=') == std::string::npos ? 0 : more.find('=') + 1);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const absl::string_view text = *variable;
    if (!name.empty() && text.substr(0, name.size()) == name) continue;
    all.emplace_back(text);
  }
  if (!more.empty()) all.push_back(more);
  return all;
}

}  // namespace

Ended RunProgram(const std::vector<std::string>& argv,
                 const std::string& environment, double seconds) {
  Ended ended;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ended;
  const std::vector<std::string> variables = Environment(environment);
  const std::vector<char*> arguments = Pointers(argv);
  const std::vector<char*> environment_pointers = Pointers(variables);
  const pid_t child = fork();
  if (child == 0) {
    Become(arguments.data(), environment_pointers.data(), ends[1]);
  }
  close(ends[1]);
  if (child > 0) {
    const auto deadline = Clock::now() + std::chrono::milliseconds(
                                             static_cast<int>(seconds * 1000));
    ended.late = !ReadAll(ends[0], deadline, &ended.output);
    // What closed its output may run on.
    for (bool gone = false; !gone && !ended.late;) {
      siginfo_t info = {};
      waitid(P_PID, child, &info, WEXITED | WNOWAIT | WNOHANG);
      gone = info.si_pid == child;
      ended.late = !gone && Clock::now() > deadline;
      if (!gone) usleep(1000);
    }
    kill(-child, SIGKILL);
    kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!ended.late && WIFEXITED(status)) {
      ended.exit_code = WEXITSTATUS(status);
    }
    if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  }
  close(ends[0]);
  return ended;
}

std::string FindProgram(const std::string& name) {
  if (absl::string_view(name).find('/') != absl::string_view::npos) {
    return access(name.c_str(), X_OK) == 0 ? name : "";
  }
  const char* const path = std::getenv("PATH");
  for (const absl::string_view directory :
       absl::StrSplit(path != nullptr ? path : "/usr/bin:/bin", ':')) {
    const std::string candidate = absl::StrCat(directory, "/", name);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

}  // namespace restree

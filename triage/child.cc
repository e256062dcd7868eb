// SPDX-License-Identifier: Apache-2.0
#include "triage/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <list>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "triage/black_box.h"

namespace restree {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kErrorBytesMax = size_t{64} << 10;
constexpr int kTickMilliseconds = 50;
// Unlikely numbers: who ends in the middle with 0 has no result, either.
constexpr int kExitDone = 85;
constexpr int kExitNoResult = 87;

bool HasSanitizer() {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
  return true;
#endif
#endif
  return false;
}

void Limit(int resource, uint64_t soft, uint64_t hard) {
  struct rlimit limit = {};
  getrlimit(resource, &limit);
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, hard);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, soft);
  setrlimit(resource, &limit);
}

// What there is of address space, so that a limit can be put above it.
uint64_t AddressBytes() {
  FILE* const file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long long pages = 0;
  const int read = std::fscanf(file, "%llu", &pages);
  std::fclose(file);
  return read == 1 ? pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

void SetLimits(const ChildLimits& limits) {
  Limit(RLIMIT_CORE, 0, 0);
  // The first signal may be survived, the second is SIGKILL.
  Limit(RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 5);
  if (limits.memory_bytes != 0) LimitMemory(limits.memory_bytes);
}

bool WriteAll(int file, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes.remove_prefix(written);
  }
  return true;
}

void Redirect(int errors) {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(errors, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
}

[[noreturn]] void BeChild(const ChildLimits& limits, int result, int errors,
                          pid_t parent, absl::FunctionRef<std::string()> body) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kExitNoResult);  // it died before that line
  setpgid(0, 0);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    std::signal(signal, SIG_DFL);
  }
  // A child of its own that dies must not take it along.
  std::signal(SIGPIPE, SIG_IGN);
  Redirect(errors);
  SetLimits(limits);
  // Nothing is destroyed: there may be much, and none of it matters.
  try {
    const std::string bytes = body();
    _exit(WriteAll(result, bytes) ? kExitDone : kExitNoResult);
  } catch (const std::bad_alloc&) {
    _exit(kExitNoMemory);
  }
}

// A child that runs, as its parent sees it.
class Running {
 public:
  Running(size_t number, BlackBox* box) : number_(number), box_(box) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    Kill();
    close(result_);
    close(errors_);
  }

  void Start(const ChildLimits& limits, absl::FunctionRef<std::string()> body);

  // What is to be watched: both ends may have more to read.
  void AddTo(std::vector<struct pollfd>* files) const {
    if (result_ >= 0) files->push_back({result_, POLLIN, 0});
    if (errors_ >= 0) files->push_back({errors_, POLLIN, 0});
  }

  // Reads what there is. Returns whether the child is gone.
  bool Read();

  // Kills a child that hangs.
  void Watch(const ChildLimits& limits);

  ChildEnd Take();
  size_t number() const { return number_; }
  BlackBox& box() { return *box_; }

 private:
  // Appends to `text`, up to `max` bytes. Closes at the end.
  static void ReadFrom(int* file, std::string* text, size_t max);
  void Kill();

  const size_t number_;
  BlackBox* const box_;
  pid_t pid_ = -1;
  int result_ = -1;
  int errors_ = -1;
  uint64_t beats_ = 0;
  Clock::time_point beat_ = Clock::now();
  bool is_hung_ = false;
  ChildEnd end_;
};

void Running::Start(const ChildLimits& limits,
                    absl::FunctionRef<std::string()> body) {
  int result[2] = {-1, -1};
  int errors[2] = {-1, -1};
  if (pipe2(result, O_CLOEXEC) != 0) throw std::bad_alloc();
  result_ = result[0];
  if (pipe2(errors, O_CLOEXEC) == 0) {
    errors_ = errors[0];
    beats_ = box_->beats();
    std::fflush(nullptr);
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ == 0) BeChild(limits, result[1], errors[1], parent, body);
  }
  close(result[1]);
  close(errors[1]);
  if (pid_ < 0) throw std::bad_alloc();
  fcntl(result_, F_SETFL, O_NONBLOCK);
  fcntl(errors_, F_SETFL, O_NONBLOCK);
}

void Running::ReadFrom(int* file, std::string* text, size_t max) {
  char bytes[1 << 14];
  while (*file >= 0) {
    const ssize_t read = ::read(*file, bytes, sizeof(bytes));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0 && errno == EAGAIN) return;
    if (read <= 0) {
      close(*file);
      *file = -1;
      return;
    }
    const size_t room = max - std::min(max, text->size());
    text->append(bytes, std::min(room, static_cast<size_t>(read)));
  }
}

bool Running::Read() {
  ReadFrom(&result_, &end_.result, SIZE_MAX);
  ReadFrom(&errors_, &end_.errors, kErrorBytesMax);
  return result_ < 0 && errors_ < 0;
}

void Running::Watch(const ChildLimits& limits) {
  const Clock::time_point now = Clock::now();
  if (box_->beats() != beats_) {
    beats_ = box_->beats();
    beat_ = now;
  }
  const std::chrono::duration<double> silence = now - beat_;
  if (silence.count() < limits.seconds || is_hung_) return;
  is_hung_ = true;
  kill(pid_, SIGKILL);
}

void Running::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

ChildEnd Running::Take() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFSIGNALED(status)) end_.signal = WTERMSIG(status);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kExitDone) {
    end_.kind = ChildEnd::Kind::kDone;
  } else if (is_hung_ || end_.signal == SIGXCPU) {
    end_.kind = ChildEnd::Kind::kHang;
  } else if (WIFEXITED(status) && WEXITSTATUS(status) == kExitNoMemory) {
    end_.kind = ChildEnd::Kind::kMemory;
  } else {
    end_.kind = ChildEnd::Kind::kCrash;
  }
  return std::move(end_);
}

// Sleeps until a child has something to say, but not for long.
void WaitForAny(const std::list<Running>& running) {
  std::vector<struct pollfd> files;
  for (const Running& it : running) it.AddTo(&files);
  poll(files.data(), files.size(), kTickMilliseconds);
}

}  // namespace

void LimitMemory(uint64_t bytes) {
  if (HasSanitizer()) return;
  const uint64_t all = AddressBytes() + bytes;
  Limit(RLIMIT_AS, all, all);
}

std::string SignalText(int signal) {
  if (signal == 0) return "exit";
  const char* const name = sigabbrev_np(signal);
  return name == nullptr ? absl::StrCat("signal", signal) : name;
}

void RunChildren(const ChildWork& work) {
  std::list<BlackBox> boxes;
  std::vector<BlackBox*> idle;
  std::list<Running> running;
  size_t next = 0;
  while (next < work.count || !running.empty()) {
    if (work.must_stop()) return;
    while (next < work.count &&
           running.size() < std::max<size_t>(work.jobs, 1)) {
      if (idle.empty()) idle.push_back(&boxes.emplace_back());
      BlackBox* const box = idle.back();
      idle.pop_back();
      box->Clear();
      const size_t number = next++;
      running.emplace_back(number, box);
      running.back().Start(work.limits,
                           [&] { return work.body(number, *box); });
    }
    WaitForAny(running);
    for (auto it = running.begin(); it != running.end();) {
      it->Watch(work.limits);
      if (!it->Read()) {
        ++it;
        continue;
      }
      work.on_end(it->number(), it->Take(), it->box());
      idle.push_back(&it->box());
      it = running.erase(it);
    }
  }
}

ChildEnd RunChild(const ChildLimits& limits, BlackBox& box,
                  absl::FunctionRef<std::string()> body) {
  box.Clear();
  std::list<Running> running;
  Running& child = running.emplace_back(0, &box);
  child.Start(limits, body);
  do {
    WaitForAny(running);
    child.Watch(limits);
  } while (!child.Read());
  return child.Take();
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/player_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "properties/check.h"
#include "properties/effect.h"
#include "properties/signature.h"
#include "triage/child.h"

namespace restree {
namespace {

static_assert(std::is_trivially_copyable_v<Op>);

bool WriteAll(int file, const void* data, size_t size) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = write(file, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<size_t>(written);
  }
  return true;
}

// How long to wait for something to read, and whether it was too long.
struct Patience {
  int milliseconds_max = -1;  // for ever
  bool is_over = false;
};

bool ReadAll(int file, void* data, size_t size, Patience* patience) {
  char* bytes = static_cast<char*>(data);
  while (size > 0) {
    pollfd ready = {.fd = file, .events = POLLIN, .revents = 0};
    const int polled = poll(&ready, 1, patience->milliseconds_max);
    if (polled < 0 && errno == EINTR) continue;
    patience->is_over = polled == 0;
    if (polled <= 0) return false;
    const ssize_t got = read(file, bytes, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

bool WriteText(int file, const std::string& text) {
  const uint64_t size = text.size();
  return WriteAll(file, &size, sizeof(size)) &&
         WriteAll(file, text.data(), text.size());
}

bool ReadText(int file, std::string* text, Patience* patience) {
  uint64_t size = 0;
  if (!ReadAll(file, &size, sizeof(size), patience)) return false;
  text->resize(size);
  return ReadAll(file, text->data(), size, patience);
}

bool WriteTrace(int file, const Trace& trace) {
  const uint64_t counts[] = {trace.ops.size(), trace.names.size()};
  if (!WriteAll(file, counts, sizeof(counts))) return false;
  if (!WriteAll(file, trace.ops.data(), trace.ops.size() * sizeof(Op))) {
    return false;
  }
  return std::all_of(
      trace.names.begin(), trace.names.end(),
      [file](const std::string& name) { return WriteText(file, name); });
}

bool ReadTrace(int file, Trace* trace) {
  Patience endless;
  uint64_t counts[2];
  if (!ReadAll(file, counts, sizeof(counts), &endless)) return false;
  trace->ops.resize(counts[0]);
  trace->names.resize(counts[1]);
  if (!ReadAll(file, trace->ops.data(), counts[0] * sizeof(Op), &endless)) {
    return false;
  }
  return std::all_of(trace->names.begin(), trace->names.end(),
                     [file, &endless](std::string& name) {
                       return ReadText(file, &name, &endless);
                     });
}

Attempt PlayedOn(Lockstep& lockstep, const Trace& trace,
                 volatile size_t* op_index) {
  lockstep.Reset();
  std::optional<Failure> failure;
  for (size_t i = 0; i < trace.ops.size() && !failure.has_value(); ++i) {
    *op_index = i;
    failure = lockstep.Step(trace.ops[i]);
  }
  if (!failure.has_value()) failure = lockstep.Finish();
  if (!failure.has_value()) return {"", 0, lockstep.digest()};
  return {Signature(*failure), failure->op_index, 0, Effect(*failure)};
}

constexpr absl::string_view kTimeout = "timeout";
constexpr absl::string_view kMemory = "oom";

constexpr uint64_t kMemoryBytesMax = uint64_t{2} << 30;

}  // namespace

absl::string_view FunctionOf(Verb verb) {
  const absl::string_view kernel = InfoOf(verb).kernel;
  const bool is_name = kernel.find_first_of(" ,(") == kernel.npos;
  return is_name ? kernel : InfoOf(verb).name;
}

bool IsDeath(const std::string& signature) {
  for (const absl::string_view way : {kTimeout, kMemory}) {
    if (absl::StartsWith(signature, absl::StrCat(way, "."))) return true;
  }
  for (int number = 0; number < NSIG; ++number) {
    if (absl::StartsWith(signature, absl::StrCat(SignalText(number), "."))) {
      return true;
    }
  }
  return false;
}

PlayerProcess::PlayerProcess(MachineMaker make, Options options)
    : make_(std::move(make)), options_(options) {
  void* const shared = mmap(nullptr, sizeof(size_t), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared != MAP_FAILED) {
    op_index_ = static_cast<volatile size_t*>(shared);
  }
}

PlayerProcess::~PlayerProcess() {
  Stop();
  if (op_index_ != nullptr) {
    munmap(const_cast<size_t*>(op_index_), sizeof(size_t));
  }
}

void PlayerProcess::Serve(int requests, int replies) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  constexpr rlimit kNoCore = {};
  setrlimit(RLIMIT_CORE, &kNoCore);
  const int null = open("/dev/null", O_RDWR);
  dup2(null, STDOUT_FILENO);
  dup2(null, STDERR_FILENO);
  std::signal(SIGABRT, SIG_DFL);
  // There is nobody to unwind to.
  try {
    PlayAll(requests, replies);
  } catch (const std::bad_alloc&) {
    _exit(kExitNoMemory);
  }
  _exit(0);
}

void PlayerProcess::PlayAll(int requests, int replies) const {
  const std::vector<std::unique_ptr<Machine>> machines = make_();
  // Kernels reserve much that they never use.
  LimitMemory(kMemoryBytesMax);
  std::vector<Machine*> all;
  for (const auto& machine : machines) all.push_back(machine.get());
  Lockstep lockstep(all);
  lockstep.set_strict(options_.strict);
  Trace trace;
  while (ReadTrace(requests, &trace)) {
    const Attempt attempt = PlayedOn(lockstep, trace, op_index_);
    const uint64_t numbers[] = {attempt.op_index, attempt.state};
    if (!WriteAll(replies, numbers, sizeof(numbers)) ||
        !WriteText(replies, attempt.signature) ||
        !WriteText(replies, attempt.effect)) {
      break;
    }
  }
}

bool PlayerProcess::Start() {
  if (child_ > 0) return true;
  int requests[2];
  int replies[2];
  if (op_index_ == nullptr || pipe2(requests, O_CLOEXEC) != 0) return false;
  if (pipe2(replies, O_CLOEXEC) != 0) {
    close(requests[0]);
    close(requests[1]);
    return false;
  }
  child_ = fork();
  if (child_ == 0) {
    close(requests[1]);
    close(replies[0]);
    Serve(requests[0], replies[1]);
  }
  close(requests[0]);
  close(replies[1]);
  requests_ = requests[1];
  replies_ = replies[0];
  return child_ > 0;
}

void PlayerProcess::Stop() {
  for (int* const file : {&requests_, &replies_}) {
    if (*file >= 0) close(*file);
    *file = -1;
  }
  if (child_ > 0) {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  child_ = -1;
}

Attempt PlayerProcess::AttemptOfDead(const Trace& trace, bool is_late) {
  int status = 0;
  std::string how(kTimeout);
  if (!is_late) {
    waitpid(child_, &status, 0);
    child_ = -1;
    how = SignalText(WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == kExitNoMemory) {
      how = std::string(kMemory);
    }
  }
  Stop();
  const size_t played = *op_index_;
  const size_t at = std::min(played, trace.ops.size() - 1);
  return {absl::StrCat(how, ".", FunctionOf(trace.ops[at].verb)), at, 0, how};
}

Attempt PlayerProcess::Play(const Trace& trace) {
  if (trace.ops.empty()) return {};
  if (!Start()) return {"exit.fork", 0, 0};
  *op_index_ = 0;
  Patience patience = {.milliseconds_max = static_cast<int>(
                           1000 * options_.seconds_max +
                           static_cast<double>(trace.ops.size()) / 10)};
  Attempt attempt;
  uint64_t numbers[2] = {};
  if (WriteTrace(requests_, trace) &&
      ReadAll(replies_, numbers, sizeof(numbers), &patience) &&
      ReadText(replies_, &attempt.signature, &patience) &&
      ReadText(replies_, &attempt.effect, &patience)) {
    attempt.op_index = numbers[0];
    attempt.state = numbers[1];
    return attempt;
  }
  return AttemptOfDead(trace, patience.is_over);
}

}  // namespace restree

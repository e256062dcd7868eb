// SPDX-License-Identifier: Apache-2.0
#include "fuzz/stats.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace restree {
namespace {

constexpr uint64_t kMagic = 0x3273746174736572;  // "restats2"
constexpr size_t kFindingsMax = 1024;

// HyperLogLog: the first kIndexBits of a hash choose a register, which keeps
// the largest position of the first 1 among the other bits.
constexpr int kIndexBits = 16;
constexpr size_t kRegisters = size_t{1} << kIndexBits;
constexpr int kRankBits = 64 - kIndexBits;

// The finalizer of splitmix64. Digests are sums, so their bits are not yet
// spread evenly.
uint64_t Mix(uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9;
  x ^= x >> 27;
  x *= 0x94d049bb133111eb;
  x ^= x >> 31;
  return x;
}

// Sigma() and Tau() correct for registers that are empty and full: Otmar Ertl,
// "New cardinality estimation algorithms for HyperLogLog sketches", 2017,
// section 2. They need no table of measured biases.
double Sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double y = 1;
  double z = x;
  for (double last = -1; z != last;) {
    x *= x;
    last = z;
    z += x * y;
    y += y;
  }
  return z;
}

double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double z = 1 - x;
  for (double last = -1; z != last;) {
    x = std::sqrt(x);
    last = z;
    y /= 2;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

uint64_t Estimate(const std::array<std::atomic<uint8_t>, kRegisters>& ranks) {
  std::array<double, kRankBits + 2> histogram = {};
  for (const auto& rank : ranks) {
    ++histogram[rank.load(std::memory_order_relaxed)];
  }
  constexpr double kCount = kRegisters;
  double z = kCount * Tau(1 - histogram[kRankBits + 1] / kCount);
  for (int k = kRankBits; k >= 1; --k) z = (z + histogram[k]) / 2;
  z += kCount * Sigma(histogram[0] / kCount);
  return std::llround(kCount / (2 * std::log(2)) * kCount / z);
}

void Add(std::atomic<uint64_t>& counter, uint64_t n) {
  counter.fetch_add(n, std::memory_order_relaxed);
}

uint64_t Get(const std::atomic<uint64_t>& counter) {
  return counter.load(std::memory_order_relaxed);
}

absl::Status Error(const std::string& path, const std::string& what) {
  return absl::FailedPreconditionError(absl::StrCat(path, ": ", what));
}

}  // namespace

Figures Figures::Since(const Figures& before) const {
  Figures since = *this;
  since.execs -= before.execs;
  since.ops -= before.ops;
  since.misuses -= before.misuses;
  since.findings -= before.findings;
  for (size_t i = 0; i < kKnownMax; ++i) since.known[i] -= before.known[i];
  return since;
}

// All zeros is a valid beginning, so a new file needs no initialization that
// processes could race for.
struct Stats::Shared {
  struct Finding {
    std::atomic<uint64_t> key;
    std::atomic<uint64_t> count;
  };
  std::atomic<uint64_t> magic;
  std::atomic<uint64_t> execs;
  std::atomic<uint64_t> ops;
  std::atomic<uint64_t> misuses;
  std::atomic<uint64_t> findings;
  std::array<Finding, kFindingsMax> by_key;
  std::array<std::atomic<uint64_t>, kKnownMax> known;
  std::array<std::atomic<uint8_t>, kRegisters> ranks;
};

static_assert(std::atomic<uint64_t>::is_always_lock_free);
static_assert(std::atomic<uint8_t>::is_always_lock_free);

Stats::Stats() {
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert(memory != MAP_FAILED);
  shared_ = static_cast<Shared*>(memory);
}

absl::StatusOr<Stats> Stats::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return Error(path, strerror(errno));
  void* memory = MAP_FAILED;
  struct stat info = {};
  int error = fstat(fd, &info) != 0 ? errno : 0;
  const bool ours = info.st_size == 0 || info.st_size == sizeof(Shared);
  if (error == 0 && ours) error = posix_fallocate(fd, 0, sizeof(Shared));
  if (error == 0 && ours) {
    memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED,
                  fd, 0);
    if (memory == MAP_FAILED) error = errno;
  }
  close(fd);
  if (error != 0) return Error(path, strerror(error));
  constexpr char kForeign[] =
      "not a file of campaign figures, or of another version of restree";
  if (!ours) return Error(path, kForeign);
  Stats stats(static_cast<Shared*>(memory));
  uint64_t magic = 0;
  if (!stats.shared_->magic.compare_exchange_strong(magic, kMagic) &&
      magic != kMagic) {
    return Error(path, kForeign);
  }
  return stats;
}

Stats::Stats(Stats&& other) noexcept
    : shared_(std::exchange(other.shared_, nullptr)) {}

Stats& Stats::operator=(Stats&& other) noexcept {
  std::swap(shared_, other.shared_);
  return *this;
}

Stats::~Stats() {
  if (shared_ != nullptr) munmap(shared_, sizeof(Shared));
}

void Stats::CountRun(uint64_t ops, uint64_t misuses) {
  Add(shared_->execs, 1);
  Add(shared_->ops, ops);
  Add(shared_->misuses, misuses);
}

void Stats::CountState(uint64_t digest) {
  const uint64_t hash = Mix(digest);
  // The 1 behind the last bit ends the search for the first.
  const uint64_t rest = hash << kIndexBits | uint64_t{1} << (kIndexBits - 1);
  const uint8_t rank = std::countl_zero(rest) + 1;
  std::atomic<uint8_t>& old = shared_->ranks[hash >> kRankBits];
  uint8_t seen = old.load(std::memory_order_relaxed);
  while (seen < rank &&
         !old.compare_exchange_weak(seen, rank, std::memory_order_relaxed)) {
  }
}

void Stats::CountFinding(uint64_t key) {
  Add(shared_->findings, 1);
  if (key == 0) key = 1;  // 0 marks a free place
  for (size_t i = 0; i < kFindingsMax; ++i) {
    Shared::Finding& place = shared_->by_key[(key + i) % kFindingsMax];
    uint64_t owner = 0;
    if (place.key.compare_exchange_strong(owner, key) || owner == key) {
      Add(place.count, 1);
      return;
    }
  }
}

void Stats::CountKnown(size_t kind, uint64_t times) {
  Add(shared_->known[kind], times);
}

Figures Stats::Read() const {
  Figures figures;
  figures.execs = Get(shared_->execs);
  figures.ops = Get(shared_->ops);
  figures.misuses = Get(shared_->misuses);
  figures.findings = Get(shared_->findings);
  figures.states = Estimate(shared_->ranks);
  for (size_t i = 0; i < kKnownMax; ++i) {
    figures.known[i] = Get(shared_->known[i]);
  }
  return figures;
}

uint64_t Stats::FindingsOf(uint64_t key) const {
  if (key == 0) key = 1;
  for (size_t i = 0; i < kFindingsMax; ++i) {
    const Shared::Finding& place = shared_->by_key[(key + i) % kFindingsMax];
    if (Get(place.key) == key) return Get(place.count);
    if (Get(place.key) == 0) return 0;
  }
  return 0;
}

uint64_t StableHash(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : text) {
    hash ^= static_cast<uint8_t>(c);
    hash *= 0x100000001b3;
  }
  return Mix(hash);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_STATS_H_
#define RESTREE_FUZZ_STATS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace restree {

// How many kinds of known things Stats has counters for.
inline constexpr size_t kKnownMax = 64;

// What a campaign has done so far.
struct Figures {
  uint64_t execs = 0;     // traces played
  uint64_t ops = 0;       // ops played, misuse included
  uint64_t misuses = 0;   // ops that touched no machine
  uint64_t findings = 0;  // traces that ended in a failure, known or new
  uint64_t states = 0;    // distinct states seen, estimated

  // Times that a machine did something known, by CountKnown()'s `kind`.
  std::array<uint64_t, kKnownMax> known = {};

  // Returns what was counted since `before`; the states stay those of all time.
  Figures Since(const Figures& before) const;
};

// Stats are a campaign's figures, in memory that all of its processes share: a
// small file that each of them maps. They survive the death of any process, and
// a later campaign on the same file goes on counting.
//
//   absl::StatusOr<Stats> stats = Stats::Open("restree-hunt/stats");
//   stats->CountRun(/*ops=*/12, /*misuses=*/1);
//   stats->CountState(model.Digest());
//   stats->Read().execs;   // 1, and what the other processes counted
//
// Counting is wait-free and costs a few nanoseconds. Distinct states are
// counted by HyperLogLog in 2^16 bytes: the standard error is 0.4 %.
class Stats {
 public:
  // Figures of this process alone, all 0.
  Stats();

  // Maps the file at `path`, which is created if there is none. All its disk
  // space is taken now, so that a disk that fills up later does no harm. Fails
  // if the file is not one of ours.
  static absl::StatusOr<Stats> Open(const std::string& path);

  Stats(Stats&& other) noexcept;
  Stats& operator=(Stats&& other) noexcept;
  ~Stats();

  void CountRun(uint64_t ops, uint64_t misuses);
  void CountState(uint64_t digest);

  // Counts a failure whose signature has the hash `key`. Beyond 1024 different
  // keys only the sum is kept.
  void CountFinding(uint64_t key);

  // Counts `times` known divergences. REQUIRES: kind < kKnownMax.
  void CountKnown(size_t kind, uint64_t times);

  Figures Read() const;

  // Returns how often CountFinding(key) was called.
  uint64_t FindingsOf(uint64_t key) const;

 private:
  struct Shared;

  explicit Stats(Shared* shared) : shared_(shared) {}

  Shared* shared_;
};

// Returns a hash of `text` that is the same in every process.
uint64_t StableHash(const std::string& text);

}  // namespace restree

#endif  // RESTREE_FUZZ_STATS_H_

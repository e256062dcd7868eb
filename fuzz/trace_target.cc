// SPDX-License-Identifier: Apache-2.0
#include "fuzz/trace_target.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "fuzz/stats.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/trace_binary.h"
#include "properties/check.h"

namespace restree {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Stats StatsOfEnvironment() {
  const std::string path = Environment("RESTREE_STATS");
  if (path.empty()) return Stats();
  absl::StatusOr<Stats> stats = Stats::Open(path);
  if (stats.ok()) return *std::move(stats);
  std::fprintf(stderr, "RESTREE_STATS: %s\n",
               stats.status().ToString().c_str());
  return Stats();
}

}  // namespace

TraceTarget::TraceTarget(std::vector<Machine*> machines, Machine* referee)
    : lockstep_(machines),
      stats_(StatsOfEnvironment()),
      findings_(Environment("RESTREE_FINDINGS"), &stats_, referee) {}

void TraceTarget::Run(absl::Span<const uint8_t> data) {
  DecodeTrace(data, &trace_);
  lockstep_.Reset();
  std::optional<Failure> failure;
  uint64_t ops = 0;
  uint64_t misuses = 0;
  for (const Op& op : trace_.ops) {
    failure = lockstep_.Step(op);
    ++ops;
    if (failure.has_value()) break;
    if (lockstep_.observation().outcome == Outcome::kMisuse) ++misuses;
    stats_.CountState(lockstep_.digest());
  }
  if (!failure.has_value()) failure = lockstep_.Finish();
  stats_.CountRun(ops, misuses);
  if (failure.has_value()) findings_.Add(trace_, *failure, lockstep_);
  CountKnown();
}

void TraceTarget::CountKnown() {
  const Lockstep::Known& known = lockstep_.known();
  static_assert(std::tuple_size_v<Lockstep::Known> <= kKnownMax);
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i] == known_[i]) continue;
    stats_.CountKnown(i, known[i] - known_[i]);
    known_[i] = known[i];
  }
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "model/walk.h"

#include <cassert>
#include <cstdint>
#include <optional>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr uint64_t kRam = kResourceSystemRam | kResourceBusy;
constexpr uint64_t kPageSize = kPageBytes;

// Finds matching resources one after the other, as find_next_iomem_res() and
// its callers do: each search starts behind the one before.
class Matches {
 public:
  Matches(const Resource& iomem, const Range& range, uint64_t flags,
          uint64_t desc)
      : iomem_(iomem), rest_(range), flags_(flags), desc_(desc) {}

  // Returns the next match, clipped to the range, or nothing.
  std::optional<Visit> Next() {
    if (rest_.start >= rest_.end) return std::nullopt;
    const Resource* node = &iomem_;
    do {
      node = ResourceTree::NextOverlap(iomem_, node, rest_);
      if (node == nullptr) return std::nullopt;
    } while (!IsMatch(*node));
    const Range part = node->range.Intersection(rest_);
    // The kernel would go on at 0 behind the last address of all, for ever.
    rest_ =
        part.end == UINT64_MAX ? Range{1, 0} : Range{part.end + 1, rest_.end};
    return Visit{part, node->flags, node->desc};
  }

 private:
  bool IsMatch(const Resource& node) const {
    if ((node.flags & flags_) != flags_) return false;
    return desc_ == kDescNone || desc_ == node.desc;
  }

  const Resource& iomem_;
  Range rest_;
  uint64_t flags_;
  uint64_t desc_;
};

// Calls the trace's callback. Returns whether it said stop.
bool Visited(const Visit& visit, const Op& op, Observation* seen) {
  seen->visits.push_back(visit);
  seen->outcome = Outcome::kOk;
  if (op.number == 0 || seen->visits.size() != op.number) return false;
  seen->outcome = Outcome::kStopped;
  return true;
}

Observation Forward(Matches matches, const Op& op) {
  Observation seen{.outcome = Outcome::kInval};
  while (const auto visit = matches.Next()) {
    if (Visited(*visit, op, &seen)) break;
  }
  return seen;
}

// walk_system_ram_range(): whole pages only.
Observation Pages(const Resource& iomem, const Op& op) {
  const uint64_t start_pfn = op.range.start;
  const uint64_t pages = op.range.size();
  const Range bytes = {start_pfn << kPageShift,
                       ((start_pfn + pages) << kPageShift) - 1};
  Matches matches(iomem, bytes, kRam, kDescNone);
  Observation seen{.outcome = Outcome::kInval};
  while (const auto visit = matches.Next()) {
    const uint64_t first = (visit->range.start + kPageSize - 1) >> kPageShift;
    const uint64_t behind = (visit->range.end + 1) >> kPageShift;
    if (behind > first) {
      if (Visited({{first, behind - 1}, 0, 0}, op, &seen)) break;
    } else if (seen.visits.empty()) {
      break;  // the kernel takes its initial -EINVAL for the callback's
    }
  }
  return seen;
}

}  // namespace

Observation Walk(const Resource& iomem, const Op& op) {
  switch (op.verb) {
    case Verb::kWalkDesc:
      return Forward({iomem, op.range, op.flags, op.desc}, op);
    case Verb::kWalkMem:
      return Forward({iomem, op.range, kResourceMem | kResourceBusy, kDescNone},
                     op);
    case Verb::kWalkSystemRam:
      return Forward({iomem, op.range, kRam, kDescNone}, op);
    case Verb::kWalkSystemRamRange:
      return Pages(iomem, op);
    default:
      assert(false);
      return {};
  }
}

// Collects all, then calls back from the last. What it collects in has room for
// 16, and grows by as many.
Observation WalkBackward(const Resource& iomem, const Op& op,
                         absl::FunctionRef<bool()> fails) {
  Matches matches(iomem, op.range, kRam, kDescNone);
  Observation seen{.outcome = Outcome::kPerm};
  absl::InlinedVector<Visit, 2> all;
  if (fails()) return seen;
  while (const auto visit = matches.Next()) {
    const bool full = !all.empty() && all.size() % 16 == 0;
    if (full && fails()) return seen;
    all.push_back(*visit);
  }
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    if (Visited(*it, op, &seen)) break;
  }
  return seen;
}

}  // namespace restree

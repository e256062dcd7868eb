// SPDX-License-Identifier: Apache-2.0
#include "properties/explore.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/types/span.h"
#include "model/machine.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/check.h"
#include "properties/choices.h"
#include "properties/scope.h"

namespace restree {
namespace {

class Explorer {
 public:
  Explorer(const Scope& scope, absl::Span<Machine* const> machines)
      : scope_(scope), reference_(*machines[0]), lockstep_(machines) {
    nodes_.push_back({});
    seen_.insert(reference_.Digest());
  }

  Exploration Run(size_t ops_max) {
    size_t begin = 0;
    for (size_t depth = 0; depth < ops_max && !found_.failure; ++depth) {
      const size_t end = nodes_.size();
      while (begin < end && !found_.failure) Expand(begin++);
    }
    found_.states = seen_.size();
    return std::move(found_);
  }

 private:
  // A state, as the op that first led to it from an earlier one.
  struct Node {
    size_t from = 0;
    Op op;
  };

  // Returns the ops that lead to a node.
  std::vector<Op> PathTo(size_t node) const {
    std::vector<Op> path;
    for (; node != 0; node = nodes_[node].from) path.push_back(nodes_[node].op);
    std::reverse(path.begin(), path.end());
    return path;
  }

  void Replay(const std::vector<Op>& path) {
    lockstep_.Reset();
    for (const Op& op : path) {
      const bool fails = lockstep_.Step(op).has_value();
      assert(!fails);  // it did not the first time
      static_cast<void>(fails);
    }
  }

  // Plays every op of the scope from one node.
  void Expand(size_t node) {
    const std::vector<Op> path = PathTo(node);
    Replay(path);
    const uint64_t digest = reference_.Digest();
    EveryChoice every;
    do {
      const Op op = OpInScope(every, lockstep_.state(), scope_);
      ++found_.ops;
      found_.failure = lockstep_.Step(op);
      const uint64_t next = reference_.Digest();
      if (!found_.failure && next == digest) continue;
      if (!found_.failure && seen_.insert(next).second) {
        nodes_.push_back({node, op});
        found_.failure = lockstep_.Finish();
      }
      if (found_.failure) {
        found_.trace.ops = path;
        if (scope_.name_of_all != 0) found_.trace.names = {"System RAM"};
        found_.trace.ops.push_back(op);
        return;
      }
      Replay(path);
    } while (every.Next());
  }

  const Scope& scope_;
  const Machine& reference_;
  Lockstep lockstep_;
  std::vector<Node> nodes_;
  absl::flat_hash_set<uint64_t> seen_;  // digests
  Exploration found_;
};

}  // namespace

Exploration Explore(const Scope& scope, size_t ops_max,
                    absl::Span<Machine* const> machines) {
  return Explorer(scope, machines).Run(ops_max);
}

}  // namespace restree

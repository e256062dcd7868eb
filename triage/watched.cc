// SPDX-License-Identifier: Apache-2.0
#include "triage/watched.h"

#include <cstddef>
#include <list>
#include <optional>
#include <vector>

#include "model/machine.h"
#include "model/trace.h"
#include "properties/check.h"
#include "triage/black_box.h"
#include "triage/lineups.h"

namespace restree {

std::optional<Failure> PlayWatched(const Trace& trace,
                                   const Lineups::Machines& machines,
                                   bool strict, BlackBox& box) {
  std::list<Watched> watched;
  std::vector<Machine*> all;
  for (size_t i = 0; i < machines.size(); ++i) {
    all.push_back(&watched.emplace_back(*machines[i], i, box));
  }
  box.Playing(trace);
  Lockstep lockstep(all);
  lockstep.set_strict(strict);
  std::optional<Failure> failure;
  for (size_t i = 0; i < trace.ops.size() && !failure.has_value(); ++i) {
    box.At(i, trace.ops[i].verb);
    failure = lockstep.Step(trace.ops[i]);
  }
  if (!failure.has_value()) failure = lockstep.Finish();
  box.Done();
  return failure;
}

}  // namespace restree

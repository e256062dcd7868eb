// SPDX-License-Identifier: Apache-2.0
#include "triage/recording.h"

#include <utility>

namespace restree {

Recording Record(const Trace& trace, Machine& machine) {
  machine.Reset();
  Recording recording = {.trace = trace, .before = {}, .steps = {}};
  machine.Snapshot(&recording.before);
  recording.steps.reserve(trace.ops.size());
  for (const Op& op : trace.ops) {
    Step step = {.op = op, .observation = machine.Apply(op), .after = {}};
    machine.Snapshot(&step.after);
    recording.steps.push_back(std::move(step));
  }
  return recording;
}

}  // namespace restree

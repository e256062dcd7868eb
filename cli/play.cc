// SPDX-License-Identifier: Apache-2.0
#include "cli/play.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "cli/machines.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/check.h"

namespace restree {
namespace {

bool IsBig(const Trace& trace) {
  size_t defined = 0;
  for (const Op& op : trace.ops) {
    if (InfoOf(op.verb).Has(Field::kDefines)) ++defined;
  }
  return defined > Lockstep::kRowsMax;
}

}  // namespace

Lineup LineupFor(const Trace& trace, const Selection& selection,
                 bool oracle_always) {
  Lineup lineup;
  lineup.oracle_sits_out = !oracle_always && IsBig(trace);
  for (const MachineInfo& judge : Judges()) {
    if (lineup.oracle_sits_out && judge.name == "oracle") continue;
    lineup.machines.push_back(judge.make(selection.altmap));
  }
  for (const MachineInfo* info : selection.under_test) {
    lineup.machines.push_back(info->make(selection.altmap));
  }
  return lineup;
}

Outcomes Play(const TraceDocument& document, const Lineup& lineup, bool strict,
              absl::FunctionRef<void(size_t line, absl::string_view)> on_line) {
  std::vector<Machine*> machines;
  for (const auto& machine : lineup.machines) machines.push_back(machine.get());
  Lockstep lockstep(machines);
  lockstep.set_strict(strict);
  Outcomes outcomes;
  for (size_t i = 0; i < document.lines.size() && !outcomes.failure; ++i) {
    const TraceLine& line = document.lines[i];
    if (line.op) {
      outcomes.failure = lockstep.Step(document.trace.ops[*line.op]);
      on_line(i, ObservationText(lockstep.observation()));
    } else {
      on_line(i, "");
    }
  }
  if (!outcomes.failure) outcomes.failure = lockstep.Finish();
  machines.front()->Snapshot(&outcomes.state);
  outcomes.known = lockstep.known();
  return outcomes;
}

}  // namespace restree

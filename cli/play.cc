// SPDX-License-Identifier: Apache-2.0
#include "cli/play.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "cli/machines.h"
#include "model/device_memory.h"
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

// Asks every machine for what the kernel's code walks.
std::optional<Failure> AskDumpable(Lockstep& lockstep, Outcomes& outcomes) {
  for (const DumpView view :
       {DumpView::kKexecFile, DumpView::kKexecFileVmemmap}) {
    Op op;
    op.verb = Verb::kDumpable;
    op.number = static_cast<uint32_t>(view);
    if (auto failure = lockstep.Step(op)) return failure;
    for (const Visit& visit : lockstep.observation().visits) {
      outcomes.dumpable[op.number].push_back(visit.range);
    }
  }
  return std::nullopt;
}

// What kexec-tools reads are lines of text, which is ours to read as it does.
std::vector<Range> NamedSystemRam(const State& state, const Trace& trace) {
  std::vector<Range> ranges;
  Slot root = kNoSlot;
  for (const Row& row : state.rows) {
    if (row.depth == 0) root = row.slot;
    if (root != kIomem || row.depth == 0) continue;
    const std::string name = NameOf(trace.names, row.name, row.slot);
    if (absl::StrContains(name, "System RAM")) {
      ranges.push_back(row.range);
    }
  }
  return ranges;
}

}  // namespace

Lineup LineupFor(const Trace& trace, const Selection& selection,
                 bool oracle_always) {
  Lineup lineup;
  lineup.oracle_sits_out = !oracle_always && IsBig(trace);
  // Who follows a tree is one alone.
  const bool follows = selection.altmap == AltmapVariant::kTree;
  for (const MachineInfo& judge : Judges()) {
    if (lineup.oracle_sits_out || follows) {
      if (judge.name == "oracle") continue;
    }
    lineup.machines.push_back(judge.make(selection.altmap));
  }
  for (const MachineInfo* info : selection.under_test) {
    lineup.machines.push_back(info->make(selection.altmap));
  }
  return lineup;
}

Outcomes Play(const TraceDocument& document, const Lineup& lineup,
              const PlayOptions& options,
              absl::FunctionRef<void(size_t line, absl::string_view)> on_line) {
  std::vector<Machine*> machines;
  for (const auto& machine : lineup.machines) machines.push_back(machine.get());
  Lockstep lockstep(machines);
  lockstep.set_strict(options.strict);
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
  if (!outcomes.failure && options.dumpable) {
    outcomes.failure = AskDumpable(lockstep, outcomes);
  }
  if (!outcomes.failure) outcomes.failure = lockstep.Finish();
  machines.front()->Snapshot(&outcomes.state);
  if (options.dumpable) {
    outcomes.dumpable[static_cast<size_t>(DumpView::kKexecTools)] =
        NamedSystemRam(outcomes.state, document.trace);
  }
  outcomes.known = lockstep.known();
  return outcomes;
}

}  // namespace restree

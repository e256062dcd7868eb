// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_MACHINES_H_
#define RESTREE_CLI_MACHINES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/machine.h"

namespace restree {

// A machine that this build knows, and how to make one.
struct MachineInfo {
  absl::string_view name;     // as in --machine=NAME
  absl::string_view version;  // of the kernel; "" for a machine of our own
  absl::string_view source;   // where its code came from; "" if from nowhere
  absl::string_view covers;   // what it is
  // Null: not available.
  std::unique_ptr<Machine> (*make)(AltmapVariant) = nullptr;
  absl::string_view why_not = "";  // it is not available, for people

  // A tree that registers the resources of altmaps by itself, for kTree.
  bool has_altmap_resource = false;
};

// All machines that this build knows, the judges first: the oracle, which is
// taken as right, and the model. The judges are always available.
absl::Span<const MachineInfo> Machines();

// The oracle and the model, which play along whatever is under test.
absl::Span<const MachineInfo> Judges();

// Who plays: the machines under test, all of one variant, which is that of the
// judges, too.
struct Selection {
  AltmapVariant altmap = AltmapVariant::kNone;
  std::vector<const MachineInfo*> under_test;  // no judges
  std::string note = {};  // for people: what is not tried, or ""
};

// Returns what `list`, "linux-6.12:altmap=patch,model:altmap=patch", selects:
// the machines named there that are not judges, each once and in order; all
// that are available if `list` is empty. NotFound says which name is not
// available, why, and which are; InvalidArgument that a name is missing, or
// that variants differ. REQUIRES: `machines` begins with the judges, and
// outlives what is returned.
//
// A tree that registers altmaps by itself is of kTree where it is named alone.
// Beside others, of which none does, it is of kNone, and a note says so.
absl::StatusOr<Selection> Select(
    absl::string_view list,
    absl::Span<const MachineInfo> machines = Machines());

// Returns the names of a selection as Select() reads them: the model's, if
// there is none but judges.
std::string NamesOf(const Selection& selection);

}  // namespace restree

#endif  // RESTREE_CLI_MACHINES_H_

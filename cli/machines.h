// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_MACHINES_H_
#define RESTREE_CLI_MACHINES_H_

#include <memory>
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
  std::unique_ptr<Machine> (*make)() = nullptr;  // null: not available
  absl::string_view why_not = "";  // it is not available, for people
};

// All machines that this build knows, the judges first: the oracle, which is
// taken as right, and the model. The judges are always available.
absl::Span<const MachineInfo> Machines();

// The oracle and the model, which play along whatever is under test.
absl::Span<const MachineInfo> Judges();

// Returns the machines named in `list`, "linux-6.12,model", that are not
// judges, each once and in order; all that are available if `list` is empty.
// NotFound says which name is not available, why, and which are;
// InvalidArgument that a name is missing. REQUIRES: `machines` begins with the
// judges, and outlives what is returned.
absl::StatusOr<std::vector<const MachineInfo*>> MachinesUnderTest(
    absl::string_view list,
    absl::Span<const MachineInfo> machines = Machines());

}  // namespace restree

#endif  // RESTREE_CLI_MACHINES_H_

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

// A machine that this build has, and how to make one.
struct MachineInfo {
  absl::string_view name;     // as in --machine=NAME
  absl::string_view version;  // of the kernel; "" for a machine of our own
  absl::string_view source;   // where its code came from
  absl::string_view covers;   // what it can do
  std::unique_ptr<Machine> (*make)();
};

// All machines of this build, the judges first: the oracle, which is taken as
// right, and the model.
absl::Span<const MachineInfo> Machines();

// The oracle and the model, which play along whatever is under test.
absl::Span<const MachineInfo> Judges();

// Returns the names in `list`, "linux-6.12,model", that are not judges, each
// once and in order; those of all machines if `list` is empty. NotFound says
// which name is not in this build and which are; InvalidArgument that a name is
// missing.
absl::StatusOr<std::vector<const MachineInfo*>> MachinesUnderTest(
    absl::string_view list);

}  // namespace restree

#endif  // RESTREE_CLI_MACHINES_H_

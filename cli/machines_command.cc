// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/machines.h"
#include "cli/machines_text.h"

namespace restree {
namespace {

int RunMachines(absl::Span<char*> arguments) {
  bool json = false;
  const absl::StatusOr<std::vector<std::string>> words =
      ParseArguments(arguments, {{"json", &json}}, 0);
  if (!words.ok()) return BadUsage("machines", words.status());
  Output out;
  out.Append(json ? MachinesJson(Machines()) : MachinesText(Machines()));
  return Finish(out, kExitClean);
}

}  // namespace

const Command kMachinesCommand = {"machines", "list the machines of this build",
                                  R"(Usage: restree machines [--json]

Prints one line a machine: its name, the version of the kernel it is made of,
where its source came from, what it is, how many of all verbs it plays, and by
name those that it cannot play; or why it is not available. "-" stands for what
there is not.

  --json   print a JSON array instead

Example:
  restree machines
)",
                                  RunMachines};

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/machines.h"
#include "nlohmann/json.hpp"

namespace restree {
namespace {

std::string AsJson() {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const MachineInfo& info : Machines()) {
    list.push_back({{"name", std::string(info.name)},
                    {"version", std::string(info.version)},
                    {"source", std::string(info.source)},
                    {"covers", std::string(info.covers)}});
  }
  return list.dump(2) + "\n";
}

std::string AsText() {
  std::string text;
  for (const MachineInfo& info : Machines()) {
    absl::StrAppendFormat(&text, "%-12s %-8s %-16s %s\n", info.name,
                          info.version.empty() ? "-" : info.version,
                          info.source, info.covers);
  }
  return text;
}

int RunMachines(absl::Span<char*> arguments) {
  bool json = false;
  const absl::StatusOr<std::vector<std::string>> words =
      ParseArguments(arguments, {{"json", &json}}, 0);
  if (!words.ok()) return BadUsage("machines", words.status());
  Output out;
  out.Append(json ? AsJson() : AsText());
  return Finish(out, kExitClean);
}

}  // namespace

const Command kMachinesCommand = {"machines", "list the machines of this build",
                                  R"(Usage: restree machines [--json]

Prints one line a machine: its name, the version of the kernel it is made of
("-" for none), where its source came from, and what it covers.

  --json   print a JSON array instead

Example:
  restree machines
)",
                                  RunMachines};

}  // namespace restree

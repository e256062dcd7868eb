// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_COMMAND_H_
#define RESTREE_CLI_COMMAND_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace restree {

// A Command is one subcommand of `restree`. To add one, define it in a file
// NAME_command.cc, declare it below and list it in main.cc.
struct Command {
  absl::string_view name;
  absl::string_view summary;  // half a line, for `restree help`

  // What `restree NAME --help` prints: usage, what it does, its flags, and last
  // "Example:" with lines that can be pasted into a shell.
  absl::string_view help;

  // Runs with the words behind the command's name, which getopt may reorder.
  // Returns the exit code. --help is taken care of by the caller.
  int (*run)(absl::Span<char*> arguments);
};

extern const Command kMachinesCommand;
extern const Command kRunCommand;
extern const Command kHuntCommand;
extern const Command kTriageCommand;
extern const Command kImportCommand;
extern const Command kEncodeCommand;
extern const Command kDecodeCommand;
extern const Command kMinimizeCommand;
extern const Command kExportCommand;

}  // namespace restree

#endif  // RESTREE_CLI_COMMAND_H_

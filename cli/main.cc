// SPDX-License-Identifier: Apache-2.0
// The command `restree`: finds the subcommand and runs it.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/files.h"

namespace restree {
namespace {

constexpr absl::string_view kVersion = "restree 0.1.0\n";

const Command* const kCommands[] = {
    &kMachinesCommand, &kRunCommand,      &kHuntCommand,
    &kTriageCommand,   &kMinimizeCommand, &kExportCommand,
    &kImportCommand,   &kEncodeCommand,   &kDecodeCommand,
};

std::string CommandList() {
  std::string text;
  for (const Command* command : kCommands) {
    absl::StrAppendFormat(&text, "  %-9s %s\n", command->name,
                          command->summary);
  }
  return text;
}

std::string Help() {
  return absl::StrFormat(
      R"(Usage: restree COMMAND [--flag=value]... [FILE]...

Fuzzing and property testing of the Linux kernel's resource tree.

%s
`restree COMMAND --help` says more and shows an example.
Exit codes: 0 clean, 1 a finding or an unmet expectation, 2 bad usage or bad
input, 3 a machine or source is not available.
)",
      CommandList());
}

int Print(absl::string_view text) {
  Output out;
  out.Append(text);
  return Finish(out, kExitClean);
}

const Command* Find(absl::string_view name) {
  for (const Command* command : kCommands) {
    if (command->name == name) return command;
  }
  return nullptr;
}

int UnknownCommand(absl::string_view name) {
  absl::FPrintF(stderr, "restree: unknown command \"%s\". There are:\n%s", name,
                CommandList());
  return kExitUsage;
}

bool AsksForHelp(absl::Span<char*> arguments) {
  for (const absl::string_view word : arguments) {
    if (word == "--") return false;
    if (word == "--help") return true;
  }
  return false;
}

int RunCommand(const Command& command, absl::Span<char*> arguments) {
  if (AsksForHelp(arguments)) return Print(command.help);
  return command.run(arguments);
}

// `restree help` and `restree help COMMAND`.
int RunHelp(absl::Span<char*> arguments) {
  if (arguments.empty()) return Print(Help());
  const Command* const command = Find(arguments[0]);
  return command != nullptr ? Print(command->help)
                            : UnknownCommand(arguments[0]);
}

int Main(absl::Span<char*> arguments) {
  // A closed pipe is an error of write(), which Output knows how to take.
  std::signal(SIGPIPE, SIG_IGN);
  if (arguments.empty()) {
    absl::FPrintF(stderr, "%s", Help());
    return kExitUsage;
  }
  const absl::string_view name = arguments[0];
  const absl::Span<char*> rest = arguments.subspan(1);
  if (name == "help" || name == "--help") return RunHelp(rest);
  if (name == "--version") return Print(kVersion);
  const Command* const command = Find(name);
  return command != nullptr ? RunCommand(*command, rest) : UnknownCommand(name);
}

// Without it, lack of memory would look like a crash.
int MainWithoutExceptions(absl::Span<char*> arguments) {
  try {
    return Main(arguments);
  } catch (const std::bad_alloc&) {
    std::fputs("restree: out of memory: the input is too large\n", stderr);
  } catch (const std::exception& problem) {
    absl::FPrintF(stderr, "restree: %s\n", problem.what());
  }
  return kExitUsage;
}

}  // namespace
}  // namespace restree

int main(int argc, char** argv) {
  // `bazel run` starts programs elsewhere, but the user's paths are meant from
  // here.
  const char* const directory = std::getenv("BUILD_WORKING_DIRECTORY");
  if (directory != nullptr && chdir(directory) != 0) {
    std::perror(directory);
    return restree::kExitUsage;
  }
  return restree::MainWithoutExceptions(
      absl::MakeSpan(argv, argc).subspan(argc > 0 ? 1 : 0));
}

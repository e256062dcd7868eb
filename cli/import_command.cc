// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/import_iomem.h"
#include "model/trace.h"
#include "model/trace_text.h"

namespace restree {
namespace {

absl::StatusOr<std::optional<Slot>> RootOf(absl::string_view word) {
  if (word.empty()) return std::optional<Slot>();
  if (word == "iomem") return std::optional<Slot>(kIomem);
  if (word == "ioport") return std::optional<Slot>(kIoport);
  return absl::InvalidArgumentError(
      absl::StrCat("--root is iomem or ioport, not \"", word, "\""));
}

// Returns the root that the file's name tells of, if any: captured ports are
// called `ioports`, `*.ioports` or `*ioports.txt`.
std::optional<Slot> RootByName(absl::string_view file) {
  const absl::string_view base = file.substr(file.rfind('/') + 1);
  const bool ports = base == "ioports" || absl::EndsWith(base, ".ioports") ||
                     absl::EndsWith(base, "ioports.txt");
  return ports ? std::optional<Slot>(kIoport) : std::nullopt;
}

int RunImport(absl::Span<char*> arguments) {
  std::string root_word;
  const absl::StatusOr<std::vector<std::string>> words =
      ParseArguments(arguments, {{"root", &root_word}}, 1);
  if (!words.ok()) return BadUsage("import", words.status());
  absl::StatusOr<std::optional<Slot>> root = RootOf(root_word);
  if (!root.ok()) return BadUsage("import", root.status());

  const std::string own = *root == kIoport ? "/proc/ioports" : "/proc/iomem";
  const std::string file = words->empty() ? own : words->front();
  if (!*root) *root = RootByName(file);
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (!text.ok()) return BadInput(text.status());
  const absl::StatusOr<TraceDocument> document =
      ImportIomem(*text, ShownName(file), *root);
  if (!document.ok()) return BadInput(document.status());
  Output out;
  out.Append(PrintTrace(*document));
  return Finish(out, kExitClean);
}

}  // namespace

const Command kImportCommand = {
    "import", "turn /proc/iomem into the trace that builds it",
    R"(Usage: restree import [--root=iomem|ioport] [FILE]

Reads FILE, text of /proc/iomem or /proc/ioports from any machine, and prints
the trace that builds that tree. Without FILE it reads this machine's own, for
which the kernel wants you to be root. "-" is standard input. Flags and desc,
which the text does not show, are guessed from the names.

  --root=iomem|ioport   which of the two FILE is; without it, addresses of four
                        digits mean ioport, and so does a FILE that is called
                        `ioports`, `*.ioports` or `*ioports.txt`

Example:
  printf '00001000-00001fff : a\n  00001000-000010ff : b\n' > a.iomem
  restree import a.iomem | restree run --quiet - | diff - a.iomem
)",
    RunImport};

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace_text.h"
#include "triage/export_parts.h"

namespace restree {
namespace {

std::string Quoted(absl::string_view text) {
  // Hexadecimal escapes go on for as long as there are digits; octal ones do
  // not.
  return absl::StrCat("\"", absl::CEscape(text), "\"");
}

// A literal of several lines, one below the other.
std::string QuotedLines(absl::string_view text, absl::string_view indent) {
  if (text.empty()) return "\"\"";
  std::string quoted;
  while (!text.empty()) {
    const size_t line = text.find('\n');
    const size_t length =
        line == absl::string_view::npos ? text.size() : line + 1;
    absl::StrAppend(&quoted, quoted.empty() ? "" : absl::StrCat("\n", indent),
                    Quoted(text.substr(0, length)));
    text.remove_prefix(length);
  }
  return quoted;
}

}  // namespace

std::string ExportGtest(const Recording& sound, const ExportInfo& info) {
  std::string text =
      "// SPDX-License-Identifier: Apache-2.0\n"
      "#include <gtest/gtest.h>\n\n"
      "#include \"triage/host/machine_under_test.h\"\n\n"
      "namespace restree {\nnamespace {\n\n";
  for (const std::string& line : StoryLines(info, 77)) {
    absl::StrAppend(&text, line.empty() ? "//" : "// ", line, "\n");
  }
  absl::StrAppend(&text, "TEST(Restree, ", CamelName(info.name),
                  ") {\n  MachineUnderTest machine;\n");
  const size_t last = StepOf(sound, info);
  for (size_t i = 0; i <= last; ++i) {
    const std::string op = Quoted(OpText(sound.steps[i].op, sound.trace));
    const std::string seen =
        Quoted(ObservationDetails(sound.steps[i].observation));
    const std::string line =
        absl::StrCat("  EXPECT_EQ(machine.Play(", op, "), ", seen, ");\n");
    absl::StrAppend(&text,
                    line.size() <= 81
                        ? line
                        : absl::StrCat("  EXPECT_EQ(machine.Play(", op,
                                       "),\n            ", seen, ");\n"));
  }
  const std::string indent(12, ' ');
  absl::StrAppend(
      &text, "  EXPECT_EQ(machine.State(),\n", indent,
      QuotedLines(StateText(sound.steps[last].after, sound.trace.names),
                  indent),
      ");\n}\n\n}  // namespace\n}  // namespace restree\n");
  return text;
}

}  // namespace restree

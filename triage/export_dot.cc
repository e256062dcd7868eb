// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/flags.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "triage/export_parts.h"

namespace restree {
namespace {

// What Graphviz takes between quotes, whatever the bytes of a name.
std::string DotText(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += absl::ascii_isprint(static_cast<unsigned char>(c)) ? c : '?';
  }
  return out;
}

// A root of which a state shows nothing below, as each begins.
bool IsEmptyRoot(const State& state, size_t i) {
  const std::vector<Row>& rows = state.rows;
  return rows[i].slot < kFirstSlot &&
         (i + 1 == rows.size() || rows[i + 1].depth == 0);
}

// Rows are in pre-order, so the last one of each depth is the parent of what
// comes next.
std::string Cluster(absl::string_view side, absl::string_view label,
                    const State& state, const State& other,
                    absl::Span<const std::string> names) {
  std::string text = absl::StrCat("  subgraph cluster_", side,
                                  " {\n    label=\"", label, "\";\n");
  std::string edges;
  std::vector<std::string> above;
  for (size_t i = 0; i < state.rows.size(); ++i) {
    const Row& row = state.rows[i];
    if (IsEmptyRoot(state, i)) continue;
    const std::string node = absl::StrCat(side, "_", SlotText(row.slot));
    const bool same = std::find(other.rows.begin(), other.rows.end(), row) !=
                      other.rows.end();
    absl::StrAppendFormat(&text, "    %s [label=\"%s\\n%08x-%08x\\n%s\"%s];\n",
                          node, DotText(NameOf(names, row.name, row.slot)),
                          row.range.start, row.range.end, FlagsText(row.flags),
                          same ? "" : ", color=red, penwidth=2");
    above.resize(row.depth);
    if (!above.empty()) {
      absl::StrAppend(&edges, "    ", above.back(), " -> ", node, ";\n");
    }
    above.push_back(node);
  }
  return absl::StrCat(text, edges, "  }\n");
}

}  // namespace

std::string ExportDot(const Recording& sound, const ExportInfo& info) {
  const size_t step = StepOf(sound, info);
  const State& before = step == 0 ? sound.before : sound.steps[step - 1].after;
  const State& after = sound.steps[step].after;
  const std::vector<std::string>& names = sound.trace.names;
  return absl::StrCat(
      "// SPDX-License-Identifier: Apache-2.0\ndigraph restree {\n  label=\"",
      DotText(OpText(sound.steps[step].op, sound.trace)),
      "\";\n  node [shape=box, fontname=monospace];\n",
      Cluster("before", "before", before, after, names),
      Cluster("after", "after", after, before, names), "}\n");
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/html/svg_tree.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/range.h"
#include "triage/html/text.h"
#include "triage/html/tree_bars.h"
#include "triage/html/tree_layout.h"

namespace restree {
namespace {

constexpr double kColumn = 7.4;  // of a label's font
constexpr size_t kShades = 5;    // classes l0 to l4

// The sign before a bar's name, and the class of its border.
struct Sign {
  absl::string_view text;
  absl::string_view style;
};

Sign SignOf(Bar::Mark mark) {
  switch (mark) {
    case Bar::Mark::kNone:
      break;
    case Bar::Mark::kAdded:
      return {"+", " add"};
    case Bar::Mark::kMissing:
      return {"\xe2\x88\x92", " del"};
    case Bar::Mark::kChanged:
      return {"\xe2\x89\xa0", " chg"};
    case Bar::Mark::kGhost:
      return {"\xe2\x88\x92", " gho"};
  }
  return {};
}

std::string Rect(absl::string_view style, int left, int right, int top,
                 int bottom) {
  return absl::StrCat("<rect class=\"", style, "\" x=\"", left, "\" y=\"", top,
                      "\" width=\"", std::max(right - left, 1), "\" height=\"",
                      std::max(bottom - top, 1), "\" rx=\"3\"/>");
}

// Returns the words that a pointer at the bar brings up.
std::string Title(const Bar& bar) {
  std::string title =
      absl::StrCat(bar.slot, " ", bar.name == bar.slot ? "" : bar.name, " 0x",
                   absl::Hex(bar.range.start), "-0x", absl::Hex(bar.range.end),
                   " ", bar.flags);
  if (!bar.desc.empty() && bar.desc != "none") {
    absl::StrAppend(&title, " desc=", bar.desc);
  }
  if (!bar.note.empty()) absl::StrAppend(&title, " (", bar.note, ")");
  return absl::StrCat("<title>", EscapeHtml(title), "</title>");
}

// Returns the label: sign, slot and name at the left, flags at the right where
// there is room for them.
std::string Label(const PlacedBar& placed) {
  const Bar& bar = *placed.bar;
  const Sign sign = SignOf(bar.mark);
  const auto room = static_cast<size_t>(
      std::max(0, placed.right - placed.left - 12) / kColumn);
  size_t used = bar.slot.size() + (sign.text.empty() ? 0 : 2);
  std::string text = absl::StrCat(
      "<text", placed.astray ? " class=\"on\"" : "", " x=\"", placed.left + 6,
      "\" y=\"", placed.text_y, "\">",
      sign.text.empty()
          ? ""
          : absl::StrCat("<tspan class=\"sg\">", sign.text, "</tspan> "),
      "<tspan class=\"sl\">", EscapeHtml(bar.slot), "</tspan>");
  if (bar.name != bar.slot && !bar.name.empty() && used + 3 < room) {
    const std::string name = FitText(bar.name, room - used - 1);
    absl::StrAppend(&text, " ", EscapeHtml(name));
    used += 1 + ColumnsOf(absl::string_view(name));
  }
  absl::StrAppend(&text, "</text>");
  // What is wrong is said rather than the flags.
  const std::string right = placed.astray && !bar.note.empty() ? bar.note
                            : bar.mark == Bar::Mark::kGhost    ? bar.note
                                                               : bar.flags;
  if (bar.depth == 0 && bar.mark == Bar::Mark::kNone) return text;
  if (right.empty() || used + 2 + right.size() > room) return text;
  absl::StrAppend(&text, "<text class=\"fl", placed.astray ? " on" : "",
                  "\" x=\"", placed.right - 5, "\" y=\"", placed.text_y, "\">",
                  EscapeHtml(right), "</text>");
  return text;
}

std::string DrawBar(const PlacedBar& placed) {
  const Sign sign = SignOf(placed.bar->mark);
  const std::string style = absl::StrCat(
      "b l", placed.level < kShades ? placed.level : kShades - 1, sign.style);
  std::string svg = absl::StrCat("<g>", Title(*placed.bar));
  absl::StrAppend(&svg, Rect(style, placed.left, placed.right, placed.y.top,
                             placed.y.bottom));
  if (placed.astray) {
    absl::StrAppend(&svg, Rect("bad", placed.left, placed.right, placed.y.top,
                               placed.y.bottom));
  }
  if (placed.was) {
    absl::StrAppend(&svg, Rect("was", placed.left, placed.right,
                               placed.was->top, placed.was->bottom));
  }
  return absl::StrCat(svg, "</g>");
}

// Returns a bracket at the right, over the addresses that the op is about.
std::string Bracket(const Layout& layout, const PlacedTree& tree) {
  if (!tree.op) return "";
  const int right = layout.width - 3, left = right - 6;
  return absl::StrCat("<path class=\"op\" d=\"M", left, " ", tree.op->top + 2,
                      "H", right, "V", tree.op->bottom - 2, "H", left,
                      "\"><title>what the op is about</title></path>");
}

std::string Draw(const Layout& layout, const PlacedTree& tree,
                 absl::string_view label) {
  std::string svg =
      absl::StrCat("<svg class=\"tree\" viewBox=\"0 0 ", layout.width, " ",
                   layout.height, "\" role=\"img\" ", label, ">");
  const auto write = [&](const Tick& tick, absl::string_view style, int x) {
    if (!absl::c_linear_search(tree.roots, tick.root)) return;
    absl::StrAppend(&svg, "<text class=\"", style, "\" x=\"", x, "\" y=\"",
                    tick.y, "\">", tick.text, "</text>");
  };
  for (const Tick& tick : layout.titles) write(tick, "tt", layout.gutter);
  for (const Tick& tick : layout.ticks) write(tick, "k", layout.gutter - 5);
  for (const PlacedBar& bar : tree.bars) absl::StrAppend(&svg, DrawBar(bar));
  for (const PlacedBar& bar : tree.bars) absl::StrAppend(&svg, Label(bar));
  return absl::StrCat(svg, Bracket(layout, tree), "</svg>\n");
}

}  // namespace

std::vector<std::string> DrawTrees(absl::Span<const Tree> trees,
                                   absl::Span<const std::string> labels) {
  const Layout layout = LayOut(trees);
  std::vector<std::string> drawings;
  for (size_t i = 0; i < trees.size(); ++i) {
    drawings.push_back(Draw(layout, layout.trees[i], labels[i]));
  }
  return drawings;
}

absl::string_view SvgDefinitions() {
  return R"svg(<svg class="defs" aria-hidden="true" width="0" height="0"><defs>
<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse"
 patternTransform="rotate(45)"><path class="hatch" d="M0 0V7"/></pattern>
</defs></svg>
)svg";
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// The drawings of a finding: the trees around the op that failed, and the tree
// after each step.
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "fuzz/number_text.h"
#include "triage/html/parts.h"
#include "triage/html/svg_tree.h"
#include "triage/html/text.h"
#include "triage/html/tree_bars.h"
#include "triage/html/tree_layout.h"
#include "triage/json_read.h"

namespace restree {
namespace {

constexpr size_t kStepsMax = 40;   // the last ones
constexpr size_t kEdgesMax = 48;   // more of them make an axis for each drawing
constexpr size_t kTextLines = 80;  // of a state

// One drawing before it is drawn.
struct Picture {
  std::string title;    // HTML
  std::string caption;  // HTML
  Tree tree;
  std::string text;      // StateText
  std::string style;     // classes of the figure
  bool is_told = false;  // by its text better than by the drawing
};

// Returns a StateText as the words for one who does not see the drawing.
std::string StateWords(absl::string_view text) {
  if (text.empty()) return "Both roots are empty.";
  return EscapeHtml(FirstLines(text, kTextLines));
}

std::string ClipNote(const Tree& tree) {
  const auto drawn = static_cast<size_t>(std::count_if(
      tree.bars.begin(), tree.bars.end(),
      [](const Bar& bar) { return bar.mark != Bar::Mark::kGhost; }));
  if (drawn >= tree.rows) return "";
  return absl::StrCat(" <span class=\"clip\">", WithCommas(drawn), " of ",
                      Plural(tree.rows, "resource"), " drawn.</span>");
}

std::string Figure(const Picture& picture, absl::string_view svg,
                   absl::string_view id, absl::string_view attributes) {
  return absl::StrCat("<figure", attributes, ">\n<figcaption id=\"", id,
                      "\"><b>", picture.title, "</b> ", picture.caption,
                      ClipNote(picture.tree), "</figcaption>\n", svg,
                      Details("As text",
                              absl::StrCat("<pre tabindex=\"0\">",
                                           StateWords(picture.text), "</pre>"),
                              picture.is_told),
                      "</figure>\n");
}

std::vector<std::string> Draw(const std::vector<Picture>& pictures,
                              absl::string_view id) {
  std::vector<Tree> trees;
  std::vector<std::string> labels;
  for (size_t i = 0; i < pictures.size(); ++i) {
    trees.push_back(pictures[i].tree);
    labels.push_back(absl::StrCat("aria-labelledby=\"", id, i, "\""));
  }
  if (EdgesOf(trees) <= kEdgesMax) return DrawTrees(trees, labels);
  std::vector<std::string> drawings;
  for (size_t i = 0; i < trees.size(); ++i) {
    const std::vector<std::string> one =
        DrawTrees(absl::MakeSpan(&trees[i], 1), absl::MakeSpan(&labels[i], 1));
    drawings.push_back(one[0]);
  }
  return drawings;
}

std::string Sentence(const std::string& text) {
  return text.empty() ? "" : EscapeHtml(text) + ".";
}

Picture PictureOf(absl::string_view title, const Json& state, const Json& other,
                  TreeRole role, absl::string_view op) {
  Picture picture;
  picture.title = EscapeHtml(title);
  picture.tree = TreeOf(state, other, role, op);
  picture.text = TextAt(state, "text");
  picture.caption = Sentence(DifferenceOf(picture.tree));
  // Devices, lists, pagemaps and the like are not drawn.
  if (other.contains("text") && At(state, "rows") == At(other, "rows") &&
      TextAt(other, "text") != picture.text) {
    absl::StrAppend(&picture.caption, picture.caption.empty() ? "" : " ",
                    "The same tree; what else differs is in its text.");
    picture.is_told = true;
  }
  const bool is_bare = absl::c_all_of(picture.tree.bars, [](const Bar& bar) {
    return bar.slot == "iomem" || bar.slot == "ioport";
  });
  if (is_bare && !picture.text.empty()) picture.is_told = true;
  return picture;
}

// Returns what stands where a machine left no state.
std::string NoState(const Json& finding) {
  const Json& crash = At(finding, "crash");
  std::string why = TextAt(crash, "type");
  const std::string function = TextAt(crash, "function");
  if (!function.empty()) absl::StrAppend(&why, " in ", function);
  if (why.empty()) why = TextAt(finding, "what");
  return absl::StrCat(
      "<figure class=\"dead\">\n<figcaption><b>Actual: ",
      EscapeHtml(TextAt(finding, "machine")),
      "</b></figcaption>\n<p>No tree was left to draw: <strong>",
      EscapeHtml(why), "</strong></p>\n</figure>\n");
}

std::string FailingOp(const Json& finding) {
  const Json& steps = ListAt(finding, "steps");
  const size_t index = NumberAt(finding, "op_index");
  return index < steps.size() ? TextAt(steps[index], "op") : "";
}

// Returns the trees around the op that failed.
std::vector<Picture> PicturesOf(const Json& finding) {
  const Json& before = At(finding, "before");
  const Json& expected = At(finding, "expected");
  const Json& actual = At(finding, "actual");
  const std::string op = FailingOp(finding);
  std::vector<Picture> pictures;
  const auto add = [&](absl::string_view title, absl::string_view style,
                       const Json& state, const Json& other, TreeRole role) {
    if (!state.is_object()) return;
    Picture picture = PictureOf(title, state, other, role, op);
    picture.style = absl::StrCat(" class=\"", style, "\"");
    if (&state != &before && state == before) {
      absl::StrAppend(&picture.caption, picture.caption.empty() ? "" : " ",
                      "As before.");
    }
    pictures.push_back(std::move(picture));
  };
  const std::string machine = "Actual: " + TextAt(finding, "machine");
  const std::string reference = "Expected: " + TextAt(finding, "reference");
  add("Before", "before", before, Json(), TreeRole::kPlain);
  if (expected == actual) {
    add("After, on both", "after", expected, before, TreeRole::kAfter);
  } else if (actual.is_object()) {
    add(reference, "expected", expected, actual, TreeRole::kExpected);
    add(machine, "actual", actual, expected, TreeRole::kActual);
  } else {
    add(reference, "after", expected, before, TreeRole::kAfter);
  }
  return pictures;
}

constexpr absl::string_view kLegend =
    R"(<p class="legend">Low addresses are at the top, and lengths are not to )"
    R"(scale. <span><b>+</b> only here</span> <span><b>−</b> missing</span> )"
    R"(<span><b>≠</b> differs, with the other extent dashed</span> )"
    R"(<span><b>]</b> what the op is about</span></p>
)";

}  // namespace

std::string TreesHtml(const Json& finding, const FindingPlace& place) {
  const std::vector<Picture> pictures = PicturesOf(finding);
  if (pictures.empty()) return "";
  const std::string id = place.id + "-tree";
  const std::vector<std::string> drawings = Draw(pictures, id);
  std::string html = Heading(place, "The tree");
  absl::StrAppend(&html, "<div class=\"trees\">\n");
  for (size_t i = 0; i < pictures.size(); ++i) {
    absl::StrAppend(&html, Figure(pictures[i], drawings[i], absl::StrCat(id, i),
                                  pictures[i].style));
  }
  if (!At(finding, "actual").is_object()) {
    absl::StrAppend(&html, NoState(finding));
  }
  return absl::StrCat(html, "</div>\n", kLegend);
}

std::string StepsHtml(const Json& finding, const FindingPlace& place) {
  const Json& steps = ListAt(finding, "steps");
  if (steps.size() < 2) return "";
  const size_t first = steps.size() > kStepsMax ? steps.size() - kStepsMax : 0;
  const Json nothing = {{"rows", Json::array()}};
  std::vector<Picture> pictures;
  for (size_t i = first; i < steps.size(); ++i) {
    const Json& step = steps[i];
    const Json& last = i == 0 ? nothing : At(steps[i - 1], "state");
    const std::string op = TextAt(step, "op");
    Picture picture =
        PictureOf(absl::StrCat("Op ", i + 1, " of ", steps.size()),
                  At(step, "state"), last, TreeRole::kAfter, op);
    const std::string change = picture.caption;
    picture.caption = absl::StrCat(
        "<code>", EscapeHtml(op), "</code> <span class=\"ob\">→ ",
        EscapeHtml(TextAt(step, "observed")), "</span>",
        change.empty() ? "" : " <span class=\"ch\">" + change + "</span>");
    picture.style = absl::StrCat(" class=\"step after\" data-op=\"", i, "\"");
    pictures.push_back(std::move(picture));
  }
  const std::string id = place.id + "-step";
  const std::vector<std::string> drawings = Draw(pictures, id);
  std::string html = Heading(place, "Step by step");
  absl::StrAppend(&html, "<p class=\"hint\">The tree after each op, as ",
                  EscapeHtml(TextAt(finding, "reference")), " has it.");
  if (first > 0) {
    absl::StrAppend(&html, " The first ", WithCommas(first), " are left out.");
  }
  absl::StrAppend(
      &html, "</p>\n<div class=\"steps\">\n<div class=\"control\">",
      "<button type=\"button\" class=\"prev\" aria-label=\"Previous step\">‹",
      "</button><input type=\"range\" min=\"0\" max=\"", pictures.size() - 1,
      "\" value=\"", pictures.size() - 1,
      "\" aria-label=\"Step of the trace\"><button type=\"button\" "
      "class=\"next\" aria-label=\"Next step\">›</button></div>\n"
      "<p class=\"vh\" aria-live=\"polite\"></p>\n");
  for (size_t i = 0; i < pictures.size(); ++i) {
    absl::StrAppend(&html, Figure(pictures[i], drawings[i], absl::StrCat(id, i),
                                  pictures[i].style));
  }
  return absl::StrCat(html, "</div>\n");
}

}  // namespace restree

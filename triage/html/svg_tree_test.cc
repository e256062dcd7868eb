// SPDX-License-Identifier: Apache-2.0
#include "triage/html/svg_tree.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "triage/html/tree_bars.h"
#include "triage/html/tree_layout.h"
#include "triage/json_read.h"

namespace restree {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Json RowOf(const char* slot, int depth, const char* parent, uint64_t start,
           uint64_t end) {
  return {{"slot", slot},
          {"depth", depth},
          {"parent", parent},
          {"name", slot},
          {"start", absl::StrCat("0x", absl::Hex(start))},
          {"end", absl::StrCat("0x", absl::Hex(end))},
          {"flags", "mem"},
          {"desc", "none"}};
}

Json StateOf(const std::vector<Json>& rows) {
  Json state = {{"rows", Json::array()}};
  state["rows"].push_back(RowOf("iomem", 0, "NULL", 0, UINT64_MAX));
  for (const Json& row : rows) state["rows"].push_back(row);
  return state;
}

Tree Plain(const Json& state) {
  return TreeOf(state, Json(), TreeRole::kPlain, "");
}

const PlacedBar& Find(const Layout& layout, size_t tree,
                      absl::string_view slot) {
  for (const PlacedBar& bar : layout.trees[tree].bars) {
    if (bar.bar->slot == slot) return bar;
  }
  ADD_FAILURE() << slot;
  return layout.trees[tree].bars[0];
}

TEST(TreeBars, SaysWhatDiffers) {
  const Json expected = StateOf({RowOf("r1", 1, "iomem", 0x1000, 0x1fff),
                                 RowOf("r2", 1, "iomem", 0x3000, 0x3fff)});
  const Json actual = StateOf({RowOf("r1", 1, "iomem", 0x1000, 0x1ffe),
                               RowOf("r3", 1, "iomem", 0x5000, 0x5fff)});
  EXPECT_EQ(DifferenceOf(TreeOf(expected, actual, TreeRole::kExpected, "")),
            "r1: end 0x1fff, got 0x1ffe; r2: missing from what was got");
  EXPECT_EQ(DifferenceOf(TreeOf(actual, expected, TreeRole::kActual, "")),
            "r1: end 0x1ffe, expected 0x1fff; r3: not expected; r2: missing");
  EXPECT_EQ(DifferenceOf(TreeOf(actual, actual, TreeRole::kActual, "")), "");
}

TEST(TreeBars, WhatLeavesATreeLeavesAnOutline) {
  const Json before = StateOf({RowOf("r1", 1, "iomem", 0x1000, 0x1fff)});
  const Json after = StateOf({RowOf("r1", 0, "NULL", 0x1000, 0x1fff)});
  const Tree tree = TreeOf(after, before, TreeRole::kAfter, "release r1");
  ASSERT_EQ(tree.bars.size(), 3u);
  EXPECT_EQ(tree.bars[2].mark, Bar::Mark::kGhost);
  EXPECT_EQ(tree.bars[2].root, "iomem");
  EXPECT_EQ(DifferenceOf(tree), "r1: parent NULL, was iomem");
  ASSERT_TRUE(tree.op);
  EXPECT_EQ(tree.op->root, "iomem");
}

TEST(TreeBars, FindsWhatAnOpIsAbout) {
  const Tree tree = Plain(StateOf({RowOf("r1", 1, "iomem", 0x1000, 0x1fff)}));
  const auto about = [&](absl::string_view op) -> std::string {
    const auto range = OpRangeOf(op, tree.bars);
    if (!range) return "nothing";
    return absl::StrCat(range->root, " ", absl::Hex(range->range.start), "-",
                        absl::Hex(range->range.end));
  };
  EXPECT_EQ(about("r2 = request iomem 0x10-0x1f \"0x1-0x2\" mem -> ok"),
            "iomem 10-1f");
  EXPECT_EQ(about("r2 = request r1 0x10-0x1f"), "iomem 10-1f");
  EXPECT_EQ(about("release r1"), "iomem 1000-1fff");
  EXPECT_EQ(about("unbind d0"), "nothing");
  EXPECT_EQ(about("proc iomem"), "nothing");
  EXPECT_EQ(about("walk_system_ram_range 0x1-0x2"), "nothing");
  EXPECT_EQ(about("r2 = request iomem 0x10-0xf"), "nothing");
}

TEST(TreeBars, KeepsWhatIsNearADifference) {
  std::vector<Json> rows;
  for (int i = 0; i < 4000; ++i) {
    const std::string slot = absl::StrCat("r", i);
    rows.push_back(RowOf(slot.c_str(), 1, "iomem", i * 0x10, i * 0x10 + 7));
  }
  const Json before = StateOf(rows);
  rows[2000]["end"] = absl::StrCat("0x", absl::Hex(2000 * 0x10 + 6));
  const Tree tree = TreeOf(StateOf(rows), before, TreeRole::kAfter, "");
  EXPECT_EQ(tree.rows, 4001u);
  EXPECT_LE(tree.bars.size(), kBarsMax + 1);
  EXPECT_EQ(tree.bars[0].slot, "iomem");
  EXPECT_EQ(DifferenceOf(tree), "r2000: end 0x7d06, was 0x7d07");
}

TEST(TreeLayout, OneByteCanBeSeen) {
  const std::vector<Tree> trees = {
      Plain(StateOf({RowOf("r1", 1, "iomem", 0x1000, 0x1fff)})),
      Plain(StateOf({RowOf("r1", 1, "iomem", 0x1000, 0x1ffe)}))};
  const Layout layout = LayOut(trees);
  const PlacedBar& whole = Find(layout, 0, "r1");
  const PlacedBar& cut = Find(layout, 1, "r1");
  EXPECT_EQ(whole.y.top, cut.y.top);
  EXPECT_GE(whole.y.bottom, cut.y.bottom + 10);
}

TEST(TreeLayout, ChildrenLieInTheirParents) {
  const std::vector<Tree> trees = {
      Plain(StateOf({RowOf("r1", 1, "iomem", 0x1000, 0x1fff),
                     RowOf("r2", 2, "r1", 0x1000, 0x1fff),
                     RowOf("r3", 3, "r2", 0x1000, 0x1000)}))};
  const Layout layout = LayOut(trees);
  const char* const slots[] = {"iomem", "r1", "r2", "r3"};
  for (int i = 1; i < 4; ++i) {
    const PlacedBar& parent = Find(layout, 0, slots[i - 1]);
    const PlacedBar& child = Find(layout, 0, slots[i]);
    EXPECT_LT(parent.left, child.left);
    EXPECT_GT(parent.right, child.right);
    EXPECT_LT(parent.text_y, child.y.top + 1);
    EXPECT_GE(parent.y.bottom, child.y.bottom);
    EXPECT_FALSE(child.astray);
  }
}

TEST(TreeLayout, MarksWhatLiesWhereItShouldNot) {
  const std::vector<Tree> trees = {
      Plain(StateOf({RowOf("r1", 1, "iomem", 0x1000, 0x1fff),
                     RowOf("r2", 2, "r1", 0x2000, 0x20ff),
                     RowOf("r3", 1, "iomem", 0x1800, 0x1fff)}))};
  const Layout layout = LayOut(trees);
  EXPECT_FALSE(Find(layout, 0, "r1").astray);
  EXPECT_TRUE(Find(layout, 0, "r2").astray);
  EXPECT_TRUE(Find(layout, 0, "r3").astray);
}

TEST(TreeLayout, TakesAnything) {
  const Json strange[] = {
      Json(),
      Json::object(),
      Json{{"rows", "none"}},
      Json{{"rows", {1, "two", nullptr, Json::object()}}},
      StateOf({RowOf("r1", 1, "iomem", 0x2000, 0x1fff)}),
      StateOf({RowOf("r1", 7, "r9", 0, UINT64_MAX),
               RowOf("r1", 7, "r9", UINT64_MAX, 0)}),
      StateOf({RowOf("r1", 0, "NULL", UINT64_MAX, UINT64_MAX)})};
  for (const Json& state : strange) {
    for (const Json& other : strange) {
      const std::vector<Tree> trees = {
          TreeOf(state, other, TreeRole::kAfter, "release r1"),
          TreeOf(state, other, TreeRole::kExpected, "x 0x0-0x0")};
      const std::vector<std::string> labels(2);
      EXPECT_EQ(DrawTrees(trees, labels).size(), 2u);
    }
  }
}

TEST(SvgTree, DrawsABarAResource) {
  const std::vector<Tree> trees = {
      Plain(StateOf({RowOf("r1", 1, "iomem", 0x1000, 0x1fff)}))};
  const std::vector<std::string> labels = {"aria-label=\"one\""};
  const std::string svg = DrawTrees(trees, labels)[0];
  EXPECT_THAT(svg, HasSubstr("role=\"img\" aria-label=\"one\""));
  EXPECT_THAT(svg, HasSubstr("<title>r1  0x1000-0x1fff mem</title>"));
  EXPECT_THAT(svg, HasSubstr(">1000</text>"));
  EXPECT_THAT(svg, HasSubstr(">1fff</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("ffffffffffffffff</text>")));
  EXPECT_THAT(svg, Not(HasSubstr("style=")));
}

TEST(SvgTree, EscapesNames) {
  Json row = RowOf("r1", 1, "iomem", 0x1000, 0x1fff);
  row["name"] = "</svg><script>\xff";
  const std::vector<Tree> trees = {Plain(StateOf({row}))};
  const std::string svg = DrawTrees(trees, std::vector<std::string>(1))[0];
  EXPECT_THAT(svg, HasSubstr("&lt;/svg&gt;&lt;script&gt;\xef\xbf\xbd"));
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
}

}  // namespace
}  // namespace restree

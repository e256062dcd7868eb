// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_HTML_TREE_LAYOUT_H_
#define RESTREE_TRIAGE_HTML_TREE_LAYOUT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "model/range.h"
#include "triage/html/tree_bars.h"

namespace restree {

// Where things are drawn, in pixels. Addresses go down, as in /proc/iomem, and
// each bar lies inside that of its parent. The axis is of ranks: from one
// address where something starts or ends to the next it is about the same
// length, so that one byte can be seen beside a gigabyte.
struct Span {
  int top = 0;
  int bottom = 0;
};

struct PlacedBar {
  const Bar* bar = nullptr;
  int left = 0;
  int right = 0;
  Span y;
  int text_y = 0;           // the label's baseline
  size_t level = 0;         // how many bars it lies in or on
  bool astray = false;      // outside its parent, or on a sibling
  std::optional<Span> was;  // where the other state has it
};

struct PlacedTree {
  std::vector<PlacedBar> bars;  // what is behind comes first
  std::vector<std::string> roots;
  std::optional<Span> op;
};

// An address at the left, the first or last of what lies beside it; or words
// above what lies below that root.
struct Tick {
  std::string root;
  int y = 0;
  std::string text;
};

struct Layout {
  int width = 0;
  int height = 0;
  int gutter = 0;  // the width that ticks take
  std::vector<Tick> ticks;
  std::vector<Tick> titles;  // of resources in no tree
  std::vector<PlacedTree> trees;
};

// Lays out trees on one axis, so that what is equal has equal places. The
// layout points to their bars.
Layout LayOut(absl::Span<const Tree> trees);

// Returns how many places the axis of these trees has.
size_t EdgesOf(absl::Span<const Tree> trees);

}  // namespace restree

#endif  // RESTREE_TRIAGE_HTML_TREE_LAYOUT_H_

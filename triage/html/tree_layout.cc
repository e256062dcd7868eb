// SPDX-License-Identifier: Apache-2.0
#include "triage/html/tree_layout.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "model/range.h"
#include "triage/html/tree_bars.h"

namespace restree {
namespace {

constexpr int kWidth = 360;
constexpr int kIndent = 9;         // of a level
constexpr int kInset = 3;          // of a level, at the right and at the end
constexpr int kOpLane = 14;        // at the right
constexpr int kLine = 19;          // a label
constexpr int kUsed = 32;          // two addresses
constexpr int kFree = 17;          // nothing but a root
constexpr int kTitle = 22;         // above what is in no tree
constexpr int kTickWidth = 7;      // a digit
constexpr size_t kLevelsMax = 12;  // deeper ones are not indented more

// An address, or 2^64.
using Edge = unsigned __int128;

bool IsKernelRoot(const std::string& slot) {
  return slot == "iomem" || slot == "ioport";
}

// What has been there longest comes first, and what is there no more last.
int Age(Bar::Mark mark) {
  if (mark == Bar::Mark::kGhost) return 2;
  return mark == Bar::Mark::kAdded ? 1 : 0;
}

// An inverted range is drawn where it starts.
Range Shown(const Range& range) {
  return range.inverted() ? Range{range.start, range.start} : range;
}

// One bar of one tree while its section is laid out. Intervals lie between
// edges that follow each other.
struct Work {
  const Bar* bar = nullptr;
  size_t place = 0;  // in its tree
  size_t level = 0;
  size_t first = 0;  // its intervals, [first, last)
  size_t last = 0;
  size_t label = 0;  // the interval with its label
  size_t line = 0;   // which of the labels there
};

// Everything below one root, in all trees.
class Section {
 public:
  Section(const std::string& root, absl::Span<const Tree> trees);

  size_t edges() const { return edges_.size(); }

  // Appends itself to `layout`, below what is there.
  void Place(absl::Span<const Tree> trees, Layout* layout) const;

 private:
  void AddEdges(const Range& range);
  void Number(std::vector<Work>* bars);
  void Use(const Range& range);
  void Label(std::vector<Work>* bars) const;
  void Measure(const std::vector<Work>& bars);
  void Tick(Layout* layout) const;
  size_t At(Edge edge) const {
    return absl::c_lower_bound(edges_, edge) - edges_.begin();
  }
  Span Over(const Range& range, int top) const {
    const Range shown = Shown(range);
    return {top + y_[At(shown.start)], top + y_[At(Edge{shown.end} + 1)]};
  }

  std::optional<Span> Was(const PlacedBar& placed, int top) const;

  std::string root_;
  std::vector<Edge> edges_;
  std::vector<int> heights_;             // of intervals
  std::vector<bool> used_;               // by more than a root of the kernel
  std::vector<int> y_;                   // of edges
  std::vector<std::vector<Work>> work_;  // by tree
};

Section::Section(const std::string& root, absl::Span<const Tree> trees)
    : root_(root) {
  work_.resize(trees.size());
  for (size_t i = 0; i < trees.size(); ++i) {
    for (const Bar& bar : trees[i].bars) {
      if (bar.root != root) continue;
      work_[i].push_back({&bar, work_[i].size()});
      AddEdges(Shown(bar.range));
      if (bar.was) AddEdges(Shown(*bar.was));
    }
    if (trees[i].op && trees[i].op->root == root) AddEdges(trees[i].op->range);
  }
  absl::c_sort(edges_);
  edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
  const size_t intervals = edges_.empty() ? 0 : edges_.size() - 1;
  used_.assign(intervals, false);
  heights_.assign(intervals, kFree);
  for (size_t i = 0; i < trees.size(); ++i) {
    Number(&work_[i]);
    Label(&work_[i]);
    if (trees[i].op && trees[i].op->root == root) Use(trees[i].op->range);
  }
  for (size_t i = 0; i < intervals; ++i) {
    if (!used_[i]) continue;
    heights_[i] = edges_[i + 1] - edges_[i] == 1 ? kLine : kUsed;
  }
  for (const std::vector<Work>& bars : work_) Measure(bars);
  y_.assign(1, 0);
  for (const int height : heights_) y_.push_back(y_.back() + height);
}

void Section::AddEdges(const Range& range) {
  edges_.push_back(range.start);
  edges_.push_back(Edge{range.end} + 1);
}

// Notes that the addresses at both ends of these intervals are of interest.
void Section::Use(const Range& range) {
  const size_t last = At(Edge{range.end} + 1);
  for (size_t i = At(range.start); i < last; ++i) used_[i] = true;
}

// Finds each bar's intervals, and its level: one more than that of anything
// that it overlaps, what is new coming last.
void Section::Number(std::vector<Work>* bars) {
  absl::c_sort(*bars, [](const Work& a, const Work& b) {
    return std::tuple(a.bar->depth > 0, Age(a.bar->mark), a.place) <
           std::tuple(b.bar->depth > 0, Age(b.bar->mark), b.place);
  });
  for (size_t i = 0; i < bars->size(); ++i) {
    Work& work = (*bars)[i];
    const Range shown = Shown(work.bar->range);
    work.first = At(shown.start);
    work.last = At(Edge{shown.end} + 1);
    work.level = work.bar->depth;
    if (work.bar->depth > 0 || !IsKernelRoot(root_)) Use(shown);
    if (work.bar->mark == Bar::Mark::kGhost) continue;
    for (size_t j = 0; j < i; ++j) {
      const Work& other = (*bars)[j];
      // What is new and above others in the tree does not lie on them.
      if (other.bar->depth > work.bar->depth) continue;
      if (other.first < work.last && work.first < other.last) {
        work.level = std::max(work.level, other.level + 1);
      }
    }
  }
}

// Chooses where the labels go: at the start of the bar, or where what lies on
// it leaves room.
void Section::Label(std::vector<Work>* bars) const {
  absl::c_sort(*bars, [](const Work& a, const Work& b) {
    const auto is_ghost = [](const Work& work) {
      return work.bar->mark == Bar::Mark::kGhost;
    };
    return std::tuple(is_ghost(a), a.level, a.place) <
           std::tuple(is_ghost(b), b.level, b.place);
  });
  for (Work& work : *bars) {
    work.label = work.first;
    for (size_t i = work.first; i < work.last; ++i) {
      const bool is_hidden = absl::c_any_of(*bars, [&](const Work& other) {
        return other.level > work.level && other.first < i && i < other.last &&
               other.bar->mark != Bar::Mark::kGhost;
      });
      if (is_hidden) continue;
      work.label = i;
      break;
    }
  }
  for (size_t i = 0; i < bars->size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if ((*bars)[j].label == (*bars)[i].label) ++(*bars)[i].line;
    }
  }
}

// Makes room for the labels of one tree, and for bars that end together.
void Section::Measure(const std::vector<Work>& bars) {
  std::vector<int> lines(heights_.size()), ends(heights_.size());
  for (const Work& work : bars) {
    ++lines[work.label];
    ++ends[work.last - 1];
  }
  for (size_t i = 0; i < heights_.size(); ++i) {
    const int room = lines[i] * kLine + std::max(0, ends[i] - 1) * kInset + 3;
    if (lines[i] > 0) heights_[i] = std::max(heights_[i], room);
  }
}

void Section::Tick(Layout* layout) const {
  for (size_t i = 0; i + 1 < edges_.size(); ++i) {
    if (!used_[i]) continue;
    const auto hex = [](Edge edge) {
      return absl::StrCat(absl::Hex(static_cast<uint64_t>(edge)));
    };
    const int top = layout->height + y_[i];
    layout->ticks.push_back({root_, top + 12, hex(edges_[i])});
    if (edges_[i + 1] - edges_[i] == 1) continue;
    layout->ticks.push_back(
        {root_, layout->height + y_[i + 1] - 4, hex(edges_[i + 1] - 1)});
  }
}

// Where a bar and what it was start or end together, so do the drawings.
std::optional<Span> Section::Was(const PlacedBar& placed, int top) const {
  const std::optional<Range>& was = placed.bar->was;
  if (!was) return std::nullopt;
  Span span = Over(*was, top);
  span.top =
      was->start == placed.bar->range.start ? placed.y.top : span.top + 2;
  span.bottom =
      was->end == placed.bar->range.end ? placed.y.bottom : span.bottom - 2;
  return span;
}

void Section::Place(absl::Span<const Tree> trees, Layout* layout) const {
  Tick(layout);
  const int top = layout->height;
  for (size_t i = 0; i < trees.size(); ++i) {
    PlacedTree& placed = layout->trees[i];
    if (!work_[i].empty()) placed.roots.push_back(root_);
    for (const Work& work : work_[i]) {
      PlacedBar bar;
      bar.bar = work.bar;
      bar.level = work.level;
      const int indent = static_cast<int>(std::min(work.level, kLevelsMax));
      bar.left = indent * kIndent;  // from the gutter, not yet known
      bar.right = kWidth - kOpLane - indent * kInset;
      bar.y = Over(work.bar->range, top);
      // What starts together starts below the others' labels, and what ends
      // together ends above the others' ends.
      int above = 0, below = 0;
      for (const Work& other : work_[i]) {
        if (&other == &work) break;
        above += other.label == work.first;
        below += other.last == work.last && other.level < work.level;
      }
      bar.y.top += above * kLine + 1;
      bar.y.bottom -= below * kInset + 1;
      bar.y.bottom = std::max(bar.y.bottom, bar.y.top + kLine - 4);
      bar.text_y =
          top + y_[work.label] + static_cast<int>(work.line) * kLine + 14;
      bar.astray = work.bar->astray || (work.level > work.bar->depth &&
                                        work.bar->mark != Bar::Mark::kGhost);
      bar.was = Was(bar, top);
      placed.bars.push_back(bar);
    }
    const std::optional<OpRange>& op = trees[i].op;
    if (op && op->root == root_) placed.op = Over(op->range, top);
  }
  layout->height += y_.back();
}

// Returns the roots that are worth drawing: resources in no tree, and those of
// the kernel that have something below them, or at least iomem.
std::vector<std::string> RootsOf(absl::Span<const Tree> trees) {
  std::vector<std::string> roots;
  const auto add = [&](const std::string& root) {
    if (!absl::c_linear_search(roots, root)) roots.push_back(root);
  };
  const auto add_if = [&](const auto& is_wanted) {
    for (const Tree& tree : trees) {
      for (const Bar& bar : tree.bars) {
        const bool is_bare = IsKernelRoot(bar.root) && bar.depth == 0;
        if (!is_bare && is_wanted(bar.root)) add(bar.root);
      }
      if (tree.op && is_wanted(tree.op->root)) add(tree.op->root);
    }
  };
  add_if([](const std::string& root) { return root == "iomem"; });
  add_if([](const std::string& root) { return root == "ioport"; });
  add_if([](const std::string& root) { return !IsKernelRoot(root); });
  if (roots.empty()) roots.push_back("iomem");
  return roots;
}

}  // namespace

size_t EdgesOf(absl::Span<const Tree> trees) {
  size_t edges = 0;
  for (const std::string& root : RootsOf(trees)) {
    edges += Section(root, trees).edges();
  }
  return edges;
}

Layout LayOut(absl::Span<const Tree> trees) {
  Layout layout;
  layout.width = kWidth;
  layout.trees.resize(trees.size());
  layout.height = 1;
  bool has_title = false;
  for (const std::string& root : RootsOf(trees)) {
    const Section section(root, trees);
    if (section.edges() == 0) continue;
    if (layout.height > 1) layout.height += 6;
    if (!IsKernelRoot(root) && !has_title) {
      layout.titles.push_back({root, layout.height + 14, "in no tree"});
      layout.height += kTitle;
      has_title = true;
    }
    section.Place(trees, &layout);
  }
  layout.height += 1;
  size_t digits = 2;
  for (const Tick& tick : layout.ticks) {
    digits = std::max(digits, tick.text.size());
  }
  layout.gutter = static_cast<int>(digits) * kTickWidth + 5;
  for (PlacedTree& tree : layout.trees) {
    for (PlacedBar& bar : tree.bars) bar.left += layout.gutter;
  }
  return layout;
}

}  // namespace restree

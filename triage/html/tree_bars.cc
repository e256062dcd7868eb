// SPDX-License-Identifier: Apache-2.0
#include "triage/html/tree_bars.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "model/range.h"
#include "triage/json_read.h"

namespace restree {
namespace {

// The note of an outline whose bar is in another tree, which says more.
constexpr char kElsewhere[] = "elsewhere";

using BarOf = absl::flat_hash_map<std::string, const Bar*>;

uint64_t Address(absl::string_view text) {
  uint64_t address = 0;
  return absl::SimpleHexAtoi(text, &address) ? address : 0;
}

std::vector<Bar> BarsOf(const Json& state) {
  std::vector<Bar> bars;
  std::string root;
  for (const Json& row : ListAt(state, "rows")) {
    Bar bar;
    bar.slot = TextAt(row, "slot");
    bar.name = TextAt(row, "name");
    bar.parent = TextAt(row, "parent");
    bar.flags = TextAt(row, "flags");
    bar.desc = TextAt(row, "desc");
    bar.depth = NumberAt(row, "depth");
    bar.range = {Address(TextAt(row, "start")), Address(TextAt(row, "end"))};
    if (bar.depth == 0) root = bar.slot;
    bar.root = root;
    bars.push_back(std::move(bar));
  }
  return bars;
}

BarOf BySlot(const std::vector<Bar>& bars) {
  BarOf by_slot;
  for (const Bar& bar : bars) by_slot.emplace(bar.slot, &bar);
  return by_slot;
}

// Returns the words for what `a` has and `b` has otherwise.
std::string Changes(const Bar& a, const Bar& b, absl::string_view where) {
  std::vector<std::string> changes;
  const auto compare = [&](absl::string_view field, const std::string& mine,
                           const std::string& other) {
    if (mine == other) return;
    changes.push_back(absl::StrCat(field, " ", mine.empty() ? "none" : mine,
                                   ", ", where, " ",
                                   other.empty() ? "none" : other));
  };
  const auto hex = [](uint64_t n) { return absl::StrCat("0x", absl::Hex(n)); };
  compare("start", hex(a.range.start), hex(b.range.start));
  compare("end", hex(a.range.end), hex(b.range.end));
  compare("parent", a.parent, b.parent);
  compare("name", a.name, b.name);
  compare("flags", a.flags, b.flags);
  compare("desc", a.desc, b.desc);
  if (changes.empty() && a.depth != b.depth) {
    compare("depth", absl::StrCat(a.depth), absl::StrCat(b.depth));
  }
  return absl::StrJoin(changes, "; ");
}

void Compare(const std::vector<Bar>& others, TreeRole role,
             std::vector<Bar>* bars) {
  const BarOf there = BySlot(others);
  for (Bar& bar : *bars) {
    const auto found = there.find(bar.slot);
    // These are there from the start.
    if (bar.slot == "iomem" || bar.slot == "ioport") {
      if (found == there.end()) continue;
    }
    if (found == there.end()) {
      bar.mark =
          role == TreeRole::kExpected ? Bar::Mark::kMissing : Bar::Mark::kAdded;
      bar.note = role == TreeRole::kExpected ? "missing from what was got"
                 : role == TreeRole::kActual ? "not expected"
                                             : "new";
      continue;
    }
    bar.note = Changes(bar, *found->second,
                       role == TreeRole::kExpected ? "got"
                       : role == TreeRole::kActual ? "expected"
                                                   : "was");
    if (bar.note.empty()) continue;
    bar.mark = Bar::Mark::kChanged;
    if (bar.root == found->second->root &&
        !(bar.range == found->second->range)) {
      bar.was = found->second->range;
    }
  }
}

// Says which bars lie where no resource should.
void FindAstray(std::vector<Bar>* bars) {
  const auto note = [](Bar& bar, absl::string_view text) {
    absl::StrAppend(&bar.note, bar.note.empty() ? "" : "; ", text);
  };
  std::vector<const Bar*> above;  // by depth
  for (Bar& bar : *bars) {
    const Bar* const sibling =
        bar.depth < above.size() ? above[bar.depth] : nullptr;
    if (bar.depth < above.size()) above.resize(bar.depth);
    if (sibling != nullptr && bar.depth > 0 &&
        sibling->range.Overlaps(bar.range)) {
      note(bar, absl::StrCat("overlaps ", sibling->slot));
    }
    if (!above.empty() && !above.back()->range.Contains(bar.range)) {
      bar.astray = true;
      note(bar, "outside its parent");
    }
    if (bar.range.inverted()) note(bar, "ends before it starts");
    above.push_back(&bar);
  }
}

// Appends an outline for each bar that only `others` have, or have elsewhere.
void AddGhosts(const std::vector<Bar>& others, TreeRole role,
               std::vector<Bar>* bars) {
  std::vector<Bar> ghosts;
  const BarOf here = BySlot(*bars);
  for (const Bar& other : others) {
    if (ghosts.size() == kBarsMax) break;
    const auto found = here.find(other.slot);
    const bool is_here = found != here.end();
    if (is_here && found->second->root == other.root) continue;
    // Out of a tree nothing has a place that could be missed.
    if (is_here && other.depth == 0) continue;
    Bar& ghost = ghosts.emplace_back(other);
    ghost.mark = Bar::Mark::kGhost;
    ghost.note = is_here                     ? kElsewhere
                 : role == TreeRole::kActual ? "missing"
                                             : "gone";
  }
  bars->insert(bars->end(), ghosts.begin(), ghosts.end());
}

// Keeps the bars that lie nearest in the list to one that differs, or else to
// the op, and all above them. Bars of another tree are far.
void Clip(const std::optional<OpRange>& op, std::vector<Bar>* bars) {
  if (bars->size() <= kBarsMax) return;
  std::vector<size_t> centres;
  for (size_t i = 0; i < bars->size(); ++i) {
    if (!(*bars)[i].note.empty()) centres.push_back(i);
  }
  for (size_t i = 0; centres.empty() && op && i < bars->size(); ++i) {
    const Bar& bar = (*bars)[i];
    if (bar.depth > 0 && bar.root == op->root &&
        bar.range.end >= op->range.start) {
      centres.push_back(i);
    }
  }
  const size_t centre = centres.empty() ? 0 : centres.front();
  const size_t first = centre < kBarsMax / 2 ? 0 : centre - kBarsMax / 2;
  const size_t last = std::min(bars->size(), first + kBarsMax);
  std::vector<Bar> kept;
  std::vector<size_t> above;  // by depth
  size_t next = 0;            // behind the last one kept
  for (size_t i = 0; i < last; ++i) {
    const size_t depth = (*bars)[i].depth;
    if (depth < above.size()) above.resize(depth);
    above.push_back(i);
    if (i < first) continue;
    for (const size_t j : above) {
      if (j >= next && kept.size() < 2 * kBarsMax) kept.push_back((*bars)[j]);
    }
    next = i + 1;
  }
  *bars = std::move(kept);
}

// Splits an op's text into words, without what is quoted.
std::vector<std::string> Words(absl::string_view op) {
  std::string bare;
  bool quoted = false;
  for (size_t i = 0; i < op.size(); ++i) {
    if (quoted && op[i] == '\\') {
      ++i;
    } else if (op[i] == '"') {
      quoted = !quoted;
    } else if (!quoted) {
      bare += op[i];
    }
  }
  const size_t defines = bare.find(" = ");
  if (defines != std::string::npos) bare.erase(0, defines + 3);
  const size_t expects = bare.find("->");
  if (expects != std::string::npos) bare.erase(expects);
  return absl::StrSplit(bare, absl::ByAnyChar(" \t"), absl::SkipEmpty());
}

std::optional<Range> RangeOf(absl::string_view word) {
  const std::vector<absl::string_view> ends = absl::StrSplit(word, '-');
  if (ends.size() != 2 || !absl::StartsWith(ends[0], "0x") ||
      !absl::StartsWith(ends[1], "0x")) {
    return std::nullopt;
  }
  return Range{Address(ends[0]), Address(ends[1])};
}

}  // namespace

std::optional<OpRange> OpRangeOf(absl::string_view op,
                                 const std::vector<Bar>& bars) {
  const std::vector<std::string> words = Words(op);
  // These count pages.
  if (words.empty() || words[0] == "walk_system_ram_range" ||
      words[0] == "vmem_altmap") {
    return std::nullopt;
  }
  const Bar* about = nullptr;
  std::optional<Range> range;
  const BarOf by_slot = BySlot(bars);
  for (const std::string& word : words) {
    const auto found = by_slot.find(word);
    if (about == nullptr && found != by_slot.end()) about = found->second;
    if (!range) range = RangeOf(word);
  }
  if (range && range->inverted()) return std::nullopt;
  if (range) return OpRange{about == nullptr ? "iomem" : about->root, *range};
  if (about == nullptr || about->slot == "iomem" || about->slot == "ioport" ||
      about->range.inverted()) {
    return std::nullopt;
  }
  return OpRange{about->root, about->range};
}

Tree TreeOf(const Json& state, const Json& other, TreeRole role,
            absl::string_view op) {
  Tree tree;
  tree.bars = BarsOf(state);
  tree.rows = tree.bars.size();
  std::vector<Bar> others;
  if (role != TreeRole::kPlain && other.is_object()) {
    others = BarsOf(other);
    Compare(others, role, &tree.bars);
  }
  // What an op took out of its tree is where it was.
  const bool was_there = role == TreeRole::kAfter && !others.empty();
  tree.op = OpRangeOf(op, was_there ? others : tree.bars);
  FindAstray(&tree.bars);
  const bool has_ghosts = role == TreeRole::kActual || role == TreeRole::kAfter;
  std::vector<Bar> all = tree.bars;
  Clip(tree.op, &tree.bars);
  if (has_ghosts && !others.empty()) {
    const size_t bars = all.size();
    AddGhosts(others, role, &all);
    tree.bars.insert(tree.bars.end(), all.begin() + bars, all.end());
  }
  return tree;
}

std::string DifferenceOf(const Tree& tree) {
  constexpr size_t kNamed = 4;
  std::vector<std::string> parts;
  size_t more = 0;
  for (const Bar& bar : tree.bars) {
    if (bar.note.empty() || bar.note == kElsewhere) continue;
    if (parts.size() == kNamed) {
      ++more;
    } else {
      parts.push_back(absl::StrCat(bar.slot, ": ", bar.note));
    }
  }
  if (more > 0) parts.push_back(absl::StrCat(more, " more"));
  return absl::StrJoin(parts, "; ");
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_HTML_TREE_BARS_H_
#define RESTREE_TRIAGE_HTML_TREE_BARS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/range.h"
#include "triage/json_read.h"

namespace restree {

// How a state is compared with another one, and in which words.
enum class TreeRole {
  kPlain,     // not at all
  kExpected,  // with what was got
  kActual,    // with what was expected
  kAfter,     // with what was there before
};

// One resource to be drawn.
struct Bar {
  enum class Mark {
    kNone,
    kAdded,    // the other state has it not
    kMissing,  // the other state has it not, and this one is right
    kChanged,  // both have it, and they differ
    kGhost,    // only the other state has it: an outline
  };

  std::string slot;
  std::string name;
  std::string parent;
  std::string flags;
  std::string desc;
  std::string root;  // the slot at the top of its tree
  uint64_t depth = 0;
  Range range;

  Mark mark = Mark::kNone;
  std::string note;          // what differs, or what is wrong with its place
  std::optional<Range> was;  // where the other state has it, if elsewhere
  bool astray = false;       // outside its parent
};

// What an op is about: addresses below a root.
struct OpRange {
  std::string root;
  Range range;
};

// One state to be drawn.
struct Tree {
  std::vector<Bar> bars;  // in pre-order, roots included, ghosts last
  size_t rows = 0;        // of the state, of which the bars may be a part
  std::optional<OpRange> op;
};

// A tree of more resources is drawn in part.
inline constexpr size_t kBarsMax = 40;

// Returns the bars of `state`, compared with `other` as `role` says. Of a large
// tree those are kept that differ or lie near `op`, with all above them.
Tree TreeOf(const Json& state, const Json& other, TreeRole role,
            absl::string_view op);

// Returns the addresses that an op is about, from its text: the range that it
// names, or else that of the first resource; nothing if it has neither.
std::optional<OpRange> OpRangeOf(absl::string_view op,
                                 const std::vector<Bar>& bars);

// Returns in a few words how the tree differs: "r3 is new; r1: end 0x1ffe, was
// 0x1fff". "" if it does not.
std::string DifferenceOf(const Tree& tree);

}  // namespace restree

#endif  // RESTREE_TRIAGE_HTML_TREE_BARS_H_

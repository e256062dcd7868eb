// SPDX-License-Identifier: Apache-2.0
#include "model/resource_tree.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

class ResourceTreeTest : public testing::Test {
 protected:
  // Returns a new resource rN in no tree.
  Resource* New(uint32_t n, uint64_t start, uint64_t end) {
    Row row;
    row.slot = R(n);
    row.range = {start, end};
    Resource* const node = tree_.New(row);
    tree_.Keep(node);
    return node;
  }

  // Returns "r1 0x10-0x1f" for each row but the roots, two spaces a level.
  std::string Drawing() {
    State state;
    tree_.Snapshot(&state);
    EXPECT_EQ(StateDigest(state), tree_.digest());
    return IomemText(state, {});
  }

  ResourceTree tree_;
  Resource* const root_ = tree_.Find(kIomem);
};

TEST_F(ResourceTreeTest, TouchingSiblingsShareNoByte) {
  //   |--- r1 ---||--- r2 ---|
  //            |- r3 -|
  EXPECT_EQ(tree_.Request(root_, New(1, 0x1000, 0x1fff)), nullptr);
  EXPECT_EQ(tree_.Request(root_, New(2, 0x2000, 0x2fff)), nullptr);
  EXPECT_EQ(tree_.Request(root_, New(3, 0x1fff, 0x2000)), tree_.Find(R(1)));
  EXPECT_EQ(Drawing(),
            "00001000-00001fff : r1\n"
            "00002000-00002fff : r2\n");
}

TEST_F(ResourceTreeTest, RequestOutsideTheParentConflictsWithTheParent) {
  Resource* const r1 = New(1, 0x1000, 0x1fff);
  ASSERT_EQ(tree_.Request(root_, r1), nullptr);
  EXPECT_EQ(tree_.Request(r1, New(2, 0xfff, 0x1000)), r1);
  EXPECT_EQ(tree_.Request(r1, New(3, 0x1fff, 0x2000)), r1);
  EXPECT_EQ(tree_.Request(r1, New(4, 0x1800, 0x17ff)), r1);
  EXPECT_EQ(tree_.Request(r1, New(5, 0x1000, 0x1fff)), nullptr);
}

TEST_F(ResourceTreeTest, InsertAdoptsWhatItCovers) {
  //   |-------- r3 --------|
  //     |- r1 -|  |- r2 -|    |- r4 -|
  ASSERT_EQ(tree_.Request(root_, New(1, 0x20, 0x2f)), nullptr);
  ASSERT_EQ(tree_.Request(root_, New(2, 0x40, 0x4f)), nullptr);
  ASSERT_EQ(tree_.Request(root_, New(4, 0x60, 0x6f)), nullptr);
  EXPECT_EQ(tree_.Insert(root_, New(3, 0x20, 0x5f)), nullptr);
  EXPECT_EQ(Drawing(),
            "00000020-0000005f : r3\n"
            "  00000020-0000002f : r1\n"
            "  00000040-0000004f : r2\n"
            "00000060-0000006f : r4\n");
}

TEST_F(ResourceTreeTest, InsertOfAnEqualRangeBecomesTheParent) {
  ASSERT_EQ(tree_.Insert(root_, New(1, 0x20, 0x2f)), nullptr);
  ASSERT_EQ(tree_.Insert(root_, New(2, 0x20, 0x2f)), nullptr);
  EXPECT_EQ(Drawing(),
            "00000020-0000002f : r2\n"
            "  00000020-0000002f : r1\n");
}

TEST_F(ResourceTreeTest, InsertReportsTheFirstPartialOverlap) {
  //     |------ r3 ------|
  //   |- r1 -|  |- r2 -|
  ASSERT_EQ(tree_.Request(root_, New(1, 0x20, 0x2f)), nullptr);
  ASSERT_EQ(tree_.Request(root_, New(2, 0x40, 0x4f)), nullptr);
  EXPECT_EQ(tree_.Insert(root_, New(3, 0x21, 0x5f)), tree_.Find(R(1)));
  EXPECT_EQ(tree_.Insert(root_, New(4, 0x20, 0x4e)), tree_.Find(R(2)));
  EXPECT_EQ(Drawing(),
            "00000020-0000002f : r1\n"
            "00000040-0000004f : r2\n");
}

TEST_F(ResourceTreeTest, InsertExpandCoversEveryConflict) {
  ASSERT_EQ(tree_.Request(root_, New(1, 0x20, 0x2f)), nullptr);
  ASSERT_EQ(tree_.Request(root_, New(2, 0x40, 0x4f)), nullptr);
  EXPECT_TRUE(tree_.InsertExpand(root_, New(3, 0x28, 0x48)));
  EXPECT_EQ(Drawing(),
            "00000020-0000004f : r3\n"
            "  00000020-0000002f : r1\n"
            "  00000040-0000004f : r2\n");
}

TEST_F(ResourceTreeTest, RemoveMovesChildrenUpAndReleaseKeepsThem) {
  Resource* const r1 = New(1, 0x20, 0x5f);
  ASSERT_EQ(tree_.Request(root_, r1), nullptr);
  ASSERT_EQ(tree_.Request(r1, New(2, 0x20, 0x2f)), nullptr);
  ASSERT_EQ(tree_.Request(r1, New(3, 0x50, 0x5f)), nullptr);
  tree_.Remove(r1);
  EXPECT_TRUE(r1->children.empty());
  EXPECT_EQ(Drawing(),
            "00000020-0000002f : r2\n"
            "00000050-0000005f : r3\n");
  ASSERT_EQ(tree_.Insert(root_, r1), nullptr);
  tree_.Release(r1);
  EXPECT_EQ(r1->children.size(), 2u);
  EXPECT_EQ(Drawing(), "");
}

TEST_F(ResourceTreeTest, ReleaseChildrenTakesGrandchildrenApart) {
  Resource* const r1 = New(1, 0x20, 0x5f);
  Resource* const r2 = New(2, 0x20, 0x3f);
  Resource* const r3 = New(3, 0x30, 0x3f);
  ASSERT_EQ(tree_.Request(root_, r1), nullptr);
  ASSERT_EQ(tree_.Request(r1, r2), nullptr);
  ASSERT_EQ(tree_.Request(r2, r3), nullptr);
  tree_.ReleaseChildren(r1);
  EXPECT_EQ(Drawing(), "00000020-0000005f : r1\n");
  EXPECT_EQ(r2->range, (Range{0, 0x1f}));
  EXPECT_EQ(r3->range, (Range{0, 0xf}));
  EXPECT_EQ(r3->parent, nullptr);
}

TEST_F(ResourceTreeTest, AdjustStaysBetweenNeighboursAndAroundChildren) {
  //   |- r1 -|   |--- r2 ---|   |- r3 -|
  //                 |r4|
  Resource* const r2 = New(2, 0x40, 0x5f);
  ASSERT_EQ(tree_.Request(root_, New(1, 0x20, 0x2f)), nullptr);
  ASSERT_EQ(tree_.Request(root_, r2), nullptr);
  ASSERT_EQ(tree_.Request(root_, New(3, 0x70, 0x7f)), nullptr);
  ASSERT_EQ(tree_.Request(r2, New(4, 0x48, 0x4f)), nullptr);
  EXPECT_FALSE(tree_.Adjust(r2, {0x2f, 0x5f}));
  EXPECT_FALSE(tree_.Adjust(r2, {0x40, 0x70}));
  EXPECT_FALSE(tree_.Adjust(r2, {0x49, 0x5f}));
  EXPECT_FALSE(tree_.Adjust(r2, {0x40, 0x4e}));
  EXPECT_FALSE(tree_.Adjust(r2, {0x80, 0x8f}));
  EXPECT_TRUE(tree_.Adjust(r2, {0x48, 0x4f}));
  EXPECT_TRUE(tree_.Adjust(r2, {0x30, 0x6f}));
}

// Looks for space by trying every address, lowest first.
std::optional<Range> SlowSpace(const std::vector<Range>& taken,
                               const Range& bounds, uint64_t size,
                               uint64_t align) {
  for (uint64_t start = bounds.start; start <= bounds.end; ++start) {
    const Range range = Range::OfSize(start, size);
    if (start % align != 0 || range.inverted() || range.end > bounds.end) {
      continue;
    }
    bool free = true;
    for (const Range& other : taken) free = free && !other.Overlaps(range);
    if (free) return range;
  }
  return std::nullopt;
}

TEST_F(ResourceTreeTest, FindSpaceIsTheFirstFit) {
  // r1 = [0, 2], r2 = [5, 5], r3 = [10, 14], below a parent [0, 20].
  Resource* const parent = New(0, 0, 20);
  const std::vector<Range> ranges = {{0, 2}, {5, 5}, {10, 14}};
  std::vector<Resource*> nodes;
  for (uint32_t i = 0; i < ranges.size(); ++i) {
    nodes.push_back(New(i + 1, ranges[i].start, ranges[i].end));
    ASSERT_EQ(tree_.Request(parent, nodes.back()), nullptr);
  }
  for (size_t self = 0; self <= ranges.size(); ++self) {
    std::vector<Range> taken = ranges;
    if (self < ranges.size()) taken.erase(taken.begin() + self);
    const Resource* const node = self < nodes.size() ? nodes[self] : nullptr;
    for (uint64_t min = 0; min <= 20; ++min) {
      for (uint64_t max = min; max <= 20; ++max) {
        for (uint64_t size = 1; size <= 8; ++size) {
          for (uint64_t align = 1; align <= 8; align *= 2) {
            EXPECT_EQ(
                ResourceTree::FindSpace(*parent, node, {min, max}, size, align),
                SlowSpace(taken, {min, max}, size, align))
                << self << " " << min << " " << max << " " << size;
          }
        }
      }
    }
  }
}

TEST_F(ResourceTreeTest, IsaAlignComesAfterAlign) {
  Resource* const parent = New(0, 0, UINT64_MAX);
  const auto find = [parent](uint64_t min, uint64_t max, uint64_t align) {
    return ResourceTree::FindSpace(*parent, nullptr, {min, max}, 0x10, align,
                                   /*isa_align=*/true);
  };
  EXPECT_EQ(find(0xf1, 0xfff, 0x1), (Range{0xf1, 0x100}));
  EXPECT_EQ(find(0xf1, 0xfff, 0x10), (Range{0x400, 0x40f}));
  EXPECT_EQ(find(0x3ff, 0xfff, 0x1), (Range{0x400, 0x40f}));
  EXPECT_EQ(find(0x100, 0x40e, 0x1), std::nullopt);
  EXPECT_EQ(find(UINT64_MAX - 0xff, UINT64_MAX, 0x1), std::nullopt);
}

TEST_F(ResourceTreeTest, FindSpaceFromTopIsTheLastFit) {
  // r1 = [0, 2], r2 = [7, 7], r3 = [14, 18], below a parent [0, 30].
  Resource* const parent = New(0, 0, 30);
  ASSERT_EQ(tree_.Request(parent, New(1, 0, 2)), nullptr);
  ASSERT_EQ(tree_.Request(parent, New(2, 7, 7)), nullptr);
  ASSERT_EQ(tree_.Request(parent, New(3, 14, 18)), nullptr);
  const auto try_each = [parent](uint64_t first, uint64_t last, uint64_t size,
                                 uint64_t align) -> std::optional<Range> {
    for (uint64_t start = last; start >= first; start -= align) {
      const Range range = Range::OfSize(start, size);
      if (!ResourceTree::FirstOverlap(*parent, range)) return range;
      if (start < align) break;
    }
    return std::nullopt;
  };
  for (uint64_t first = 0; first <= 30; ++first) {
    for (uint64_t last = 0; last <= 30; ++last) {
      for (uint64_t size = 1; size <= 8; ++size) {
        for (uint64_t align = 1; align <= 8; align *= 2) {
          EXPECT_EQ(
              ResourceTree::FindSpaceFromTop(*parent, first, last, size, align),
              try_each(first, last, size, align))
              << first << " " << last << " " << size << " " << align;
        }
      }
    }
  }
}

TEST_F(ResourceTreeTest, RegionsAreCounted) {
  Row row;
  row.region = true;
  row.slot = R(1);
  tree_.Keep(tree_.New(row));
  row.slot = R(2);
  Resource* const r2 = tree_.New(row);
  tree_.Keep(r2);
  New(3, 0, 0);
  EXPECT_EQ(tree_.regions(), 2u);
  tree_.Free(r2);
  New(1, 0, 0);  // in place of the region
  EXPECT_EQ(tree_.regions(), 0u);
}

TEST_F(ResourceTreeTest, MillionSiblingsAreAnOrdinaryTree) {
  constexpr uint32_t kSiblings = 1'000'000;
  for (uint32_t i = 0; i < kSiblings; ++i) {
    // A stride that is odd and so visits every place, out of order.
    const uint64_t at = (uint64_t{i} * 611'953 % kSiblings) * 0x1000;
    ASSERT_EQ(tree_.Request(root_, New(i, at, at + 0xfff)), nullptr);
  }
  EXPECT_EQ(root_->children.size(), kSiblings);
  for (uint32_t i = 0; i < kSiblings; ++i) {
    const Resource* const at =
        ResourceTree::ChildAt(*root_, uint64_t{i} * 0x1000);
    ASSERT_NE(at, nullptr);
    ASSERT_EQ(
        ResourceTree::FirstOverlap(*root_, {at->range.end, at->range.end + 1}),
        at);
  }
}

TEST_F(ResourceTreeTest, DeepChainNeedsNoStack) {
  constexpr uint32_t kDepth = 200'000;
  Resource* parent = root_;
  for (uint32_t i = 0; i < kDepth; ++i) {
    Resource* const node = New(i, 0, uint64_t{2} * kDepth - i);
    ASSERT_EQ(tree_.Request(parent, node), nullptr);
    parent = node;
  }
  State state;
  tree_.Snapshot(&state);
  EXPECT_EQ(state.rows.size(), kDepth + 2);
  tree_.ReleaseChildren(root_);
  EXPECT_TRUE(root_->children.empty());
}

TEST_F(ResourceTreeTest, ResetForgetsEverything) {
  const uint64_t digest = tree_.digest();
  ASSERT_EQ(tree_.Request(root_, New(1, 0x20, 0x2f)), nullptr);
  New(2, 0, 0);
  ASSERT_TRUE(tree_.Adjust(root_, {0, 0xffff}));
  tree_.Reset();
  EXPECT_EQ(tree_.digest(), digest);
  EXPECT_EQ(tree_.regions(), 0u);
  EXPECT_EQ(tree_.Find(R(1)), nullptr);
  EXPECT_EQ(root_->range, (Range{0, UINT64_MAX}));
  EXPECT_EQ(Drawing(), "");
}

}  // namespace
}  // namespace restree

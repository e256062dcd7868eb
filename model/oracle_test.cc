// SPDX-License-Identifier: Apache-2.0
#include "model/oracle.h"

#include <cstdint>
#include <random>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle_testing.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr uint64_t kMax = UINT64_MAX;

TEST(Oracle, RequestsFillGapsAndNameTheFirstConflict) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x1fff}), "ok"},
      {Request(2, kIomem, {0x3000, 0x3fff}), "ok"},
      {Request(3, kIomem, {0x2000, 0x2fff}), "ok"},
      {Request(4, kIomem, {0x1fff, 0x3000}), "EBUSY r1"},
      {Request(4, kIomem, {0x2fff, 0x2fff}), "EBUSY r3"},
      {Request(4, kIomem, {0x5000, 0x4fff}), "EBUSY iomem"},
      {Request(4, R(1), {0x1fff, 0x2000}), "EBUSY r1"},
      {Request(4, R(1), {0x1000, 0x1fff}), "ok"},
      {Request(5, kIomem, {kMax, kMax}), "ok"},
      {Request(6, kIoport, {0xffff, 0x10000}), "EBUSY ioport"},
      {Request(6, kIoport, {0, 0xffff}), "ok"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r1 1000-1fff ..r4 1000-1fff .r3 2000-2fff .r2 3000-3fff "
            ".r5 ffffffffffffffff-ffffffffffffffff ioport .r6 0-ffff");
}

TEST(Oracle, DetachedTreesArePlacedWhole) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x1fff}), "ok"},
      {Request(2, R(1), {0x1000, 0x10ff}), "ok"},
      {On(Verb::kRelease, R(1)), "ok"},
      {Request(3, R(1), {0x1100, 0x11ff}), "ok"},
      {Request(4, kIomem, {0x1080, 0x1080}), "ok"},
      {Again(Verb::kRequestAgain, kIomem, R(1)), "EBUSY r4"},
      {On(Verb::kRelease, R(4)), "ok"},
      {Again(Verb::kRequestAgain, R(2), R(1)), "misuse"},
      {Again(Verb::kRequestAgain, kIomem, R(1)), "ok"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r1 1000-1fff ..r2 1000-10ff ..r3 1100-11ff ioport "
            "r4 1080-1080");
}

TEST(Oracle, AFailedDefinitionLeavesTheSlotAsItWas) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x1fff}, kResourceMem), "ok"},
      {On(Verb::kRelease, R(1)), "ok"},
      {Request(1, kIomem, {2, 1}), "EBUSY iomem"},
      {Expand(1, kIoport, {0, 0x10000}), "NULL"},
      {Allocate(1, kIoport, 0x10001), "EBUSY"},
      {Region(1, kIoport, {0, 0x10000}), "NULL"},
      {Request(2, kIomem, {2, 1}), "EBUSY iomem"},
      {On(Verb::kAlignment, R(2)), "misuse"},
  });
  EXPECT_EQ(Shape(oracle), "iomem ioport r1 1000-1fff");
}

TEST(Oracle, InsertGoesBelowWhatIsLargerAndAboveWhatIsNot) {
  const Oracle oracle = Play({
      {Insert(1, kIomem, {0x1000, 0x4fff}), "ok"},
      {Insert(2, kIomem, {0x2000, 0x2fff}), "ok"},
      {Insert(3, kIomem, {0x3000, 0x3fff}), "ok"},
      {Insert(4, kIomem, {0x2000, 0x3fff}), "ok"},  // adopts both
      {Insert(5, kIomem, {0x2000, 0x3fff}), "ok"},  // the upper of equals
      {Insert(6, kIomem, {0x0, 0x4fff}), "ok"},     // the new top
      {Insert(7, kIomem, {0x2800, 0x37ff}), "EBUSY r2"},
      {Insert(7, kIomem, {0x2000, 0x37ff}), "EBUSY r3"},
      {Insert(7, kIomem, {0x4000, 0x5000}), "EBUSY r6"},
      {Insert(7, R(2), {0x3000, 0x3000}), "EBUSY r2"},
      {Insert(7, kIomem, {1, 0}), "EBUSY iomem"},
      {Insert(7, kIomem, kAll), "ok"},
      {Insert(8, R(3), {0x3000, 0x3fff}), "ok"},  // equal to its parent
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r7 0-ffffffffffffffff ..r6 0-4fff ...r1 1000-4fff "
            "....r5 2000-3fff .....r4 2000-3fff ......r2 2000-2fff "
            "......r3 3000-3fff .......r8 3000-3fff ioport");
}

TEST(Oracle, InsertExpandGrowsOverWhatItCuts) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x1fff}), "ok"},
      {Request(2, kIomem, {0x3000, 0x3fff}), "ok"},
      {Expand(3, kIomem, {0x1800, 0x3800}), "ok"},
      {Again(Verb::kInsertExpandAgain, R(3), R(3)), "ok"},
      {Request(4, kIomem, {0x5000, 0x5fff}), "ok"},
      {On(Verb::kRelease, R(4)), "ok"},
      {Adjust(R(4), {0x1fff, 0x1fff}), "ok"},
      {Again(Verb::kInsertExpandAgain, kIoport, R(4)), "ok"},
      {On(Verb::kRelease, R(4)), "ok"},
      {Again(Verb::kInsertExpandAgain, R(2), R(4)), "NULL"},
      {Again(Verb::kInsertExpandAgain, kIomem, kIoport), "misuse"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r3 1000-3fff ..r1 1000-1fff ..r2 3000-3fff ioport "
            "r4 1fff-1fff");
}

TEST(Oracle, AllocateTakesTheLowestAlignedGap) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0, 0x1000}), "ok"},
      {Request(2, kIomem, {0x3000, 0x3fff}), "ok"},
      {Allocate(3, kIomem, 0x1000, 0x1000), "ok"},
      {Allocate(4, kIomem, 0xfff), "ok"},
      {Allocate(5, kIomem, 0x1000, 0x1000, {0x2001, 0x5fff}), "ok"},
      {Allocate(6, kIomem, 0x1000, 0x1000, {0x5000, 0x5ffe}), "EBUSY"},
      {Allocate(6, kIomem, 0x10, 1, {0x9000, 0x8000}), "EBUSY"},
      {Allocate(6, kIomem, 0x1000, 0), "EBUSY"},  // ALIGN(x, 0) is 0
      {Allocate(6, kIomem, 0), "EBUSY"},          // an inverted range
      {Allocate(6, kIomem, 1, 1, {kMax, kMax}), "ok"},
      {Allocate(7, kIomem, 2, 4, {kMax - 2, kMax}), "EBUSY"},  // ALIGN wraps
      {Allocate(7, kIoport, 0x10000), "ok"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r1 0-1000 .r4 1001-1fff .r3 2000-2fff .r2 3000-3fff "
            ".r5 4000-4fff .r6 ffffffffffffffff-ffffffffffffffff "
            "ioport .r7 0-ffff");
}

TEST(Oracle, ASizeOfZeroAllocatesAllAddressesOrNothing) {
  const Oracle oracle = Play({
      {Allocate(1, kIoport, 0), "EBUSY"},
      {Allocate(1, kIomem, 0, 1, {0, kMax - 1}), "EBUSY"},
      {Allocate(1, kIomem, 0, 0), "ok"},
      // The kernel takes the wrap behind r1 for a gap: no gap, no move.
      {Allocate(2, kIomem, 1), "EBUSY"},
      {AllocateAgain(1, kIomem, 0x1000, 0x1000, {1, kMax}), "ok"},
  });
  EXPECT_EQ(Shape(oracle), "iomem .r1 1000-1fff ioport");
}

TEST(Oracle, AnAllocatedResourceMovesUnlessItHasChildren) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x1fff}), "ok"},
      {Request(2, kIomem, {0x2000, 0x2fff}), "ok"},
      {AllocateAgain(1, kIomem, 0x2001), "ok"},  // moves over r2
      {AllocateAgain(2, R(1), 0x10), "misuse"},
      {Request(3, R(2), {0x2fff, 0x2fff}), "ok"},
      {AllocateAgain(2, kIomem, 0x800), "EBUSY"},  // r3 would not fit
      {AllocateAgain(2, kIomem, 0x3000), "ok"},    // contains the old
      {Request(4, kIomem, {0x6000, 0x6fff}, kResourceUnset), "ok"},
      {Request(5, R(4), {0x6000, 0x6000}), "ok"},
      {AllocateAgain(4, kIomem, 0x1000, 1, {0x6000, kMax}), "EBUSY"},
      {On(Verb::kReleaseChildren, R(4)), "ok"},
      {AllocateAgain(4, kIomem, 0x100, 1, {0x7000, kMax}), "ok"},
      {AllocateAgain(5, R(2), 0x10, 0x1000), "ok"},  // r5 was in no tree
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r2 0-2fff ..r5 0-f ..r3 2fff-2fff .r1 3000-5000 "
            ".r4 7000-70ff ioport");
}

TEST(Oracle, AllocateMayAvoidWhatIsaCardsClaim) {
  const auto isa = [](Op op) {
    op.number = 1;
    return op;
  };
  const Oracle oracle = Play({
      {Request(1, kIoport, {0, 0xff}), "ok"},
      {isa(Allocate(2, kIoport, 0x100)), "ok"},  // 0x100 is taken to be claimed
      {Allocate(3, kIoport, 0x100), "ok"},
      {isa(Allocate(4, kIoport, 0x200, 0x80)), "ok"},
      {isa(AllocateAgain(4, kIoport, 0x10, 1, {0x4c1, 0x7ff})), "EBUSY"},
      {isa(AllocateAgain(4, kIoport, 0x10, 1, {0x4c1, 0x80f})), "ok"},
      {isa(Allocate(5, kIomem, 1, 1, {kMax - 0xff, kMax})), "EBUSY"},  // wraps
  });
  EXPECT_EQ(Shape(oracle),
            "iomem ioport .r1 0-ff .r3 100-1ff .r2 400-4ff .r4 800-80f");
}

TEST(Oracle, FindSpaceMovesAResourceThatIsInNoTree) {
  const auto find = [](uint32_t n, Slot parent, uint64_t size,
                       Range within = kAll) {
    Op op = AllocateAgain(n, parent, size, 1, within);
    op.verb = Verb::kFindSpace;
    return op;
  };
  Op isa = find(2, kIoport, 0x10);
  isa.number = 1;
  const Oracle oracle = Play({
      {Request(1, kIoport, {0, 0xff}), "ok"},
      {Root(2, {9, 3}), "ok"},
      {find(2, kIoport, 0xff01), "EBUSY"},
      {find(2, kIoport, 0x10, {0x90, 0xffff}), "ok"},
      {Root(3, {0, 0}), "ok"},
      {find(3, R(2), 0x10), "ok"},
      {isa, "ok"},
      {find(1, kIoport, 1), "misuse (the resource is in a tree already)"},
      {find(9, kIoport, 1), "misuse (the resource does not exist)"},
      {find(3, R(9), 1), "misuse (the parent does not exist)"},
      {find(3, R(3), 1), "misuse (the resource is its own parent)"},
      {Request(4, R(3), {0x101, 0x102}), "ok"},
      {find(3, kIoport, 1), "misuse (the resource has children)"},
      {find(3, R(4), 1), "misuse (the parent lies below the resource)"},
      {Again(Verb::kFindSpace, kIoport, kIomem),
       "misuse (a root is nobody's child)"},
      // The kernel takes the wrap behind r5 for a gap.
      {Root(5, kAll), "ok"},
      {Request(6, R(5), kAll), "ok"},
      {find(2, R(5), 1), "EBUSY"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem ioport .r1 0-ff r2 400-40f r3 100-10f .r4 101-102 "
            "r5 0-ffffffffffffffff .r6 0-ffffffffffffffff");
}

TEST(Oracle, ARootTakesAnyRangeAndSlotsThatAreFreeToTake) {
  Oracle oracle = Play({
      {Root(1, {9, 3}, kResourceBusy, 5), "ok"},
      {Root(1, {0x1000, 0x1fff}, kResourceMem, 5), "ok"},
      {Request(2, R(1), {0x1000, 0x10ff}), "ok"},
      {Root(1, {0, 0}), "misuse (the resource has children)"},
      {Root(2, {0, 0}), "misuse (the resource is in a tree already)"},
      {Again(Verb::kRequestAgain, kIomem, R(1)), "ok"},
      {Region(3, kIoport, {0, 0}), "ok"},
      {On(Verb::kRelease, R(3)), "ok"},
  });
  EXPECT_EQ(RowOf(oracle, R(1)).flags, kResourceMem);
  EXPECT_EQ(Books(oracle), "live 1");
  oracle.Apply(Root(3, {0, 0}));  // the kernel's r3 is freed
  EXPECT_EQ(Books(oracle), "live 0");
}

TEST(Oracle, ReleaseKeepsTheChildrenAndRemoveMovesThemUp) {
  const Oracle oracle = Play({
      {Insert(1, kIomem, {0x1000, 0x1fff}), "ok"},
      {Insert(2, kIomem, {0x1000, 0x10ff}), "ok"},
      {Insert(3, kIomem, {0x1f00, 0x1fff}), "ok"},
      {Insert(4, kIomem, {0x1000, 0x2fff}), "ok"},
      {On(Verb::kRemove, R(1)), "ok"},
      {On(Verb::kRemove, R(1)), "misuse"},
      {Again(Verb::kInsertAgain, kIoport, R(1)), "ok"},  // without them
      {On(Verb::kRelease, R(4)), "ok"},
      {On(Verb::kRelease, R(4)), "misuse"},
      {On(Verb::kRelease, kIomem), "misuse"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem ioport .r1 1000-1fff "
            "r4 1000-2fff .r2 1000-10ff .r3 1f00-1fff");
}

TEST(Oracle, ReleasedChildrenKeepTheirSizeAndLoseTheirChildren) {
  const Oracle oracle = Play({
      {Request(1, kIomem, kAll), "ok"},
      {Request(2, R(1), {0x1000, 0x1fff}), "ok"},
      {Request(3, R(2), {0x1ff0, 0x1fff}), "ok"},
      {Request(4, R(1), {kMax, kMax}), "ok"},
      {On(Verb::kReleaseChildren, kIomem), "ok"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem ioport r1 0-ffffffffffffffff r2 0-fff r3 0-f r4 0-0");
}

TEST(Oracle, AdjustStaysBetweenItsNeighboursAndAroundItsChildren) {
  const Oracle oracle = Play({
      {Request(1, kIomem, {0x1000, 0x1fff}), "ok"},
      {Request(2, kIomem, {0x3000, 0x3fff}), "ok"},
      {Request(3, kIomem, {0x5000, 0x5fff}), "ok"},
      {Request(4, R(2), {0x3800, 0x38ff}), "ok"},
      {Adjust(R(2), {0x1fff, 0x3fff}), "EBUSY"},
      {Adjust(R(2), {0x3000, 0x5000}), "EBUSY"},
      {Adjust(R(2), {0x3801, 0x3fff}), "EBUSY"},
      {Adjust(R(2), {0x3000, 0x38fe}), "EBUSY"},
      {Adjust(R(1), {0x7000, 0x7fff}), "EBUSY"},  // leaps over r2
      {Adjust(R(4), {0x2fff, 0x3fff}), "EBUSY"},  // leaves r2
      {Adjust(R(2), {0x2000, 0x4fff}), "ok"},
      {Adjust(R(1), {0x1000, 0xfff}), "EBUSY"},  // inverted, in a tree
      {Adjust(kIomem, {0x1000, 0x5ffe}), "EBUSY"},
      {Adjust(kIomem, {0x1000, 0x5fff}), "ok"},
      {Request(5, kIomem, {0x6000, 0x6fff}), "EBUSY iomem"},
      {Adjust(kIoport, {0x10, 0xf}), "ok"},  // inverted, in no tree
      {Allocate(5, kIoport, 1), "EBUSY"},
      {On(Verb::kRelease, R(2)), "ok"},
      {Adjust(R(2), {0x3800, 0x38ff}), "ok"},
  });
  EXPECT_EQ(Shape(oracle),
            "iomem .r1 1000-1fff .r3 5000-5fff ioport "
            "r2 3800-38ff .r4 3800-38ff");
}

TEST(Oracle, LookupAndAlignmentReadOneResource) {
  constexpr uint64_t kSize = kResourceSizeAlign;
  constexpr uint64_t kStart = kResourceStartAlign;
  Play({
      {Request(1, kIomem, {0x1000, 0x1fff}, kSize), "ok"},
      {Request(2, R(1), {0x1100, 0x11ff}, kStart), "ok"},
      {Request(3, R(1), {0x1200, 0x12ff}, kSize | kStart), "ok"},
      {Lookup(kIomem, 0x1000), "ok r1"},
      {Lookup(kIomem, 0x1100), "NULL"},  // no deeper
      {Lookup(R(1), 0x1100), "ok r2"},
      {Lookup(R(4), 0), "misuse"},
      {On(Verb::kAlignment, R(1)), "ok 0x1000"},
      {On(Verb::kAlignment, R(2)), "ok 0x1100"},
  });
  Oracle oracle = Play({{Request(1, kIomem, {1, 1}, kSize | kStart), "ok"}});
  EXPECT_EQ(oracle.Apply(On(Verb::kAlignment, R(1))).value, 0u);
}

TEST(Oracle, LinkedAndRelatedResourcesAreNotPlaced) {
  Play({
      {Request(1, kIomem, {0x1000, 0x1fff}), "ok"},
      {Request(2, R(1), {0x1000, 0x1fff}), "ok"},
      {Request(2, kIoport, {0, 0}), "misuse"},
      {Again(Verb::kRequestAgain, kIomem, R(2)), "misuse"},
      {Again(Verb::kInsertAgain, kIomem, R(2)), "misuse"},
      {Again(Verb::kRequestAgain, kIomem, kIoport), "misuse"},
      {Request(3, R(9), {0, 0}), "misuse (the parent does not exist)"},
      {On(Verb::kRelease, R(1)), "ok"},
      {Request(1, kIomem, {0, 0}), "misuse"},
      {Again(Verb::kRequestAgain, R(1), R(1)), "misuse"},
      {Again(Verb::kInsertAgain, kIomem, R(1)), "misuse"},
      {Again(Verb::kInsertExpandAgain, kIomem, R(1)), "misuse"},
      {AllocateAgain(1, kIomem, 1), "misuse"},
      {On(Verb::kRelease, R(2)), "ok"},
      {Request(2, R(2), {0, 0}), "misuse"},
      {Request(2, R(1), {0x1000, 0x1000}), "ok"},
  });
}

// Random ops on few slots and addresses keep the promises of model/oracle.h.
TEST(Oracle, EveryStateIsAForestOfDisjointRanges) {
  std::mt19937_64 random(1);
  Oracle oracle;
  State state;
  for (int i = 0; i < 100000; ++i) {
    if (i % 100 == 0) oracle.Reset();
    const auto any = [&random](uint64_t n) { return random() % n; };
    Op op = New(static_cast<Verb>(any(kVerbs)), any(8), any(8),
                {any(32), any(32)}, any(2) * kResourceBusy, any(3));
    op.size = any(8);
    op.align = any(3);
    op.number = any(3);
    const Oracle before = oracle;
    const bool misuse = oracle.Apply(Normal(op)).outcome == Outcome::kMisuse;
    if (misuse) ASSERT_EQ(Shape(before), Shape(oracle));
    oracle.Snapshot(&state);
    ASSERT_EQ(oracle.Digest(), StateDigest(state));
    const Row* left = nullptr;  // the row before, if it is a sibling
    for (const Row& row : state.rows) {
      if (row.parent == kNoSlot) continue;
      ASSERT_FALSE(row.range.inverted());
      for (const Row& other : state.rows) {
        if (other.slot == row.parent) {
          ASSERT_TRUE(other.range.Contains(row.range)) << Shape(oracle);
        }
        if (other.parent != row.parent || other.slot == row.slot) continue;
        ASSERT_FALSE(other.range.Overlaps(row.range)) << Shape(oracle);
      }
      if (left != nullptr && left->parent == row.parent) {
        ASSERT_LT(left->range.start, row.range.start) << Shape(oracle);
      }
      left = &row;
    }
  }
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/invariants.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/example_states.h"

namespace restree {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Returns "Name: sentence" for each invariant that `state` breaks.
std::vector<std::string> Broken(const State& state) {
  std::vector<std::string> broken;
  for (const Invariant& invariant : kInvariants) {
    if (const auto sentence = invariant.broken(state)) {
      broken.push_back(std::string(invariant.name) + ": " + *sentence);
    }
  }
  return broken;
}

// One of each: equal ranges three levels deep, neighbours that touch, both ends
// of the address space, and private trees of their own.
//
//   r1 |---------------|     r5 |----|  r6: inverted, in no tree
//   r2 |-------|             r7: in no tree, with a child r8
//   r3 |-------|
//   r4         |-------|
State Example() {
  return StateOf({
      At(1, R(1), {0, 0x2fff}),
      At(2, R(2), {0, 0x1fff}),
      At(3, R(3), {0, 0x1fff}),
      At(2, R(4), {0x2000, 0x2fff}),
      At(1, R(5), {0x3000, UINT64_MAX}),
      At(0, R(6), {0x1000, 0xfff}),
      At(0, R(7), {0x2000, 0x3fff}),
      At(1, R(8), {0x2000, 0x2000}),
  });
}

TEST(InvariantsTest, AllHoldForAHealthyState) {
  EXPECT_THAT(Broken(StateOf({})), IsEmpty());
  EXPECT_THAT(Broken(Example()), IsEmpty());
}

TEST(InvariantsTest, AllHoldForAdjustedRoots) {
  State state = StateOf({});
  RowOf(state, kIomem).range = {0x1000, 0xfff};
  RowOf(state, kIoport).range = {5, 5};
  EXPECT_THAT(Broken(state), IsEmpty());
}

TEST(InvariantsTest, AllHoldForAVeryDeepAndAVeryBroadTree) {
  State state;
  state.rows.push_back(At(0, kIomem, {0, UINT64_MAX}));
  for (uint32_t i = 0; i < 3000; ++i) {
    state.rows.push_back(At(i + 1, R(i), {0, UINT64_MAX}));
    state.rows.back().parent = i == 0 ? kIomem : R(i - 1);
  }
  state.rows.push_back(At(0, kIoport, {0, 0xffff}));
  for (uint32_t i = 0; i < 3000; ++i) {
    state.rows.push_back(At(1, R(3000 + i), {i, i}));
    state.rows.back().parent = kIoport;
  }
  state.rows.front().parent = kNoSlot;
  RowOf(state, kIoport).parent = kNoSlot;
  EXPECT_THAT(Broken(state), IsEmpty());

  state.rows[2999].range.end = 1;
  EXPECT_THAT(Broken(state), ElementsAre("ChildrenLieInsideParent: r2999 "
                                         "0x0-0xffffffffffffffff escapes its "
                                         "parent r2998 0x0-0x1"));
}

TEST(InvariantsTest, RootsStandFirstAndTheRestBySlot) {
  State state = StateOf({});
  state.rows.pop_back();
  EXPECT_THAT(Broken(state), ElementsAre("RootsStandFirst: ioport is missing"));
  EXPECT_THAT(Broken(State()),
              ElementsAre("RootsStandFirst: iomem is missing"));

  state = StateOf({At(0, R(2), {1, 2}), At(0, R(1), {1, 2})});
  EXPECT_THAT(Broken(state),
              ElementsAre("RootsStandFirst: r1 0x1-0x2 stands behind r2"));

  state = StateOf({});
  std::swap(state.rows[0], state.rows[1]);
  EXPECT_THAT(Broken(state),
              ElementsAre("RootsStandFirst: ioport stands where iomem should"));
}

TEST(InvariantsTest, LinksAgreeWithWhereARowIsMet) {
  State state = Example();
  RowOf(state, R(3)).parent = R(4);
  EXPECT_THAT(Broken(state), ElementsAre("LinksAgree: r3 0x0-0x1fff says that "
                                         "its parent is r4 and is met below "
                                         "r2"));
  state = Example();
  RowOf(state, R(8)).parent = kNoSlot;
  EXPECT_THAT(Broken(state), ElementsAre("LinksAgree: r8 0x2000-0x2000 says "
                                         "that its parent is NULL and is met "
                                         "below r7"));
}

TEST(InvariantsTest, LinksAgreeThatNobodyIsMetTwice) {
  State state = Example();
  RowOf(state, R(8)).slot = R(4);
  EXPECT_THAT(Broken(state), ElementsAre("LinksAgree: r4 is met twice"));

  // The same modulo a power of two, which is no fault.
  state = Example();
  RowOf(state, R(8)).slot = R(4) + (1 << 20);
  EXPECT_THAT(Broken(state), IsEmpty());
}

TEST(InvariantsTest, LinksAgreeThatThereIsSomethingAbove) {
  State state = Example();
  RowOf(state, R(3)).depth = 4;
  EXPECT_THAT(Broken(state), ElementsAre("LinksAgree: r3 0x0-0x1fff is met at "
                                         "depth 4, where nothing stands above "
                                         "it"));
}

TEST(InvariantsTest, NothingLeaksThatSaysItIsInATree) {
  State state = Example();
  RowOf(state, R(6)).parent = R(5);
  EXPECT_THAT(Broken(state), ElementsAre("NothingLeaks: r6 0x1000-0xfff says "
                                         "that its parent is r5 and is not met "
                                         "below it"));
}

// The same with something of each kind in its ledger.
State BusyExample() {
  State state = Example();
  RowOf(state, R(2)).region = true;
  Devres resource;
  resource.slot = R(5);
  Devres region;
  region.device = 3;
  region.region = true;
  region.slot = kIomem;
  Waiter waiter;
  waiter.slot = R(9);
  waiter.parent = R(1);
  state.ledger.devres = {resource, region};
  state.ledger.listed = {{0, R(2)}, {0, R(2)}, {2, kIomem}};
  state.ledger.waiters = {waiter};
  state.ledger.inode = true;
  state.ledger.reserved = 4;
  state.ledger.live = 1 + 2 + 3 + 1 + kInodeObjects;
  return state;
}

TEST(InvariantsTest, AllHoldForABusyLedger) {
  EXPECT_THAT(Broken(BusyExample()), IsEmpty());
}

TEST(InvariantsTest, NothingLeaksOfWhatWasAllocated) {
  State state = BusyExample();
  ++state.ledger.live;
  EXPECT_THAT(Broken(state),
              ElementsAre("NothingLeaks: the allocator has given out 11 "
                          "objects, and 10 are there to be seen"));
  state = BusyExample();
  RowOf(state, R(2)).region = false;  // nor is anything freed that is there
  EXPECT_THAT(Broken(state),
              ElementsAre("NothingLeaks: the allocator has given out 10 "
                          "objects, and 9 are there to be seen"));
}

TEST(InvariantsTest, LedgerRefersToWhatExists) {
  State state = BusyExample();
  state.ledger.devres[0].slot = R(9);
  EXPECT_THAT(Broken(state), ElementsAre("LedgerRefersToWhatExists: d0 has r9, "
                                         "which is gone"));
  state = BusyExample();
  state.ledger.listed[2].slot = R(9);
  EXPECT_THAT(Broken(state), ElementsAre("LedgerRefersToWhatExists: l2 has r9, "
                                         "which is gone"));
  state = BusyExample();
  state.ledger.waiters[0].parent = R(9);
  EXPECT_THAT(Broken(state), ElementsAre("LedgerRefersToWhatExists: r9 waits "
                                         "below r9, which is gone"));
  state = BusyExample();
  state.ledger.waiters[0].slot = R(1);
  EXPECT_THAT(Broken(state), ElementsAre("LedgerRefersToWhatExists: r1 waits "
                                         "and is there"));
}

TEST(InvariantsTest, LedgerIsInOrder) {
  State state = BusyExample();
  std::swap(state.ledger.devres[0], state.ledger.devres[1]);
  EXPECT_THAT(Broken(state),
              ElementsAre("LedgerIsInOrder: d0 stands behind d3"));
  state = BusyExample();
  std::swap(state.ledger.listed[0], state.ledger.listed[2]);
  EXPECT_THAT(Broken(state),
              ElementsAre("LedgerIsInOrder: l0 stands behind l2"));
  state = BusyExample();
  state.ledger.waiters.push_back(state.ledger.waiters[0]);
  ++state.ledger.live;
  EXPECT_THAT(Broken(state), ElementsAre("LedgerIsInOrder: r9 waits twice"));
  state = BusyExample();
  state.ledger.fail_times = 2;
  EXPECT_THAT(Broken(state),
              ElementsAre("LedgerIsInOrder: fail_alloc counts nth=0 times=2"));
  state = BusyExample();
  state.ledger.reserved = 5;
  EXPECT_THAT(Broken(state),
              ElementsAre("LedgerIsInOrder: 5 regions are reserved"));
}

TEST(InvariantsTest, ChildrenLieInsideParent) {
  State state = Example();
  RowOf(state, R(4)).range.end = 0x3000;
  EXPECT_THAT(Broken(state), ElementsAre("ChildrenLieInsideParent: r4 "
                                         "0x2000-0x3000 escapes its parent r1 "
                                         "0x0-0x2fff"));
  state = Example();
  RowOf(state, R(8)).range.start = 0x1fff;
  EXPECT_THAT(Broken(state), ElementsAre("ChildrenLieInsideParent: r8 "
                                         "0x1fff-0x2000 escapes its parent r7 "
                                         "0x2000-0x3fff"));
}

TEST(InvariantsTest, SiblingsAreSortedAndDisjoint) {
  State state = Example();
  RowOf(state, R(4)).range.start = 0x1fff;
  EXPECT_THAT(Broken(state), ElementsAre("SiblingsAreSortedAndDisjoint: r4 "
                                         "0x1fff-0x2fff overlaps its sibling "
                                         "r2 0x0-0x1fff"));
  state =
      StateOf({At(1, R(1), {0x2000, 0x2fff}), At(1, R(2), {0x1000, 0x1fff})});
  EXPECT_THAT(Broken(state), ElementsAre("SiblingsAreSortedAndDisjoint: r2 "
                                         "0x1000-0x1fff stands behind its "
                                         "sibling r1 0x2000-0x2fff"));
}

TEST(InvariantsTest, RangesInATreeAreNotInverted) {
  const State state = StateOf({At(1, R(1), {0x1000, 0xfff})});
  EXPECT_THAT(Broken(state),
              ElementsAre("RangesInATreeAreNotInverted: r1 0x1000-0xfff ends "
                          "before it starts, below iomem"));
}

}  // namespace
}  // namespace restree

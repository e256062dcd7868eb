// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/device_memory.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/example_states.h"
#include "properties/invariants.h"

namespace restree {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Broken(const State& state) {
  std::vector<std::string> broken;
  for (const Invariant& invariant : kInvariants) {
    if (const auto sentence = invariant.broken(state)) {
      broken.push_back(std::string(invariant.name) + ": " + *sentence);
    }
  }
  return broken;
}

// p0 is mapped fsdax memory of 4 MiB, of which an altmap has 32 pages; p1 is
// private, of a device, and dies as soon as one page of it is freed; p2 idles.
State Example() {
  State state = StateOf({});
  Ledger& ledger = state.ledger;
  Pagemap p0;
  p0.phase = Pagemap::Phase::kMapped;
  p0.type = kMemoryFsDax;
  p0.nr_range = 1;
  p0.ranges[0] = {0x100000000, 0x1003fffff};
  p0.altmap.valid = true;
  p0.altmap.base_pfn = 0x100000;
  p0.altmap.end_pfn = 0x1003ff;
  p0.altmap.reserve = 2;
  p0.altmap.free = 30;
  p0.altmap.alloc = 16;
  p0.gets = 1;
  p0.refs = 1 + 0x400 - 32 + 1;
  Pagemap p1;
  p1.number = 1;
  p1.phase = Pagemap::Phase::kDying;
  p1.releasing = true;
  p1.device = 3;
  p1.type = kMemoryPrivate;
  p1.nr_range = 1;
  p1.ranges[0] = {0x200000000, 0x2001fffff};
  p1.refs = 1;
  Pagemap p2;
  p2.number = 2;
  ledger.pagemaps = {p0, p1, p2};
  ledger.lookup = {{{0x100000, 0x1003ff}, 0}, {{0x200000, 0x2001ff}, 1}};
  ledger.pages = {{0x100020, 2, false}, {0x200000, 1, true}};
  ledger.memory = {0x600, 0x600, 0x400000, 0x600000, 1};
  ledger.devres = {{.device = 2, .slot = 0, .pagemap = true}};
  ledger.live = 4;
  return state;
}

Pagemap& P(State& state, size_t number) {
  return state.ledger.pagemaps[number];
}

TEST(InvariantsMemoryTest, AllHoldForAHealthyState) {
  EXPECT_THAT(Broken(Example()), IsEmpty());
}

TEST(InvariantsMemoryTest, NothingLeaks) {
  State state = Example();
  ++state.ledger.live;
  EXPECT_THAT(Broken(state),
              ElementsAre("NothingLeaks: the allocator has given out 5 "
                          "objects, and 4 are there to be seen"));
}

TEST(InvariantsMemoryTest, LedgerRefersToWhatExists) {
  State state = Example();
  state.ledger.devres[0].slot = 2;
  EXPECT_THAT(Broken(state), ElementsAre("LedgerRefersToWhatExists: d2 has p2, "
                                         "which is not mapped"));
}

TEST(InvariantsMemoryTest, PagemapsAreInOrder) {
  State state = Example();
  std::swap(P(state, 1), P(state, 2));
  EXPECT_THAT(Broken(state),
              ElementsAre("PagemapsAreInOrder: p1 stands behind p2"));
  state = Example();
  std::swap(state.ledger.pages[0], state.ledger.pages[1]);
  EXPECT_THAT(Broken(state), ElementsAre("PagemapsAreInOrder: page 0x100020 "
                                         "stands behind 0x200000"));
  state = Example();
  P(state, 2).ranges[1] = {1, 2};
  EXPECT_THAT(Broken(state), ElementsAre("PagemapsAreInOrder: p2 has 0 ranges, "
                                         "and then 0x1-0x2"));
  state = Example();
  P(state, 0).device = 2;
  EXPECT_THAT(Broken(state), ElementsAre("PagemapsAreInOrder: p0 is released "
                                         "from d2, and is not"));
  state = Example();
  state.ledger.fail_step = MapStep::kKasan;
  EXPECT_THAT(Broken(state),
              ElementsAre("PagemapsAreInOrder: no call of kasan fails"));
}

TEST(InvariantsMemoryTest, PagemapsDoNotOverlap) {
  State state = Example();
  P(state, 1).ranges[0] = {0x1003ff000, 0x1005fefff};
  state.ledger.lookup[1].pfns = {0x1003ff, 0x1005fe};
  state.ledger.pages[1].pfn = 0x100400;
  EXPECT_THAT(Broken(state),
              ElementsAre("PagemapsDoNotOverlap: p0 and p1 both have "
                          "0x1003ff000-0x1003fffff",
                          "LookupMatchesPagemaps: the lookup of "
                          "0x1003ff-0x1005fe stands behind "
                          "0x100000-0x1003ff"));
}

TEST(InvariantsMemoryTest, LookupMatchesPagemaps) {
  State state = Example();
  state.ledger.lookup.pop_back();
  EXPECT_THAT(Broken(state),
              ElementsAre("LookupMatchesPagemaps: p1 is there, and "
                          "0x200000-0x2001ff does not lead to it"));
  state = Example();
  state.ledger.lookup.push_back({{0x300000, 0x300001}, 2});
  EXPECT_THAT(Broken(state),
              ElementsAre("LookupMatchesPagemaps: 2 pages more lead to a "
                          "pagemap than are mapped"));
}

TEST(InvariantsMemoryTest, MemoryUseMatchesPagemaps) {
  State state = Example();
  state.ledger.memory.shadow_bytes = 0;
  EXPECT_THAT(Broken(state),
              ElementsAre("MemoryUseMatchesPagemaps: mappings take zone=1536 "
                          "memory=1536 shadow=0x0 tracked=0x600000 managed=1 "
                          "and call for zone=1536 memory=1536 shadow=0x400000 "
                          "tracked=0x600000 managed=1"));
}

TEST(InvariantsMemoryTest, ReferencesAreAccountedFor) {
  State state = Example();
  ++P(state, 0).gets;
  EXPECT_THAT(Broken(state),
              ElementsAre("ReferencesAreAccountedFor: p0 has 994 references, "
                          "of which 2 were got, and 995 are accounted for"));
  state = Example();
  state.ledger.pages.pop_back();
  P(state, 1).refs = 0;
  EXPECT_THAT(Broken(state),
              ElementsAre("ReferencesAreAccountedFor: p1 waits for a last "
                          "reference, and has none"));
}

TEST(InvariantsMemoryTest, PagesBelongToPagemaps) {
  State state = Example();
  state.ledger.pages[0].pfn = 0x10001f;  // the altmap's last
  EXPECT_THAT(Broken(state), ElementsAre("PagesBelongToPagemaps: page 0x10001f "
                                         "is in use and nobody's"));
  state = Example();
  state.ledger.pages[0].count = 1;
  EXPECT_THAT(Broken(state),
              ElementsAre("PagesBelongToPagemaps: page 0x100020 of p0, which "
                          "is fsdax, has count 1"));
}

TEST(InvariantsMemoryTest, AltmapWithinRange) {
  State state = Example();
  P(state, 0).altmap.align = 15;
  EXPECT_THAT(Broken(state),
              ElementsAre("AltmapWithinRange: of 30 pages p0 has given out 16 "
                          "and spent 15 on alignment"));
}

}  // namespace
}  // namespace restree

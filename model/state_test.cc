// SPDX-License-Identifier: Apache-2.0
#include "model/state.h"

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

Row MakeRow(Slot slot, uint32_t depth, Slot parent, Range range) {
  Row row;
  row.slot = slot;
  row.depth = depth;
  row.parent = parent;
  row.range = range;
  return row;
}

Row IomemRow() {
  Row row = MakeRow(kIomem, 0, kNoSlot, {0, UINT64_MAX});
  row.flags = kResourceMem;
  return row;
}

Row IoportRow() {
  Row row = MakeRow(kIoport, 0, kNoSlot, {0, 0xffff});
  row.flags = kResourceIo;
  return row;
}

// iomem > bus > region; ioport > keyboard; and r4 > r5 in no tree.
State SmallState() {
  Row bus = MakeRow(R(1), 1, kIomem, {0x1000, 0x1fff});
  bus.name = 1;
  bus.flags = kResourceMem;
  Row region = MakeRow(R(2), 2, R(1), {0x1000, 0x10ff});
  region.region = true;
  region.flags = kResourceMem | kResourceBusy;
  region.desc = 9;
  Row keyboard = MakeRow(R(3), 1, kIoport, {0x60, 0x6f});
  keyboard.name = 2;
  keyboard.flags = kResourceIo;
  State state{{IomemRow(), bus, region, IoportRow(), keyboard,
               MakeRow(R(4), 0, kNoSlot, {0x5000, 0x123456789}),
               MakeRow(R(5), 1, R(4), {0x5000, 0x5fff})}};
  state.ledger.live = 1;
  return state;
}

// A ledger that has some of everything, and one object too many.
Ledger FullLedger() {
  Ledger ledger;
  ledger.devres = {{.device = 0, .region = false, .slot = R(1), .range = {}},
                   {0, true, kIomem, {0x1000, 0x1fff}},
                   {7, true, R(4), {0, 0}}};
  ledger.listed = {{.list = 2, .slot = R(1)}, {2, R(4)}, {255, kIoport}};
  ledger.waiters = {{.slot = R(6),
                     .name = 0,
                     .parent = kIomem,
                     .range = {0x1000, 0x1fff},
                     .flags = kResourceMuxed},
                    {R(7), 2, kIoport, {1, 0}, 0}};
  ledger.live = 3 + 3 + 2 + kInodeObjects + 1 + 1;
  ledger.fail_nth = 1;
  ledger.fail_times = 2;
  ledger.reserved = 4;
  ledger.relaxed = true;
  ledger.inode = true;
  return ledger;
}

const std::vector<std::string>& Names() {
  static const auto* names = new std::vector<std::string>{"PCI Bus", "kbd\t"};
  return *names;
}

// A chain of `length` resources, each the only child of the one before.
State Chain(uint32_t length) {
  State state{{IomemRow()}};
  for (uint32_t i = 0; i < length; ++i) {
    state.rows.push_back(
        MakeRow(R(i), i + 1, i == 0 ? kIomem : R(i - 1), {0x1000, 0x1fff}));
  }
  return state;
}

TEST(IomemTextTest, IndentsTwoSpacesALevelWithEightDigits) {
  EXPECT_EQ(IomemText(SmallState(), Names()),
            "00001000-00001fff : PCI Bus\n"
            "  00001000-000010ff : r2\n");
}

TEST(IomemTextTest, HasFourDigitsForARootThatEndsBelow64K) {
  EXPECT_EQ(IomemText(SmallState(), Names(), kIoport), "0060-006f : kbd\t\n");
  State state = SmallState();
  state.rows[3].range.end = 0x10000;
  EXPECT_EQ(IomemText(state, Names(), kIoport), "00000060-0000006f : kbd\t\n");
}

TEST(IomemTextTest, WidensForLargeAddressesOnly) {
  const State state{
      {IomemRow(), MakeRow(R(0), 1, kIomem, {0x1000, UINT64_MAX})}};
  EXPECT_EQ(IomemText(state, {}), "00001000-ffffffffffffffff : r0\n");
}

TEST(IomemTextTest, ShowsTheUnprivilegedZerosOfTheUsualWidth) {
  EXPECT_EQ(IomemText(SmallState(), Names(), kIomem, false),
            "00000000-00000000 : PCI Bus\n"
            "  00000000-00000000 : r2\n");
  EXPECT_EQ(IomemText(SmallState(), Names(), kIoport, false),
            "0000-0000 : kbd\t\n");
}

TEST(IomemTextTest, StopsIndentingAfterFiveLevels) {
  EXPECT_EQ(IomemText(Chain(8), {}),
            "00001000-00001fff : r0\n"
            "  00001000-00001fff : r1\n"
            "    00001000-00001fff : r2\n"
            "      00001000-00001fff : r3\n"
            "        00001000-00001fff : r4\n"
            "          00001000-00001fff : r5\n"
            "          00001000-00001fff : r6\n"
            "          00001000-00001fff : r7\n");
}

TEST(IomemTextTest, IsEmptyForAnEmptyTree) {
  EXPECT_EQ(IomemText({{IomemRow(), IoportRow()}}, {}), "");
  EXPECT_EQ(IomemText({}, {}), "");
}

TEST(StateTextTest, ShowsEverySection) {
  EXPECT_EQ(StateText(SmallState(), Names()),
            "00001000-00001fff : PCI Bus  [r1 mem]\n"
            "  00001000-000010ff : r2  [r2 region mem busy desc=cxl]\n"
            "ioport:\n"
            "0060-006f : kbd\t  [r3 io]\n"
            "in no tree:\n"
            "00005000-123456789 : r4  [r4]\n"
            "  00005000-00005fff : r5  [r5]\n");
}

TEST(StateTextTest, LeavesOutEmptySectionsAndUntouchedRoots) {
  EXPECT_EQ(StateText({{IomemRow(), IoportRow()}}, {}), "");
  EXPECT_EQ(StateText({}, {}), "");
}

TEST(StateTextTest, ShowsARootThatWasChanged) {
  State state{{IomemRow(), IoportRow()}};
  state.rows[0].range.end = 0xfffffff;
  state.rows[1].flags |= kResourceBusy;
  EXPECT_EQ(StateText(state, {}),
            "00000000-0fffffff : iomem  [iomem mem]\n"
            "ioport:\n"
            "0000-ffff : ioport  [ioport io busy]\n");
}

TEST(StateTextTest, ShowsAParentThatContradictsTheIndentation) {
  State state = SmallState();
  state.rows[2].parent = R(4);
  state.rows[5].parent = kIomem;
  state.rows[6].parent = kNoSlot;
  EXPECT_EQ(
      StateText(state, {}),
      "00001000-00001fff : r1  [r1 mem]\n"
      "  00001000-000010ff : r2  [r2 region mem busy desc=cxl parent=r4]\n"
      "ioport:\n"
      "0060-006f : r3  [r3 io]\n"
      "in no tree:\n"
      "00005000-123456789 : r4  [r4 parent=iomem]\n"
      "  00005000-00005fff : r5  [r5 parent=NULL]\n");
}

TEST(StateTextTest, ShowsTheParentWhereTheIndentationEnds) {
  EXPECT_EQ(StateText(Chain(8), {}),
            "00001000-00001fff : r0  [r0]\n"
            "  00001000-00001fff : r1  [r1]\n"
            "    00001000-00001fff : r2  [r2]\n"
            "      00001000-00001fff : r3  [r3]\n"
            "        00001000-00001fff : r4  [r4]\n"
            "          00001000-00001fff : r5  [r5]\n"
            "          00001000-00001fff : r6  [r6 parent=r5]\n"
            "          00001000-00001fff : r7  [r7 parent=r6]\n");
}

TEST(LedgerTextTest, ShowsALineForWhateverThereIs) {
  State state = SmallState();
  state.ledger = FullLedger();
  EXPECT_EQ(LedgerText(state, Names()),
            "d0: resource r1, region iomem 0x1000-0x1fff\n"
            "d7: region r4 0x0-0x0\n"
            "l2: r1 r4\n"
            "l255: ioport\n"
            "waiting: r6 in iomem 0x1000-0x1fff muxed\n"
            "waiting: r7 in ioport 0x1-0x0 : kbd\t\n"
            "live objects: 13, accounted for: 12\n"
            "fail_alloc nth=1 times=2\n"
            "reserved: 4\n"
            "iomem=relaxed\n"
            "iomem inode\n");
}

TEST(LedgerTextTest, IsEmptyForAnEmptyLedger) {
  EXPECT_EQ(LedgerText({}, {}), "");
  EXPECT_EQ(LedgerText(SmallState(), {}), "");
}

TEST(LedgerTextTest, ShowsObjectsThatAreTooManyOrTooFew) {
  State state;
  state.ledger.live = 1;
  EXPECT_EQ(LedgerText(state, {}), "live objects: 1, accounted for: 0\n");
  state = SmallState();
  state.ledger.live = 0;
  EXPECT_EQ(LedgerText(state, {}), "live objects: 0, accounted for: 1\n");
}

TEST(LedgerTextTest, EndsTheTextOfTheState) {
  State state{{IomemRow(), IoportRow()}};
  state.ledger.relaxed = true;
  EXPECT_EQ(StateText(state, {}), "iomem=relaxed\n");
}

TEST(LiveObjectsTest, CountsWhatTheStateCallsFor) {
  State state;
  EXPECT_EQ(LiveObjects(state), 0u);
  state.ledger.listed = {{0, R(0)}};
  EXPECT_EQ(LiveObjects(state), 1u);
  state.ledger.devres = {{}, {}};
  EXPECT_EQ(LiveObjects(state), 3u);
  state.ledger.waiters = {{}, {}, {}};
  EXPECT_EQ(LiveObjects(state), 6u);
  state.ledger.inode = true;
  EXPECT_EQ(LiveObjects(state), 9u);
  state.rows = SmallState().rows;
  EXPECT_EQ(LiveObjects(state), 10u);
}

// Every way to change one field of a row, a bit at a time.
std::vector<Row> Neighbours(const Row& row) {
  std::vector<Row> rows;
  for (int bit = 0; bit < 64; ++bit) {
    const uint64_t flip = uint64_t{1} << bit;
    for (uint64_t Range::* bound : {&Range::start, &Range::end}) {
      rows.push_back(row);
      rows.back().range.*bound ^= flip;
    }
    for (uint64_t Row::* word : {&Row::flags, &Row::desc}) {
      rows.push_back(row);
      rows.back().*word ^= flip;
    }
    if (bit >= 32) continue;
    for (uint32_t Row::* word : {&Row::slot, &Row::parent, &Row::name}) {
      rows.push_back(row);
      rows.back().*word ^= static_cast<uint32_t>(flip);
    }
  }
  rows.push_back(row);
  rows.back().region = !row.region;
  return rows;
}

TEST(RowDigestTest, DependsOnEveryBitOfEveryFieldButDepth) {
  for (const Row& row : SmallState().rows) {
    std::set<uint64_t> digests = {RowDigest(row)};
    for (const Row& neighbour : Neighbours(row)) {
      EXPECT_TRUE(digests.insert(RowDigest(neighbour)).second);
    }
    Row deeper = row;
    deeper.depth += 1;
    EXPECT_EQ(RowDigest(deeper), RowDigest(row));
  }
}

// Sums and truncations of digests are used as keys, so that a change of one bit
// has to reach both halves of the result.
TEST(RowDigestTest, ChangesAboutHalfOfTheBits) {
  for (const Row& row : SmallState().rows) {
    uint64_t flipped = 0;
    uint64_t bits = 0;
    for (const Row& neighbour : Neighbours(row)) {
      const uint64_t difference = RowDigest(row) ^ RowDigest(neighbour);
      EXPECT_NE(difference >> 32, 0u);
      EXPECT_NE(difference << 32, 0u);
      flipped += __builtin_popcountll(difference);
      bits += 64;
    }
    EXPECT_GT(flipped, bits * 48 / 100);
    EXPECT_LT(flipped, bits * 52 / 100);
  }
}

// Full ledgers that differ from FullLedger() in one field each.
std::vector<Ledger> OtherLedgers() {
  std::vector<Ledger> ledgers;
  const auto but = [&](auto edit) {
    ledgers.push_back(FullLedger());
    edit(ledgers.back());
  };
  but([](Ledger& it) { it.devres[0].device = 1; });
  but([](Ledger& it) { it.devres[0].region = true; });
  but([](Ledger& it) { it.devres[0].slot = R(2); });
  but([](Ledger& it) { it.devres[1].range.start += 1; });
  but([](Ledger& it) { it.devres[1].range.end += 1; });
  but([](Ledger& it) { std::swap(it.devres[0], it.devres[1]); });
  but([](Ledger& it) { it.devres.pop_back(); });
  but([](Ledger& it) { it.listed[0].list = 1; });
  but([](Ledger& it) { it.listed[0].slot = R(2); });
  but([](Ledger& it) { std::swap(it.listed[0], it.listed[1]); });
  but([](Ledger& it) { it.listed.pop_back(); });
  but([](Ledger& it) { it.waiters[0].slot = R(8); });
  but([](Ledger& it) { it.waiters[0].name = 1; });
  but([](Ledger& it) { it.waiters[0].parent = R(1); });
  but([](Ledger& it) { it.waiters[0].range.start += 1; });
  but([](Ledger& it) { it.waiters[0].range.end += 1; });
  but([](Ledger& it) { it.waiters[0].flags = 0; });
  but([](Ledger& it) { std::swap(it.waiters[0], it.waiters[1]); });
  but([](Ledger& it) { it.waiters.pop_back(); });
  but([](Ledger& it) { it.live += 1; });
  but([](Ledger& it) { it.fail_nth += 1; });
  but([](Ledger& it) { it.fail_times += 1; });
  but([](Ledger& it) { it.fail_nth = 0, it.fail_times = 0; });
  but([](Ledger& it) { it.reserved -= 1; });
  but([](Ledger& it) { it.relaxed = false; });
  but([](Ledger& it) { it.inode = false; });
  return ledgers;
}

TEST(LedgerDigestTest, DependsOnEveryFieldAndOnTheOrder) {
  std::set<uint64_t> digests = {LedgerDigest(FullLedger()), 0};
  std::set<std::string> texts = {LedgerText({{}, FullLedger()}, {})};
  for (const Ledger& ledger : OtherLedgers()) {
    EXPECT_FALSE(ledger == FullLedger());
    EXPECT_TRUE(digests.insert(LedgerDigest(ledger)).second);
    // What differs in its digest differs on paper.
    EXPECT_TRUE(texts.insert(LedgerText({{}, ledger}, {})).second);
  }
  EXPECT_EQ(LedgerDigest({}), 0u);
}

TEST(StateDigestTest, IsTheSumOfItsRowsAndItsLedger) {
  State state = SmallState();
  state.ledger = FullLedger();
  uint64_t sum = LedgerDigest(state.ledger);
  for (const Row& row : state.rows) sum += RowDigest(row);
  EXPECT_EQ(StateDigest(state), sum);
  EXPECT_EQ(StateDigest({}), 0u);
}

TEST(StateDigestTest, SeesTwoRowsSwapTheirRanges) {
  State state = SmallState();
  const uint64_t before = StateDigest(state);
  std::swap(state.rows[1].range, state.rows[4].range);
  EXPECT_NE(StateDigest(state), before);
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/scene.h"

#include <cstdint>
#include <set>

#include "gtest/gtest.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/choices.h"

namespace restree {
namespace {

Row RowAt(Slot slot, uint32_t depth, Slot parent) {
  Row row;
  row.slot = slot;
  row.depth = depth;
  row.parent = parent;
  return row;
}

// iomem > r0 > r1 (busy); ioport; r2 > r3; r70.
State SomeState() {
  State state;
  state.rows = {
      RowAt(kIomem, 0, kNoSlot),  RowAt(R(0), 1, kIomem),  RowAt(R(1), 2, R(0)),
      RowAt(kIoport, 0, kNoSlot), RowAt(R(2), 0, kNoSlot), RowAt(R(3), 1, R(2)),
      RowAt(R(70), 0, kNoSlot),
  };
  state.rows[2].flags = kResourceMem | kResourceBusy | kResourceMuxed;
  return state;
}

std::set<Slot> SlotsOf(const State& state, const RowSet& rows) {
  RandomChoices choices(1);
  std::set<Slot> slots;
  for (int i = 0; i < 100 && !rows.empty(); ++i) {
    slots.insert(state.rows[rows.Any(choices)].slot);
  }
  return slots;
}

TEST(Scene, TellsWhichResourceIsWhat) {
  const State state = SomeState();
  const Scene scene(state);
  using Slots = std::set<Slot>;
  EXPECT_EQ(SlotsOf(state, scene.placed), (Slots{R(0), R(1), R(3)}));
  EXPECT_EQ(SlotsOf(state, scene.loose), (Slots{R(2), R(70)}));
  EXPECT_EQ(SlotsOf(state, scene.loose_leaves), (Slots{R(70)}));
  EXPECT_EQ(SlotsOf(state, scene.families), (Slots{kIomem, R(0), R(2)}));
  EXPECT_EQ(SlotsOf(state, scene.regions), (Slots{R(1)}));
  EXPECT_EQ(SlotsOf(state, scene.muxed), (Slots{R(1)}));
  EXPECT_TRUE(scene.rams.empty());
  EXPECT_TRUE(scene.adjustable.empty());  // r0 is not what it looks into
  EXPECT_EQ(scene.used, 0xfu);            // r70 is beyond its bits
}

TEST(Scene, TellsWhatCanBeReleasedInPart) {
  State state = SomeState();
  state.rows[1].flags = kResourceMem;
  using Slots = std::set<Slot>;
  EXPECT_EQ(SlotsOf(state, Scene(state).adjustable), (Slots{R(1)}));
  state.rows[1].flags = kResourceSystemRam | kResourceBusy;
  EXPECT_EQ(SlotsOf(state, Scene(state).adjustable), (Slots{R(0)}));
  EXPECT_EQ(SlotsOf(state, Scene(state).rams), (Slots{R(0)}));
}

TEST(Scene, KnowsWhoHoldsWhat) {
  State state = SomeState();
  state.ledger.listed.push_back({.list = 1, .slot = R(2)});
  Devres devres;
  devres.slot = R(1);
  state.ledger.devres.push_back(devres);
  Waiter waiter;
  waiter.slot = R(5);
  waiter.parent = R(0);
  state.ledger.waiters.push_back(waiter);
  const Scene scene(state);
  EXPECT_TRUE(scene.IsHeld(kIomem));
  EXPECT_TRUE(scene.IsHeld(R(0)));
  EXPECT_TRUE(scene.IsHeld(R(1)));
  EXPECT_TRUE(scene.IsHeld(R(2)));
  EXPECT_FALSE(scene.IsHeld(R(3)));
  EXPECT_FALSE(scene.IsHeld(R(70)));
  EXPECT_EQ(scene.used, 0x2fu);  // r5 is spoken for
  EXPECT_TRUE(scene.regions.empty());
}

TEST(Scene, KnowsWhatLiesBelowWhat) {
  const State state = SomeState();
  const Scene scene(state);
  EXPECT_TRUE(scene.IsWithin(2, 0));
  EXPECT_TRUE(scene.IsWithin(2, 2));
  EXPECT_TRUE(scene.IsWithin(5, 4));
  EXPECT_FALSE(scene.IsWithin(1, 2));
  EXPECT_FALSE(scene.IsWithin(3, 0));
  EXPECT_FALSE(scene.IsWithin(6, 4));
}

TEST(Scene, AllowsWhatHasOperands) {
  State state;
  state.rows = {RowAt(kIomem, 0, kNoSlot), RowAt(kIoport, 0, kNoSlot)};
  const Scene empty(state);
  const State some = SomeState();
  const Scene full(some);
  for (const Verb verb :
       {Verb::kRelease, Verb::kRequestAgain, Verb::kInsertAgain,
        Verb::kReleaseChildren, Verb::kMerge, Verb::kFindSpace}) {
    EXPECT_FALSE(empty.Allows(verb)) << InfoOf(verb).name;
    EXPECT_TRUE(full.Allows(verb)) << InfoOf(verb).name;
  }
  EXPECT_TRUE(empty.Allows(Verb::kRequest));

  EXPECT_TRUE(empty.Allows(Verb::kInitInode));
  EXPECT_FALSE(empty.Allows(Verb::kGetMapping));
  state.ledger.inode = true;
  const Scene later(state);
  EXPECT_FALSE(later.Allows(Verb::kInitInode));
  EXPECT_TRUE(later.Allows(Verb::kGetMapping));
}

Pagemap PagemapOf(uint32_t number, Pagemap::Phase phase, uint32_t type) {
  Pagemap it;
  it.number = number;
  it.phase = phase;
  it.type = type;
  return it;
}

TEST(Scene, TellsWhichPagemapIsWhat) {
  State state = SomeState();
  Ledger& ledger = state.ledger;
  ledger.pagemaps = {
      PagemapOf(0, Pagemap::Phase::kIdle, kMemoryGeneric),
      PagemapOf(1, Pagemap::Phase::kMapped, kMemoryFsDax),
      PagemapOf(2, Pagemap::Phase::kMapped, kMemoryPrivate),
      PagemapOf(3, Pagemap::Phase::kDying, kMemoryCoherent),
  };
  ledger.pagemaps[0].altmap.valid = true;
  ledger.pagemaps[1].altmap.parent = R(1);
  ledger.pagemaps[3].gets = 1;
  ledger.devres = {{.device = 1, .slot = 2, .pagemap = true}};
  const Scene scene(state);
  const MemoryScene& memory = scene.memory;
  EXPECT_EQ(memory.defined, 0xfu);
  EXPECT_EQ(memory.idle, 0x1u);
  EXPECT_EQ(memory.altmap, 0x1u);
  EXPECT_EQ(memory.mapped, 0xeu);
  EXPECT_EQ(memory.dying, 0x8u);
  EXPECT_EQ(memory.ours, 0x2u);
  EXPECT_EQ(memory.managed, 0x4u);
  EXPECT_EQ(memory.gotten, 0x8u);
  EXPECT_EQ(memory.fsdax, 0x2u);
  EXPECT_EQ(memory.migrated, 0xcu);
  EXPECT_TRUE(scene.IsHeld(R(1)));   // by an altmap
  EXPECT_FALSE(scene.IsHeld(R(0)));  // the entry is about p2
  EXPECT_TRUE(scene.Allows(Verb::kMemunmap));

  EXPECT_FALSE(Scene(SomeState()).Allows(Verb::kMemremap));
}

TEST(Scene, HandsNoSeparateResourceOut) {
  State state = SomeState();
  state.rows[2].slot = VmemmapSlot(1);
  const Scene scene(state);
  EXPECT_FALSE(SlotsOf(state, scene.placed).contains(VmemmapSlot(1)));
  EXPECT_TRUE(SlotsOf(state, scene.regions).contains(VmemmapSlot(1)));
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "kernel/arena.h"

#include <cstdint>

#include "gtest/gtest.h"
#include "model/trace.h"

namespace restree {
namespace {

TEST(ArenaTest, MemoryLeadsToItsObject) {
  Arena arena;
  Object* const a = arena.New(sizeof(resource), true);
  Object* const b = arena.New(1, false);
  EXPECT_EQ(arena.Find(a->memory), a);
  EXPECT_EQ(arena.Find(b->memory), b);
  EXPECT_EQ(arena.kernel_live(), 1u);
  EXPECT_EQ(a->memory->start, 0u);
}

TEST(ArenaTest, WildPointersLeadNowhere) {
  Arena arena;
  Object* const object = arena.New(4096, true);
  const char* const memory = reinterpret_cast<const char*>(object->memory);
  EXPECT_EQ(arena.Find(nullptr), nullptr);
  EXPECT_EQ(arena.Find(&arena), nullptr);
  for (int i = -256; i < 8192; ++i) {
    if (i != 0) EXPECT_EQ(arena.Find(memory + i), nullptr) << i;
  }
  EXPECT_EQ(arena.Find(reinterpret_cast<void*>(0x6b6b6b6b6b6b6b6b)), nullptr);
}

TEST(ArenaTest, FreedMemoryIsNotGivenOutAgain) {
  Arena arena;
  Object* const a = arena.New(sizeof(resource), true);
  arena.Free(a);
  EXPECT_EQ(arena.Find(a->memory), a);
  EXPECT_FALSE(a->is_live);
  EXPECT_EQ(arena.kernel_live(), 0u);
  EXPECT_NE(arena.New(sizeof(resource), true), a);
}

TEST(ArenaTest, ResetTakesAllBack) {
  Arena arena;
  const void* first = nullptr;
  for (int round = 0; round < 3; ++round) {
    const Object* const a = arena.New(64, true);
    if (round == 0) first = a->memory;
    EXPECT_EQ(a->memory, first);
    arena.New(size_t{20} << 20, true);
    arena.Reset();
    EXPECT_EQ(arena.Find(first), nullptr);
    EXPECT_EQ(arena.kernel_live(), 0u);
  }
}

}  // namespace
}  // namespace restree

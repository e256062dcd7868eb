// SPDX-License-Identifier: Apache-2.0
#include "kernel/device_memory.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "kernel/arena.h"
#include "kernel/hooks.h"

namespace restree {
namespace {

class DeviceMemoryTest : public testing::Test {
 protected:
  Arena arena_;
  DeviceMemory memory_{&arena_};
};

TEST_F(DeviceMemoryTest, AStepFailsOnceWhenItsTurnComes) {
  memory_.fail_step = KERNEL_STEP_KASAN;
  memory_.fail_nth = 2;
  EXPECT_FALSE(memory_.StepFails(KERNEL_STEP_KASAN));
  EXPECT_FALSE(memory_.StepFails(KERNEL_STEP_ADD_MEMORY));
  EXPECT_TRUE(memory_.StepFails(KERNEL_STEP_KASAN));
  EXPECT_EQ(memory_.fail_nth, 0u);
  EXPECT_EQ(memory_.fail_step, KERNEL_STEP_XA_STORE);
  EXPECT_FALSE(memory_.StepFails(KERNEL_STEP_KASAN));
}

TEST_F(DeviceMemoryTest, NothingIsUndoneMoreOftenThanDone) {
  memory_.Count(KERNEL_TRACKED_BYTES, UINT64_MAX);
  memory_.Count(KERNEL_TRACKED_BYTES, 5);
  EXPECT_TRUE(memory_.Uncount(KERNEL_TRACKED_BYTES, UINT64_MAX));
  EXPECT_EQ(memory_.counter(KERNEL_TRACKED_BYTES), 5u);
  EXPECT_FALSE(memory_.Uncount(KERNEL_TRACKED_BYTES, 6));
  EXPECT_EQ(memory_.counter(KERNEL_TRACKED_BYTES), 0u);
}

TEST_F(DeviceMemoryTest, NodesFailInARowAndAreFreedOnce) {
  memory_.fail_node = 2;
  memory_.fail_nodes = 2;
  void* const node = memory_.AllocNode(64);
  EXPECT_NE(node, nullptr);
  EXPECT_EQ(memory_.AllocNode(64), nullptr);
  EXPECT_EQ(memory_.AllocNode(64), nullptr);
  EXPECT_NE(memory_.AllocNode(64), nullptr);
  EXPECT_EQ(memory_.nodes(), 2u);
  EXPECT_TRUE(memory_.FreeNode(node));
  EXPECT_FALSE(memory_.FreeNode(node));
  EXPECT_EQ(memory_.nodes(), 1u);
  EXPECT_EQ(arena_.kernel_live(), 0u);
}

TEST_F(DeviceMemoryTest, PagesComeAndGoWithTheirMemory) {
  void* owner = nullptr;
  uint64_t altmap_pages = 0;
  memory_.Add({.first = 0x200, .last = 0x3ff, .altmap_pages = 8});
  EXPECT_TRUE(memory_.Overlaps(0x3ff, 1));
  EXPECT_FALSE(memory_.Overlaps(0x400, 512));
  memory_.PageAt(0x200, &owner);
  EXPECT_EQ(owner, nullptr);
  EXPECT_TRUE(memory_.pages().empty());
  memory_.InitPages(0x200, 0x200, this);
  page* const made = memory_.PageAt(0x200, &owner);
  EXPECT_EQ(owner, this);
  EXPECT_EQ(memory_.PageAt(0x200, &owner), made);
  EXPECT_EQ(memory_.pages().size(), 1u);
  EXPECT_FALSE(memory_.Remove(0x200, 0x100, &altmap_pages));
  EXPECT_TRUE(memory_.Remove(0x200, 0x200, &altmap_pages));
  EXPECT_EQ(altmap_pages, 8u);
  EXPECT_TRUE(memory_.pages().empty());
  EXPECT_FALSE(arena_.Find(made)->is_live);
}

TEST_F(DeviceMemoryTest, BlocksThatTouchAreOne) {
  memory_.AddBlock(0x10, 1);
  memory_.AddBlock(0x11, 2);
  memory_.AddBlock(0x20, 1);
  const std::vector<DeviceMemory::Span> blocks = memory_.TakeBlocks();
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(blocks[0].first, 0x10u);
  EXPECT_EQ(blocks[0].last, 0x12u);
  EXPECT_EQ(blocks[1].first, 0x20u);
  EXPECT_TRUE(memory_.TakeBlocks().empty());
}

}  // namespace
}  // namespace restree

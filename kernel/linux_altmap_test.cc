// SPDX-License-Identifier: Apache-2.0
//
// The resource of an altmap, and how a machine takes over device memory.
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "kernel/api.h"
#include "kernel/linux_machine.h"
#include "kernel/linux_memory_testing.h"
#include "kernel/memory_api.h"
#include "model/machine.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

using LinuxAltmapTest = LinuxMemoryTest;
INSTANTIATE_LINUX_MEMORY_TEST(LinuxAltmapTest);

TEST_P(LinuxAltmapTest, DumpsWhatKexecWouldRead) {
  Play(
      "r1 = request iomem 0x1000-0x1fff \"System RAM\" mem sysram busy\n"
      "r2 = request iomem 0x4000-0x4fff \"System RAM\" mem sysram\n");
  EXPECT_EQ(Play("dumpable kexec_file\n"), "ok visits=1 0x1000-0x1fff");
  EXPECT_EQ(Play("dumpable kexec_tools \"System RAM\"\n"),
            "ok visits=2 0x1000-0x1fff 0x4000-0x4fff");
  EXPECT_EQ(Play("dumpable kexec_tools\n"), "ok");
  Play(kDefine.substr(kDefine.find("p0")));
  Play(
      "vmem_altmap p0 0x100000-0x10ffff reserve=2 free=4096 parent=iomem\n"
      "devm_memremap_pages d0 p0\n");
  EXPECT_EQ(Play("dumpable kexec_file_vmemmap\n"),
            variant() == AltmapVariant::kNone
                ? "ok visits=1 0x1000-0x1fff"
                : "ok visits=2 0x1000-0x1fff 0x100000000-0x101001fff");
  EXPECT_EQ(Play("dumpable kexec_file\n"), "ok visits=1 0x1000-0x1fff");
}

TEST_P(LinuxAltmapTest, AltmapsHaveAResource) {
  if (variant() == AltmapVariant::kNone) return;
  Play(kDefine);
  const State before = Shown();
  const bool is_sound = variant() == AltmapVariant::kSound;
  Play("memremap_pages p0\n");
  EXPECT_EQ(Shown().rows.size(), before.rows.size() + (is_sound ? 1 : 0));
  EXPECT_EQ(Play("memunmap_pages p0\n"), "ok");
  EXPECT_EQ(Shown().rows, before.rows);
  Play("devm_memremap_pages d0 p0\n");
  EXPECT_EQ(Text().substr(0, Text().find("]\n  ") + 2),
            "100000000-10fffffff : r1  [r1 mem]\n");
  EXPECT_NE(Text().find(
                is_sound ? "  100000000-101001fff : Device Backed Vmemmap  [v0 "
                           "mem vmemmap busy desc=vmemmap]\n"
                         : "  100000000-101001fff : Device Backed Vmemmap  [v0 "
                           "region mem unset busy]\n"),
            std::string::npos)
      << Text();
  EXPECT_EQ(Play("get_dev_pagemap 0x100000\ndevm_memunmap_pages d0 p0\n"),
            "would-block");
  EXPECT_EQ(Shown().rows.size(), before.rows.size() + (is_sound ? 1 : 0));
  EXPECT_EQ(Shown().ledger.pagemaps[0].altmap.res_gone, !is_sound);
  EXPECT_EQ(Play("put_dev_pagemap p0\n"), "ok");
  EXPECT_EQ(Shown().rows, before.rows);
}

TEST_P(LinuxAltmapTest, WhatIsInTheWayOfAnAltmapsResource) {
  if (variant() == AltmapVariant::kNone) return;
  Play(kDefine);
  Play("r2 = request r1 0x100800000-0x100ffffff mem\n");
  if (variant() == AltmapVariant::kSound) {
    EXPECT_EQ(Play("devm_memremap_pages d0 p0\n"), "EBUSY r2");
    EXPECT_EQ(Shown().ledger.memory, MemoryUse());
    EXPECT_EQ(Play("fail_step kasan nth=1\nrelease r2\n"
                   "memremap_pages p0\n"),
              "ENOMEM");
    EXPECT_EQ(Shown().rows.size(), 4u);  // the roots, r1 and r2
    return;
  }
  EXPECT_EQ(Play("devm_memremap_pages d0 p0\n"),
            "ok 0x100000000 visits=1 0x100200-0x1005ff");
  EXPECT_EQ(Play("unbind d0\nrelease r2\ndevm_memremap_pages d0 p0\n"),
            "ok 0x100000000 visits=1 0x100200-0x1005ff");
  EXPECT_EQ(Play("release_region r1 0x100000000-0x101001fff\n"), "ok");
  EXPECT_EQ(Play("unbind d0\n"), "ok warn=BUG");
}

TEST_P(LinuxAltmapTest, AdoptsWhatItShows) {
  Play(kDefine);
  Play(
      "p1 = dev_pagemap private 0x200000000-0x2001fffff shift=9\n"
      "add_range p1 0x300000000-0x3001fffff\n"
      "add_range p1 0x200200000-0x2003fffff\n"
      "devm_memremap_pages d3 p0\n"
      "memremap_pages p1\n"
      "get_page 0x10ffff\n"
      "get_page 0x10ffff\n"
      "zone_device_page_init 0x200005\n"
      "get_dev_pagemap 0x300000\n"
      "get_dev_pagemap 0x100000\n"
      "p2 = dev_pagemap coherent 0x400000000-0x4001fffff lacks=ops,owner\n"
      "fail_step kasan nth=7\n");
  std::vector<State> states = {Shown()};
  Play("memunmap_pages p1\n");
  states.push_back(Shown());
  Play("unbind d3\n");
  states.push_back(Shown());
  for (const State& state : states) {
    machine_->Reset();
    machine_->Adopt(state);
    EXPECT_EQ(Text(), StateText(state, {}));
    EXPECT_EQ(Shown(), state);
    EXPECT_EQ(machine_->Digest(), StateDigest(state));
  }
  EXPECT_EQ(Play("put_dev_pagemap p0\n"), "ok");
  EXPECT_EQ(Play("free_zone_device_page 0x200005\nput_dev_pagemap p1\n"), "ok");
  EXPECT_EQ(Shown().ledger.memory, MemoryUse());
  EXPECT_TRUE(Shown().ledger.lookup.empty());
  EXPECT_EQ(Shown().ledger.live, 0u);
  EXPECT_EQ(machine_->nodes(), 0u);
}

// A tree without mm/memremap.c has others beside it that play.
TEST_P(LinuxAltmapTest, WithoutItTheMachineShowsWhatOthersHave) {
  if (variant() != AltmapVariant::kNone) return;
  Play(kDefine);
  Play(
      "devm_memremap_pages d3 p0\n"
      "get_page 0x10ffff\n"
      "p1 = dev_pagemap private 0x200000000-0x2001fffff\n"
      "devm_memremap_pages d0 p1\n"
      "zone_device_page_init 0x200005\n"
      "unbind d0\n"
      "fail_step kasan nth=7\n");
  const State state = Shown();
  machine_.reset();
  const kernel_memory_api none = {};
  kernel_api api = *std::get<0>(GetParam());
  api.memory = &none;
  machine_ = std::make_unique<LinuxMachine>(api);
  EXPECT_FALSE(machine_->Plays(Verb::kMemremap));
  EXPECT_FALSE(machine_->Plays(Verb::kUnbind));
  machine_->Adopt(state);
  EXPECT_EQ(Shown(), state);
  EXPECT_EQ(Play("r5 = request iomem 0x1000-0x1fff\n"), "ok");
  EXPECT_EQ(Shown().ledger, state.ledger);
  machine_->Reset();
  EXPECT_EQ(Shown().ledger, Ledger());
  machine_.reset();
}

}  // namespace
}  // namespace restree

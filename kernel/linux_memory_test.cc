// SPDX-License-Identifier: Apache-2.0
//
// Device memory on the machine of each kernel: that ops reach it, and that what
// it has done is undone. What it ought to do is for the judges to say.
#include <cctype>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "kernel/api.h"
#include "kernel/linux_machine.h"
#include "kernel/memory_api.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"

namespace restree {
namespace {

using Param = std::tuple<const kernel_api*, AltmapVariant>;

// Every test runs on each version that is available.
class LinuxMemoryTest : public testing::TestWithParam<Param> {
 protected:
  void SetUp() override {
    const kernel_api& api = *std::get<0>(GetParam());
    if (!api.is_available) GTEST_SKIP() << api.why;
    if (!api.memory->is_available) GTEST_SKIP() << "no mm/memremap.c";
    machine_ = std::make_unique<LinuxMachine>(api, variant());
  }

  static AltmapVariant variant() { return std::get<1>(GetParam()); }

  // Plays a trace and returns what its last op sees.
  std::string Play(absl::string_view text) {
    const auto document = ParseTrace(text, "test");
    EXPECT_TRUE(document.ok()) << std::string(document.status().message());
    if (!document.ok()) return "";
    std::string last;
    for (const Op& op : document->trace.ops) {
      EXPECT_TRUE(machine_->Plays(op.verb));
      last = ObservationText(machine_->Apply(op));
      EXPECT_EQ(machine_->Digest(), StateDigest(Shown()));
    }
    return last;
  }

  State Shown() const {
    State state;
    machine_->Snapshot(&state);
    return state;
  }

  std::string Text() const { return StateText(Shown(), {}); }

  std::unique_ptr<LinuxMachine> machine_;
};

std::string NameOfTest(const testing::TestParamInfo<Param>& info) {
  std::string name = absl::StrCat(std::get<0>(info.param)->name,
                                  AltmapSuffix(std::get<1>(info.param)));
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Versions, LinuxMemoryTest,
    testing::Combine(
        testing::Values(&linux_6_1_api, &linux_6_12_api, &linux_tree_api),
        testing::Values(AltmapVariant::kNone, AltmapVariant::kPatch,
                        AltmapVariant::kSound)),
    NameOfTest);

// 256 MiB at 4 GiB, two sections, with room for their struct pages.
constexpr absl::string_view kDefine =
    "r1 = request iomem 0x100000000-0x10fffffff mem\n"
    "p0 = dev_pagemap fsdax 0x100000000-0x10fffffff\n"
    "vmem_altmap p0 0x100000-0x10ffff reserve=2 free=4096 parent=r1\n";

TEST_P(LinuxMemoryTest, MapsAndUndoesAllOfIt) {
  Play(kDefine);
  EXPECT_EQ(Play("memremap_pages p0\n"),
            "ok 0x100000000 visits=1 0x100200-0x1005ff");
  const Ledger mapped = Shown().ledger;
  ASSERT_EQ(mapped.pagemaps.size(), 1u);
  EXPECT_EQ(mapped.pagemaps[0].phase, Pagemap::Phase::kMapped);
  EXPECT_EQ(mapped.pagemaps[0].refs, 1u + 0x10000 - 4098);
  EXPECT_EQ(mapped.pagemaps[0].altmap.alloc, 1024u);
  EXPECT_EQ(mapped.pagemaps[0].altmap.align, 510u);
  ASSERT_EQ(mapped.lookup.size(), 1u);
  EXPECT_EQ(mapped.lookup[0].pfns, (Range{0x100000, 0x10ffff}));
  EXPECT_EQ(mapped.memory,
            (MemoryUse{0x10000, 0x10000, 0x10000000, 0x10000000, 1}));
  EXPECT_EQ(mapped.live, 1u);
  EXPECT_EQ(Play("memunmap_pages p0\n"), "ok");
  const Ledger ledger = Shown().ledger;
  EXPECT_EQ(ledger.pagemaps[0].phase, Pagemap::Phase::kIdle);
  EXPECT_EQ(ledger.pagemaps[0].altmap.alloc, 0u);
  EXPECT_TRUE(ledger.lookup.empty());
  EXPECT_EQ(ledger.memory, MemoryUse());
  EXPECT_EQ(ledger.live, 0u);
  EXPECT_EQ(machine_->nodes(), 0u);
}

TEST_P(LinuxMemoryTest, RefusesWhatTheKernelRefuses) {
  Play(
      "p0 = dev_pagemap generic 0x100000000-0x10fffffff\n"
      "memremap_pages p0\n");
  const auto map = [this](absl::string_view pagemap) {
    return Play(
        absl::StrCat("p1 = dev_pagemap ", pagemap, "\nmemremap_pages p1\n"));
  };
  EXPECT_EQ(map("generic 0x200000000-0x2001fffff lacks=range"),
            "EINVAL warn=WARN_ON");
  EXPECT_EQ(map("private 0x200000000-0x2001fffff lacks=owner"),
            "EINVAL warn=WARN_ON");
  EXPECT_EQ(map("private 0x200000000-0x2001fffff lacks=ops"),
            "EINVAL warn=WARN_ON");
  EXPECT_EQ(map("coherent 0x200000000-0x2001fffff lacks=page_free"),
            "EINVAL warn=WARN_ON");
  EXPECT_EQ(map("coherent 0x200000000-0x2001fffff lacks=migrate_to_ram"),
            "ok 0x200000000");
  Play("memunmap_pages p1\n");
  EXPECT_EQ(map("9 0x200000000-0x2001fffff"), "ok 0x200000000 warn=WARN_ON");
  Play("memunmap_pages p1\n");
  EXPECT_EQ(map("generic 0x10fe00000-0x1101fffff"), "ENOMEM warn=WARN_ON");
  EXPECT_EQ(map("generic 0x200000000-0x2000fffff"), "EINVAL warn=WARN_ON");
  EXPECT_EQ(map("generic 0x200200000-0x1ffffffff"), "EINVAL");
  EXPECT_EQ(map("generic 0x400000000000-0x4000001fffff"), "EINVAL warn=other");
  Play("r1 = request iomem 0x200000000-0x2001fffff mem sysram busy\n");
  EXPECT_EQ(map("generic 0x200000000-0x2003fffff"), "ENXIO warn=WARN_ON");
  EXPECT_EQ(Play("add_range p1 0x300000000-0x3001fffff\n"
                 "release r1\n"
                 "vmem_altmap p1 0x200000-0x2003ff reserve=0 free=64\n"
                 "memremap_pages p1\n"),
            "EINVAL warn=WARN_ON");
  EXPECT_EQ(Play("vmem_altmap p1 0x200000-0x2003ff reserve=1 free=1024\n"
                 "memremap_pages p1\n"),
            "EINVAL warn=other");
  EXPECT_EQ(Shown().ledger.memory.memory_pages, 0x10000u);
  EXPECT_EQ(Shown().ledger.live, 1u);
}

TEST_P(LinuxMemoryTest, TakesItsStructPagesFromTheAltmap) {
  const auto map = [this](absl::string_view range, uint64_t pages,
                          absl::string_view altmap) {
    return Play(absl::StrCat("p0 = dev_pagemap generic ", range,
                             "\nvmem_altmap p0 ", altmap, " free=", pages,
                             "\nmemremap_pages p0\n"));
  };
  // A 2 MiB piece before a section, a section and a piece behind it.
  EXPECT_EQ(map("0x107e00000-0x1101fffff", 2048, "0x107e00-0x1101ff reserve=0"),
            "ok 0x107e00000 visits=2 0x107e00-0x107e07 0x108000-0x108207");
  EXPECT_EQ(Play("memunmap_pages p0\n"), "ok");
  // One page too few.
  EXPECT_EQ(map("0x100000000-0x1001fffff", 7, "0x100000-0x1001ff reserve=5"),
            "ENOMEM");
  EXPECT_EQ(Shown().ledger.pagemaps[0].altmap.alloc, 0u);
  EXPECT_EQ(map("0x100000000-0x1001fffff", 8, "0x100000-0x1001ff reserve=5"),
            "ok 0x100000000 visits=1 0x100005-0x10000c");
  Play("memunmap_pages p0\n");
  EXPECT_EQ(Play("vmem_altmap p0 0x1-0x2 reserve=1 free=8\n"
                 "vmem_altmap_offset p0\n"),
            "ok 0x9");
  EXPECT_EQ(Play("vmemmap_alloc_block_buf p0 size=0x4000\n"),
            "ok visits=1 0x4-0x7");
  EXPECT_EQ(Play("vmemmap_alloc_block_buf p0 size=0x1001\n"),
            "NULL warn=other");
  EXPECT_EQ(Play("vmemmap_alloc_block_buf p0 size=0x4000\n"), "NULL");
  EXPECT_EQ(Play("vmem_altmap_free p0 pages=4\n"), "ok");
}

TEST_P(LinuxMemoryTest, SleepsUntilTheLastReferenceIsPut) {
  Play(kDefine);
  EXPECT_EQ(Play("memremap_pages p0\nget_dev_pagemap 0x100000\n"), "ok p0");
  EXPECT_EQ(Play("get_dev_pagemap 0x10ffff cached=p0\n"), "ok p0");
  EXPECT_EQ(Shown().ledger.pagemaps[0].gets, 1u);
  EXPECT_EQ(Play("memunmap_pages p0\n"), "would-block");
  EXPECT_EQ(Play("get_dev_pagemap 0x100000\n"), "NULL");
  EXPECT_EQ(Shown().ledger.pagemaps[0].phase, Pagemap::Phase::kDying);
  EXPECT_EQ(Shown().ledger.pagemaps[0].refs, 1u);
  EXPECT_EQ(Play("get_dev_pagemap 0x50 cached=p0\n"), "NULL");
  EXPECT_EQ(Shown().ledger.pagemaps[0].phase, Pagemap::Phase::kIdle);
  EXPECT_EQ(Shown().ledger.pagemaps[0].gets, 0u);
  EXPECT_EQ(Shown().ledger.memory, MemoryUse());
}

TEST_P(LinuxMemoryTest, DevicesUnmapWhatTheyMapped) {
  Play(kDefine);
  EXPECT_EQ(Play("devm_memunmap_pages d1 p0\n"), "ok warn=WARN_ON");
  const State before = Shown();
  EXPECT_EQ(Play("devm_memremap_pages d1 p0\n"),
            "ok 0x100000000 visits=1 0x100200-0x1005ff");
  ASSERT_EQ(Shown().ledger.devres.size(), 1u);
  EXPECT_TRUE(Shown().ledger.devres[0].pagemap);
  EXPECT_EQ(Play("get_dev_pagemap 0x100000\nunbind d1\n"), "would-block");
  EXPECT_TRUE(Shown().ledger.devres.empty());
  EXPECT_TRUE(Shown().ledger.pagemaps[0].releasing);
  EXPECT_EQ(Shown().ledger.pagemaps[0].device, 1u);
  EXPECT_EQ(Shown().ledger.live, 2u);
  EXPECT_EQ(Play("put_dev_pagemap p0\n"), "ok");
  EXPECT_EQ(Shown().rows, before.rows);
  EXPECT_EQ(Shown().ledger.live, 0u);
  // The percpu_ref, the region of the variant that has one, the devres entry.
  const int allocations = variant() == AltmapVariant::kPatch ? 3 : 2;
  EXPECT_EQ(Play(absl::StrCat("fail_alloc nth=", allocations,
                              " times=1\ndevm_memremap_pages d1 p0\n")),
            "ENOMEM");
  EXPECT_EQ(Shown().rows, before.rows);
  EXPECT_EQ(Shown().ledger.live, 0u);
  EXPECT_EQ(Shown().ledger.memory, MemoryUse());
}

TEST_P(LinuxMemoryTest, PagesHoldTheirPagemap) {
  Play(
      "p0 = dev_pagemap private 0x100000000-0x1001fffff\n"
      "memremap_pages p0\n");
  EXPECT_EQ(Play("pgmap_pfn_valid p0 0x100000\n"), "ok 0x1");
  EXPECT_EQ(Play("pgmap_pfn_valid p0 0x100200\n"), "ok");
  EXPECT_EQ(Play("zone_device_page_init 0x100000\n"), "ok");
  EXPECT_EQ(Shown().ledger.pages, std::vector<PageUse>({{0x100000, 1, true}}));
  EXPECT_EQ(Play("memunmap_pages p0\n"), "would-block");
  EXPECT_EQ(Play("zone_device_page_init 0x100001\n"), "ok warn=WARN_ON");
  EXPECT_EQ(Shown().ledger.pages,
            std::vector<PageUse>({{0x100000, 1, true}, {0x100001, 1, false}}));
  EXPECT_EQ(Play("free_zone_device_page 0x100000 anon\n"),
            "ok visits=1 0x100000-0x100000");
  EXPECT_TRUE(Shown().ledger.pages.empty());
  EXPECT_EQ(Shown().ledger.live, 0u);
}

TEST_P(LinuxMemoryTest, PagesOfFsdaxWakeWhoWaits) {
  Play(
      "p0 = dev_pagemap fsdax 0x100000000-0x1001fffff\n"
      "p1 = dev_pagemap generic 0x200000000-0x2001fffff lacks=page_free\n"
      "memremap_pages p0\n"
      "memremap_pages p1\n"
      "get_page 0x100005\n");
  EXPECT_EQ(Play("get_page 0x100005\n"), "ok");
  EXPECT_EQ(Shown().ledger.pages, std::vector<PageUse>({{0x100005, 3, false}}));
  EXPECT_EQ(Play("put_devmap_page 0x100005 refs=1\n"), "ok 0x1");
  EXPECT_EQ(Play("put_devmap_page 0x100005 refs=1\n"),
            "ok 0x1 visits=1 0x100005-0x100005");
  EXPECT_EQ(Play("put_devmap_page 0x200000 refs=1\n"), "ok");
  EXPECT_EQ(Play("free_zone_device_page 0x200000\n"), "ok warn=WARN_ON");
  EXPECT_TRUE(Shown().ledger.pages.empty());
}

TEST_P(LinuxMemoryTest, UndoesWhatAFailedStepFollowed) {
  for (const absl::string_view fail :
       {"fail_step xa_store nth=1", "fail_step track_pfn nth=1",
        "fail_step kasan nth=1", "fail_step add_memory nth=1",
        "fail_step add_memory nth=2", "fail_step xa_store nth=2",
        "fail_alloc nth=1 times=1"}) {
    machine_->Reset();
    Play(
        "p0 = dev_pagemap fsdax 0x100000000-0x1001fffff\n"
        "add_range p0 0x200000000-0x2001fffff\n");
    const State before = Shown();
    EXPECT_EQ(Play(absl::StrCat(fail, "\nmemremap_pages p0\n")), "ENOMEM")
        << fail;
    EXPECT_EQ(Shown(), before) << fail;
    EXPECT_EQ(machine_->nodes(), 0u);
    EXPECT_EQ(Play("memremap_pages p0\nmemunmap_pages p0\n"), "ok") << fail;
    EXPECT_EQ(Shown(), before) << fail;
  }
}

// Whatever node of the lookup cannot be had, no entry is left behind. Empty
// nodes may be: xas_create() leaves those that it got, and the next store uses
// them.
TEST_P(LinuxMemoryTest, UndoesAStoreThatEndsInTheMiddle) {
  Play(
      "p1 = dev_pagemap generic 0x0-0x3fffff\n"
      "memremap_pages p1\n"
      "p0 = dev_pagemap generic 0x7fe00000-0x1c07fffff\n");
  const State before = Shown();
  const uint64_t nodes = machine_->nodes();
  int failures = 0, leftovers = 0;
  for (const uint32_t times : {1, 2, 1000}) {
    for (uint32_t nth = 1; nth < 40; ++nth) {
      machine_->FailNodes(nth, times);
      const std::string seen = Play("memremap_pages p0\n");
      machine_->FailNodes(0, 0);
      if (!absl::StartsWith(seen, "ok")) {
        EXPECT_EQ(seen, "ENOMEM") << nth;
        EXPECT_EQ(Shown(), before) << nth << " " << times << "\n" << Text();
        ++failures;
        if (machine_->nodes() != nodes) ++leftovers;
        Play("memremap_pages p0\n");
      }
      EXPECT_EQ(Play("memunmap_pages p0\n"), "ok");
      EXPECT_EQ(Shown(), before) << nth << " " << times << "\n" << Text();
      EXPECT_EQ(machine_->nodes(), nodes) << nth << " " << times;
    }
  }
  EXPECT_GT(failures, 0);
  EXPECT_GT(leftovers, 0);
}

TEST_P(LinuxMemoryTest, DumpsWhatKexecWouldRead) {
  Play(
      "r1 = request iomem 0x1000-0x1fff \"System RAM\" mem sysram busy\n"
      "r2 = request iomem 0x4000-0x4fff \"System RAM\" mem sysram\n");
  EXPECT_EQ(Play("dumpable kexec_file\n"), "ok visits=1 0x1000-0x1fff");
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

TEST_P(LinuxMemoryTest, AltmapsHaveAResource) {
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

TEST_P(LinuxMemoryTest, WhatIsInTheWayOfAnAltmapsResource) {
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

TEST_P(LinuxMemoryTest, AdoptsWhatItShows) {
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
TEST_P(LinuxMemoryTest, WithoutItTheMachineShowsWhatOthersHave) {
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

// SPDX-License-Identifier: Apache-2.0
//
// The machine itself: that ops reach the kernel, that what comes back is read
// right, and that one trace leaves nothing to the next. What the kernel ought
// to do is for the judges to say.
#include "kernel/linux_machine.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "kernel/api.h"
#include "kernel/hooks.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"

namespace restree {
namespace {

// Every test runs on each version that is available.
class LinuxMachineTest : public testing::TestWithParam<const kernel_api*> {
 protected:
  void SetUp() override {
    if (!GetParam()->is_available) GTEST_SKIP() << GetParam()->why;
    machine_ = std::make_unique<LinuxMachine>(*GetParam());
  }

  // Plays a trace and returns what its last op sees.
  std::string Play(absl::string_view text) {
    const auto document = ParseTrace(text, "test");
    EXPECT_TRUE(document.ok()) << std::string(document.status().message());
    if (!document.ok()) return "";
    std::string last;
    for (const Op& op : document->trace.ops) {
      if (!machine_->Plays(op.verb)) return "does not play";
      const Observation seen = machine_->Apply(op);
      last = ObservationText(seen);
      raised_in_ = seen.raised_in;
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
  absl::string_view raised_in_;  // as the last op saw it
};

std::string NameOfTest(const testing::TestParamInfo<const kernel_api*>& info) {
  std::string name = info.param->name;
  for (char& c : name) {
    if (c == '-' || c == '.') c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Versions, LinuxMachineTest,
                         testing::Values(&linux_6_1_api, &linux_6_12_api,
                                         &linux_tree_api),
                         NameOfTest);

TEST_P(LinuxMachineTest, PlacesAndReleases) {
  EXPECT_EQ(Play("r1 = request iomem 0x1000-0x1fff mem\n"), "ok");
  EXPECT_EQ(Play("r2 = request r1 0x1000-0x10ff mem busy desc=cxl\n"), "ok");
  EXPECT_EQ(Text(),
            "00001000-00001fff : r1  [r1 mem]\n"
            "  00001000-000010ff : r2  [r2 mem busy desc=cxl]\n");
  EXPECT_EQ(Play("r3 = request iomem 0x1800-0x27ff\n"), "EBUSY r1");
  EXPECT_EQ(Play("release r1\n"), "ok");
  EXPECT_EQ(Text(),
            "in no tree:\n"
            "00001000-00001fff : r1  [r1 mem]\n"
            "  00001000-000010ff : r2  [r2 mem busy desc=cxl]\n");
}

TEST_P(LinuxMachineTest, SaysWhoIsInTheWay) {
  EXPECT_EQ(Play("r1 = request iomem 0x1000-0x1fff\n"
                 "r2 = insert iomem 0x1800-0x27ff\n"),
            "EBUSY r1");
  EXPECT_EQ(Play("r2 = request ioport 0x10000-0x10001\n"), "EBUSY ioport");
  EXPECT_EQ(Play("r2 = insert_expand_to_fit ioport 0x10000-0x10001\n"), "NULL");
}

TEST_P(LinuxMachineTest, AllocatesRegionsThatTheKernelFrees) {
  EXPECT_EQ(Play("r1 = request_region iomem 0x1000-0x1fff\n"), "ok");
  EXPECT_EQ(Text(), "00001000-00001fff : r1  [r1 region mem busy]\n");
  EXPECT_EQ(Play("r2 = request_region iomem 0x1000-0x1fff\n"), "NULL");
  EXPECT_EQ(Play("release_region iomem 0x1000-0x1fff\n"), "ok");
  EXPECT_EQ(Text(), "");
  EXPECT_EQ(Play("release_region iomem 0x1000-0x1fff\n"),
            "ok warn=nonexistent");
}

TEST_P(LinuxMachineTest, ForgetsTheCallersOwnWhenTheKernelWouldFreeIt) {
  EXPECT_EQ(Play("r1 = request iomem 0x1000-0x1fff busy\n"
                 "release_region iomem 0x1000-0x1fff\n"),
            "ok");
  EXPECT_EQ(Text(), "");
  EXPECT_EQ(Play("r1 = request iomem 0x1000-0x1fff\n"), "ok");
}

TEST_P(LinuxMachineTest, WalksCallBack) {
  EXPECT_EQ(Play("r1 = request iomem 0x1000-0x1fff mem busy\n"
                 "r2 = request iomem 0x3000-0x3fff mem busy\n"
                 "walk_mem_res 0x1800-0x37ff\n"),
            "ok visits=2 0x1800-0x1fff 0x3000-0x37ff");
  EXPECT_EQ(Play("walk_mem_res 0x1800-0x37ff stop=1\n"),
            "stopped visits=1 0x1800-0x1fff");
  EXPECT_EQ(Play("walk_system_ram_res 0x1800-0x37ff\n"), "EINVAL");
}

TEST_P(LinuxMachineTest, AnswersQuestions) {
  Play("r1 = request iomem 0x1000-0x1fff mem sizealign exclusive\n");
  EXPECT_EQ(Play("lookup iomem 0x1000\n"), "ok r1");
  EXPECT_EQ(Play("lookup iomem 0x1001\n"), "NULL");
  EXPECT_EQ(Play("alignment r1\n"), "ok 0x1000");
  EXPECT_EQ(Play("resource_size r1\n"), "ok 0x1000");
  EXPECT_EQ(Play("region_intersects 0x0-0x2fff mem\n"), "REGION_INTERSECTS");
  EXPECT_EQ(Play("iomem_map_sanity_check 0x800-0x27ff\n"), "EPERM warn=spans");
  EXPECT_EQ(Play("iomem_is_exclusive 0x1234\n"), "ok");
  EXPECT_EQ(Play("resource_contains iomem r1\n"), "ok 0x1");
  EXPECT_EQ(Play("r2 = root 0x1800-0x27ff mem\nresource_union r1 r2\n"),
            "ok 0x1 visits=1 0x1000-0x27ff");
  EXPECT_EQ(Play("resource_intersection r1 r2\n"),
            "ok 0x1 visits=1 0x1800-0x1fff");
  EXPECT_EQ(Play("page_is_ram 0x1\n"), "ok");
}

// Nine rows, so that the file is read in two pieces.
TEST_P(LinuxMachineTest, ReadsProc) {
  std::string trace;
  for (int i = 0; i < 9; ++i) {
    absl::StrAppend(&trace, "r", i, " = request ioport 0x", i, "0-0x", i,
                    "f\n");
  }
  Play(trace);
  Op op;
  op.verb = Verb::kProc;
  op.parent = kIoport;
  EXPECT_EQ(machine_->Apply(op).text, IomemText(Shown(), {}, kIoport));
  Op unprivileged = op;
  unprivileged.number = 1;
  EXPECT_EQ(machine_->Apply(unprivileged).text,
            IomemText(Shown(), {}, kIoport, /*privileged=*/false));
}

TEST_P(LinuxMachineTest, ResetForgetsEverything) {
  const std::vector<absl::string_view> traces = {
      "r1 = request iomem 0x1000-0x1fff\n",
      "r70 = request_region ioport 0x10-0x1f muxed\n"
      "r71 = request_region ioport 0x10-0x1f muxed\n",
      "adjust iomem 0x0-0xffff\n",
      "r1 = devm_request_region d3 iomem 0x1000-0x1fff\n",
      "r1 = root 0x0-0x1\nresource_list_add l2 r1\n",
      "strict_iomem relaxed\niomem_init_inode\n",
      "r1 = reserve_setup 0x1000-0x1fff\n",
      "fail_alloc nth=2 times=3\n",
  };
  for (const absl::string_view trace : traces) {
    Play(trace);
    EXPECT_NE(Text(), "") << std::string(trace);
    machine_->Reset();
    EXPECT_EQ(Text(), "") << std::string(trace);
    EXPECT_EQ(machine_->Digest(), StateDigest(Shown()));
  }
}

TEST_P(LinuxMachineTest, AdoptsWhatItShows) {
  const std::vector<absl::string_view> traces = {
      "r1 = request iomem 0x1000-0x1fff mem\n"
      "r2 = request_region r1 0x1000-0x10ff\n"
      "r70 = root 0x5-0x4\n"
      "r3 = reserve_setup 0x80-0x8f\n"
      "strict_iomem relaxed\n"
      "iomem_init_inode\n"
      "r4 = devm_request_region d1 iomem 0x3000-0x3fff\n"
      "r5 = devm_request_resource d1 iomem 0x5000-0x5fff\n"
      "resource_list_add l7 r1\n"
      "resource_list_add_tail l7 r5\n"
      "r6 = request_region ioport 0x10-0x1f muxed\n"
      "r7 = request_region ioport 0x10-0x1f muxed\n"
      "r8 = request_region ioport 0x18-0x1f muxed busy\n"
      "fail_alloc nth=2 times=3\n",
  };
  for (const absl::string_view trace : traces) {
    Play(trace);
    const State state = Shown();
    EXPECT_EQ(state.ledger.waiters.size(), 2u);
    for (int i = 0; i < 2; ++i) {
      machine_->Adopt(state);
      EXPECT_EQ(Text(), StateText(state, {}));
      EXPECT_EQ(Shown(), state);
      EXPECT_EQ(machine_->Digest(), StateDigest(state));
      machine_->Reset();
    }
    machine_->Adopt(state);
    EXPECT_EQ(Play("release_region ioport 0x10-0x1f\n"), "ok");
    EXPECT_EQ(Shown().ledger.waiters.size(), 1u);
    EXPECT_EQ(Play("r9 = reserve_setup 0x90-0x9f\n"), "ok");
    EXPECT_EQ(Shown().ledger.reserved, 2);
  }
}

TEST_P(LinuxMachineTest, MuxedRegionsSleepAndWake) {
  Play("r1 = request_region ioport 0x10-0x1f muxed\n");
  EXPECT_EQ(Play("r2 = request_region ioport 0x10-0x1f muxed\n"),
            "would-block");
  EXPECT_EQ(Play("r3 = request_region ioport 0x18-0x1f muxed\n"),
            "would-block");
  EXPECT_EQ(Text(),
            "ioport:\n"
            "0010-001f : r1  [r1 region io muxed busy]\n"
            "waiting: r2 in ioport 0x10-0x1f muxed\n"
            "waiting: r3 in ioport 0x18-0x1f muxed\n");
  // The newest wakes first, and the other has to wait for it.
  EXPECT_EQ(Play("release_region ioport 0x10-0x1f\n"), "ok");
  EXPECT_EQ(Text(),
            "ioport:\n"
            "0018-001f : r3  [r3 region io muxed busy]\n"
            "waiting: r2 in ioport 0x10-0x1f muxed\n");
}

TEST_P(LinuxMachineTest, AllocationsFailOnDemand) {
  Play("fail_alloc nth=2 times=1\n");
  EXPECT_EQ(Play("r1 = request_region iomem 0x1000-0x1fff\n"), "ok");
  EXPECT_EQ(Play("r2 = request_region iomem 0x2000-0x2fff\n"), "NULL");
  EXPECT_EQ(Play("r2 = request_region iomem 0x2000-0x2fff\n"), "ok");
  EXPECT_EQ(Play("fail_alloc nth=3 times=1\niomem_init_inode\n"), "ENOMEM");
  EXPECT_EQ(Shown().ledger.live, 2u);
  EXPECT_EQ(Play("iomem_init_inode\n"), "ok");
  EXPECT_EQ(Shown().ledger.live, 5u);
}

TEST_P(LinuxMachineTest, DevicesLoseWhatTheyHave) {
  if (!machine_->Plays(Verb::kUnbind)) return;
  Play(
      "r1 = devm_request_resource d2 iomem 0x1000-0x1fff\n"
      "r2 = devm_request_region d2 iomem 0x2000-0x2fff\n");
  EXPECT_EQ(Text(),
            "00001000-00001fff : r1  [r1]\n"
            "00002000-00002fff : r2  [r2 region mem busy]\n"
            "d2: resource r1, region iomem 0x2000-0x2fff\n");
  EXPECT_EQ(Play("unbind d2\n"), "ok");
  EXPECT_EQ(Play("unbind d2\n"), "ok");
  EXPECT_EQ(Play("unbind d2\n"), "NULL");
  EXPECT_EQ(Text(), "in no tree:\n00001000-00001fff : r1  [r1]\n");
  EXPECT_EQ(raised_in_, "");
  EXPECT_EQ(Play("devm_release_resource d2 r1\n"), "ok warn=WARN_ON");
  EXPECT_TRUE(absl::EndsWith(raised_in_, "_devm_release_resource"))
      << raised_in_;
}

TEST_P(LinuxMachineTest, SplitsAndMergesMemory) {
  Play("r1 = request iomem 0x1000-0x3fff mem sysram busy\n");
  EXPECT_EQ(Play("r2 = release_mem_region_adjustable 0x2000-0x2fff\n"), "ok");
  EXPECT_EQ(Shown().rows.size(), 4u);
  EXPECT_EQ(Shown().rows[2].name, kNameOfSlot | R(1));
  EXPECT_EQ(Play("r4 = reserve_region_with_split iomem 0x0-0x3fff\n"), "ok");
  EXPECT_EQ(Text(),
            "00000000-00000fff : r4  [r4 region mem busy]\n"
            "00001000-00001fff : r1  [r1 mem sysram busy]\n"
            "00002000-00002fff : r4  [r5 region mem busy]\n"
            "00003000-00003fff : r1  [r2 region mem sysram busy]\n");
  EXPECT_EQ(Play("release_region iomem 0x2000-0x2fff\n"
                 "adjust r1 0x1000-0x2fff\n"
                 "merge_system_ram_resource r1\n"),
            "ok");
  EXPECT_EQ(Play("merge_system_ram_resource r2\n"), "ok");
}

TEST_P(LinuxMachineTest, EndlessWalksEnd) {
  EXPECT_EQ(Play("r1 = request iomem 0x1000-0xffffffffffffffff mem busy\n"
                 "walk_mem_res 0x2000-0xffffffffffffffff stop=1\n"),
            "stopped visits=1 0x2000-0xffffffffffffffff");
  Op op;
  op.verb = Verb::kWalkMem;
  op.range = {0x2000, UINT64_MAX};
  EXPECT_EQ(machine_->Apply(op).warnings, kWarnBug);
  EXPECT_EQ(Play("walk_mem_res 0x2000-0x2fff\n"), "ok visits=1 0x2000-0x2fff");
}

// Versions of the kernel that go against its rules.
class BrokenLinuxTest : public LinuxMachineTest {
 protected:
  void SetUp() override {
    LinuxMachineTest::SetUp();
    if (machine_ == nullptr) return;
    machine_.reset();
    broken_ = *GetParam();
  }

  // Plays a trace on the broken kernel.
  std::string PlayBroken(absl::string_view text) {
    machine_ = std::make_unique<LinuxMachine>(broken_);
    return Play(text);
  }

  kernel_api broken_ = {};
};

INSTANTIATE_TEST_SUITE_P(Versions, BrokenLinuxTest,
                         testing::Values(&linux_6_1_api, &linux_6_12_api,
                                         &linux_tree_api),
                         NameOfTest);

TEST_P(BrokenLinuxTest, LinksChangeWithoutTheLock) {
  broken_.release_resource = [](resource* it) {
    it->parent->child = it->sibling;
    it->parent = nullptr;
    return 0;
  };
  EXPECT_EQ(PlayBroken("r1 = request iomem 0x1000-0x1fff\nrelease r1\n"),
            "ok warn=lock");
}

TEST_P(BrokenLinuxTest, LinksChangeAfterTheLock) {
  broken_.release_resource = [](resource* it) {
    kernel_event(KERNEL_WRITE_LOCK, nullptr);
    it->parent->child = it->sibling;
    kernel_event(KERNEL_WRITE_UNLOCK, nullptr);
    it->parent = nullptr;
    return 0;
  };
  EXPECT_EQ(PlayBroken("r1 = request iomem 0x1000-0x1fff\nrelease r1\n"),
            "ok warn=lock");
}

TEST_P(BrokenLinuxTest, LockIsHeldAtTheEnd) {
  broken_.lookup_resource = [](resource*, unsigned long long) -> resource* {
    kernel_event(KERNEL_READ_LOCK, nullptr);
    return nullptr;
  };
  EXPECT_EQ(PlayBroken("lookup iomem 0x0\n"), "NULL warn=lock");
  EXPECT_EQ(Play("walk_mem_res 0x0-0x1\n"), "EINVAL");
}

TEST_P(BrokenLinuxTest, RequestFormsDisagree) {
  broken_.request_resource_conflict = [](resource*, resource*) -> resource* {
    return nullptr;
  };
  EXPECT_EQ(PlayBroken("r1 = request ioport 0x10000-0x10001\n"),
            "EBUSY warn=BUG");
}

TEST_P(BrokenLinuxTest, GarbageInLinksIsShown) {
  broken_.release_resource = [](resource* it) {
    kernel_event(KERNEL_WRITE_LOCK, nullptr);
    it->child = reinterpret_cast<resource*>(0x6b6b6b6b6b6b6b6b);
    it->sibling = it;
    kernel_event(KERNEL_WRITE_UNLOCK, nullptr);
    return 0;
  };
  PlayBroken("r1 = request iomem 0x1000-0x1fff\nrelease r1\n");
  const State state = Shown();
  ASSERT_GE(state.rows.size(), 4u);
  EXPECT_EQ(state.rows[2].slot, kNoSlot);
  EXPECT_EQ(state.rows[3].slot, R(1));
}

TEST_P(BrokenLinuxTest, UseAfterFreeIsNoCrashOfOurs) {
  broken_.release_region = [](resource* parent, unsigned long long,
                              unsigned long long) {
    kernel_event(KERNEL_WRITE_LOCK, nullptr);
    kernel_free(parent->child);
    kernel_event(KERNEL_WRITE_UNLOCK, nullptr);
  };
  PlayBroken(
      "r1 = request_region iomem 0x1000-0x1fff\n"
      "release_region iomem 0x1000-0x1fff\n");
  EXPECT_EQ(Shown().rows[1].slot, kNoSlot);
  EXPECT_EQ(Shown().ledger.live, 0u);
}

}  // namespace
}  // namespace restree

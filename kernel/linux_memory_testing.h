// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_LINUX_MEMORY_TESTING_H_
#define RESTREE_KERNEL_LINUX_MEMORY_TESTING_H_

#include <cctype>
#include <memory>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "kernel/api.h"
#include "kernel/linux_machine.h"
#include "kernel/memory_api.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"

// What tests of device memory have in common.
namespace restree {

using Param = std::tuple<const kernel_api*, AltmapVariant>;

// Every test runs on each version that is available, with each variant.
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

inline std::string NameOfTest(const testing::TestParamInfo<Param>& info) {
  std::string name = absl::StrCat(std::get<0>(info.param)->name,
                                  AltmapSuffix(std::get<1>(info.param)));
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

#define INSTANTIATE_LINUX_MEMORY_TEST(Test)                                  \
  INSTANTIATE_TEST_SUITE_P(                                                  \
      Versions, Test,                                                        \
      testing::Combine(                                                      \
          testing::Values(&linux_6_1_api, &linux_6_12_api, &linux_tree_api), \
          testing::Values(AltmapVariant::kNone, AltmapVariant::kPatch,       \
                          AltmapVariant::kSound)),                           \
      NameOfTest)

// 256 MiB at 4 GiB, two sections, with room for their struct pages.
inline constexpr absl::string_view kDefine =
    "r1 = request iomem 0x100000000-0x10fffffff mem\n"
    "p0 = dev_pagemap fsdax 0x100000000-0x10fffffff\n"
    "vmem_altmap p0 0x100000-0x10ffff reserve=2 free=4096 parent=r1\n";

}  // namespace restree

#endif  // RESTREE_KERNEL_LINUX_MEMORY_TESTING_H_

// SPDX-License-Identifier: Apache-2.0

// RapidCheck against every kernel of this build, with the oracle beside it.
#include <memory>

#include "gtest/gtest.h"
#include "kernel/kernels.h"
#include "model/machine.h"
#include "properties/stateful.h"
#include "properties/test_size.h"

namespace restree {
namespace {

TEST(KernelStatefulTest, KernelsAgreeWithTheOracle) {
  for (const KernelInfo& info : Kernels()) {
    if (info.make == nullptr) continue;
    const std::unique_ptr<Machine> machine = info.make();
    const auto shrunk =
        RunStateful(1, static_cast<int>(TestSize(300)), *machine);
    EXPECT_FALSE(shrunk.has_value()) << info.name << "\n" << shrunk->text;
  }
}

}  // namespace
}  // namespace restree

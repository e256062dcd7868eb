// SPDX-License-Identifier: Apache-2.0
#include "fuzz/die.h"

#include <execinfo.h>

#include <csignal>
#include <cstdint>
#include <cstdio>

#include "absl/debugging/symbolize.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

// Prints the names of the stack that abort() was called on.
void PrintStack(int) {
  void* frames[16];
  const int depth = backtrace(frames, 16);
  for (int i = 0; i < depth; ++i) {
    char name[256];
    if (absl::Symbolize(static_cast<char*>(frames[i]) - 1, name,
                        sizeof(name))) {
      std::fprintf(stderr, "%s\n", name);
    }
  }
}

void DieWithStack(uint64_t hash) {
  absl::InitializeSymbolizer(nullptr);
  std::signal(SIGABRT, PrintStack);
  DieAs(hash);
}

TEST(DieAsDeathTest, SpellsTheHashInItsStack) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(DieWithStack(0x000), testing::KilledBySignal(SIGABRT),
              "Amber[^\n]*\n[^\n]*Amber[^\n]*\n[^\n]*Amber");
  EXPECT_EXIT(DieWithStack(0xabc210), testing::KilledBySignal(SIGABRT),
              "Copper[^\n]*\n[^\n]*Birch[^\n]*\n[^\n]*Amber");
  EXPECT_EXIT(DieWithStack(0xf0f), testing::KilledBySignal(SIGABRT),
              "Pumice[^\n]*\n[^\n]*Amber[^\n]*\n[^\n]*Pumice");
}

}  // namespace
}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// Runs C++ tests that are compiled to a shared object: gtest_host TESTS.so
// [--gtest_...].
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdio>

// The linker keeps what a test calls.
#include "triage/host/machine_under_test.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc == 1) return RUN_ALL_TESTS();
  if (dlopen(argv[1], RTLD_NOW) == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  return RUN_ALL_TESTS();
}

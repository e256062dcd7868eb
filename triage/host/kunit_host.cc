// SPDX-License-Identifier: Apache-2.0
//
// Runs a KUnit suite that is compiled to a shared object, against a kernel that
// is linked in here or against any machine: kunit_host MACHINE WARNINGS
// SUITE.so, with the Warning bits that the suite asks for.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <memory>

#include "absl/strings/numbers.h"
#include "kernel/kunit_runner.h"
#include "triage/host/machine_tree.h"
#include "triage/host/named_machine.h"

int main(int argc, char** argv) {
  uint32_t warnings = 0;
  if (argc != 4 || !absl::SimpleAtoi(argv[2], &warnings)) {
    std::fprintf(stderr, "usage: kunit_host MACHINE WARNINGS SUITE.so\n");
    return 2;
  }
  auto machine = restree::MakeNamedMachine(argv[1]);
  if (machine == nullptr) {
    std::fprintf(stderr, "there is no machine %s\n", argv[1]);
    return 2;
  }
  restree::SetMachineOfKunit(std::move(machine));
  if (dlopen(argv[3], RTLD_NOW) == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  return restree::RunKunitSuites(static_cast<uint16_t>(warnings)) ? 0 : 1;
}

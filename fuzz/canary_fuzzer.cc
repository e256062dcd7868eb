// SPDX-License-Identifier: Apache-2.0
// The canary that RESTREE_CANARY names against the oracle: a bug that is there
// to be found. Without the variable, the model, which has none.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "fuzz/trace_target.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/oracle.h"
#include "properties/canaries.h"

namespace restree {
namespace {

std::unique_ptr<Machine> Chosen() {
  const char* name = std::getenv("RESTREE_CANARY");
  if (name == nullptr) return std::make_unique<Model>();
  std::unique_ptr<Machine> canary = MakeCanary(name);
  if (canary != nullptr) return canary;
  std::fprintf(stderr, "RESTREE_CANARY: there is no canary %s\n", name);
  std::_Exit(2);
}

}  // namespace
}  // namespace restree

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  thread_local restree::Oracle oracle;
  thread_local const auto machine = restree::Chosen();
  thread_local restree::TraceTarget target({&oracle, machine.get()});
  target.Run({data, size});
  return 0;
}

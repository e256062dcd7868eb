// SPDX-License-Identifier: Apache-2.0
// The model against the oracle.
#include <cstddef>
#include <cstdint>

#include "fuzz/trace_target.h"
#include "fuzz/wanted_machines.h"
#include "model/model.h"
#include "model/oracle.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  thread_local const restree::WantedMachines wanted;
  thread_local restree::Oracle oracle(wanted.altmap());
  thread_local restree::Model model(wanted.altmap());
  thread_local restree::TraceTarget target({&oracle, &model});
  target.Run({data, size});
  return 0;
}

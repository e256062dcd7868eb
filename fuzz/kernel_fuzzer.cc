// SPDX-License-Identifier: Apache-2.0
// The model against every kernel that this build has, or those of them that
// RESTREE_MACHINES names, with the oracle as referee.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "fuzz/trace_target.h"
#include "fuzz/wanted_machines.h"
#include "kernel/kernels.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/oracle.h"

namespace restree {
namespace {

struct Machines {
  Machines() {
    for (const KernelInfo& kernel : Kernels()) {
      if (kernel.make == nullptr || !wanted.Has(kernel.name)) continue;
      if (IsOfTree() && !kernel.has_altmap_resource) continue;
      kernels.push_back(kernel.make(wanted.altmap()));
      all.push_back(kernels.back().get());
    }
  }

  // Nobody can predict a tree.
  Machine* referee() { return IsOfTree() ? nullptr : &oracle; }
  bool IsOfTree() const { return wanted.altmap() == AltmapVariant::kTree; }

  const WantedMachines wanted;
  Oracle oracle{wanted.altmap()};
  Model model{wanted.altmap()};
  std::vector<std::unique_ptr<Machine>> kernels;
  std::vector<Machine*> all = {&model};
};

}  // namespace
}  // namespace restree

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  thread_local restree::Machines machines;
  thread_local restree::TraceTarget target(machines.all, machines.referee());
  target.Run({data, size});
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_ALL_MACHINES_H_
#define RESTREE_KERNEL_ALL_MACHINES_H_

#include <memory>
#include <vector>

#include "kernel/kernels.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/oracle.h"

namespace restree {

// The judges and every kernel of this build, all of one variant: what a test
// plays in lockstep.
struct AllMachines {
  explicit AllMachines(AltmapVariant altmap) : oracle(altmap), model(altmap) {
    for (const KernelInfo& info : Kernels()) {
      if (info.make == nullptr) continue;
      kernels.push_back(info.make(altmap));
      all.push_back(kernels.back().get());
    }
  }

  Oracle oracle;
  Model model;
  std::vector<std::unique_ptr<Machine>> kernels;
  std::vector<Machine*> all = {&oracle, &model};
};

}  // namespace restree

#endif  // RESTREE_KERNEL_ALL_MACHINES_H_

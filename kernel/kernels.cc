// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernels.h"

#include <array>
#include <memory>

#include "absl/types/span.h"
#include "kernel/api.h"
#include "kernel/linux_machine.h"
#include "kernel/memory_api.h"
#include "model/machine.h"

namespace restree {
namespace {

template <const kernel_api& api>
std::unique_ptr<Machine> Make(AltmapVariant altmap) {
  return std::make_unique<LinuxMachine>(api, altmap);
}

template <const kernel_api& api>
KernelInfo InfoOf() {
  return {.name = api.name,
          .version = api.version,
          .source = api.source,
          .why = api.why,
          .has_altmap_resource =
              api.is_available && api.memory->altmap_has_resource,
          .make = api.is_available ? Make<api> : nullptr};
}

}  // namespace

absl::Span<const KernelInfo> Kernels() {
  static const std::array<KernelInfo, 3> kKernels = {InfoOf<linux_6_12_api>(),
                                                     InfoOf<linux_6_1_api>(),
                                                     InfoOf<linux_tree_api>()};
  return kKernels;
}

}  // namespace restree

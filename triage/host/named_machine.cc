// SPDX-License-Identifier: Apache-2.0
#include "triage/host/named_machine.h"

#include <memory>
#include <optional>

#include "absl/strings/string_view.h"
#include "kernel/kernels.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/oracle.h"
#include "properties/canaries.h"

namespace restree {

std::unique_ptr<Machine> MakeNamedMachine(absl::string_view name) {
  const std::optional<AltmapVariant> altmap = TakeAltmapSuffix(&name);
  if (!altmap.has_value()) return nullptr;
  if (name == "model") return std::make_unique<Model>(*altmap);
  if (name == "oracle") return std::make_unique<Oracle>(*altmap);
  for (const KernelInfo& kernel : Kernels()) {
    if (kernel.name != name) continue;
    return kernel.make == nullptr ? nullptr : kernel.make(*altmap);
  }
  return MakeCanary(name);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
// The model against every kernel that this build has, or those of them that
// RESTREE_MACHINES names, with the oracle as referee.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "fuzz/trace_target.h"
#include "kernel/kernels.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/oracle.h"

namespace restree {
namespace {

bool IsWanted(absl::string_view name) {
  const char* const names = std::getenv("RESTREE_MACHINES");
  if (names == nullptr || *names == '\0') return true;
  const std::vector<absl::string_view> wanted = absl::StrSplit(names, ',');
  return absl::c_linear_search(wanted, name);
}

struct Machines {
  Machines() {
    for (const KernelInfo& kernel : Kernels()) {
      if (kernel.make == nullptr || !IsWanted(kernel.name)) continue;
      kernels.push_back(kernel.make());
      all.push_back(kernels.back().get());
    }
  }

  Oracle oracle;
  Model model;
  std::vector<std::unique_ptr<Machine>> kernels;
  std::vector<Machine*> all = {&model};
};

}  // namespace
}  // namespace restree

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  thread_local restree::Machines machines;
  thread_local restree::TraceTarget target(machines.all, &machines.oracle);
  target.Run({data, size});
  return 0;
}

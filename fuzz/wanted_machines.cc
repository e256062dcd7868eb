// SPDX-License-Identifier: Apache-2.0
#include "fuzz/wanted_machines.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "model/machine.h"

namespace restree {
namespace {

absl::string_view NamesOfEnvironment() {
  const char* const names = std::getenv("RESTREE_MACHINES");
  return names == nullptr ? "" : names;
}

}  // namespace

WantedMachines::WantedMachines() : WantedMachines(NamesOfEnvironment()) {}

WantedMachines::WantedMachines(absl::string_view names) {
  for (absl::string_view name : absl::StrSplit(names, ',', absl::SkipEmpty())) {
    const auto altmap = TakeAltmapSuffix(&name);
    if (!altmap.has_value() || (!names_.empty() && *altmap != altmap_)) {
      std::fprintf(stderr, "RESTREE_MACHINES=%s: not of one variant\n",
                   std::string(names).c_str());
      std::exit(2);
    }
    altmap_ = *altmap;
    names_.emplace_back(name);
  }
}

bool WantedMachines::Has(absl::string_view name) const {
  return names_.empty() || absl::c_linear_search(names_, name);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_WANTED_MACHINES_H_
#define RESTREE_FUZZ_WANTED_MACHINES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/machine.h"

namespace restree {

// What the variable RESTREE_MACHINES asks a fuzzer for: names of machines with
// commas between them, all of one variant; unset, all machines of kNone.
//
//   RESTREE_MACHINES=linux-6.12:altmap=patch,linux-6.1:altmap=patch
class WantedMachines {
 public:
  // Ends the process if the variable makes no sense.
  WantedMachines();
  explicit WantedMachines(absl::string_view names);

  // `name` has no suffix.
  bool Has(absl::string_view name) const;
  AltmapVariant altmap() const { return altmap_; }

 private:
  std::vector<std::string> names_;  // empty: all
  AltmapVariant altmap_ = AltmapVariant::kNone;
};

}  // namespace restree

#endif  // RESTREE_FUZZ_WANTED_MACHINES_H_

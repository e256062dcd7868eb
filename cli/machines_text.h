// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_MACHINES_TEXT_H_
#define RESTREE_CLI_MACHINES_TEXT_H_

#include <string>

#include "absl/types/span.h"
#include "cli/machines.h"

namespace restree {

// What `restree machines` prints: a line a machine, or a JSON array with an
// object a machine. Both name each verb that a machine cannot play.
//
//   linux-6.1    6.1.174  linux-source-6.1   kernel/resource.c; plays 50 of 52
//     verbs, not walk_system_ram_res_rev, find_resource_space    (in one line)
//   linux        -        -                  not available: LINUX_SRC is unset
std::string MachinesText(absl::Span<const MachineInfo> machines);
std::string MachinesJson(absl::Span<const MachineInfo> machines);

}  // namespace restree

#endif  // RESTREE_CLI_MACHINES_TEXT_H_

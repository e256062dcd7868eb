// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_HOST_NAMED_MACHINE_H_
#define RESTREE_TRIAGE_HOST_NAMED_MACHINE_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "model/machine.h"

namespace restree {

// Returns a new machine of that name, suffix included: a judge, a kernel of
// this build, or a canary. Null if there is none.
std::unique_ptr<Machine> MakeNamedMachine(absl::string_view name);

}  // namespace restree

#endif  // RESTREE_TRIAGE_HOST_NAMED_MACHINE_H_

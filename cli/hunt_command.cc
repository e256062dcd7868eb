// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "cli/command.h"
#include "cli/exit_code.h"

namespace restree {
namespace {

int RunHunt(absl::Span<char*>) {
  absl::FPrintF(stderr, "restree hunt is not available in this build\n");
  return kExitUnavailable;
}

}  // namespace

const Command kHuntCommand = {"hunt", "look for bugs until time is up",
                              "Usage: restree hunt\n", RunHunt};

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/known.h"

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "triage/intake.h"
#include "triage/lineups.h"
#include "triage/player_process.h"

namespace restree {

std::map<std::string, std::string> KnownSignatures(
    const std::vector<std::string>& directories, const Lineups& lineups) {
  std::map<std::string, std::string> known;
  PlayerProcess process([&lineups] { return lineups.All(); }, {});
  for (const std::string& directory : directories) {
    const absl::StatusOr<Intake> intake = ReadInputs(directory);
    if (!intake.ok()) continue;
    for (const Input& input : intake->inputs) {
      if (input.kind != "trace") continue;
      const std::string signature = process.Play(input.trace).signature;
      if (signature.empty()) continue;
      known.emplace(signature, input.name);
      // Of a death the player knows the op alone; the finding says more.
      if (IsDeath(signature) && !input.was.empty()) {
        known.emplace(input.was, input.name);
      }
    }
  }
  return known;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/lineups.h"

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace restree {

Lineups::Machines Lineups::All() const {
  Machines machines;
  for (const TriageMachine& it : judges_) machines.push_back(it.make());
  for (const TriageMachine& it : under_test_) machines.push_back(it.make());
  return machines;
}

Lineups::Machines Lineups::Of(absl::string_view machine) const {
  Machines machines;
  for (const TriageMachine& it : under_test_) {
    if (it.name != machine) continue;
    machines.push_back(judges_.back().make());
    machines.push_back(it.make());
    return machines;
  }
  for (const TriageMachine& it : judges_) machines.push_back(it.make());
  return machines;
}

std::vector<std::string> Lineups::Names() const {
  std::vector<std::string> names;
  for (const TriageMachine& it : judges_) names.push_back(it.name);
  for (const TriageMachine& it : under_test_) names.push_back(it.name);
  return names;
}

}  // namespace restree

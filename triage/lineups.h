// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_LINEUPS_H_
#define RESTREE_TRIAGE_LINEUPS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/machine.h"

namespace restree {

// A machine that plays in a triage, and how to make it.
struct TriageMachine {
  std::string name;  // as --machine takes it
  std::function<std::unique_ptr<Machine>()> make;
};

// The machines of a triage: the judges, of which the first is the reference,
// and what is under test.
class Lineups {
 public:
  using Machines = std::vector<std::unique_ptr<Machine>>;

  // REQUIRES: a judge; what Lockstep requires of judges and machines.
  Lineups(std::vector<TriageMachine> judges,
          std::vector<TriageMachine> under_test)
      : judges_(std::move(judges)), under_test_(std::move(under_test)) {}

  // New machines, the judges first.
  Machines All() const;

  // The same of one machine alone: the last of the judges, which is the
  // quickest, and the machine; or all judges, if it is one of them.
  Machines Of(absl::string_view machine) const;

  // A new reference, and its name.
  std::unique_ptr<Machine> Reference() const { return judges_[0].make(); }

  // The names of all machines, the judges first.
  std::vector<std::string> Names() const;

 private:
  std::vector<TriageMachine> judges_;
  std::vector<TriageMachine> under_test_;
};

}  // namespace restree

#endif  // RESTREE_TRIAGE_LINEUPS_H_

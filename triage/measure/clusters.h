// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_MEASURE_CLUSTERS_H_
#define RESTREE_TRIAGE_MEASURE_CLUSTERS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/machine.h"
#include "model/trace.h"

namespace restree {

// How well crashes are grouped: made from bugs that are known, and held against
// these afterwards.

// A machine with several bugs, each of which can be had alone.
class Culprits {
 public:
  virtual ~Culprits() = default;
  virtual std::vector<std::string> names() const = 0;
  virtual Machine& machine() = 0;

  // Leaves one bug in the machine, or, with nullopt, all.
  virtual void Leave(std::optional<size_t> bug) = 0;
};

// The model, with the canaries' bugs: one for each verb that has any.
std::unique_ptr<Culprits> CanaryCulprits();

// A kernel that was built with `bugs` bugs, where the environment variable
// PLANTED says whether one or all of them are there: "01", "02", ..., "00".
// REQUIRES: it is asked for after each Reset().
std::unique_ptr<Culprits> PlantedCulprits(std::unique_ptr<Machine> kernel,
                                          size_t bugs);

// A trace that fails, and why.
struct Crashed {
  Trace trace;
  std::string signature;
  size_t bug = 0;
};

// Returns up to `count` crashes, about as many of each bug, in a random order.
// Each fails with its bug alone as it does with all.
std::vector<Crashed> MakeCrashes(Culprits& culprits, size_t count);

// What grouping made of crashes.
struct Clusters {
  // By what tells a group from others: how many crashes of which bug.
  std::map<std::string, std::map<size_t, size_t>> groups;
  uint64_t evaluations = 0;
  double seconds = 0;

  size_t With(size_t bug) const;  // groups that have a crash of it
  size_t Merged() const;          // groups of several bugs
};

// Groups as `restree triage` does: minimizes the shortest crash of each
// signature, then without regard to the signature, and takes for one bug what
// comes to the same trace.
Clusters Group(const std::vector<Crashed>& crashes, Culprits& culprits);

}  // namespace restree

#endif  // RESTREE_TRIAGE_MEASURE_CLUSTERS_H_

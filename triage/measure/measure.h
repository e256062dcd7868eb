// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_MEASURE_MEASURE_H_
#define RESTREE_TRIAGE_MEASURE_MEASURE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/machine.h"
#include "model/trace.h"
#include "properties/check.h"
#include "properties/minimize.h"

namespace restree {

// How good minimal traces are: beside the shortest that is known, and beside
// each other.

// A bug with a trace that shows it and is as short as one can be.
struct Specimen {
  std::string name;
  Trace trace;
  std::vector<Machine*> machines;  // in lockstep; the last has the bug
  bool is_strict = false;          // it is a known divergence
};

// A failing trace that was minimized.
struct Sample {
  Minimized minimized;
  std::string text;  // of the minimal trace
  double milliseconds = 0;
  bool slipped = false;  // it fails with another signature
};

// Minimizes `count` failing traces of the specimen and returns the samples by
// signature. The traces are random ones. Where those hardly ever fail, or fail
// with another divergence, they are the specimen among random ops.
using Samples = std::map<std::string, std::vector<Sample>>;
Samples SamplesOf(const Specimen& specimen, uint64_t count,
                  uint64_t evaluations_max);

// Figures of the samples of one signature, or of all.
struct Figures {
  size_t samples = 0;
  size_t canonical = 0;  // how many are what most of their signature are
  size_t ops_least = 0;
  size_t ops_most = 0;
  size_t excess = 0;  // longest minus shortest of one signature, at most
  size_t slips = 0;
  uint64_t evaluations = 0;  // the median
  uint64_t evaluations_most = 0;
  double milliseconds = 0;  // the median
  double milliseconds_most = 0;
};
Figures FiguresOf(const Samples& samples);

// Returns the text that most of the samples have.
std::string CanonicalText(const std::vector<Sample>& samples);

}  // namespace restree

#endif  // RESTREE_TRIAGE_MEASURE_MEASURE_H_

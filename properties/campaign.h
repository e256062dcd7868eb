// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_CAMPAIGN_H_
#define RESTREE_PROPERTIES_CAMPAIGN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/types/span.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/trace.h"
#include "properties/check.h"

namespace restree {

// How often each verb ended how, and warned of what.
struct OutcomeCounts {
  static constexpr int kWarnings = 16;  // bits

  std::array<std::array<uint64_t, kOutcomes>, kVerbs> counts = {};
  std::array<std::array<uint64_t, kWarnings>, kVerbs> warnings = {};

  void Add(Verb verb, const Observation& seen);

  uint64_t& of(Verb verb, Outcome outcome) {
    return counts[static_cast<size_t>(verb)][static_cast<size_t>(outcome)];
  }
  uint64_t of(Verb verb, Outcome outcome) const {
    return counts[static_cast<size_t>(verb)][static_cast<size_t>(outcome)];
  }
};

// Returns a table: a line a verb, a column an outcome. Warnings have none.
std::string OutcomeTable(const OutcomeCounts& counts);

// What a random campaign did, and what stopped it.
struct Campaign {
  uint64_t ops = 0;
  uint64_t traces = 0;
  uint64_t end_states = 0;  // distinct states that traces ended in
  uint64_t rows = 0;        // of all states that ops were generated in, summed
  std::array<uint64_t, 8> depths = {};  // how many states were so deep
  OutcomeCounts outcomes;
  Lockstep::Known known = {};  // how often each of kDivergences was met

  std::optional<Failure> failure;
  Trace trace;  // the failure's, up to the op that failed
};

struct CampaignOptions {
  bool vmemmap_laws = true;  // as Lockstep::set_vmemmap_laws()

  // Somewhere in each trace, an allocation or a step of a mapping is told to
  // fail.
  bool fails_in_each = false;
};

// Plays random traces of up to `length` ops on the machines in lockstep, until
// `ops` are played or one fails. Equal arguments do the same everywhere.
// REQUIRES: length > 0, and what Lockstep does.
Campaign RunCampaign(uint64_t seed, uint64_t ops, size_t length,
                     absl::Span<Machine* const> machines,
                     const CampaignOptions& options = {});

}  // namespace restree

#endif  // RESTREE_PROPERTIES_CAMPAIGN_H_

// SPDX-License-Identifier: Apache-2.0
#include "properties/campaign.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "model/device_memory.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/check.h"
#include "properties/choices.h"
#include "properties/generate.h"
#include "properties/taste.h"

namespace restree {
namespace {

void CountState(const State& state, Campaign* campaign) {
  uint32_t depth = 0;
  for (const Row& row : state.rows) depth = std::max(depth, row.depth);
  campaign->rows += state.rows.size();
  ++campaign->depths[std::min<size_t>(depth, campaign->depths.size() - 1)];
}

// Returns an op that makes one of the next allocations or steps fail.
Op AnyFailure(Choices& choices) {
  Op op;
  op.number = static_cast<uint32_t>(1 + choices.Below(4));
  if (choices.Below(2) == 0) {
    op.verb = Verb::kFailAlloc;
    op.size = 1 + choices.Below(3);
  } else {
    op.verb = Verb::kFailStep;
    op.desc = choices.Below(kMapSteps);
  }
  return op;
}

// Plays one trace into campaign->trace. Returns whether nothing failed.
bool PlayOne(Choices& choices, size_t length, const CampaignOptions& options,
             Lockstep& lockstep, Campaign* campaign) {
  const size_t fails_at =
      options.fails_in_each ? choices.Below(length) : length;
  const Taste taste = AnyTaste(choices);
  lockstep.Reset();
  campaign->trace.ops.clear();
  campaign->trace.names.assign(NamesOfAnyOp().begin(), NamesOfAnyOp().end());
  for (size_t i = 0; i < length; ++i) {
    CountState(lockstep.state(), campaign);
    const Op op = i == fails_at ? AnyFailure(choices)
                                : AnyOp(choices, lockstep.state(), taste);
    campaign->trace.ops.push_back(op);
    ++campaign->ops;
    campaign->failure = lockstep.Step(op);
    campaign->outcomes.Add(op.verb, lockstep.observation());
    if (campaign->failure) return false;
  }
  campaign->failure = lockstep.Finish();
  return !campaign->failure;
}

}  // namespace

void OutcomeCounts::Add(Verb verb, const Observation& seen) {
  ++of(verb, seen.outcome);
  for (int bit = 0; bit < kWarnings; ++bit) {
    warnings[static_cast<size_t>(verb)][bit] += seen.warnings >> bit & 1;
  }
}

std::string OutcomeTable(const OutcomeCounts& counts) {
  std::string table = absl::StrFormat("%-25s", "");
  for (int i = 0; i < kOutcomes; ++i) {
    // The last word of REGION_MIXED and the like says enough.
    std::string word(OutcomeText(static_cast<Outcome>(i)));
    absl::StrAppend(&table,
                    absl::StrFormat("%12s", word.substr(word.rfind('_') + 1)));
  }
  for (int v = 0; v < kVerbs; ++v) {
    const Verb verb = static_cast<Verb>(v);
    const VerbInfo& info = InfoOf(verb);
    const bool again = info.Has(Field::kParent) && info.Has(Field::kSlot);
    absl::StrAppend(
        &table, "\n",
        absl::StrFormat("%-25s", absl::StrCat(info.name, again ? " rN" : "")));
    for (int i = 0; i < kOutcomes; ++i) {
      const uint64_t count = counts.of(verb, static_cast<Outcome>(i));
      absl::StrAppend(
          &table, absl::StrFormat("%12s", count == 0 ? std::string(".")
                                                     : absl::StrCat(count)));
    }
  }
  return absl::StrCat(table, "\n");
}

Campaign RunCampaign(uint64_t seed, uint64_t ops, size_t length,
                     absl::Span<Machine* const> machines,
                     const CampaignOptions& options) {
  assert(length > 0);
  RandomChoices choices(seed);
  Lockstep lockstep(machines);
  lockstep.set_vmemmap_laws(options.vmemmap_laws);
  absl::flat_hash_set<uint64_t> ends;
  Campaign campaign;
  while (campaign.ops < ops) {
    ++campaign.traces;
    if (!PlayOne(choices, 1 + choices.Below(length), options, lockstep,
                 &campaign)) {
      break;
    }
    ends.insert(machines[0]->Digest());
  }
  campaign.end_states = ends.size();
  campaign.known = lockstep.known();
  return campaign;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "model/device_memory.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/canary_functions.h"

namespace restree {
namespace {

constexpr Outcome kOk = Outcome::kOk;

Ledger LedgerOf(const Model& model) {
  State state;
  model.Snapshot(&state);
  return state.ledger;
}

Pagemap* Find(Ledger& ledger, uint32_t number) {
  for (Pagemap& it : ledger.pagemaps) {
    if (it.number == number) return &it;
  }
  return nullptr;
}

}  // namespace

Observation FailedMapLeaksItsReference(Model& model, const Op& op) {
  const Observation right = Right(model, op);
  const bool failed = right.outcome == Outcome::kInval ||
                      right.outcome == Outcome::kExist ||
                      right.outcome == Outcome::kNxIo;
  if (op.verb == Verb::kMemremap && failed) Leak(model);
  return right;
}

Observation PfnsStartInTheAltmap(Model& model, const Op& op) {
  Observation seen = Right(model, op);
  if (op.verb != Verb::kPfnValid || seen.outcome != kOk) return seen;
  Ledger ledger = LedgerOf(model);
  const Pagemap* const it = Find(ledger, op.slot);
  const Range& range = it->ranges[0];
  if (range.start >> kPageShift <= op.range.start &&
      op.range.start <= range.end >> kPageShift) {
    seen.value = 1;
  }
  return seen;
}

Observation DumpLeavesTheLastOut(Model& model, const Op& op) {
  Observation seen = Right(model, op);
  if (op.verb == Verb::kDumpable && !seen.visits.empty()) {
    seen.visits.pop_back();
  }
  return seen;
}

Observation UnmapLeavesTheLookup(Model& model, const Op& op) {
  if (op.verb != Verb::kMemunmap) return Right(model, op);
  const Ledger before = LedgerOf(model);
  const Observation right = Right(model, op);
  if (right.outcome == kOk) model.ledger().lookup = before.lookup;
  return right;
}

Observation AltmapForgetsItsPadding(Model& model, const Op& op) {
  if (op.verb != Verb::kAltmapAlloc) return Right(model, op);
  Ledger before = LedgerOf(model);
  const Observation right = Right(model, op);
  if (right.outcome != kOk) return right;
  Find(model.ledger(), op.slot)->altmap.align =
      Find(before, op.slot)->altmap.align;
  return right;
}

Observation GetTakesNoReference(Model& model, const Op& op) {
  if (op.verb != Verb::kGetPagemap || op.slot != 0) return Right(model, op);
  const Ledger before = LedgerOf(model);
  const Observation right = Right(model, op);
  model.ledger() = before;
  return right;
}

Observation LastPutDoesNotWake(Model& model, const Op& op) {
  if (op.verb != Verb::kPutPagemap) return Right(model, op);
  Ledger before = LedgerOf(model);
  const Observation right = Right(model, op);
  Pagemap* const it = Find(before, op.slot);
  const bool wakes = right.outcome == kOk && it != nullptr &&
                     it->phase == Pagemap::Phase::kDying && it->refs == 1;
  if (!wakes) return right;
  it->refs = it->gets = 0;
  model.ledger() = before;
  return right;
}

}  // namespace restree

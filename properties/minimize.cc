// SPDX-License-Identifier: Apache-2.0
#include "properties/minimize.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/trace.h"
#include "properties/check.h"
#include "properties/effect.h"
#include "properties/minimize_search.h"
#include "properties/moves.h"
#include "properties/signature.h"
#include "properties/simpler.h"
#include "properties/trace_order.h"
#include "properties/vocabulary.h"

namespace restree {
namespace {

constexpr size_t kExchangeMax = 12;  // ops

// Traces that are kept back to explain the simplest one.
constexpr uint64_t kExplanationsMax = 5000;

// Bytes that are the same for equal traces alone.
std::string KeyOf(const Trace& trace) {
  std::string key;
  const auto add = [&key](uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
      key.push_back(static_cast<char>(value | 0x80));
    }
    key.push_back(static_cast<char>(value));
  };
  for (const Op& op : trace.ops) {
    for (const uint64_t value :
         {uint64_t{static_cast<uint8_t>(op.verb)}, uint64_t{op.slot},
          uint64_t{op.parent}, uint64_t{op.name}, uint64_t{op.number},
          op.range.start, op.range.end, op.size, op.align, op.flags, op.desc}) {
      add(value);
    }
  }
  for (const std::string& name : trace.names) {
    add(name.size());
    key += name;
  }
  return key;
}

Trace Without(const Trace& trace, size_t begin, size_t end) {
  Trace rest = trace;
  rest.ops.erase(rest.ops.begin() + static_cast<ptrdiff_t>(begin),
                 rest.ops.begin() + static_cast<ptrdiff_t>(end));
  return rest;
}

// Leaves out halves, quarters, ... and at last single ops.
void DeltaDebug(Search* search) {
  size_t chunk = search->best().ops.size() / 2;
  while (chunk > 0) {
    bool helped = false;
    for (size_t end = search->best().ops.size(); end > 0;) {
      end = std::min(end, search->best().ops.size());
      const size_t begin = end > chunk ? end - chunk : 0;
      if (search->Try(Without(search->best(), begin, end))) helped = true;
      end = begin;
    }
    if (!helped || chunk > search->best().ops.size()) chunk /= 2;
  }
}

// Two ops less at a time.
bool DropPairs(Search* search) {
  const Trace trace = search->best();
  if (trace.ops.size() > 24) return false;
  for (size_t i = 0; i < trace.ops.size(); ++i) {
    for (size_t j = i + 1; j < trace.ops.size(); ++j) {
      if (search->Try(Without(Without(trace, j, j + 1), i, i + 1))) return true;
    }
  }
  return false;
}

// Tries what makes many places simpler at once, then what changes one.
void Descend(Search* search) {
  bool helps = true;
  while (helps && !search->is_spent()) {
    const Trace& best = search->best();
    helps =
        search->TryAny(Squeezes(best)) || search->TryAny(WholeMoves(best)) ||
        search->TryAny(SimplerTraces(best)) || DropPairs(search) ||
        search->TryAny(OtherVerbs(best)) || search->TryAny(Swaps(best)) ||
        search->TryAny(ValueMoves(best)) || search->TryAny(AddressMoves(best));
  }
}

// What may stand in the way of a simpler trace: each is applied although it
// does not help by itself.
std::vector<Trace> FirstHalves(const Trace& trace) {
  std::vector<Trace> traces;
  for (const auto& moves : {Swaps(trace), WholeMoves(trace), OtherVerbs(trace),
                            SimplerTraces(trace), ValueMoves(trace),
                            AddressMoves(trace), Squeezes(trace)}) {
    traces.insert(traces.end(), moves.begin(), moves.end());
  }
  return traces;
}

// Two moves at once. Returns whether they helped.
bool DescendByTwo(Search* search, uint64_t evaluations_max) {
  const uint64_t end = search->evaluations() + evaluations_max;
  for (const Trace& half : FirstHalves(search->best())) {
    for (const auto& moves : {Squeezes(half), WholeMoves(half),
                              SimplerTraces(half), ValueMoves(half)}) {
      if (search->TryAny(moves)) return true;
      if (search->is_spent() || search->evaluations() > end) return false;
    }
  }
  return false;
}

// One op less, and any word in place of another.
bool ExchangeForTwo(Search* search, const Vocabulary& vocabulary) {
  const Trace trace = search->best();
  for (size_t i = 0; i + 1 < trace.ops.size(); ++i) {
    for (const Op& op : vocabulary.OpsAt(trace, i)) {
      Trace exchanged = trace;
      exchanged.ops[i] = op;
      for (size_t j = 0; j + 1 < trace.ops.size(); ++j) {
        if (j == i) continue;
        const Trace shorter = Without(exchanged, j, j + 1);
        if (search->Try(shorter)) return true;
      }
    }
  }
  return false;
}

// Any word in place of one op.
bool Exchange(Search* search, const Vocabulary& vocabulary) {
  const Trace trace = search->best();
  for (size_t i = 0; i < trace.ops.size(); ++i) {
    for (const Op& op : vocabulary.OpsAt(trace, i)) {
      Trace exchanged = trace;
      exchanged.ops[i] = op;
      if (search->Try(exchanged)) return true;
    }
  }
  return false;
}

bool ExchangeAny(Search* search) {
  if (search->best().ops.size() > kExchangeMax) return false;
  const Vocabulary vocabulary(search->best(), Vocabulary::Size::kPlain);
  return ExchangeForTwo(search, vocabulary) || Exchange(search, vocabulary);
}

}  // namespace

Attempt AttemptOn(Lockstep& lockstep, const Trace& trace) {
  const std::optional<Failure> failure = lockstep.Play(trace);
  if (!failure.has_value()) return {"", 0, lockstep.digest()};
  return {Signature(*failure), failure->op_index, 0, Effect(*failure)};
}

Trace CutAfter(const Trace& trace, size_t op_index) {
  Trace cut = trace;
  if (op_index + 1 < cut.ops.size()) cut.ops.resize(op_index + 1);
  return cut;
}

Search::Search(const Trace& trace, Player play, const MinimizeOptions& options)
    : play_(play),
      options_(options),
      evaluations_max_(options.evaluations_max) {
  if (options.explain) {
    evaluations_max_ -= std::min(evaluations_max_ / 4, kExplanationsMax);
  }
  best_ = trace;
  for (Op& op : best_.ops) op = Normal(op);
  attempt_ = play_(best_);
  ++evaluations_;
  if (!fails()) return;
  wanted_ = attempt_;
  best_ = CutAfter(best_, attempt_.op_index);
  weight_ = WeightOf(best_);
  last_verbs_ = {best_.ops[attempt_.op_index].verb};
  for (size_t i = 0;
       i < last_verbs_.size() && options_.keep == MinimizeOptions::Keep::kBug;
       ++i) {
    for (const Verb verb : WrappedBy(last_verbs_[i])) {
      last_verbs_.push_back(verb);
    }
  }
}

bool Search::IsWanted(const Trace& trace, const Attempt& attempt) const {
  if (attempt.signature.empty()) return false;
  if (options_.keep == MinimizeOptions::Keep::kSignature) {
    return attempt.signature == wanted_.signature;
  }
  return IsPartOf(attempt.effect, wanted_.effect) &&
         attempt.op_index + 1 == trace.ops.size() &&
         std::find(last_verbs_.begin(), last_verbs_.end(),
                   trace.ops.back().verb) != last_verbs_.end();
}

void Search::Reject(const Trace& trace, const Attempt& attempt) {
  Rejection& rejection = rejections_[attempt.signature];
  if (rejection.count++ == 0) rejection.example = trace;
  if (attempt.signature.empty()) return;
  OtherFinding other = {CutAfter(trace, attempt.op_index), attempt};
  const auto [it, is_new] = others_.emplace(attempt.signature, other);
  if (!is_new && IsSimpler(other.trace, it->second.trace)) {
    it->second = std::move(other);
  }
}

Attempt Search::Play(const Trace& trace) {
  ++evaluations_;
  Attempt attempt = play_(trace);
  if (!IsWanted(trace, attempt)) {
    Reject(trace, attempt);
    return attempt;
  }
  Trace cut = CutAfter(trace, attempt.op_index);
  if (IsSimpler(cut, best_, weight_)) {
    best_ = std::move(cut);
    weight_ = WeightOf(best_);
    attempt_ = attempt;
  }
  return attempt;
}

bool Search::Shows(const Trace& trace) {
  if (is_spent()) return false;
  ++evaluations_;
  return IsWanted(trace, play_(trace));
}

bool Search::Try(const Trace& candidate) {
  if (is_spent() || candidate.ops.empty()) return false;
  if (!IsSimpler(candidate, best_, weight_)) return false;
  if (!tried_.insert(KeyOf(candidate)).second) return false;
  return IsWanted(candidate, Play(candidate));
}

bool Search::TryAny(const std::vector<Trace>& candidates) {
  for (const Trace& candidate : candidates) {
    if (Try(candidate)) return true;
  }
  return false;
}

Minimized Minimize(const Trace& trace, Player play,
                   const MinimizeOptions& options) {
  Search search(trace, play, options);
  Scoped scoped;
  if (search.fails()) {
    DeltaDebug(&search);
    Trace before;
    do {
      before = search.best();
      Descend(&search);
      if (ExchangeAny(&search)) continue;
      if (DescendByTwo(&search, options.evaluations_max / 4)) continue;
      scoped = SearchShorter(&search, options.evaluations_max / 2);
    } while (search.best() != before && !search.is_spent());
  }
  Minimized minimized;
  minimized.trace = search.best();
  minimized.attempt = search.attempt();
  minimized.complete = scoped.complete && !search.is_spent();
  minimized.scope = scoped.text;
  if (options.explain && search.fails()) {
    search.SpendAll();
    minimized.explanation = Explain(&search);
  }
  minimized.evaluations = search.evaluations();
  for (const auto& [signature, other] : search.others()) {
    if (signature != minimized.attempt.signature) {
      minimized.others.push_back(other);
    }
  }
  return minimized;
}

}  // namespace restree

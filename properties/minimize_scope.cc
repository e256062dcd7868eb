// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/trace.h"
#include "properties/minimize.h"
#include "properties/minimize_search.h"
#include "properties/trace_order.h"
#include "properties/vocabulary.h"

namespace restree {
namespace {

// Extends the traces of a vocabulary by one op after the other.
class Levels {
 public:
  Levels(Search* search, const Vocabulary& vocabulary, uint64_t evaluations_max)
      : search_(search),
        vocabulary_(vocabulary),
        end_(search->evaluations() + evaluations_max) {}

  // Returns whether everything up to as many ops as the best trace has was
  // tried. `ops` is how many ops were covered at least.
  bool Run(size_t* ops) {
    prefixes_ = {Prefix()};
    prefixes_[0].trace.names = search_->best().names;
    for (size_t length = 1; length <= search_->best().ops.size(); ++length) {
      if (!EndHere()) return false;
      *ops = length;
      if (length < search_->best().ops.size() && !Extend()) return false;
    }
    return true;
  }

 private:
  struct Prefix {
    Trace trace;
    uint64_t state = 0;
  };

  bool IsSpent() const {
    return search_->is_spent() || search_->evaluations() >= end_;
  }

  // With an op behind each prefix that may be the one that fails.
  bool EndHere() {
    for (const Prefix& prefix : prefixes_) {
      for (const Verb verb : search_->last_verbs()) {
        for (const Op& op : vocabulary_.OpsAfter(prefix.trace, verb)) {
          if (IsSpent()) return false;
          Trace trace = prefix.trace;
          trace.ops.push_back(op);
          search_->Try(trace);
        }
      }
    }
    return true;
  }

  // What the state does not tell apart: a machine may remember what went.
  static std::string HistoryOf(const Trace& trace) {
    std::string history;
    for (const Op& op : trace.ops) {
      const VerbInfo& info = InfoOf(op.verb);
      if (info.Has(Field::kDefines)) continue;
      absl::StrAppend(&history, info.name, " ", op.slot, " ", op.parent, " ",
                      op.range.start, " ", op.range.end, ",");
    }
    return history;
  }

  // Goes on with every op that does not fail and leads to a state of its own.
  bool Extend() {
    std::map<std::pair<uint64_t, std::string>, size_t> known;
    std::vector<Prefix> longer;
    for (const Prefix& prefix : prefixes_) {
      for (const Op& op : vocabulary_.OpsAfter(prefix.trace)) {
        if (IsSpent()) return false;
        Prefix next = {prefix.trace};
        next.trace.ops.push_back(op);
        const Attempt attempt = search_->Play(next.trace);
        if (!attempt.signature.empty()) continue;
        next.state = attempt.state;
        if (next.state == 0) {
          longer.push_back(std::move(next));
          continue;
        }
        if (next.state == prefix.state) continue;  // it did nothing
        const auto [it, is_new] = known.try_emplace(
            {next.state, HistoryOf(next.trace)}, longer.size());
        if (is_new) {
          longer.push_back(std::move(next));
        } else if (IsSimpler(next.trace, longer[it->second].trace)) {
          longer[it->second] = std::move(next);
        }
      }
    }
    prefixes_ = std::move(longer);
    return true;
  }

  Search* search_;
  const Vocabulary& vocabulary_;
  uint64_t end_;
  std::vector<Prefix> prefixes_;
};

}  // namespace

Scoped SearchShorter(Search* search, uint64_t evaluations_max) {
  using enum Vocabulary::Size;
  Scoped scoped;
  for (const Vocabulary::Size size : {kBare, kPlain, kRich}) {
    const uint64_t before = search->evaluations();
    const Trace best = search->best();
    const Vocabulary vocabulary(best, size);
    size_t ops = 0;
    const bool complete =
        Levels(search, vocabulary, evaluations_max / 3).Run(&ops);
    if (complete || scoped.text.empty()) {
      scoped = {.complete = complete,
                .text = absl::StrCat("all traces of up to ", ops, " ops of ",
                                     vocabulary.Text(), ": ",
                                     search->evaluations() - before, " tried")};
    }
    if (!complete || search->best() != best) break;
  }
  return scoped;
}

}  // namespace restree

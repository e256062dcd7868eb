// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_TRACE_ORDER_H_
#define RESTREE_PROPERTIES_TRACE_ORDER_H_

#include <compare>
#include <cstddef>
#include <cstdint>

#include "model/trace.h"

namespace restree {

// How hard a trace is to read, the weightiest first. All but `addresses` are
// sums over ops.
struct Weight {
  size_t ops = 0;
  uint64_t verbs = 0;         // RankOf()
  uint64_t oddities = 0;      // digits, flags, names, parents but iomem, ...
  uint64_t addresses = 0;     // how many there are
  uint64_t numbers = 0;       // of slots, devices, lists and pagemaps
  unsigned __int128 sum = 0;  // of all addresses and sizes

  friend std::strong_ordering operator<=>(const Weight&,
                                          const Weight&) = default;
};
Weight WeightOf(const Trace& trace);

// The one order of traces: by weight, then by their ops. Of two different
// traces one is simpler, so that whatever ends at the simplest trace ends at
// the same one.
bool IsSimpler(const Trace& a, const Trace& b);

// The same for one who knows what `b` weighs.
bool IsSimpler(const Trace& a, const Trace& b, const Weight& weight);

// Returns the place of a verb among all, the plainest first: a resource that
// is in no tree, request, insert, ...
uint64_t RankOf(Verb verb);

// Returns the flags that say least: `mem` where a verb says what a resource
// is like.
uint64_t PlainFlags(const VerbInfo& info);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_TRACE_ORDER_H_

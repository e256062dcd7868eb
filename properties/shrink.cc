// SPDX-License-Identifier: Apache-2.0
#include "properties/shrink.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "model/trace.h"
#include "properties/check.h"
#include "properties/simpler.h"

namespace restree {
namespace {

bool IsAlike(const Failure& a, const Failure& b) {
  return a.kind == b.kind && a.what == b.what && a.machine == b.machine &&
         a.op.verb == b.op.verb && a.want.outcome == b.want.outcome &&
         a.got.outcome == b.got.outcome;
}

void CutAfterFailure(ShrunkTrace* shrunk) {
  const size_t played = shrunk->failure.op_index + 1;
  if (played < shrunk->trace.ops.size()) shrunk->trace.ops.resize(played);
}

// Returns the first simpler trace that fails alike, or nothing.
std::optional<ShrunkTrace> SimplerFailure(const ShrunkTrace& shrunk,
                                          Lockstep& lockstep) {
  for (Trace& trace : SimplerTraces(shrunk.trace)) {
    std::optional<Failure> failure = lockstep.Play(trace);
    if (!failure.has_value() || !IsAlike(*failure, shrunk.failure)) continue;
    return ShrunkTrace{std::move(trace), *std::move(failure)};
  }
  return std::nullopt;
}

}  // namespace

ShrunkTrace Shrink(const Trace& trace, const Failure& failure,
                   Lockstep& lockstep) {
  ShrunkTrace shrunk = {trace, failure};
  CutAfterFailure(&shrunk);
  while (std::optional<ShrunkTrace> simpler =
             SimplerFailure(shrunk, lockstep)) {
    shrunk = *std::move(simpler);
    CutAfterFailure(&shrunk);
  }
  return shrunk;
}

}  // namespace restree

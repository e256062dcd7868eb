// SPDX-License-Identifier: Apache-2.0
#include "bench/plain_harness.h"

#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <cstdint>

#include "model/model.h"
#include "model/observation.h"
#include "model/trace.h"

namespace restree {

PlainRun RunPlainHarness(const uint8_t* data, size_t size) {
  FuzzedDataProvider provider(data, size);
  Model model;
  PlainRun run;
  while (provider.remaining_bytes() > 0) {
    Op op;
    op.verb = static_cast<Verb>(
        provider.ConsumeIntegralInRange<int>(0, static_cast<int>(kVerbs) - 1));
    op.slot = R(provider.ConsumeIntegralInRange<uint32_t>(0, 15));
    op.parent = provider.ConsumeIntegralInRange<uint32_t>(0, 17);
    op.range.start = provider.ConsumeIntegral<uint64_t>();
    op.range.end = provider.ConsumeIntegral<uint64_t>();
    op.size = provider.ConsumeIntegral<uint64_t>();
    op.align = provider.ConsumeIntegral<uint64_t>();
    op.flags = provider.ConsumeIntegral<uint32_t>();
    op.desc = provider.ConsumeIntegralInRange<uint64_t>(0, 9);
    op = Normal(op);
    const Observation seen = model.Apply(op);
    ++run.ops;
    if (op.verb <= Verb::kAllocateAgain && seen.outcome == Outcome::kOk) {
      ++run.placed;
      run.below += op.parent >= kFirstSlot;
    }
  }
  return run;
}

}  // namespace restree

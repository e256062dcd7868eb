// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_TRACE_TARGET_H_
#define RESTREE_FUZZ_TRACE_TARGET_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "fuzz/findings.h"
#include "fuzz/stats.h"
#include "model/machine.h"
#include "model/trace.h"
#include "properties/check.h"

namespace restree {

// A TraceTarget is what every fuzz target of traces does with an input: it
// plays the trace that the bytes spell on its machines, counts, and hands a
// failure to the findings. Its memory is used again from one input to the next.
//
//   extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
//     thread_local Oracle oracle;
//     thread_local Model model;
//     thread_local TraceTarget target({&oracle, &model});
//     target.Run({data, size});
//     return 0;
//   }
//
// A machine can be asked for a third opinion about each failure: what it says
// becomes the failure's verdict.
//
// Two variables of the environment make it part of a campaign:
//
//   RESTREE_FINDINGS   a directory for the failures; without it the first one
//                      ends the process
//   RESTREE_STATS      a file of figures, see Stats
class TraceTarget {
 public:
  // machines[0] is the reference. All of them must outlive this, and so must
  // `referee`, which may be null. REQUIRES: what Lockstep does.
  explicit TraceTarget(std::vector<Machine*> machines,
                       Machine* referee = nullptr);

  TraceTarget(const TraceTarget&) = delete;
  TraceTarget& operator=(const TraceTarget&) = delete;

  void Run(absl::Span<const uint8_t> data);

 private:
  void CountKnown();

  Lockstep lockstep_;
  Lockstep::Known known_ = {};  // that stats_ knows of
  Trace trace_;
  Stats stats_;
  Findings findings_;
};

}  // namespace restree

#endif  // RESTREE_FUZZ_TRACE_TARGET_H_

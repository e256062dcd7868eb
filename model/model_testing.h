// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_MODEL_TESTING_H_
#define RESTREE_MODEL_MODEL_TESTING_H_

#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"

namespace restree {

// Returns whether `expectation` is met, and leaves out nothing that an op need
// not show: a number that is not 0, a warning, a visit.
inline bool MeetsAll(const Observation& seen, absl::string_view expectation) {
  const auto says = [expectation](absl::string_view word) {
    return absl::StrContains(expectation, word);
  };
  return Meets(ObservationText(seen), expectation) &&
         (seen.value == 0 || says(" 0x")) &&
         (seen.warnings == 0 || says(" warn=")) &&
         (seen.visits.empty() || says(" visits="));
}

// Plays `text` on a new model (`altmap` is its variant) and returns the state
// behind it. Every op must carry an expectation, and meet it; misuse must
// change nothing.
inline State PlayTo(absl::string_view text,
                    AltmapVariant altmap = AltmapVariant::kNone) {
  State state;
  const auto document = ParseTrace(text, "test");
  EXPECT_TRUE(document.ok()) << document.status();
  if (!document.ok()) return state;
  Model model(altmap);
  for (const TraceLine& line : document->lines) {
    if (!line.op.has_value()) continue;
    const Op& op = document->trace.ops[*line.op];
    const uint64_t before = model.Digest();
    const Observation seen = model.Apply(op);
    EXPECT_NE(line.expectation, "") << OpText(op, document->trace);
    EXPECT_TRUE(MeetsAll(seen, line.expectation))
        << OpText(op, document->trace) << " -> " << ObservationText(seen);
    if (seen.outcome == Outcome::kMisuse) {
      EXPECT_EQ(model.Digest(), before) << OpText(op, document->trace);
    }
    model.Snapshot(&state);
    EXPECT_EQ(StateDigest(state), model.Digest());
    EXPECT_EQ(state.ledger.live, LiveObjects(state));
  }
  return state;
}

// Returns what /proc/iomem shows after `text`, every name that of its slot.
inline std::string Play(absl::string_view text) {
  return IomemText(PlayTo(text), {});
}

}  // namespace restree

#endif  // RESTREE_MODEL_MODEL_TESTING_H_

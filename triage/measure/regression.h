// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_MEASURE_REGRESSION_H_
#define RESTREE_TRIAGE_MEASURE_REGRESSION_H_

#include "absl/strings/string_view.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/trace.h"

namespace restree {

// The bug of corpus/regressions/system_ram_below_a_window_is_missed.trace,
// which no kernel of today has: region_intersects() looks at iomem's own
// children alone.
class ShallowIntersects final : public Model {
 public:
  absl::string_view name() const override { return "ShallowIntersects"; }
  Observation Apply(const Op& op) override;
};

}  // namespace restree

#endif  // RESTREE_TRIAGE_MEASURE_REGRESSION_H_

// SPDX-License-Identifier: Apache-2.0
#include "triage/outcome_json.h"

#include "triage/json_read.h"
#include "triage/play.h"

namespace restree {

Json JsonOf(const InputOutcome& outcome) {
  return {
      {"signature", outcome.signature},   {"effect", outcome.effect},
      {"machine", outcome.machine},       {"op_index", outcome.op_index},
      {"failed", outcome.failed},         {"of", outcome.of},
      {"divergence", outcome.divergence}, {"kind", outcome.death.kind},
      {"type", outcome.death.type},       {"function", outcome.death.function},
      {"report", outcome.death.report}};
}

InputOutcome OutcomeOf(const Json& json) {
  return {.signature = TextAt(json, "signature"),
          .effect = TextAt(json, "effect"),
          .machine = TextAt(json, "machine"),
          .op_index = NumberAt(json, "op_index"),
          .failed = NumberAt(json, "failed"),
          .of = NumberAt(json, "of"),
          .divergence = TextAt(json, "divergence"),
          .death = {.kind = TextAt(json, "kind"),
                    .type = TextAt(json, "type"),
                    .function = TextAt(json, "function"),
                    .report = TextAt(json, "report")}};
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/referee.h"

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/check.h"

namespace restree {

std::string Verdict(const Trace& trace, const Failure& failure,
                    Machine& third) {
  const absl::string_view name = third.name();
  if (name == failure.reference || name == failure.machine) return "";
  third.Reset();
  Observation seen;
  for (size_t i = 0; i <= failure.op_index && i < trace.ops.size(); ++i) {
    seen = third.Apply(trace.ops[i]);
  }
  State state;
  third.Snapshot(&state);
  const bool with_reference =
      seen == failure.want && state == failure.want_state;
  const bool with_machine = seen == failure.got && state == failure.got_state;
  if (failure.machine == failure.reference) {
    return absl::StrCat(failure.reference, " and ", name,
                        with_machine ? " agree" : " differ");
  }
  if (with_reference && with_machine) {
    return absl::StrCat(failure.reference, ", ", failure.machine, " and ", name,
                        " agree");
  }
  const auto alone = [](absl::string_view one, absl::string_view two,
                        absl::string_view three) {
    return absl::StrCat(one, " stands alone: ", two, " and ", three, " agree");
  };
  if (with_reference) return alone(failure.machine, failure.reference, name);
  if (with_machine) return alone(failure.reference, failure.machine, name);
  if (failure.want == failure.got && failure.want_state == failure.got_state) {
    return alone(name, failure.reference, failure.machine);
  }
  return absl::StrCat(failure.reference, ", ", failure.machine, " and ", name,
                      " all differ");
}

}  // namespace restree

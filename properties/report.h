// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_REPORT_H_
#define RESTREE_PROPERTIES_REPORT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "model/trace.h"
#include "properties/check.h"

namespace restree {

// Returns the text of a failure that a person reads: what failed and where, the
// trace up to there, how the states differ, and the command that plays it
// again. `replay_path` names the file that holds `trace`; if it is empty, the
// last line is left out.
//
//   model disagrees with oracle at op 3 of 3: want EBUSY r1, got ok
//       r1 = request iomem 0x1000-0x1fff mem
//       r2 = request iomem 0x2000-0x2fff mem
//     > r3 = request iomem 0x1800-0x27ff mem   want EBUSY r1, got ok
//     state (- oracle, + model)
//         00001000-00001fff : r1  [r1 mem]
//       + 00001800-000027ff : r3  [r3 mem]
//         00002000-00002fff : r2  [r2 mem]
//   replay: bazel-bin/restree run straddle.trace
std::string Report(const Trace& trace, const Failure& failure,
                   absl::string_view replay_path);

// Returns the first line of that: "model disagrees with oracle at op 3 of 12:
// want EBUSY r1, got ok".
std::string Headline(const Trace& trace, const Failure& failure);

// Returns why the sentence that is broken should be true; "" if what failed is
// no invariant and no law.
absl::string_view WhyOf(const Failure& failure);

// Returns `text` as the comment that a trace begins with: "# " before each
// line.
std::string AsComment(absl::string_view text);

// Returns "--machine=NAME,... " for machines of a variant, which `restree run`
// does not play unless it is told to; "" for others.
std::string MachineFlag(absl::string_view machines);

// Returns `text` as an argument that a shell takes as it is.
std::string ShellQuoted(absl::string_view text);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_REPORT_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_PLAY_H_
#define RESTREE_CLI_PLAY_H_

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "cli/machines.h"
#include "model/device_memory.h"
#include "model/machine.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/check.h"

namespace restree {

// The machines that play one trace, the reference first.
struct Lineup {
  std::vector<std::unique_ptr<Machine>> machines;
  bool oracle_sits_out = false;
};

// Returns new machines for `trace`: the judges, then those under test. The
// oracle looks at every resource in every op, so it sits out where a trace
// defines more than Lockstep::kRowsMax of them, unless `oracle_always`.
Lineup LineupFor(const Trace& trace, const Selection& selection,
                 bool oracle_always);

// The ranges that each DumpView finds, by start.
using Dumpable = std::array<std::vector<Range>, kDumpViews>;

// What is left when a document was played.
struct Outcomes {
  std::optional<Failure> failure;
  State state;  // as the reference shows it

  // How often each of kDivergences was met, and excused.
  Lockstep::Known known = {};
  Dumpable dumpable = {};  // of the state, if that was asked
};

// Who is to be asked what, besides.
struct PlayOptions {
  bool strict = false;    // known divergences are failures
  bool dumpable = false;  // ask all machines what is dumpable in the end
};

// Plays the ops of `document` in lockstep, up to the first failure. Calls
// `on_line` for each line of it, in order, once it was played: with the text of
// what the reference saw, or "" for a line without op. A line whose op fails is
// the last.
Outcomes Play(const TraceDocument& document, const Lineup& lineup,
              const PlayOptions& options,
              absl::FunctionRef<void(size_t line, absl::string_view)> on_line);

}  // namespace restree

#endif  // RESTREE_CLI_PLAY_H_

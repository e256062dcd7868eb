// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_RUN_OUTPUT_H_
#define RESTREE_CLI_RUN_OUTPUT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/files.h"
#include "cli/play.h"
#include "model/state.h"
#include "model/trace_text.h"
#include "nlohmann/json.hpp"

namespace restree {

// What `restree run` shall print.
struct RunFormat {
  bool flags = false;     // the state with slot, flags and desc
  bool quiet = false;     // the state alone
  bool ops = false;       // the ops alone
  bool json = false;      // everything, for a program
  bool dumpable = false;  // behind the state, what a crash dump has of it
};

// Prints what happens in each file that is played: Begin(), Line() for each of
// its lines, End(); and after the last file Close().
class RunOutput {
 public:
  // With `headings`, each file's name is printed before it, as a comment.
  RunOutput(const RunFormat& format, bool headings, Output& out)
      : format_(format), headings_(headings), out_(out) {}

  void Begin(absl::string_view file, const TraceDocument& document);
  void Line(const TraceLine& line, absl::string_view observed);
  void End(const Outcomes& outcomes);
  void Close();

  // Makes sure that what was printed so far comes before what someone else is
  // about to print.
  void Sync() { out_.Flush(); }

 private:
  const RunFormat format_;
  const bool headings_;
  Output& out_;
  const TraceDocument* document_ = nullptr;  // since Begin()
  nlohmann::ordered_json files_ = nlohmann::ordered_json::array();
};

// Returns the state as `restree run` prints it: what /proc/iomem shows, then
// under a heading each what /proc/ioports shows and what lies in no tree, then
// LedgerText(). There is no heading over ports that stand alone, so that they
// compare equal to /proc/ioports.
std::string FinalStateText(const State& state,
                           absl::Span<const std::string> names);

}  // namespace restree

#endif  // RESTREE_CLI_RUN_OUTPUT_H_

// SPDX-License-Identifier: Apache-2.0
#include "cli/run_output.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/files.h"
#include "cli/ledger_json.h"
#include "cli/play.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "nlohmann/json.hpp"
#include "properties/check.h"
#include "properties/report.h"
#include "properties/signature.h"

namespace restree {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint32_t kLevelsMax = 5;  // of indentation, as in /proc/iomem

// Names are bytes, and JSON is UTF-8: what is not becomes U+FFFD.
std::string Dump(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json RowJson(const Row& row, absl::Span<const std::string> names) {
  Json json = {
      {"slot", SlotText(row.slot)},
      {"depth", row.depth},
      {"parent", row.parent == kNoSlot ? Json() : Json(SlotText(row.parent))},
      {"name", NameOf(names, row.name, row.slot)},
      {"start", HexText(row.range.start)},
      {"end", HexText(row.range.end)},
      {"flags", FlagsText(row.flags)},
      {"desc", DescText(row.desc)},
      {"region", row.region}};
  return json;
}

// Returns what lies in no tree, as /proc/iomem would show it there.
std::string DetachedText(const State& state,
                         absl::Span<const std::string> names) {
  std::string text;
  bool detached = false;
  for (const Row& row : state.rows) {
    if (row.depth == 0) detached = row.slot >= kFirstSlot;
    if (!detached) continue;
    const int indent = 2 * static_cast<int>(std::min(row.depth, kLevelsMax));
    absl::StrAppendFormat(&text, "%*s%08x-%08x : %s\n", indent, "",
                          row.range.start, row.range.end,
                          NameOf(names, row.name, row.slot));
  }
  return text;
}

// What each reader of the tree finds to dump.
Json DumpableJson(const Dumpable& dumpable) {
  Json json = Json::object();
  for (uint32_t i = 0; i < kDumpViews; ++i) {
    Json& ranges = json[std::string(DumpViewText(static_cast<DumpView>(i)))];
    ranges = Json::array();
    for (const Range& range : dumpable[i]) {
      ranges.push_back(
          {{"start", HexText(range.start)}, {"end", HexText(range.end)}});
    }
  }
  return json;
}

std::string DumpableText(const Dumpable& dumpable) {
  std::string text;
  for (uint32_t i = 0; i < kDumpViews; ++i) {
    absl::StrAppend(&text, "dumpable ", DumpViewText(static_cast<DumpView>(i)),
                    ":\n");
    for (const Range& range : dumpable[i]) {
      absl::StrAppendFormat(&text, "%08x-%08x\n", range.start, range.end);
    }
  }
  return text;
}

Json FailureJson(const Trace& trace, const Failure& failure) {
  return {{"what", failure.what},
          {"sentence", failure.sentence},
          {"reference", failure.reference},
          {"machine", failure.machine},
          {"op_index", failure.op_index},
          {"signature", Signature(failure)},
          {"report", Report(trace, failure, "")}};
}

}  // namespace

void RunOutput::Begin(absl::string_view file, const TraceDocument& document) {
  document_ = &document;
  if (format_.json) {
    files_.push_back({{"file", std::string(file)}, {"ops", Json::array()}});
  } else if (headings_) {
    out_.Append(absl::StrCat("# ", absl::CHexEscape(file), "\n"));
  }
}

void RunOutput::Line(const TraceLine& line, absl::string_view observed) {
  const Trace& trace = document_->trace;
  if (format_.json) {
    if (!line.op) return;
    files_.back()["ops"].push_back(
        {{"op", OpText(trace.ops[*line.op], trace)},
         {"observed", std::string(observed)},
         {"expected", std::string(line.expectation)},
         {"met", Meets(observed, line.expectation)}});
    return;
  }
  if (format_.quiet) return;
  if (line.op) {
    out_.Append(OpText(trace.ops[*line.op], trace));
    out_.Append(" -> ");
    out_.Append(observed);
    if (!line.comment.empty()) out_.Append("  ");
  }
  out_.Append(line.comment);
  out_.Append("\n");
}

void RunOutput::End(const Outcomes& outcomes) {
  const Trace& trace = document_->trace;
  if (format_.json) {
    Json& file = files_.back();
    file["failure"] =
        outcomes.failure ? FailureJson(trace, *outcomes.failure) : Json();
    file["state"] = Json::array();
    for (const Row& row : outcomes.state.rows) {
      file["state"].push_back(RowJson(row, trace.names));
    }
    file["ledger"] = LedgerJson(outcomes.state.ledger, trace.names);
    if (format_.dumpable) file["dumpable"] = DumpableJson(outcomes.dumpable);
    return;
  }
  if (format_.ops) return;
  if (!format_.quiet) out_.Append("\n");
  out_.Append(format_.flags ? StateText(outcomes.state, trace.names)
                            : FinalStateText(outcomes.state, trace.names));
  if (format_.dumpable) out_.Append(DumpableText(outcomes.dumpable));
}

void RunOutput::Close() {
  if (format_.json) out_.Append(Dump(files_));
}

std::string FinalStateText(const State& state,
                           absl::Span<const std::string> names) {
  std::string text = IomemText(state, names, kIomem);
  const std::string ioport = IomemText(state, names, kIoport);
  if (!text.empty() && !ioport.empty()) text += "ioport:\n";
  text += ioport;
  const std::string detached = DetachedText(state, names);
  if (!detached.empty()) absl::StrAppend(&text, "in no tree:\n", detached);
  absl::StrAppend(&text, LedgerText(state, names));
  return text;
}

}  // namespace restree

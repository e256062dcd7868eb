// SPDX-License-Identifier: Apache-2.0
#include "triage/report/sarif_report.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "triage/json_read.h"
#include "triage/report/report_words.h"

namespace restree {
namespace {

constexpr char kSchema[] =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
    "sarif-schema-2.1.0.json";

// What code scanning shows of a result, or would refuse to take.
constexpr size_t kInputsMax = 10;
constexpr size_t kStepsMax = 1000;
constexpr size_t kMessageMax = 1000;

// Returns `text` as a message: what looks like a link or a placeholder in it is
// not one.
Json Message(absl::string_view text) {
  std::string plain = Printable(text);
  if (plain.size() > kMessageMax) {
    size_t size = kMessageMax;
    while ((plain[size] & 0xc0) == 0x80) --size;
    plain = absl::StrCat(plain.substr(0, size), "...");
  }
  plain = absl::StrReplaceAll(plain, {{"{", "{{"}, {"}", "}}"}});
  if (absl::StrContains(plain, "](")) {
    plain = absl::StrReplaceAll(plain, {{"[", "\\["}, {"]", "\\]"}});
  }
  return {{"text", plain}};
}

// Returns a relative path as a URI. Bytes stay the bytes that they are.
std::string UriOf(absl::string_view path) {
  std::string uri;
  for (const unsigned char byte : path) {
    if (absl::ascii_isalnum(byte) ||
        absl::StrContains("-._~/", static_cast<char>(byte))) {
      uri += static_cast<char>(byte);
    } else {
      absl::StrAppendFormat(&uri, "%%%02X", byte);
    }
  }
  return uri;
}

// FNV-1a: a name of the same length for any signature.
std::string HashOf(absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char byte : text) hash = (hash ^ byte) * 0x100000001b3;
  return absl::StrFormat("%016x", hash);
}

Json Location(absl::string_view base, absl::string_view path, size_t line) {
  return {{"physicalLocation",
           {{"artifactLocation", {{"uri", UriOf(path)}, {"uriBaseId", base}}},
            {"region", {{"startLine", line}}}}}};
}

// Where the kernel's code is that an op calls.
Json LogicalLocation(absl::string_view function) {
  return Json::array(
      {Json{{"name", std::string(function)}, {"kind", "function"}}});
}

// "ReleaseUndoesRequest", "disagreement/state", "crash/heap-use-after-free".
std::string RuleId(const Json& finding) {
  const std::string kind = TextAt(finding, "kind");
  const std::string what = TextAt(finding, "what");
  if (kind == "law" || kind == "invariant") return what;
  if (kind.empty()) return "fixed";
  return what.empty() || what == kind ? kind : absl::StrCat(kind, "/", what);
}

std::string RuleText(const Json& finding) {
  const std::string kind = TextAt(finding, "kind");
  const std::string what = TextAt(finding, "what");
  if (kind == "law") return "What an op does obeys the law " + what + ".";
  if (kind == "invariant") return "Every tree has the invariant " + what + ".";
  if (kind == "disagreement") {
    return what == "state"
               ? "After each op, all machines have the same tree."
               : "To the caller of an op, all machines say the same.";
  }
  if (kind == "divergence") {
    return "A kernel does not have the known divergence " + what + ".";
  }
  if (kind == "crash") return "No op ends in " + what + ".";
  if (kind == "timeout") return "Every op ends in time.";
  if (kind == "oom") return "No op takes all memory.";
  if (kind == "leak") return "What is allocated is freed.";
  return "What failed before does not fail any more.";
}

Json Rule(const Json& finding) {
  const std::string text = RuleText(finding);
  const std::string why = TextAt(finding, "why");
  const std::string help =
      why.empty() ? text : absl::StrCat(text, " Why: ", why);
  std::string name;  // the last part of the id, in CamelCase
  const std::string id = RuleId(finding);
  for (const absl::string_view word :
       absl::StrSplit(id, absl::ByAnyChar("/- _."), absl::SkipEmpty())) {
    name += absl::ascii_toupper(word[0]);
    absl::StrAppend(&name, word.substr(1));
  }
  Json tags = Json::array({"resource-tree"});
  const std::string kind = TextAt(finding, "kind");
  if (!kind.empty()) tags.push_back(Printable(kind));
  return {{"id", Printable(id)},
          {"name", Printable(name)},
          {"shortDescription", {{"text", Printable(text)}}},
          {"fullDescription", {{"text", Printable(help)}}},
          {"help", {{"text", Printable(help)}}},
          {"defaultConfiguration", {{"level", "error"}}},
          {"properties",
           {{"tags", tags},
            {"precision", "very-high"},
            {"problem.severity", "error"}}}};
}

// The numbers of the lines of a trace that are ops.
std::vector<size_t> OpLineNumbers(absl::string_view trace) {
  std::vector<size_t> numbers;
  size_t number = 0;
  for (const absl::string_view line : absl::StrSplit(trace, '\n')) {
    ++number;
    if (!OpLines(line).empty()) numbers.push_back(number);
  }
  return numbers;
}

Json CodeFlow(const Json& finding, const std::string& path) {
  const Json& steps = At(finding, "steps");
  if (!steps.is_array() || steps.empty()) return Json();
  const std::vector<size_t> lines = OpLineNumbers(TextAt(finding, "trace"));
  const size_t failing = NumberAt(finding, "op_index");
  Json flow = Json::array();
  const size_t first = steps.size() > kStepsMax ? steps.size() - kStepsMax : 0;
  for (size_t i = first; i < steps.size(); ++i) {
    const std::string op = TextAt(steps[i], "op");
    Json location =
        Location("FINDINGS", path, i < lines.size() ? lines[i] : i + 1);
    location["message"] =
        Message(absl::StrCat(op, " -> ", TextAt(steps[i], "observed")));
    const absl::string_view function = KernelFunctionOf(op);
    if (!function.empty()) {
      location["logicalLocations"] = LogicalLocation(function);
    }
    flow.push_back({{"location", location},
                    {"executionOrder", i + 1},
                    {"importance", i == failing ? "essential" : "important"}});
  }
  const Json thread = {{"locations", flow}};
  const Json code_flow = {{"threadFlows", Json::array({thread})}};
  return Json::array({code_flow});
}

std::string LevelOf(absl::string_view status) {
  if (status == "new") return "error";
  if (status == "flaky") return "warning";
  return status == "known" ? "note" : "none";
}

std::string MessageOf(const Json& finding) {
  std::string text = TextAt(finding, "headline");
  if (text.empty()) {
    return absl::StrCat(TextAt(finding, "signature"),
                        " does not fail any more.");
  }
  for (const char* key : {"why", "verdict", "replay"}) {
    const std::string line = TextAt(finding, key);
    if (!line.empty()) absl::StrAppend(&text, "\n", key, ": ", line);
  }
  return text;
}

// Returns the names of the inputs, that with the fewest ops first.
std::vector<std::string> InputsBySize(const Json& finding) {
  std::vector<std::pair<uint64_t, std::string>> inputs;
  for (const Json& input : At(finding, "inputs")) {
    inputs.emplace_back(NumberAt(input, "ops"), TextAt(input, "name"));
  }
  std::sort(inputs.begin(), inputs.end());
  std::vector<std::string> names;
  for (const auto& [ops, name] : inputs) names.push_back(name);
  return names;
}

void AddLocations(const Json& finding, const std::string& trace_path,
                  Json* result) {
  const std::vector<std::string> inputs = InputsBySize(finding);
  const std::vector<size_t> lines = OpLineNumbers(TextAt(finding, "trace"));
  const size_t op = NumberAt(finding, "op_index");
  Json trace =
      Location("FINDINGS", trace_path, op < lines.size() ? lines[op] : 1);
  Json primary = inputs.empty() ? trace : Location("INPUTS", inputs[0], 1);
  const std::vector<std::string> ops = OpLines(TextAt(finding, "trace"));
  std::string function = TextAt(At(finding, "crash"), "function");
  if (function.empty() && op < ops.size()) {
    function = std::string(KernelFunctionOf(ops[op]));
  }
  if (!function.empty()) {
    primary["logicalLocations"] = LogicalLocation(Printable(function));
  }
  (*result)["locations"] = Json::array({primary});
  if (inputs.empty()) return;
  Json& related = (*result)["relatedLocations"] = Json::array();
  trace["id"] = 1;
  trace["message"] = Message("the minimal trace, at the op that fails");
  related.push_back(trace);
  for (size_t i = 1; i < std::min(inputs.size(), kInputsMax); ++i) {
    Json location = Location("INPUTS", inputs[i], 1);
    location["id"] = i + 1;
    location["message"] = Message("fails in the same way");
    related.push_back(location);
  }
}

Json Result(const Json& bug, const Json& finding, size_t rule) {
  const std::string status = TextAt(bug, "status");
  const std::string signature = TextAt(finding, "signature");
  const std::string directory = TextAt(finding, "directory");
  const std::string trace_path =
      absl::StrCat(directory.empty() ? "findings/" + signature : directory,
                   "/minimal.trace");
  Json result = {{"ruleId", Printable(RuleId(finding))},
                 {"ruleIndex", rule},
                 {"kind", status == "fixed" ? "pass" : "fail"},
                 {"level", LevelOf(status)},
                 {"message", Message(MessageOf(finding))},
                 {"baselineState", status == "known"   ? "unchanged"
                                   : status == "fixed" ? "absent"
                                                       : "new"},
                 {"partialFingerprints",
                  {{"primaryLocationLineHash", HashOf(signature) + ":1"},
                   {"restreeSignature/v1", Printable(signature)},
                   {"restreeBug/v1", Printable(TextAt(bug, "id"))}}}};
  AddLocations(finding, trace_path, &result);
  const Json flow = CodeFlow(finding, trace_path);
  if (!flow.is_null()) result["codeFlows"] = flow;
  const std::string known_as = TextAt(bug, "known_as");
  if (status == "known") {
    const Json known = {{"kind", "external"},
                        {"status", "accepted"},
                        {"justification", Printable("known as " + known_as)}};
    result["suppressions"] = Json::array({known});
  }
  const size_t inputs = At(finding, "inputs").size();
  if (inputs > 0) result["occurrenceCount"] = inputs;
  const Json& plays = At(finding, "reproduces");
  result["properties"] = {{"status", Printable(status)},
                          {"machine", Printable(TextAt(finding, "machine"))},

                          {"failed", NumberAt(plays, "failed")},
                          {"of", NumberAt(plays, "of")}};
  return result;
}

// What was not looked at is a notification, not a result.
Json Invocation(const Json& document) {
  Json invocation = {{"executionSuccessful", true}};
  const std::string command = TextAt(document, "command");
  if (!command.empty()) invocation["commandLine"] = Printable(command);
  Json notifications = Json::array();
  for (const Json& skipped : At(document, "skipped")) {
    notifications.push_back(
        {{"level", "warning"},
         {"message", Message("skipped: " + TextAt(skipped, "why"))},
         {"locations",
          Json::array({Location("INPUTS", TextAt(skipped, "input"), 1)})}});
  }
  if (!notifications.empty()) {
    invocation["toolExecutionNotifications"] = notifications;
  }
  return invocation;
}

}  // namespace

std::string SarifReport(const Json& document) {
  Json rules = Json::array();
  Json results = Json::array();
  absl::flat_hash_map<std::string, size_t> rule_of;
  for (const Json& bug : At(document, "bugs")) {
    for (const Json& finding : At(bug, "findings")) {
      const auto [rule, is_new] =
          rule_of.try_emplace(RuleId(finding), rules.size());
      if (is_new) rules.push_back(Rule(finding));
      results.push_back(Result(bug, finding, rule->second));
    }
  }
  const std::string machines = Printable(TextAt(document, "machines"));
  const Json driver = {{"name", "restree"},
                       {"version", Printable(TextAt(document, "restree"))},
                       {"rules", rules}};
  const Json run = {
      {"tool", {{"driver", driver}}},
      {"automationDetails", {{"id", "restree-triage/" + machines + "/"}}},
      {"invocations", Json::array({Invocation(document)})},
      {"originalUriBaseIds",
       {{"INPUTS",
         {{"description", {{"text", "the directory that was triaged"}}}}},
        {"FINDINGS",
         {{"description", {{"text", "the directory of this report"}}}}}}},
      {"columnKind", "utf16CodeUnits"},
      {"results", results}};
  const Json log = {
      {"$schema", kSchema}, {"version", "2.1.0"}, {"runs", Json::array({run})}};
  return log.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace restree

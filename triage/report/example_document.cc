// SPDX-License-Identifier: Apache-2.0
#include "triage/report/example_document.h"

#include <cstddef>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "triage/json_read.h"

namespace restree {
namespace {

constexpr char kLow[] = "r1 = request iomem 0x1000-0x1fff \"low\" mem";
constexpr char kHigh[] = "r2 = request iomem 0x2000-0x2fff \"high\" mem";
constexpr char kSeam[] = "r3 = request iomem 0x1800-0x27ff \"seam\" mem";

Json RowOf(const char* slot, const char* name, const char* start,
           const char* end) {
  return {{"slot", slot},   {"depth", 1},     {"parent", "iomem"},
          {"name", name},   {"start", start}, {"end", end},
          {"flags", "mem"}, {"desc", "none"}};
}

// Returns the state with so many of low, high and seam.
Json StateOf(size_t size) {
  Json rows = Json::array();
  std::string text;
  std::string iomem;
  const auto add = [&](const char* slot, const char* name, const char* start,
                       const char* end, const char* line) {
    rows.push_back(RowOf(slot, name, start, end));
    absl::StrAppend(&iomem, line, " : ", name, "\n");
    absl::StrAppend(&text, line, " : ", name, "  [", slot, " mem]\n");
  };
  if (size > 0) add("r1", "low", "0x1000", "0x1fff", "00001000-00001fff");
  if (size > 2) add("r3", "seam", "0x1800", "0x27ff", "00001800-000027ff");
  if (size > 1) add("r2", "high", "0x2000", "0x2fff", "00002000-00002fff");
  return {{"text", text}, {"iomem", iomem}, {"ioports", ""}, {"rows", rows}};
}

Json StepOf(const char* op, const char* observed, size_t size) {
  return {{"op", op}, {"observed", observed}, {"state", StateOf(size)}};
}

Json ExportOf(const char* text, bool verified, const char* note) {
  return {{"text", text}, {"verified", verified}, {"note", note}};
}

constexpr char kSignature[] = "observation.request.EBUSY-ok.straddles";
constexpr char kDirectory[] = "findings/observation.request.EBUSY-ok.straddles";

// What was played and seen.
void AddSteps(Json* finding) {
  (*finding)["trace"] = absl::StrCat(kLow, "\n", kHigh, "\n", kSeam, "\n");
  (*finding)["op_index"] = 2;
  (*finding)["minimized"] = {{"from_ops", 57},
                             {"to_ops", 3},
                             {"evaluations", 1234},
                             {"complete", true},
                             {"scope", "all traces of up to 2 ops: 5,000"}};
  (*finding)["vary"] = Json::array({"op 1: it may be busy"});
  (*finding)["others"] = Json::array();
  (*finding)["steps"] =
      Json::array({StepOf(kLow, "ok", 1), StepOf(kHigh, "ok", 2),
                   StepOf(kSeam, "EBUSY r1", 2)});
  (*finding)["before"] = StateOf(2);
  (*finding)["expected"] = StateOf(2);
  (*finding)["actual"] = StateOf(3);
  (*finding)["got"] = "ok";
  (*finding)["want"] = "EBUSY r1";
  (*finding)["iomem_diff"] =
      "  00001000-00001fff : low  [r1 mem]\n"
      "+ 00001800-000027ff : seam  [r3 mem]\n"
      "  00002000-00002fff : high  [r2 mem]\n";
  (*finding)["crash"] = nullptr;
}

Json Finding() {
  Json finding = {
      {"signature", kSignature},
      {"directory", kDirectory},
      {"kind", "disagreement"},
      {"what", "observation"},
      {"headline",
       "linux-6.12 disagrees with model at op 3 of 3: want EBUSY r1, got ok"},
      {"sentence", "want EBUSY r1, got ok"},
      {"why", ""},
      {"verdict", ""},
      {"machine", "linux-6.12"},
      {"reference", "model"},
      {"machines",
       Json::array({Json{{"name", "model"}, {"fails", false}},
                    Json{{"name", "linux-6.12"}, {"fails", true}}})},
      {"status", "new"},
      {"known_as", ""},
      {"reproduces", {{"failed", 3}, {"of", 3}}},
      {"inputs",
       Json::array(
           {Json{{"name", "crash-12ab"}, {"kind", "crash"}, {"ops", 57}},
            Json{{"name", "crash-34cd"}, {"kind", "crash"}, {"ops", 9}}})}};
  AddSteps(&finding);
  finding["replay"] =
      absl::StrCat("bazel-bin/restree run --machine=linux-6.12 ", kDirectory,
                   "/minimal.trace");
  finding["exports"] = {
      {"kunit", ExportOf("static void resource_test_seam(struct kunit *test)\n"
                         "{\n\tKUNIT_EXPECT_EQ(test, -EBUSY, "
                         "request_resource(&iomem_resource, &seam));\n}\n",
                         true, "fails on linux-6.12, passes on model")},
      {"gtest", ExportOf("", false, "no compiler: install clang-19")},
      {"iomem", ExportOf("", false, "")},
      {"dot", ExportOf("", false, "")}};
  return finding;
}

}  // namespace

Json EmptyDocument() {
  return {
      {"schema", "restree-triage"},
      {"version", 1},
      {"restree", "0.1.0"},
      {"machines", "linux-6.12,linux-6.1"},
      {"command", "restree triage --machine=linux-6.12,linux-6.1 crashes"},
      {"inputs", {{"total", 0}, {"failing", 0}, {"clean", 0}, {"skipped", 0}}},
      {"clean", Json::array()},
      {"skipped", Json::array()},
      {"bugs", Json::array()}};
}

Json ExampleDocument() {
  Json document = EmptyDocument();
  document["inputs"] = {
      {"total", 3}, {"failing", 2}, {"clean", 1}, {"skipped", 0}};
  document["clean"].push_back({{"input", "seed.trace"}, {"was", ""}});
  document["bugs"].push_back({{"id", kSignature},
                              {"status", "new"},
                              {"known_as", ""},
                              {"inputs", 2},
                              {"findings", Json::array({Finding()})}});
  return document;
}

Json DocumentOf(size_t bugs) {
  Json document = ExampleDocument();
  const Json bug = document["bugs"][0];
  document["bugs"] = Json::array();
  document["inputs"]["total"] = 2 * bugs;
  for (size_t i = 0; i < bugs; ++i) {
    Json copy = bug;
    copy["id"] = absl::StrCat(kSignature, ".", i);
    copy["findings"][0]["signature"] = copy["id"];
    document["bugs"].push_back(copy);
  }
  return document;
}

Json DocumentOfOddBytes() {
  constexpr char kOdd[] =
      "\xff\xc3\x1b[2J\r\"<script>&amp;[a](b){0}\xe2\x80\xaegnp.exe \xc3\xbc";
  Json document = ExampleDocument();
  Json& finding = document["bugs"][0]["findings"][0];
  for (const char* key : {"headline", "sentence", "why", "verdict", "machine",
                          "want", "got", "iomem_diff", "replay"}) {
    finding[key] = kOdd;
  }
  finding["inputs"][0]["name"] = kOdd;
  finding["trace"] =
      absl::StrCat("r1 = request iomem 0x0-0x1 \"", kOdd, "\"\n");
  finding["op_index"] = 0;
  finding["steps"][0]["op"] = kOdd;
  finding["actual"]["iomem"] = absl::StrCat("0-1 : ", kOdd, "\n");
  finding["exports"]["kunit"]["note"] = kOdd;
  document["command"] = kOdd;
  document["skipped"].push_back({{"input", kOdd}, {"why", kOdd}});
  return document;
}

Json DocumentOnDisk() {
  std::ifstream file("triage/testdata/report.json");
  return Json::parse(file);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "cli/machines_text.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/machines.h"
#include "model/machine.h"
#include "model/trace.h"
#include "nlohmann/json.hpp"

namespace restree {
namespace {

// The names of verbs, in the order of the table.
struct Coverage {
  std::vector<std::string> all;
  std::vector<std::string> missing;  // the machine lacks a form of it
};

Coverage CoverageOf(const Machine& machine) {
  Coverage coverage;
  for (int i = 0; i < kVerbs; ++i) {
    const Verb verb = static_cast<Verb>(i);
    const std::string name(InfoOf(verb).name);
    // The forms of a name stand side by side.
    const auto add = [&](std::vector<std::string>* names) {
      if (names->empty() || names->back() != name) names->push_back(name);
    };
    add(&coverage.all);
    if (!machine.Plays(verb)) add(&coverage.missing);
  }
  return coverage;
}

std::string CoversText(const MachineInfo& info) {
  if (info.make == nullptr) {
    return absl::StrCat("not available: ", info.why_not);
  }
  const Coverage coverage = CoverageOf(*info.make(AltmapVariant::kNone));
  const size_t played = coverage.all.size() - coverage.missing.size();
  std::string text = absl::StrCat(info.covers, "; plays ", played, " of ",
                                  coverage.all.size(), " verbs");
  if (!coverage.missing.empty()) {
    absl::StrAppend(&text, ", not ", absl::StrJoin(coverage.missing, ", "));
  }
  if (info.has_altmap_resource) {
    absl::StrAppend(&text, "; registers altmaps as resources");
  }
  return text;
}

absl::string_view OrDash(absl::string_view text) {
  return text.empty() ? "-" : text;
}

}  // namespace

std::string MachinesText(absl::Span<const MachineInfo> machines) {
  std::string text;
  for (const MachineInfo& info : machines) {
    absl::StrAppendFormat(&text, "%-12s %-8s %-18s %s\n", info.name,
                          OrDash(info.version), OrDash(info.source),
                          CoversText(info));
  }
  return text;
}

std::string MachinesJson(absl::Span<const MachineInfo> machines) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const MachineInfo& info : machines) {
    const bool available = info.make != nullptr;
    nlohmann::ordered_json machine = {{"name", std::string(info.name)},
                                      {"version", std::string(info.version)},
                                      {"source", std::string(info.source)},
                                      {"covers", std::string(info.covers)},
                                      {"available", available},
                                      {"why_not", std::string(info.why_not)}};
    if (available) {
      const Coverage coverage = CoverageOf(*info.make(AltmapVariant::kNone));
      machine["verbs"] = coverage.all.size();
      machine["cannot_play"] = coverage.missing;
      machine["registers_altmaps"] = info.has_altmap_resource;
    }
    list.push_back(machine);
  }
  return list.dump(2) + "\n";
}

}  // namespace restree

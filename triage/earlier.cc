// SPDX-License-Identifier: Apache-2.0
#include "triage/earlier.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "model/trace_text.h"
#include "triage/json_read.h"
#include "triage/lineups.h"

namespace restree {

std::vector<EarlierFinding> EarlierFindings(const std::string& out,
                                            const Lineups& lineups) {
  namespace fs = std::filesystem;
  const std::vector<std::string> machines = lineups.Names();
  std::vector<EarlierFinding> findings;
  std::error_code error;
  fs::directory_iterator entry(fs::path(out) / "findings", error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::ifstream file(entry->path() / "finding.json", std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    const auto trace = ParseTrace(TextAt(json, "trace"), "trace");
    const std::string signature = TextAt(json, "signature");
    if (!trace.ok() || signature.empty()) continue;
    if (std::find(machines.begin(), machines.end(), TextAt(json, "machine")) ==
        machines.end()) {
      continue;
    }
    findings.push_back(
        {signature, At(json, "crash").is_object(), trace->trace});
  }
  std::sort(findings.begin(), findings.end(),
            [](const EarlierFinding& a, const EarlierFinding& b) {
              return a.signature < b.signature;
            });
  return findings;
}

}  // namespace restree

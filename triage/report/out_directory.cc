// SPDX-License-Identifier: Apache-2.0
#include "triage/report/out_directory.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "fuzz/atomic_file.h"
#include "model/trace_binary.h"
#include "model/trace_text.h"
#include "triage/finding_document.h"
#include "triage/html_report.h"
#include "triage/json_read.h"
#include "triage/report/report_words.h"
#include "triage/report/sarif_report.h"
#include "triage/report/text_report.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

// Writes files until one fails.
class Writer {
 public:
  explicit Writer(const std::string& directory) : directory_(directory) {}

  const absl::Status& status() const { return status_; }

  void MakeDirectory(const std::string& name) {
    if (!status_.ok()) return;
    const std::string path = absl::StrCat(directory_, "/", name);
    std::error_code error;
    fs::create_directories(path, error);
    if (!error) return;
    status_ = absl::UnavailableError(
        absl::StrCat("cannot make directory ", path, ": ", error.message()));
  }

  void Write(const std::string& name, absl::string_view text) {
    if (!status_.ok()) return;
    status_ = WriteAtomically(absl::StrCat(directory_, "/", name), text);
  }

  // Writes no empty file, and removes that of an earlier triage.
  void WriteIfAny(const std::string& name, absl::string_view text) {
    if (!text.empty()) return Write(name, text);
    std::error_code error;
    fs::remove(absl::StrCat(directory_, "/", name), error);
  }

 private:
  std::string directory_;
  absl::Status status_;
};

// Returns whether the directory of a finding is what the schema says, and not a
// way out of the directory of reports.
bool IsDirectoryOfFinding(absl::string_view name) {
  return absl::StartsWith(name, "findings/") &&
         !absl::StrContains(name.substr(9), '/') && name.size() > 9 &&
         name.substr(9) != "." && name.substr(9) != "..";
}

std::string BytesOf(const std::string& trace) {
  const absl::StatusOr<TraceDocument> document = ParseTrace(trace, "trace");
  if (!document.ok()) return "";
  const std::vector<uint8_t> bytes = EncodeTrace(document->trace);
  return std::string(bytes.begin(), bytes.end());
}

void WriteFinding(const Json& finding, Writer* writer) {
  const std::string directory = TextAt(finding, "directory");
  if (!IsDirectoryOfFinding(directory)) return;
  writer->MakeDirectory(directory);
  const auto at = [&directory](absl::string_view name) {
    return absl::StrCat(directory, "/", name);
  };
  writer->Write(at("finding.json"), DocumentText(finding));
  writer->Write(at("report.txt"), FindingText(finding));
  const std::string trace = TextAt(finding, "trace");
  writer->Write(at("minimal.trace"), trace);
  writer->WriteIfAny(at("minimal.bytes"), BytesOf(trace));
  // What there is may be empty, as a tree can be; a machine that died left no
  // tree.
  for (const char* state : {"before", "expected", "actual"}) {
    const std::string name = at(absl::StrCat(state, ".iomem"));
    if (At(finding, state).is_object()) {
      writer->Write(name, TextAt(At(finding, state), "iomem"));
    } else {
      writer->WriteIfAny(name, "");
    }
  }
  const Json& exports = At(finding, "exports");
  writer->WriteIfAny(at("kunit.c"), TextAt(At(exports, "kunit"), "text"));
  writer->WriteIfAny(at("gtest.cc"), TextAt(At(exports, "gtest"), "text"));
  writer->WriteIfAny(at("tree.dot"), TextAt(At(exports, "dot"), "text"));
  std::string inputs;
  for (const std::string& name : InputsOf(finding)) {
    absl::StrAppend(&inputs, Printable(name), "\n");
  }
  writer->Write(at("inputs.txt"), inputs);
}

}  // namespace

absl::Status WriteReports(const Json& document, const std::string& out) {
  Writer writer(out);
  writer.MakeDirectory("findings");
  for (const Json& bug : ListAt(document, "bugs")) {
    if (TextAt(bug, "status") == "fixed") continue;
    for (const Json& finding : ListAt(bug, "findings")) {
      WriteFinding(finding, &writer);
    }
  }
  // The summaries come last: what they point at is there.
  writer.Write("report.json", DocumentText(document));
  writer.Write("report.html", HtmlReport(document));
  writer.Write("report.sarif", SarifReport(document));
  writer.Write("report.txt", TextReport(document));
  return writer.status();
}

void RemovePieces(const std::string& out) {
  std::vector<fs::path> pieces;
  std::error_code error;
  fs::recursive_directory_iterator it(out, error);
  for (; !error && it != fs::recursive_directory_iterator();
       it.increment(error)) {
    const std::string name = it->path().filename();
    if (absl::StartsWith(name, ".") && absl::EndsWith(name, ".tmp")) {
      pieces.push_back(it->path());
    }
  }
  for (const fs::path& piece : pieces) fs::remove(piece, error);
}

}  // namespace restree

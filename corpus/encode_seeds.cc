// SPDX-License-Identifier: Apache-2.0
// encode_seeds DIRECTORY FILE.trace...: writes each trace as bytes to
// DIRECTORY/FILE. `restree encode` does the same for one trace, and lies above
// the fuzzers that are built from these.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "model/trace_binary.h"
#include "model/trace_text.h"

namespace restree {
namespace {

absl::Status EncodeFile(const std::string& directory, const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in) return absl::NotFoundError(absl::StrCat("cannot read ", file));
  const absl::StatusOr<TraceDocument> document = ParseTrace(text, file);
  if (!document.ok()) return document.status();

  const std::vector<uint8_t> bytes = EncodeTrace(document->trace);
  const std::string path =
      absl::StrCat(directory, "/", std::filesystem::path(file).stem().string());
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) return absl::DataLossError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

}  // namespace
}  // namespace restree

int main(int argc, char** argv) {
  for (int i = 2; i < argc; ++i) {
    const absl::Status status = restree::EncodeFile(argv[1], argv[i]);
    if (status.ok()) continue;
    std::cerr << status.message() << "\n";
    return 2;
  }
  return 0;
}

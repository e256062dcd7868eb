// SPDX-License-Identifier: Apache-2.0
#include "fuzz/hunt_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "fuzz/atomic_file.h"
#include "fuzz/crash_log.h"
#include "fuzz/stats.h"
#include "model/trace_binary.h"
#include "model/trace_text.h"
#include "properties/report.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

// A report is near the end of its log.
constexpr std::streamoff kLogBytesMax = 1 << 20;

// Crashes of one name may be different bugs after all: so many are kept.
constexpr int kInputsPerCrashMax = 8;

absl::Status Problem(absl::string_view what, const std::string& path,
                     absl::string_view why) {
  return absl::FailedPreconditionError(
      absl::StrCat("cannot ", what, " ", path, ": ", why));
}

// Returns what is in `directory`, as far as it can be read.
std::vector<fs::directory_entry> EntriesOf(const fs::path& directory) {
  std::vector<fs::directory_entry> entries;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    entries.push_back(*entry);
  }
  return entries;
}

// Returns the regular files in `directory`, sorted by path.
std::vector<fs::path> FilesIn(const std::string& directory) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const fs::directory_entry& entry : EntriesOf(directory)) {
    if (!entry.is_regular_file(ignored)) continue;
    if (!absl::StartsWith(entry.path().filename().string(), ".")) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string Bytes(const std::string& path, std::streamoff bytes_max = 0) {
  std::ifstream file(path, std::ios::binary);
  if (bytes_max > 0) {
    file.seekg(0, std::ios::end);
    file.seekg(std::max<std::streamoff>(0, file.tellg() - bytes_max));
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string Encoded(const Trace& trace) {
  const std::vector<uint8_t> bytes = EncodeTrace(trace);
  return std::string(bytes.begin(), bytes.end());
}

// Returns the text of the comments that a trace begins with.
std::string LeadingComments(absl::string_view text) {
  std::string comments;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::ConsumePrefix(&line, "#")) break;
    absl::ConsumePrefix(&line, " ");
    absl::StrAppend(&comments, line, "\n");
  }
  return comments;
}

// Every finding has its name in the first line and nothing in the second; other
// traces in the directory are somebody's notes.
bool HasHeader(absl::string_view report) {
  const size_t end = report.find('\n');
  return end != 0 && end != absl::string_view::npos &&
         absl::StartsWith(report.substr(end), "\n\n");
}

// Writes one more input of a crash whose first is BASE.input: BASE-2.input and
// so on, unless it is there or there are enough.
absl::Status KeepOtherInput(const std::string& base, const std::string& input) {
  std::error_code ignored;
  for (int number = 1; number <= kInputsPerCrashMax; ++number) {
    const std::string path = absl::StrCat(
        base, number == 1 ? "" : absl::StrCat("-", number), ".input");
    if (!fs::exists(path, ignored)) return WriteAtomically(path, input);
    if (Bytes(path) == input) break;
  }
  return absl::OkStatus();
}

// Artifacts are called JOB-KIND-HASH, where KIND is libFuzzer's word.
std::optional<size_t> JobOf(const std::string& artifact) {
  size_t job = 0;
  const std::string number = artifact.substr(0, artifact.find('-'));
  if (!absl::SimpleAtoi(number, &job)) return std::nullopt;
  return job;
}

}  // namespace

absl::StatusOr<HuntDirectory> HuntDirectory::Open(const std::string& path) {
  std::error_code error;
  for (const char* name : {"corpus", "findings", "artifacts", "logs"}) {
    fs::create_directories(fs::path(path) / name, error);
    if (error) return Problem("write to", path, error.message());
  }
  const std::string lock_path = path + "/lock";
  const int lock = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock < 0) return Problem("write", lock_path, strerror(errno));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return Problem("use", path, "another hunt is running there");
  }
  HuntDirectory directory(fs::absolute(path).lexically_normal(), lock);
  // What a process that was killed was about to write.
  for (const char* name : {"", "findings", "corpus"}) {
    for (const fs::directory_entry& entry : EntriesOf(fs::path(path) / name)) {
      const std::string file = entry.path().filename();
      if (absl::StartsWith(file, ".") && absl::EndsWith(file, ".tmp")) {
        fs::remove(entry.path(), error);
      }
    }
  }
  return directory;
}

HuntDirectory::HuntDirectory(HuntDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

HuntDirectory& HuntDirectory::operator=(HuntDirectory&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_, other.lock_);
  return *this;
}

HuntDirectory::~HuntDirectory() {
  if (lock_ >= 0) close(lock_);
}

std::string HuntDirectory::log(size_t job) const {
  return absl::StrCat(path_, "/logs/job-", job, ".log");
}

absl::StatusOr<size_t> HuntDirectory::AddSeeds(const std::string& seeds) {
  std::error_code error;
  if (!fs::is_directory(seeds, error)) {
    return Problem("read", seeds, "not a directory");
  }
  size_t count = 0;
  for (const fs::path& file : FilesIn(seeds)) {
    std::string bytes = Bytes(file);
    if (file.extension() == ".trace") {
      const auto document = ParseTrace(bytes, file.string());
      if (!document.ok()) return document.status();
      bytes = Encoded(document->trace);
    }
    // By content: other seeds may have files of the same name.
    const std::string copy = absl::StrCat(
        corpus(), "/seed-", absl::Hex(StableHash(bytes), absl::kZeroPad16));
    if (fs::exists(copy, error)) continue;
    absl::Status status = WriteAtomically(copy, bytes);
    if (!status.ok()) return status;
    ++count;
  }
  return count;
}

absl::Status HuntDirectory::ReplayFindings() {
  for (const FindingFile& finding : Findings()) {
    if (!finding.input.empty()) continue;
    const auto document = ParseTrace(Bytes(finding.path), finding.path);
    if (!document.ok()) continue;  // changed since
    absl::Status status = WriteAtomically(
        absl::StrCat(corpus(), "/finding-", StableHash(finding.name)),
        Encoded(document->trace));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> HuntDirectory::CollectArtifacts(
    std::optional<size_t> job, Stats* stats) {
  size_t count = 0;
  for (const fs::path& file : FilesIn(artifacts())) {
    const std::string name = file.filename();
    if (job.has_value() && JobOf(name) != job) continue;
    if (absl::StrContains(name, "slow-unit-")) continue;  // no bug, and no loss
    absl::StatusOr<std::string> finding = RecordCrash(name);
    if (!finding.ok()) return finding.status();
    stats->CountFinding(StableHash(*finding));
    ++count;
  }
  return count;
}

// The artifact goes last: whatever interrupts this, nothing is lost.
absl::StatusOr<std::string> HuntDirectory::RecordCrash(
    const std::string& artifact) {
  const std::string path = artifacts() + "/" + artifact;
  const std::string input = Bytes(path);
  std::optional<Crash> crash;
  const std::optional<size_t> job = JobOf(artifact);
  if (job.has_value()) {
    crash = CrashIn(Bytes(log(*job), kLogBytesMax), artifact);
  }
  if (!crash.has_value()) {
    crash.emplace();
    crash->kind = "crash";
    crash->hash = StableHash(input);
    crash->report = "The log has no report: run the fuzzer on this input.\n";
  }
  const std::string name = crash->Name();
  const std::string base = findings() + "/" + name;
  std::error_code ignored;
  if (fs::exists(base + ".trace", ignored)) {
    absl::Status status = KeepOtherInput(base, input);
    if (!status.ok()) return status;
  } else {
    absl::Status status = WriteAtomically(base + ".input", input);
    if (!status.ok()) return status;
    const auto* data = reinterpret_cast<const uint8_t*>(input.data());
    status = WriteAtomically(
        base + ".trace",
        absl::StrCat("# ", name, "\n#\n", AsComment(crash->report),
                     PrintTrace(DecodeTrace({data, input.size()}))));
    if (!status.ok()) return status;
  }
  DropFromCorpus(input);
  fs::remove(path, ignored);
  return name;
}

// A fuzzer that dies of its corpus would do so again at each start.
void HuntDirectory::DropFromCorpus(absl::string_view bytes) {
  std::error_code ignored;
  for (const fs::path& file : FilesIn(corpus())) {
    if (fs::file_size(file, ignored) != bytes.size()) continue;
    if (Bytes(file) == bytes) fs::remove(file, ignored);
  }
}

std::vector<FindingFile> HuntDirectory::Findings() const {
  std::vector<FindingFile> findings;
  std::error_code ignored;
  for (const fs::path& file : FilesIn(this->findings())) {
    if (file.extension() != ".trace") continue;
    FindingFile finding;
    finding.name = file.stem();
    finding.path = file;
    fs::path input = file;
    input.replace_extension(".input");
    if (fs::exists(input, ignored)) finding.input = input;
    const std::string text = Bytes(file);
    finding.report = LeadingComments(text);
    if (!HasHeader(finding.report)) continue;
    if (finding.input.empty() && !ParseTrace(text, finding.path).ok()) continue;
    findings.push_back(std::move(finding));
  }
  return findings;
}

size_t HuntDirectory::CorpusFiles() const { return EntriesOf(corpus()).size(); }

uint64_t HuntDirectory::FreeBytes() const {
  struct statvfs info;
  if (statvfs(path_.c_str(), &info) != 0) return 0;
  return uint64_t{info.f_bavail} * info.f_frsize;
}

}  // namespace restree

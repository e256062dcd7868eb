// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_HUNT_DIRECTORY_H_
#define RESTREE_FUZZ_HUNT_DIRECTORY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "fuzz/stats.h"

namespace restree {

// A file of DIR/findings.
struct FindingFile {
  std::string name;    // the signature, or the name of a crash
  std::string path;    // of the trace
  std::string input;   // of the raw input that crashes the fuzzer; or ""
  std::string report;  // the leading comments of the trace
};

// A HuntDirectory is where a campaign lives, and all that the next one on the
// same directory goes on from:
//
//   corpus/      inputs that reached something new
//   findings/    NAME.trace for each bug, and NAME.input if it is a crash, with
//                NAME-2.input and so on for crashes that look the same
//   artifacts/   crashes on their way to findings/
//   logs/        job-N.log, what fuzzer N printed
//   stats        the figures, see Stats
//   report.txt   the last report
//   lock         held while a campaign runs
//
// Every file but those of the fuzzer itself is complete or not there at all.
class HuntDirectory {
 public:
  // Opens the directory at `path`, or makes one. Fails if it cannot be written,
  // is no directory, or another campaign has it.
  static absl::StatusOr<HuntDirectory> Open(const std::string& path);

  HuntDirectory(HuntDirectory&& other) noexcept;
  HuntDirectory& operator=(HuntDirectory&& other) noexcept;
  ~HuntDirectory();  // lets go of the lock

  std::string corpus() const { return path_ + "/corpus"; }
  std::string findings() const { return path_ + "/findings"; }
  std::string artifacts() const { return path_ + "/artifacts"; }
  std::string stats() const { return path_ + "/stats"; }
  std::string report() const { return path_ + "/report.txt"; }
  std::string log(size_t job) const;

  // Copies the files of the directory `seeds` to the corpus. Trace text, which
  // is what *.trace has to be, is encoded. Returns how many were not there yet.
  absl::StatusOr<size_t> AddSeeds(const std::string& seeds);

  // Copies the traces of findings that are no crashes to the corpus, so that
  // the next campaign meets those bugs again that are still there.
  absl::Status ReplayFindings();

  // Turns the artifacts of one job, or of all, into findings, and counts them.
  // Returns how many there were. REQUIRES: that job, or none, is running.
  absl::StatusOr<size_t> CollectArtifacts(std::optional<size_t> job,
                                          Stats* stats);

  // Returns the findings in findings/ now, by name; no trace that is not one.
  std::vector<FindingFile> Findings() const;

  // Returns how many files there are, without reading any.
  size_t CorpusFiles() const;

  // Returns how much can still be written.
  uint64_t FreeBytes() const;

 private:
  HuntDirectory(std::string path, int lock)
      : path_(std::move(path)), lock_(lock) {}

  absl::StatusOr<std::string> RecordCrash(const std::string& artifact);
  void DropFromCorpus(absl::string_view bytes);

  std::string path_;
  int lock_;
};

}  // namespace restree

#endif  // RESTREE_FUZZ_HUNT_DIRECTORY_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_FILES_H_
#define RESTREE_CLI_FILES_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace restree {

// The largest file that is read, in bytes. A device like /dev/zero has no end.
inline constexpr size_t kFileMax = size_t{1} << 30;

// Returns all bytes of the file, of standard input for "-"; OutOfRange if they
// are more than kFileMax.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Returns the name by which messages call the file: "<stdin>" for "-". What is
// not printable ASCII is escaped.
std::string ShownName(absl::string_view path);

// An Output collects text and hands it to a file in large pieces. The first
// error is kept and what follows it is dropped, so that a command need not look
// before the end. That nobody reads a pipe any longer is not an error: the rest
// is dropped in silence, and the command ends as it would have.
//
//   Output out;
//   out.Append("r1 -> ok\n");
//   return Finish(out, kExitClean);
class Output {
 public:
  Output() = default;  // standard output

  // Writes to the file, which loses what it had; to standard output if `path`
  // is empty or "-".
  explicit Output(const std::string& path);

  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

  void Append(absl::string_view text);

  // Hands over what was collected so far.
  void Flush();

  // Flushes and closes. Returns the first error of all, with the file's name.
  absl::Status Close();

 private:
  int file_ = 1;
  std::string name_ = "standard output";
  std::string pending_;
  bool broken_ = false;
  absl::Status status_;
};

// Closes `out` and returns `code`. If something could not be written, prints
// why and returns at least kExitUsage.
int Finish(Output& out, int code);

// Prints `problem`, which says where, and returns kExitUsage.
int BadInput(const absl::Status& problem);

}  // namespace restree

#endif  // RESTREE_CLI_FILES_H_

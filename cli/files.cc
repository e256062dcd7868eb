// SPDX-License-Identifier: Apache-2.0
#include "cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "cli/exit_code.h"

namespace restree {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 18;

// Returns `path` for a message: in quotes, and no byte of it can forge a line.
std::string Quoted(absl::string_view path) {
  return absl::StrCat("\"", absl::CHexEscape(path), "\"");
}

absl::Status Problem(absl::string_view what, absl::string_view name,
                     int error) {
  return absl::ErrnoToStatus(error, absl::StrCat("cannot ", what, " ", name));
}

// Appends what is left of `file` to `*text`; returns errno or 0, EFBIG for more
// than kFileMax. Files of /proc have size 0, so the size is only a hint.
int ReadAll(int file, std::string* text) {
  struct stat info;
  if (fstat(file, &info) == 0 && info.st_size > 0) {
    if (static_cast<size_t>(info.st_size) > kFileMax) return EFBIG;
    text->reserve(static_cast<size_t>(info.st_size) + kPieceBytes);
  }
  for (;;) {
    if (text->size() > kFileMax) return EFBIG;
    const size_t old_bytes = text->size();
    text->resize(old_bytes + kPieceBytes);
    const ssize_t bytes = read(file, text->data() + old_bytes, kPieceBytes);
    text->resize(old_bytes + static_cast<size_t>(std::max<ssize_t>(bytes, 0)));
    if (bytes == 0) return 0;
    if (bytes < 0 && errno != EINTR) return errno;
  }
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const bool standard = path == "-";
  const int file =
      standard ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Problem("read", Quoted(path), errno);
  std::string text;
  const int error = ReadAll(file, &text);
  if (!standard) close(file);
  if (error == EFBIG) {
    return absl::OutOfRangeError(
        absl::StrCat(ShownName(path), ": is larger than 1 GiB"));
  }
  if (error != 0) {
    return Problem("read", standard ? ShownName(path) : Quoted(path), error);
  }
  return text;
}

std::string ShownName(absl::string_view path) {
  return path == "-" ? "<stdin>" : absl::CHexEscape(path);
}

Output::Output(const std::string& path) {
  if (path.empty() || path == "-") return;
  name_ = Quoted(path);
  file_ = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ >= 0) return;
  status_ = Problem("write", name_, errno);
  broken_ = true;
}

Output::~Output() {
  if (file_ > STDERR_FILENO) close(file_);
}

void Output::Append(absl::string_view text) {
  if (broken_) return;
  absl::StrAppend(&pending_, text);
  if (pending_.size() >= kPieceBytes) Flush();
}

void Output::Flush() {
  absl::string_view rest = pending_;
  while (!broken_ && !rest.empty()) {
    const ssize_t bytes = write(file_, rest.data(), rest.size());
    if (bytes >= 0) {
      rest.remove_prefix(static_cast<size_t>(bytes));
    } else if (errno != EINTR) {
      if (errno != EPIPE) status_ = Problem("write", name_, errno);
      broken_ = true;
    }
  }
  pending_.clear();
}

absl::Status Output::Close() {
  Flush();
  if (file_ > STDERR_FILENO && close(file_) != 0 && status_.ok()) {
    status_ = Problem("write", name_, errno);
  }
  if (file_ > STDERR_FILENO) file_ = -1;
  return status_;
}

int Finish(Output& out, int code) {
  const absl::Status status = out.Close();
  if (status.ok()) return code;
  return std::max(code, BadInput(status));
}

int BadInput(const absl::Status& problem) {
  absl::FPrintF(stderr, "%s\n", problem.message());
  return kExitUsage;
}

}  // namespace restree

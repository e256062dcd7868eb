// SPDX-License-Identifier: Apache-2.0
#include "triage/file_list.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace restree {
namespace {

namespace fs = std::filesystem;

// A link may lead to a whole disk.
constexpr size_t kFilesMax = 100'000;

// Directories that our own commands write, known by entries that all of them
// have, and which of their entries are of interest.
struct Layout {
  std::array<absl::string_view, 3> has;  // "" matches anything
  std::array<absl::string_view, 2> wanted;
};
constexpr Layout kLayouts[] = {
    {{"corpus", "findings", "lock"}, {"artifacts", "findings"}},  // a hunt's
    {{"findings", "report.json", "report.sarif"}, {"findings"}},  // a triage's
    {{"finding.json", "minimal.trace"}, {"minimal.trace"}},  // of a finding
};

// Returns the layout of a directory with these entries, sorted; or null.
const Layout* LayoutOf(absl::Span<const std::string> entries) {
  for (const Layout& layout : kLayouts) {
    const bool matches = std::all_of(
        layout.has.begin(), layout.has.end(),
        [entries](absl::string_view name) {
          return name.empty() ||
                 std::binary_search(entries.begin(), entries.end(), name);
        });
    if (matches) return &layout;
  }
  return nullptr;
}

bool IsWanted(const Layout* layout, absl::string_view entry) {
  return layout == nullptr ||
         std::find(layout->wanted.begin(), layout->wanted.end(), entry) !=
             layout->wanted.end();
}

std::string Joined(const std::string& directory, const std::string& entry) {
  return directory.empty() ? entry : absl::StrCat(directory, "/", entry);
}

// "cannot be read: Permission denied"
std::string CannotBeRead(int error) {
  if (error == ELOOP) return "a loop of symbolic links";
  return absl::StrCat("cannot be read: ", strerror(error));
}

absl::string_view KindOf(mode_t mode) {
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

// A Walk lists one directory.
class Walk {
 public:
  explicit Walk(std::string root) : root_(std::move(root)) {}

  absl::StatusOr<FileList> Run();

 private:
  using Identity = std::pair<dev_t, ino_t>;
  static Identity IdentityOf(const struct stat& info) {
    return {info.st_dev, info.st_ino};
  }

  std::string PathOf(const std::string& name) const {
    return Joined(root_, name);
  }
  void Skip(const std::string& name, absl::string_view why) {
    list_.skipped.push_back({name, std::string(why)});
  }
  void NoteWhatIsAbove();
  int Enter(const std::string& directory);
  void Look(const std::string& name);

  const std::string root_;
  FileList list_;
  bool has_layout_ = false;  // the root
  std::set<Identity> above_;
  std::set<Identity> entered_;
  std::vector<std::string> directories_;  // to be entered
  std::vector<std::string> links_;        // to directories, entered after those
};

// Remembers the directories that the root is in.
void Walk::NoteWhatIsAbove() {
  std::string path = root_;
  struct stat info;
  while (path.size() < PATH_MAX - root_.size()) {
    absl::StrAppend(&path, "/..");
    if (stat(path.c_str(), &info) != 0) break;
    if (!above_.insert(IdentityOf(info)).second) break;  // "/.." is "/"
  }
}

// Sorts out the entries of a directory. Returns errno or 0.
int Walk::Enter(const std::string& directory) {
  struct stat info;
  if (stat(PathOf(directory).c_str(), &info) != 0) return errno;
  if (above_.count(IdentityOf(info)) > 0) {
    Skip(directory, "leads back to a directory that this one is in");
    return 0;
  }
  if (!entered_.insert(IdentityOf(info)).second) {
    Skip(directory, "a directory that is listed already");
    return 0;
  }
  std::error_code error;
  std::vector<std::string> entries;
  fs::directory_iterator entry(PathOf(directory), error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    entries.push_back(entry->path().filename());
  }
  if (error) return error.value();
  std::sort(entries.begin(), entries.end());
  const Layout* const layout = LayoutOf(entries);
  if (directory.empty()) has_layout_ = layout != nullptr;
  for (const std::string& name : entries) {
    if (IsWanted(layout, name)) Look(Joined(directory, name));
  }
  return 0;
}

// Says where the entry belongs.
void Walk::Look(const std::string& name) {
  const std::string path = PathOf(name);
  if (name[name.rfind('/') + 1] == '.') return Skip(name, "hidden");
  struct stat self;
  if (lstat(path.c_str(), &self) != 0) return Skip(name, CannotBeRead(errno));
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    if (errno != ENOENT) return Skip(name, CannotBeRead(errno));
    return Skip(name, "a symbolic link to nothing");
  }
  if (S_ISDIR(info.st_mode)) {
    (S_ISLNK(self.st_mode) ? links_ : directories_).push_back(name);
  } else if (S_ISREG(info.st_mode)) {
    list_.files.push_back(name);
  } else {
    Skip(name, absl::StrCat("no file but ", KindOf(info.st_mode)));
  }
}

absl::StatusOr<FileList> Walk::Run() {
  const std::string shown = absl::StrCat("\"", absl::CHexEscape(root_), "\"");
  const auto problem = [&shown](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(shown, what));
  };
  std::error_code error;
  if (fs::is_regular_file(root_, error)) {
    return problem(" is a file: give the directory that it is in");
  }
  NoteWhatIsAbove();
  if (const int errno_of_root = Enter("")) {
    return problem(absl::StrCat(": ", strerror(errno_of_root)));
  }
  // Links come last, so that what they lead to has its own name if it has one.
  while (!directories_.empty() || !links_.empty()) {
    std::vector<std::string>& next =
        directories_.empty() ? links_ : directories_;
    const auto first = std::min_element(next.begin(), next.end());
    const std::string name = *first;
    next.erase(first);
    if (const int why = Enter(name)) Skip(name, CannotBeRead(why));
    if (list_.files.size() + list_.skipped.size() > kFilesMax) {
      return problem(absl::StrCat(": more than ", kFilesMax, " files"));
    }
  }
  if (list_.files.empty() && list_.skipped.empty() && !has_layout_) {
    return problem(": nothing is in it");
  }
  std::sort(list_.files.begin(), list_.files.end());
  std::sort(list_.skipped.begin(), list_.skipped.end(),
            [](const Skipped& a, const Skipped& b) { return a.name < b.name; });
  return std::move(list_);
}

}  // namespace

absl::StatusOr<FileList> ListFiles(const std::string& directory) {
  return Walk(directory).Run();
}

bool IsInside(const std::string& path, const std::string& directory) {
  std::error_code error;
  const auto whole = [&error](const std::string& part) {
    return fs::weakly_canonical(fs::absolute(part, error), error);
  };
  const fs::path outer = whole(directory);
  for (fs::path it = whole(path);; it = it.parent_path()) {
    if (it == outer) return true;
    if (it == it.parent_path()) return false;
  }
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "cli/import_iomem.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "cli/guess.h"
#include "cli/iomem_line.h"
#include "model/range.h"
#include "model/trace.h"
#include "model/trace_text.h"

namespace restree {
namespace {

constexpr size_t kIoportWidth = 4;
constexpr size_t kWidth = 8;
constexpr uint64_t kIoportEnd = 0xffff;        // IO_SPACE_LIMIT on x86
constexpr uint64_t kWideIoportEnd = 0xffffff;  // on most other architectures

constexpr absl::string_view kHead[] = {
    "# Imported from the text of /proc/iomem or /proc/ioports, which shows",
    "# ranges and names. Flags and desc are guessed from the names.",
};

// Takes the first line off `*text`. Returns whether it ended with a newline.
bool TakeLine(absl::string_view* text, absl::string_view* line) {
  const size_t end = text->find('\n');
  *line = text->substr(0, end);
  text->remove_prefix(end == text->npos ? text->size() : end + 1);
  return end != absl::string_view::npos;
}

// Returns the digits to which the first line fills its addresses up.
size_t WidthOf(absl::string_view text) {
  absl::string_view first;
  TakeLine(&text, &first);
  IomemLine line;
  ReadIomemLine(first, kIoportWidth, &line);  // what follows may be wrong
  return line.digits == kIoportWidth ? kIoportWidth : kWidth;
}

// Returns whether every line, of at least one, reads 0-0.
bool IsAllZeros(absl::string_view text, size_t width) {
  while (!text.empty()) {
    absl::string_view first;
    TakeLine(&text, &first);
    IomemLine line;
    if (ReadIomemLine(first, width, &line)) return false;
    if (line.range != Range{0, 0}) return false;
  }
  return true;
}

std::string Hex(const Range& range) {
  return absl::StrFormat("0x%x-0x%x", range.start, range.end);
}

class Importer {
 public:
  Importer(absl::string_view file, Slot root, size_t width)
      : file_(file), root_(root), width_(width) {
    for (const absl::string_view comment : kHead) AddComment(comment);
  }

  absl::Status AddAll(absl::string_view text) {
    if (text.empty()) AddComment("# It was empty: no resource at all.");
    while (!text.empty()) {
      absl::string_view line;
      ++line_;
      if (!TakeLine(&text, &line)) {
        return Wrong(line.size() + 1, "the last line is cut off: no newline");
      }
      const absl::Status status = AddLine(line);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  TraceDocument Finish() && {
    if (root_ == kIoport && (width_ == kWidth || end_ > kIoportEnd)) {
      AdjustIoport();
    }
    return std::move(document_);
  }

 private:
  // A resource that the next line may be a child of.
  struct Node {
    Range range;
    Slot slot = 0;
    size_t line = 0;
  };

  absl::Status Wrong(size_t column, absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat(file_, ":", line_, ":", column, ": ", what));
  }

  void AddComment(absl::string_view comment) {
    TraceLine line;
    line.comment = comment;
    document_.lines.Append(line);
  }

  absl::Status AddLine(absl::string_view text) {
    IomemLine line;
    if (const auto problem = ReadIomemLine(text, width_, &line)) {
      return Wrong(problem->column, problem->what);
    }
    const size_t level = line.indent / 2;
    if (level > path_.size()) {
      return Wrong(line.indent + 1, "deeper than a child of the line above");
    }
    std::optional<Node> elder = Climb(level, line.range);
    const absl::Status status = CheckPlace(line, elder);
    if (!status.ok()) return status;
    if (slot_ >= kNoSlot) {
      return Wrong(1,
                   absl::StrCat("more than ", kNoSlot - kFirstSlot,
                                " resources, which is all a trace can name"));
    }
    AddRequest(line);
    return absl::OkStatus();
  }

  // Leaves in path_ what lies above a new line of that level. Returns its elder
  // sibling if there is one. Where the indentation has reached its limit, what
  // encloses the new range lies above it.
  std::optional<Node> Climb(size_t level, const Range& range) {
    std::optional<Node> elder;
    while (path_.size() > level) {
      const bool deep = level == kIndentMax / 2;
      if (deep && path_.back().range.Contains(range)) break;
      elder = path_.back();
      path_.pop_back();
    }
    return elder;
  }

  absl::Status CheckPlace(const IomemLine& line,
                          const std::optional<Node>& elder) const {
    const size_t column = line.indent + 1;
    if (!path_.empty() && !path_.back().range.Contains(line.range)) {
      return Wrong(column,
                   absl::StrCat(Hex(line.range), " does not lie inside ",
                                Hex(path_.back().range), " of line ",
                                path_.back().line));
    }
    if (!elder || elder->range.end < line.range.start) return absl::OkStatus();
    const absl::string_view how =
        elder->range.Overlaps(line.range) ? " overlaps " : " lies before ";
    return Wrong(column,
                 absl::StrCat(Hex(line.range), how, Hex(elder->range),
                              " of line ", elder->line, " on the same level"));
  }

  void AddRequest(const IomemLine& line) {
    const Guess guess = GuessFlags(root_, line.name, line.range);
    Op op;
    op.verb = Verb::kRequest;
    op.slot = slot_;
    op.parent = path_.empty() ? root_ : path_.back().slot;
    op.name = IdOf(line.name);
    op.range = line.range;
    op.flags = guess.flags;
    op.desc = guess.desc;
    TraceLine said;
    said.op = document_.trace.ops.size();
    document_.lines.Append(said);
    document_.trace.ops.push_back(op);
    path_.push_back({line.range, slot_, line_});
    end_ = std::max(end_, line.range.end);
    ++slot_;
  }

  NameId IdOf(absl::string_view name) {
    const auto [it, is_new] = ids_.try_emplace(name, ids_.size() + 1);
    if (is_new) document_.trace.names.emplace_back(name);
    return it->second;
  }

  // Makes room for ports beyond 0xffff, before all else.
  void AdjustIoport() {
    Op op;
    op.verb = Verb::kAdjust;
    op.slot = kIoport;
    op.range = {0, std::max(end_, kWideIoportEnd)};
    document_.trace.ops.insert(document_.trace.ops.begin(), op);
    TraceLine adjust;
    adjust.op = 0;
    TraceLines lines;
    for (TraceLine line : document_.lines) {
      if (lines.size() == std::size(kHead)) lines.Append(adjust);
      if (line.op) ++*line.op;
      lines.Append(line);
    }
    if (lines.size() == std::size(kHead)) lines.Append(adjust);
    document_.lines = std::move(lines);
  }

  const absl::string_view file_;
  const Slot root_;
  const size_t width_;
  TraceDocument document_;
  absl::flat_hash_map<absl::string_view, NameId> ids_;  // views of the text
  std::vector<Node> path_;  // from the root's child to the last line's resource
  Slot slot_ = kFirstSlot;
  size_t line_ = 0;
  uint64_t end_ = 0;  // the greatest of all
};

}  // namespace

absl::StatusOr<TraceDocument> ImportIomem(absl::string_view text,
                                          absl::string_view file,
                                          std::optional<Slot> root) {
  const size_t width = WidthOf(text);
  if (!root) root = width == kIoportWidth ? kIoport : kIomem;
  if (*root == kIomem && width == kIoportWidth) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, ":1:1: addresses of 4 digits are those of /proc/ioports"));
  }
  if (!text.empty() && IsAllZeros(text, width)) {
    return absl::InvalidArgumentError(
        absl::StrCat(file,
                     ":1:1: every address is 0, as the kernel shows them "
                     "to those without CAP_SYS_ADMIN; run as root"));
  }
  Importer importer(file, *root, width);
  const absl::Status status = importer.AddAll(text);
  if (!status.ok()) return status;
  return std::move(importer).Finish();
}

}  // namespace restree

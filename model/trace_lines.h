// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_TRACE_LINES_H_
#define RESTREE_MODEL_TRACE_LINES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace restree {

// One line of trace text: an op with what is expected of it, a comment, both,
// or nothing.
struct TraceLine {
  std::optional<size_t> op;       // index into the trace's ops
  absl::string_view expectation;  // words behind `->`, canonical; may be empty
  absl::string_view comment;      // from `#` on, without trailing blanks
  size_t expectation_column =
      0;  // of its first byte, from 1, where it was read
};

// The lines of a trace, as a vector that is only appended to. A line without
// words takes 8 bytes, so that a text of newlines takes not much more memory
// than itself.
//
//   for (const TraceLine& line : document.lines) ...
class TraceLines {
 public:
  // Makes the lines on the way.
  class Iterator {
   public:
    Iterator(const TraceLines& lines, size_t at) : lines_(&lines), at_(at) {}

    TraceLine operator*() const { return (*lines_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const TraceLines* lines_;
    size_t at_;
  };

  // Appends a copy of the line and of its words. REQUIRES: `op` and the bytes
  // of all words are less than 2^32 - 1.
  void Append(const TraceLine& line);

  size_t size() const { return entries_.size(); }
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

  // The line's views last until the next Append(). REQUIRES: `index` < size().
  TraceLine operator[](size_t index) const;

 private:
  // Both are an index + 1, or 0 for none.
  struct Entry {
    uint32_t op = 0;
    uint32_t words = 0;
  };
  // A line's expectation and comment, which stand in text_ side by side, up to
  // where the next line's begin.
  struct Words {
    uint32_t expectation = 0;
    uint32_t comment = 0;
    uint32_t column = 0;
  };

  std::vector<Entry> entries_;
  std::vector<Words> words_;
  std::string text_;
};

}  // namespace restree

#endif  // RESTREE_MODEL_TRACE_LINES_H_

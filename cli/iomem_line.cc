// SPDX-License-Identifier: Apache-2.0
#include "cli/iomem_line.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace restree {
namespace {

constexpr size_t kDigitsMax = 16;  // of 64 bits
constexpr absl::string_view kBeforeName = " : ";

// Returns the value of a digit as printf("%x") writes it, or -1.
int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Reads one line from left to right.
class Reader {
 public:
  Reader(absl::string_view text, size_t width) : text_(text), width_(width) {}

  std::optional<IomemProblem> Read(IomemLine* line) {
    if (!ReadIndent(&line->indent)) return problem_;
    const size_t start_at = at_;
    if (!ReadAddress(&line->range.start)) return problem_;
    line->digits = at_ - start_at;
    if (!At('-')) return Wrong("expected '-' between two addresses");
    ++at_;
    const size_t end_at = at_;
    if (!ReadAddress(&line->range.end)) return problem_;
    if (line->range.inverted()) {
      at_ = end_at;
      return Wrong("the range ends before it starts");
    }
    if (!absl::StartsWith(text_.substr(at_), kBeforeName)) {
      return Wrong("expected \" : \" and a name");
    }
    at_ += kBeforeName.size();
    line->name = text_.substr(at_);
    return std::nullopt;
  }

 private:
  bool At(char c) const { return at_ < text_.size() && text_[at_] == c; }

  bool Fail(const char* what) {
    problem_ = {at_ + 1, what};
    return false;
  }

  IomemProblem Wrong(const char* what) const { return {at_ + 1, what}; }

  bool ReadIndent(size_t* indent) {
    while (At(' ')) ++at_;
    if (At('\t')) return Fail("a tab; a level is two spaces");
    if (at_ % 2 != 0) return Fail("odd indentation; a level is two spaces");
    if (at_ > kIndentMax) {
      at_ = kIndentMax;
      return Fail("more than 10 spaces; the kernel indents no further");
    }
    *indent = at_;
    return true;
  }

  bool ReadAddress(uint64_t* address) {
    const size_t first = at_;
    *address = 0;
    for (; at_ < text_.size(); ++at_) {
      const int digit = DigitOf(text_[at_]);
      if (digit < 0) break;
      *address = *address << 4 | static_cast<uint64_t>(digit);
    }
    const size_t digits = at_ - first;
    const size_t end = at_;
    at_ = first;
    if (digits > kDigitsMax) return Fail("an address of more than 64 bits");
    if (digits < width_) {
      return Fail(width_ == 4
                      ? "expected an address of 4 or more lower-case hex digits"
                      : "expected an address of 8 or more lower-case hex "
                        "digits");
    }
    if (digits > width_ && text_[first] == '0') {
      return Fail("an address with too many leading zeros");
    }
    at_ = end;
    return true;
  }

  const absl::string_view text_;
  const size_t width_;
  size_t at_ = 0;
  IomemProblem problem_;
};

}  // namespace

std::optional<IomemProblem> ReadIomemLine(absl::string_view text, size_t width,
                                          IomemLine* line) {
  const size_t nul = text.find('\0');
  if (nul != text.npos) return IomemProblem{nul + 1, "a NUL byte"};
  const size_t cr = text.find('\r');
  if (cr != text.npos) {
    return IomemProblem{cr + 1, "a carriage return; lines end with a newline"};
  }
  return Reader(text, width).Read(line);
}

}  // namespace restree

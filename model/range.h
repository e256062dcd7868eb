// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_RANGE_H_
#define RESTREE_MODEL_RANGE_H_

#include <compare>
#include <cstdint>

namespace restree {

// A Range is a closed interval of addresses, [start, end], both ends included,
// as in `struct resource`. Every pair of 64-bit numbers is a Range, because
// every pair can reach the kernel:
//
//   {0x1000, 0x1fff}   4096 bytes
//   {0x1000, 0x1000}   one byte
//   {0, UINT64_MAX}    all 2^64 bytes; its size() does not fit and is 0
//   {0x1000, 0x0fff}   inverted: what a caller gets who asks for 0 bytes
//
// No function here overflows in a way that its comment does not state.
struct Range {
  uint64_t start = 0;
  uint64_t end = 0;

  // Returns the range of `size` bytes from `start`, with the kernel's own
  // arithmetic, `start + size - 1` modulo 2^64. A size of 0 and a sum that
  // wraps give an inverted range (but {0, UINT64_MAX} for start 0, size 0).
  static constexpr Range OfSize(uint64_t start, uint64_t size) {
    return {start, start + size - 1};
  }

  // Returns the number of bytes modulo 2^64, as resource_size() in
  // include/linux/ioport.h does: the range of all addresses has size 0.
  constexpr uint64_t size() const { return end - start + 1; }

  // Returns whether end lies before start.
  constexpr bool inverted() const { return end < start; }

  // Returns whether `other` lies inside this range.
  // REQUIRES: neither is inverted.
  constexpr bool Contains(const Range& other) const {
    return start <= other.start && other.end <= end;
  }

  constexpr bool Contains(uint64_t address) const {
    return start <= address && address <= end;
  }

  // Returns whether some address lies in both, by the two comparisons of
  // resource_overlaps(). For an inverted range that is not a statement about
  // addresses: {0x1000, 0x0fff} "overlaps" {0, 0x2000}, as in the kernel.
  constexpr bool Overlaps(const Range& other) const {
    return start <= other.end && other.start <= end;
  }

  // Returns the addresses common to both.
  // REQUIRES: Overlaps(other).
  constexpr Range Intersection(const Range& other) const {
    return {start > other.start ? start : other.start,
            end < other.end ? end : other.end};
  }

  // Orders by start, then by end.
  friend constexpr auto operator<=>(const Range&, const Range&) = default;
};

}  // namespace restree

#endif  // RESTREE_MODEL_RANGE_H_

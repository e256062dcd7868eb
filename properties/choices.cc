// SPDX-License-Identifier: Apache-2.0
#include "properties/choices.h"

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "absl/numeric/int128.h"

namespace restree {

uint64_t RandomChoices::Below(uint64_t n) {
  assert(n > 0);
  if (n == 1) return 0;
  // The high half of a product: no division, and a bias below n / 2^64.
  return absl::Uint128High64(absl::uint128(random_()) * n);
}

uint64_t ByteChoices::Below(uint64_t n) {
  assert(n > 0);
  const size_t bytes = (std::bit_width(n - 1) + 7) / 8;
  uint64_t value = 0;
  for (size_t i = 0; i < bytes && !bytes_.empty(); ++i) {
    value |= uint64_t{bytes_.front()} << (8 * i);
    bytes_.remove_prefix(1);
  }
  return value % n;
}

uint64_t EveryChoice::Below(uint64_t n) {
  assert(n > 0);
  if (n == 1) return 0;
  if (position_ == digits_.size()) digits_.push_back({0, n});
  const Digit& digit = digits_[position_++];
  assert(digit.bound == n);
  return digit.value;
}

bool EveryChoice::Next() {
  assert(position_ == digits_.size());
  position_ = 0;
  while (!digits_.empty()) {
    if (++digits_.back().value < digits_.back().bound) return true;
    digits_.pop_back();
  }
  return false;
}

}  // namespace restree

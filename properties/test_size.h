// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_TEST_SIZE_H_
#define RESTREE_PROPERTIES_TEST_SIZE_H_

#include <cstdint>

namespace restree {

// Returns how much of `size` a test does: all of it, but half where a sanitizer
// makes everything slow.
constexpr uint64_t TestSize(uint64_t size) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return size / 2;
#endif
#endif
  return size;
}

}  // namespace restree

#endif  // RESTREE_PROPERTIES_TEST_SIZE_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_BENCH_PLAIN_HARNESS_H_
#define RESTREE_BENCH_PLAIN_HARNESS_H_

#include <cstddef>
#include <cstdint>

namespace restree {

// What one run of the plain harness did.
struct PlainRun {
  size_t ops = 0;
  size_t placed = 0;  // requests and inserts that succeeded
  size_t below = 0;   // of these, below another resource
};

// The fuzz target that anyone would write first: FuzzedDataProvider, raw 64-bit
// addresses, and no check beyond not crashing. It is frozen: every later figure
// is a ratio to it, so it must not get better with time.
PlainRun RunPlainHarness(const uint8_t* data, size_t size);

}  // namespace restree

#endif  // RESTREE_BENCH_PLAIN_HARNESS_H_

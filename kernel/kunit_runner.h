// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_KUNIT_RUNNER_H_
#define RESTREE_KERNEL_KUNIT_RUNNER_H_

#include <cstdint>

namespace restree {

// Runs the KUnit suites that are linked or loaded, and prints KTAP. Returns
// whether all cases passed. A case that makes the kernel complain fails, but
// for the Warning bits in `warnings`, which it asks for. Where there is no
// suite, it says so and returns true.
bool RunKunitSuites(uint16_t warnings);

}  // namespace restree

#endif  // RESTREE_KERNEL_KUNIT_RUNNER_H_

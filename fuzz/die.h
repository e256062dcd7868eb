// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_FUZZ_DIE_H_
#define RESTREE_FUZZ_DIE_H_

#include <cstdint>

namespace restree {

// Ends the process by abort(), with three stack frames whose functions' names
// spell the low 12 bits of `hash`. Tools that tell crashes apart by the top of
// their stacks, as ClusterFuzz does, then tell findings apart.
[[noreturn]] void DieAs(uint64_t hash);

}  // namespace restree

#endif  // RESTREE_FUZZ_DIE_H_

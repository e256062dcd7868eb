// SPDX-License-Identifier: Apache-2.0
// Does nothing: the yardstick of bench/ope.sh.
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t*, size_t) { return 0; }

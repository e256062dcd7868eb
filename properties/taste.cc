// SPDX-License-Identifier: Apache-2.0
#include "properties/taste.h"

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "model/trace.h"
#include "properties/choices.h"

namespace restree {
namespace {

// The verbs of device memory are the last ones. Most traces do without, some
// have little else.
void WeighDeviceMemory(Choices& choices, Taste* taste) {
  const uint64_t kind = choices.Below(4);  // 0: as it is
  if (kind == 0) return;
  for (size_t i = static_cast<size_t>(Verb::kPagemap); i < kVerbs; ++i) {
    uint8_t& weight = taste->weights[i];
    weight = static_cast<uint8_t>(kind == 3 ? 10 * weight : 0);
  }
}

}  // namespace

const Taste& DefaultTaste() {
  // In the order of Verb. What places and what takes away are in balance: half
  // of the requests fail.
  static constexpr Taste kTaste = {
      .weights =
          {
              12, 6,  12, 6, 4, 4, 6, 4, 5, 5, 8,  // the old ones, up to adjust
              1,  10, 4,  2, 1, 5, 3, 2, 2, 2, 3,  // and up to the last walk
              2,  2,  3,  3, 1, 2, 1,              // made by the kernel
              1,  1,  1,  1, 1, 1, 1, 1, 1, 1, 1,  // questions
              3,  2,  3,  2, 3,                    // devices
              1,  1,  1,  1, 1,                    // lists
              2,  1,  1,  1, 1,                    // what decides how they end
              2,  1,  2,  1, 3, 2, 2, 1,           // pagemaps, mapped and not
              1,  1,  1,  1, 1, 1, 1,              // their pages
              1,  1,  1,  1, 1,                    // altmaps, steps, dumps
          },
      .universe = {},
  };
  return kTaste;
}

Taste AnyTaste(Choices& choices) {
  constexpr uint64_t kBases[] = {
      0,
      0,
      0,
      0x100000,
      0xffff8000,
      UINT64_MAX - 0xffff,
      UINT64_MAX - 0x7fff,
      (uint64_t{1} << 63) - 0x8000,
  };
  Taste taste = DefaultTaste();
  WeighDeviceMemory(choices, &taste);
  if (choices.Below(2) == 0) return taste;
  taste.universe.base = kBases[choices.Below(std::size(kBases))];
  taste.crowd = choices.Below(8) == 7;
  for (uint8_t& weight : taste.weights) {
    const uint64_t kind = choices.Below(4);  // 0 and 1: as it is
    if (kind >= 2) weight = static_cast<uint8_t>(kind == 2 ? 0 : 4 * weight);
  }
  uint8_t& request = taste.weights[static_cast<size_t>(Verb::kRequest)];
  uint8_t& insert = taste.weights[static_cast<size_t>(Verb::kInsert)];
  if (request == 0 && insert == 0) {
    (choices.Below(2) == 0 ? request : insert) = 12;
  }
  if (taste.crowd) {
    request = 100;
    taste.weights[static_cast<size_t>(Verb::kWalkSystemRamRev)] = 20;
  }
  return taste;
}

}  // namespace restree

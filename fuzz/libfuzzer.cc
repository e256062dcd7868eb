// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer's hooks for the targets whose input is a trace: what it would do to
// bytes is done to ops instead. Link it into such a target; an engine that does
// not ask for custom mutators ignores it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/types/span.h"
#include "fuzz/mutate.h"
#include "model/trace.h"
#include "model/trace_binary.h"
#include "properties/choices.h"

namespace restree {
namespace {

// splitmix64: unlike std::mt19937_64 it costs nothing to seed, which is done
// for every input.
class FastChoices final : public Choices {
 public:
  explicit FastChoices(uint64_t seed) : state_(seed) {}

  uint64_t Below(uint64_t n) override {
    uint64_t x = state_ += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return absl::Uint128High64(absl::uint128(x ^ x >> 31) * n);
  }

 private:
  uint64_t state_;
};

// An op takes at least this much, so more ops than that cannot fit.
constexpr size_t kOpBytesMin = 64;
constexpr size_t kOpsMax = 256;

size_t OpsMax(size_t bytes_max) {
  return std::clamp<size_t>(bytes_max / kOpBytesMin, 1, kOpsMax);
}

// Writes as many ops of `trace` as fit; returns the number of bytes.
size_t Encode(Trace* trace, uint8_t* data, size_t bytes_max) {
  std::vector<uint8_t> bytes = EncodeTrace(*trace);
  while (bytes.size() > bytes_max && !trace->ops.empty()) {
    const size_t size = trace->ops.size();
    trace->ops.resize(std::min(size - 1, size * bytes_max / bytes.size()));
    bytes = EncodeTrace(*trace);
  }
  const size_t size = std::min(bytes.size(), bytes_max);
  if (size > 0) std::memcpy(data, bytes.data(), size);
  return size;
}

}  // namespace
}  // namespace restree

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                          size_t max_size, unsigned seed) {
  thread_local restree::Trace trace;
  restree::DecodeTrace({data, size}, &trace);
  restree::FastChoices choices(seed);
  restree::Mutate(choices, restree::OpsMax(max_size), &trace);
  return restree::Encode(&trace, data, max_size);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, size_t size1,
                                            const uint8_t* data2, size_t size2,
                                            uint8_t* out, size_t max_out_size,
                                            unsigned seed) {
  thread_local restree::Trace a;
  thread_local restree::Trace b;
  restree::DecodeTrace({data1, size1}, &a);
  restree::DecodeTrace({data2, size2}, &b);
  restree::FastChoices choices(seed);
  restree::Trace child =
      restree::CrossOver(choices, a, b, restree::OpsMax(max_out_size));
  return restree::Encode(&child, out, max_out_size);
}

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_TRACE_BINARY_H_
#define RESTREE_MODEL_TRACE_BINARY_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/trace.h"

namespace restree {

// Returns the trace that `data` spells. Total: any bytes are some trace of
// normal ops, in which every name is 0 or in the table. 64 bytes are an op, so
// that a fuzzer can cut and paste them; trace_binary.cc has the layout. Takes
// time and memory in proportion to the data.
//
//   DecodeTrace(EncodeTrace(t)) == t   for every trace t of that kind
Trace DecodeTrace(absl::Span<const uint8_t> data);

// Writes the same to `trace`, whose memory is used again.
void DecodeTrace(absl::Span<const uint8_t> data, Trace* trace);

// Returns bytes that DecodeTrace() reads back as `trace`.
// REQUIRES: the names take less than 4 GiB.
std::vector<uint8_t> EncodeTrace(const Trace& trace);

}  // namespace restree

#endif  // RESTREE_MODEL_TRACE_BINARY_H_

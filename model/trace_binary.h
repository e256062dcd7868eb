// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_TRACE_BINARY_H_
#define RESTREE_MODEL_TRACE_BINARY_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/trace.h"

namespace restree {

// Returns the trace that `data` spells. Total: any bytes are some trace of
// normal ops. DecodeTrace(EncodeTrace(t)) == t for every trace of normal ops.
Trace DecodeTrace(absl::Span<const uint8_t> data);

// Writes the same to `trace`, whose memory is used again.
void DecodeTrace(absl::Span<const uint8_t> data, Trace* trace);

std::vector<uint8_t> EncodeTrace(const Trace& trace);

}  // namespace restree

#endif  // RESTREE_MODEL_TRACE_BINARY_H_

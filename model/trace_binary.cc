// SPDX-License-Identifier: Apache-2.0
//
// A trace as bytes: a record an op, then the names if there are any. Numbers
// are little endian.
//
//   offset  bytes  field
//        0      1  verb, modulo kVerbs
//        1      3  slot
//        4      4  parent, modulo kSlots
//        8      4  name, 0 if there is no such name
//       12      4  number: stop, nth, a device, a list or a choice
//       16      8  range.start
//       24      8  range.end
//       32      8  size, or how many times
//       40      8  align
//       48      8  flags
//       56      8  desc
//
// A last record that is cut short goes on in zeros. What the verb does not read
// is skipped. The names stand behind the last record, found from the end:
//
//   each name    4  its length, then that many bytes
//   the end      4  how many names
//                4  how many bytes they take, lengths included
//                8  kMagic
//
// Where these do not agree there are no names and every byte is of a record: a
// fuzzer that damages the names gets strange ops, not an error. The end is left
// out if there are no names, so that a fuzzer's inputs are records and nothing
// else, unless the last record itself looks like an end.
#include "model/trace_binary.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

using Bytes = absl::Span<const uint8_t>;

constexpr size_t kRecordBytes = 64;
constexpr size_t kEndBytes = 16;
constexpr size_t kLengthBytes = 4;
constexpr uint64_t kMagic = 0x6565727473657289;  // "\x89restree"

// Returns the little-endian number in the `bytes` bytes from `data`. The
// compiler makes one load of it.
template <size_t bytes>
uint64_t Load(const uint8_t* data) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value |= uint64_t{data[i]} << (8 * i);
  return value;
}

template <size_t bytes>
void Append(uint64_t value, std::vector<uint8_t>* data) {
  for (size_t i = 0; i < bytes; ++i) {
    data->push_back(static_cast<uint8_t>(value >> (8 * i)));
  }
}

Op DecodeOp(const uint8_t* record) {
  Op op;
  op.verb = static_cast<Verb>(record[0] % kVerbs);
  op.slot = static_cast<Slot>(Load<3>(record + 1));
  op.parent = static_cast<Slot>(Load<4>(record + 4));
  op.name = static_cast<NameId>(Load<4>(record + 8));
  op.number = static_cast<uint32_t>(Load<4>(record + 12));
  op.range = {Load<8>(record + 16), Load<8>(record + 24)};
  op.size = Load<8>(record + 32);
  op.align = Load<8>(record + 40);
  op.flags = Load<8>(record + 48);
  op.desc = Load<8>(record + 56);
  return Normal(op);
}

void EncodeOp(const Op& op, std::vector<uint8_t>* data) {
  Append<1>(static_cast<uint64_t>(op.verb), data);
  Append<3>(op.slot, data);
  Append<4>(op.parent, data);
  Append<4>(op.name, data);
  Append<4>(op.number, data);
  Append<8>(op.range.start, data);
  Append<8>(op.range.end, data);
  Append<8>(op.size, data);
  Append<8>(op.align, data);
  Append<8>(op.flags, data);
  Append<8>(op.desc, data);
}

bool EndsInMagic(Bytes data) {
  return data.size() >= kEndBytes &&
         Load<8>(data.data() + data.size() - 8) == kMagic;
}

// Returns whether `bytes` is exactly `count` names, each behind its length.
bool AreNames(Bytes bytes, uint64_t count) {
  for (; count > 0 && bytes.size() >= kLengthBytes; --count) {
    const uint64_t length = Load<4>(bytes.data());
    bytes.remove_prefix(kLengthBytes);
    if (length > bytes.size()) return false;
    bytes.remove_prefix(length);
  }
  return count == 0 && bytes.empty();
}

// Cuts the names and the end off `data`, if they are there, and reads them.
// Nothing is allocated before the lengths have been checked against the data.
void DecodeNames(Bytes* data, std::vector<std::string>* names) {
  names->resize(0);
  if (!EndsInMagic(*data)) return;
  const Bytes records = data->first(data->size() - kEndBytes);
  const uint8_t* end = data->data() + records.size();
  const uint64_t count = Load<4>(end);
  const uint64_t size = Load<4>(end + 4);
  if (size > records.size()) return;
  Bytes bytes = records.last(size);
  if (!AreNames(bytes, count)) return;
  *data = records.first(records.size() - size);
  names->reserve(count);
  while (!bytes.empty()) {
    const size_t length = Load<4>(bytes.data());
    bytes.remove_prefix(kLengthBytes);
    names->emplace_back(bytes.begin(), bytes.begin() + length);
    bytes.remove_prefix(length);
  }
}

}  // namespace

void DecodeTrace(absl::Span<const uint8_t> data, Trace* trace) {
  DecodeNames(&data, &trace->names);
  trace->ops.clear();
  trace->ops.reserve((data.size() + kRecordBytes - 1) / kRecordBytes);
  while (!data.empty()) {
    if (data.size() >= kRecordBytes) {
      trace->ops.push_back(DecodeOp(data.data()));
    } else {
      std::array<uint8_t, kRecordBytes> record = {};
      std::copy(data.begin(), data.end(), record.begin());
      trace->ops.push_back(DecodeOp(record.data()));
    }
    if (trace->ops.back().name > trace->names.size()) {
      trace->ops.back().name = 0;
    }
    data.remove_prefix(std::min(data.size(), kRecordBytes));
  }
}

Trace DecodeTrace(absl::Span<const uint8_t> data) {
  Trace trace;
  DecodeTrace(data, &trace);
  return trace;
}

std::vector<uint8_t> EncodeTrace(const Trace& trace) {
  std::vector<uint8_t> data;
  data.reserve(trace.ops.size() * kRecordBytes);
  for (const Op& op : trace.ops) EncodeOp(op, &data);
  if (trace.names.empty() && !EndsInMagic(data)) return data;
  const size_t names_begin = data.size();
  for (const std::string& name : trace.names) {
    Append<kLengthBytes>(name.size(), &data);
    data.insert(data.end(), name.begin(), name.end());
  }
  const size_t names_bytes = data.size() - names_begin;
  assert(names_bytes <= UINT32_MAX);
  Append<4>(trace.names.size(), &data);
  Append<4>(names_bytes, &data);
  Append<8>(kMagic, &data);
  return data;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/device_memory.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"
#include "properties/field_value.h"
#include "properties/moves.h"
#include "properties/trace_order.h"

namespace restree {
namespace {

constexpr uint64_t kDescs = 11;  // IORES_DESC_*, and one of nobody's
constexpr uint64_t kBits[] = {
    kResourceBusy,      kResourceSysram,          kResourceMuxed,
    kResourceExclusive, kResourceSysramMergeable, kResourceUnset,
    kResourceSizeAlign, kResourceStartAlign};

std::vector<uint64_t> UpTo(uint64_t behind) {
  std::vector<uint64_t> values;
  for (uint64_t i = 0; i < behind; ++i) values.push_back(i);
  return values;
}

// No flags, the plain ones, and those with one or two of the bits that
// functions ask for.
std::vector<uint64_t> PlainerFlags(const Op& op) {
  const uint64_t plain = PlainFlags(InfoOf(op.verb));
  std::vector<uint64_t> values = {plain, 0, kResourceMem, kResourceIo};
  for (const uint64_t bit : kBits) {
    values.push_back(plain | bit);
    values.push_back(op.flags & ~bit);
    values.push_back(op.flags | bit);
    if (bit != kResourceBusy) values.push_back(plain | bit | kResourceBusy);
  }
  return values;
}

std::vector<uint64_t> SizesFor(const Op& op) {
  std::vector<uint64_t> values = {kPageBytes, 2 * kPageBytes, 1,
                                  2,          op.size / 2,    kSubsectionBytes};
  if (!InfoOf(op.verb).Has(Field::kRange)) return values;
  const uint64_t size = op.range.size();
  for (const uint64_t value : {size, size + 1, size / 2}) {
    values.push_back(value);
  }
  return values;
}

// What a field may say instead.
std::vector<uint64_t> PlainerValues(const Op& op, Field field) {
  switch (field) {
    case Field::kFlags:
      return PlainerFlags(op);
    case Field::kLacks:
      return {0, 1, 2, 4, 8, 16};
    case Field::kDesc:
    case Field::kType:
      return UpTo(kDescs);
    case Field::kSize:
      return SizesFor(op);
    case Field::kAlign:
      return {1, kPageBytes, 2 * kPageBytes, kSubsectionBytes, 0};
    case Field::kShift:
    case Field::kReserve:
    case Field::kFree:
    case Field::kPages:
    case Field::kRefs:
    case Field::kTimes:
    case Field::kNth:
    case Field::kStop:
      return {0, 1, 2, ValueOf(op, field) / 2};
    case Field::kStep:
      return UpTo(kMapSteps);
    case Field::kView:
      return UpTo(kDumpViews);
    case Field::kIsaAlign:
    case Field::kUnprivileged:
    case Field::kRelaxed:
    case Field::kAnon:
      return UpTo(2);
    default:
      return {};
  }
}

// With `value` in that field of every op that has `old` there.
Trace Everywhere(const Trace& trace, Field field, uint64_t old,
                 uint64_t value) {
  Trace moved = trace;
  for (Op& op : moved.ops) {
    if (!InfoOf(op.verb).Has(field) || ValueOf(op, field) != old) continue;
    SetValue(field, value, &op);
    op = Normal(op);
  }
  return moved;
}

}  // namespace

std::vector<Trace> ValueMoves(const Trace& trace) {
  std::vector<Trace> traces;
  for (size_t i = 0; i < trace.ops.size(); ++i) {
    const Op& op = trace.ops[i];
    for (const Field field : InfoOf(op.verb).fields) {
      const uint64_t old = ValueOf(op, field);
      for (const uint64_t value : PlainerValues(op, field)) {
        if (value == old) continue;
        Trace together = Everywhere(trace, field, old, value);
        traces.push_back(trace);
        SetValue(field, value, &traces.back().ops[i]);
        traces.back().ops[i] = Normal(traces.back().ops[i]);
        if (together != traces.back()) traces.push_back(together);
      }
    }
  }
  return traces;
}

}  // namespace restree

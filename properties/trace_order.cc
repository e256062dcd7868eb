// SPDX-License-Identifier: Apache-2.0
#include "properties/trace_order.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <tuple>
#include <vector>

#include "model/device_memory.h"
#include "model/flags.h"
#include "model/trace.h"
#include "properties/addresses.h"

namespace restree {
namespace {

// The plainest verbs; all others follow in the order of Verb.
constexpr Verb kPlain[] = {
    Verb::kRoot,         Verb::kRequest,
    Verb::kInsert,       Verb::kRequestRegion,
    Verb::kRequestAgain, Verb::kInsertAgain,
    Verb::kRelease,      Verb::kReleaseRegion,
    Verb::kInsertExpand, Verb::kAllocate,
    Verb::kAdjust,       Verb::kRemove,
    Verb::kDevmRequest,  Verb::kDevmRequestRegion,
    Verb::kPagemap,      Verb::kMemremap,
};

constexpr Address kTop = Address{1} << 64;

// A range of no bytes is odder than two addresses.
constexpr uint64_t kInvertedOddity = 6;

// Hexadecimal digits but for the zeros at both ends: 0x1000 has one.
uint64_t Digits(Address value) {
  if (value == 0) return 0;
  while (value % 16 == 0) value /= 16;
  uint64_t digits = 0;
  for (; value != 0; value /= 16) ++digits;
  return digits;
}

// Whole pages are plain; the first byte and the last are special to many
// functions.
uint64_t Oddity(Address address) {
  if (address == 0) return 4;
  if (address == kTop) return 2;
  return Digits(address) + (address % kPageBytes != 0 ? 4 : 0);
}

uint64_t OddityOfNumber(uint64_t number) {
  return number < 2 ? number : 1 + Digits(number);
}

uint64_t OddityOf(Field field, const Op& op) {
  switch (field) {
    case Field::kRange:
    case Field::kPfns:
      return op.range.inverted() ? kInvertedOddity : 0;
    case Field::kParent:
      return op.parent == kIomem ? 0 : 1;
    case Field::kNamedParent:
      return op.parent == kNoSlot ? 0 : 2;
    case Field::kCached:
      return op.slot == 0 ? 0 : 1;
    case Field::kName:
      return op.name == 0 ? 0 : 2;
    case Field::kFlags:
      return 2 * std::popcount(op.flags ^ PlainFlags(InfoOf(op.verb)));
    case Field::kLacks:
      return 2 * std::popcount(op.flags);
    case Field::kDesc:
      return op.desc == 0 ? 0 : 2;
    case Field::kType:
      return op.desc == kMemoryGeneric ? 0 : 2;
    case Field::kSize:
      return op.size == 0 ? 8 : Oddity(op.size);
    case Field::kTimes:
    case Field::kFree:
    case Field::kPages:
    case Field::kRefs:
      return OddityOfNumber(op.size);
    case Field::kAlign:
      return op.align == 1 ? 1 : Oddity(op.align);
    case Field::kShift:
    case Field::kReserve:
      return OddityOfNumber(op.align);
    case Field::kStop:
    case Field::kNth:
    case Field::kIsaAlign:
    case Field::kUnprivileged:
    case Field::kRelaxed:
    case Field::kAnon:
    case Field::kView:
      return OddityOfNumber(op.number);
    default:
      return 0;
  }
}

auto Fields(const Op& op) {
  return std::tuple(RankOf(op.verb), op.parent, op.slot, op.number,
                    op.range.start, op.range.end, op.size, op.align, op.flags,
                    op.desc, op.name);
}

bool ComesBefore(const Op& a, const Op& b) { return Fields(a) < Fields(b); }

}  // namespace

uint64_t RankOf(Verb verb) {
  static constexpr auto kRanks = [] {
    std::array<uint64_t, kVerbs> ranks = {};
    for (size_t i = 0; i < kVerbs; ++i) ranks[i] = std::size(kPlain) + i;
    for (size_t i = 0; i < std::size(kPlain); ++i) {
      ranks[static_cast<size_t>(kPlain[i])] = i;
    }
    return ranks;
  }();
  return kRanks[static_cast<size_t>(verb)];
}

uint64_t PlainFlags(const VerbInfo& info) {
  return info.Has(Field::kDesc) ? kResourceMem : 0;
}

Weight WeightOf(const Trace& trace) {
  Weight weight;
  weight.ops = trace.ops.size();
  Slot next = kFirstSlot;
  for (const Op& op : trace.ops) {
    const VerbInfo& info = InfoOf(op.verb);
    weight.verbs += RankOf(op.verb);
    for (const Field field : info.fields) {
      weight.oddities += OddityOf(field, op);
      const bool is_small = field == Field::kDevice || field == Field::kList;
      if (is_small) weight.numbers += op.number;
    }
    if (info.Has(Field::kDefines)) {
      weight.oddities += op.slot == next ? 0 : 1;
      next = std::max(next, op.slot + 1);
    }
    weight.numbers += op.slot;
    if (op.parent != kNoSlot) weight.numbers += op.parent;
    weight.sum += Address{op.size} + op.align;
  }
  std::vector<Address> addresses;
  addresses.reserve(2 * trace.ops.size());
  for (const Place& place : PlacesOf(trace)) {
    weight.oddities += Oddity(place.address);
    weight.sum += place.address;
    addresses.push_back(place.address);
  }
  std::sort(addresses.begin(), addresses.end());
  weight.addresses = static_cast<uint64_t>(
      std::unique(addresses.begin(), addresses.end()) - addresses.begin());
  for (const std::string& name : trace.names) weight.numbers += name.size();
  return weight;
}

bool IsSimpler(const Trace& a, const Trace& b) {
  return IsSimpler(a, b, WeightOf(b));
}

bool IsSimpler(const Trace& a, const Trace& b, const Weight& weight) {
  if (a.ops.size() != b.ops.size()) return a.ops.size() < b.ops.size();
  uint64_t verbs = 0;
  for (const Op& op : a.ops) verbs += RankOf(op.verb);
  if (verbs != weight.verbs) return verbs < weight.verbs;
  const auto order = WeightOf(a) <=> weight;
  if (order != 0) return order < 0;
  const bool by_ops = std::lexicographical_compare(
      a.ops.begin(), a.ops.end(), b.ops.begin(), b.ops.end(), ComesBefore);
  if (by_ops || a.ops != b.ops) return by_ops;
  return a.names < b.names;
}

}  // namespace restree

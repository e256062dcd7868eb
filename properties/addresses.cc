// SPDX-License-Identifier: Apache-2.0
#include "properties/addresses.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/device_memory.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr Address kTop = Address{1} << 64;

struct Addressing {
  bool has = false;     // any address at all
  bool is_one = false;  // a start without an end
  uint64_t unit = 1;    // bytes
};

Addressing Compute(Verb verb) {
  const VerbInfo& info = InfoOf(verb);
  const bool is_pfn = info.Has(Field::kPfn);
  const bool is_one = is_pfn || info.Has(Field::kAddress);
  const bool in_pages = is_pfn || info.Has(Field::kPfns);
  return {.has = is_one || in_pages || info.Has(Field::kRange),
          .is_one = is_one,
          .unit = in_pages ? kPageBytes : 1};
}

const Addressing& AddressingOf(Verb verb) {
  static const auto kAddressings = [] {
    std::array<Addressing, kVerbs> all;
    for (size_t i = 0; i < all.size(); ++i) {
      all[i] = Compute(static_cast<Verb>(i));
    }
    return all;
  }();
  return kAddressings[static_cast<size_t>(verb)];
}

}  // namespace

std::vector<Place> PlacesOf(const Trace& trace) {
  std::vector<Place> places;
  places.reserve(2 * trace.ops.size());
  for (size_t i = 0; i < trace.ops.size(); ++i) {
    const Op& op = trace.ops[i];
    const Addressing& addressing = AddressingOf(op.verb);
    if (!addressing.has) continue;
    places.push_back({i, false, Address{op.range.start} * addressing.unit});
    if (addressing.is_one) continue;
    places.push_back({i, true, (Address{op.range.end} + 1) * addressing.unit});
  }
  return places;
}

std::vector<Address> AddressesOf(const Trace& trace) {
  std::vector<Address> addresses;
  for (const Place& place : PlacesOf(trace)) {
    addresses.push_back(place.address);
  }
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()),
                  addresses.end());
  return addresses;
}

bool SetAddress(Op* op, bool is_end, Address address) {
  const Addressing& addressing = AddressingOf(op->verb);
  if (address % addressing.unit != 0 || address > kTop * addressing.unit) {
    return false;
  }
  const Address in_units = address / addressing.unit;
  if (is_end ? in_units == 0 : in_units == kTop) return false;
  if (is_end) {
    op->range.end = static_cast<uint64_t>(in_units - 1);
  } else {
    op->range.start = static_cast<uint64_t>(in_units);
    if (addressing.is_one) op->range.end = op->range.start;
  }
  return true;
}

Trace WithAddresses(const Trace& trace, const std::vector<Address>& from,
                    const std::vector<Address>& to) {
  Trace moved = trace;
  for (const Place& place : PlacesOf(trace)) {
    for (size_t i = 0; i < from.size(); ++i) {
      if (place.address != from[i]) continue;
      if (!SetAddress(&moved.ops[place.op], place.is_end, to[i])) return {};
      break;
    }
  }
  return moved;
}

}  // namespace restree

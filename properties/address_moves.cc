// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/device_memory.h"
#include "model/flags.h"
#include "model/trace.h"
#include "properties/addresses.h"
#include "properties/moves.h"

namespace restree {
namespace {

constexpr Address kTop = Address{1} << 64;
constexpr Address kUnits[] = {kPageBytes, kSubsectionBytes, kSectionBytes};

// Addresses that are one byte apart move together.
bool AreBeside(Address low, Address high) { return high - low <= 1; }

// How addresses are squeezed.
struct Squeeze {
  Address unit = kPageBytes;
  Address first = kPageBytes;
  bool by_first = true;     // a group stands at its first address, or its last
  bool moves_zero = false;  // 0 is an address like any other
  uint32_t apart = 0;       // a bit for each two addresses that are beside each
                            // other: they are to be in two groups
};

// What becomes of `from` with one whole unit for each group of addresses that
// are beside each other.
std::vector<Address> Squeezed(const std::vector<Address>& from,
                              const Squeeze& how) {
  std::vector<Address> to = from;
  Address next = how.first;
  uint32_t apart = how.apart;
  for (size_t i = 0; i < from.size();) {
    size_t behind = i + 1;
    while (behind < from.size() && AreBeside(from[behind - 1], from[behind])) {
      const bool splits = (apart & 1) != 0;
      apart >>= 1;
      if (splits) break;
      ++behind;
    }
    const Address anchor = how.by_first ? from[i] : from[behind - 1];
    const bool stays =
        (from[i] == 0 && !how.moves_zero) || from[behind - 1] == kTop;
    for (size_t j = i; j < behind && !stays; ++j) {
      to[j] = next + from[j] - anchor;
    }
    if (!stays) next += how.unit;
    i = behind;
  }
  return to;
}

// Where an address may go: to another, or to a round one.
std::vector<Address> TargetsOf(const std::vector<Address>& addresses) {
  std::vector<Address> targets = addresses;
  for (const Address unit : kUnits) {
    const size_t count = unit == kPageBytes ? addresses.size() + 1 : 3;
    for (size_t i = 0; i <= count; ++i) targets.push_back(unit * i);
  }
  // Ports end at 16 pages.
  targets.push_back(16 * kPageBytes);
  targets.push_back(2 * 16 * kPageBytes);
  for (const Address address : addresses) {
    targets.push_back(address - address % kPageBytes);
    targets.push_back(address - address % kPageBytes + kPageBytes);
    targets.push_back(address + 1);
    targets.push_back(address + kPageBytes);
    if (address > 0) targets.push_back(address - 1);
  }
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  return targets;
}

class Mover {
 public:
  explicit Mover(const Trace& trace)
      : trace_(trace),
        addresses_(AddressesOf(trace)),
        targets_(TargetsOf(addresses_)) {}

  std::vector<Trace> Moves() {
    for (size_t i = 0; i < addresses_.size(); ++i) MoveOne(i);
    for (const Place& place : PlacesOf(trace_)) MovePlace(place);
    return std::move(traces_);
  }

 private:
  void Offer(Trace trace) {
    if (!trace.ops.empty()) traces_.push_back(std::move(trace));
  }

  // The address wherever it stands; with its neighbours; with all above it.
  void MoveOne(size_t at) {
    for (const Address target : targets_) {
      if (target == addresses_[at]) continue;
      Offer(WithAddresses(trace_, {addresses_[at]}, {target}));
      if (target == addresses_[at] + kPageBytes) Offer(MovedUp(at));
      if (target > addresses_[at]) continue;
      const Address down = addresses_[at] - target;
      size_t behind = at + 1;
      while (behind < addresses_.size() &&
             AreBeside(addresses_[behind - 1], addresses_[behind])) {
        ++behind;
      }
      if (behind > at + 1) Offer(MovedDown(at, behind, down));
      if (behind < addresses_.size()) {
        Offer(MovedDown(at, addresses_.size(), down));
      }
    }
  }

  // A page of room in front of the address.
  Trace MovedUp(size_t at) const {
    const std::vector<Address> from(
        addresses_.begin() + static_cast<ptrdiff_t>(at), addresses_.end());
    std::vector<Address> to = from;
    for (Address& address : to) {
      if (address != kTop) address += kPageBytes;
    }
    return WithAddresses(trace_, from, to);
  }

  Trace MovedDown(size_t begin, size_t behind, Address down) const {
    const std::vector<Address> from(
        addresses_.begin() + static_cast<ptrdiff_t>(begin),
        addresses_.begin() + static_cast<ptrdiff_t>(behind));
    std::vector<Address> to = from;
    for (Address& address : to) {
      if (address != kTop) address -= down;
    }
    return WithAddresses(trace_, from, to);
  }

  // One place alone; a start with the end behind it.
  void MovePlace(const Place& place) {
    for (const Address target : targets_) {
      if (target == place.address) continue;
      Trace moved = trace_;
      Op& op = moved.ops[place.op];
      if (!SetAddress(&op, place.is_end, target)) continue;
      traces_.push_back(moved);
      if (place.is_end) continue;
      op = trace_.ops[place.op];
      const uint64_t length = op.range.end - op.range.start;
      if (length == 0 || !SetAddress(&op, false, target)) continue;
      op.range.end = op.range.start + length;
      traces_.push_back(std::move(moved));
    }
  }

  const Trace& trace_;
  std::vector<Address> addresses_;
  std::vector<Address> targets_;
  std::vector<Trace> traces_;
};

}  // namespace

std::vector<Trace> Squeezes(const Trace& trace) {
  constexpr size_t kPairsMax = 4;
  const std::vector<Address> from = AddressesOf(trace);
  size_t pairs = 0;
  for (size_t i = 1; i < from.size(); ++i) {
    pairs += AreBeside(from[i - 1], from[i]) ? 1 : 0;
  }
  const uint32_t masks = pairs > kPairsMax ? 1 : uint32_t{1} << pairs;
  std::vector<Trace> traces;
  const auto offer = [&](const Squeeze& how) {
    Trace squeezed = WithAddresses(trace, from, Squeezed(from, how));
    if (!squeezed.ops.empty()) traces.push_back(std::move(squeezed));
  };
  for (const Address unit : kUnits) {
    for (const bool by_first : {true, false}) {
      for (uint32_t apart = 0; apart < masks; ++apart) {
        offer({unit, unit, by_first, false, apart});
        offer({unit, unit, by_first, true, apart});
      }
      offer({unit, 0, by_first, false, 0});
    }
  }
  return traces;
}

std::vector<Trace> AddressMoves(const Trace& trace) {
  return Mover(trace).Moves();
}

}  // namespace restree

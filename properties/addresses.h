// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_ADDRESSES_H_
#define RESTREE_PROPERTIES_ADDRESSES_H_

#include <cstddef>
#include <vector>

#include "model/trace.h"

namespace restree {

// An address in bytes, up to 2^64: where a range starts, or the byte behind
// its end, so that ranges that touch have one in common.
using Address = unsigned __int128;

// Where an address stands in a trace.
struct Place {
  size_t op = 0;
  bool is_end = false;
  Address address = 0;
};

// Returns every address of the trace, in the order of ops.
std::vector<Place> PlacesOf(const Trace& trace);

// Returns the addresses of the trace, sorted, each once.
std::vector<Address> AddressesOf(const Trace& trace);

// Writes `address` where one stands; in pages if the op counts in pages.
// Returns whether it can stand there.
bool SetAddress(Op* op, bool is_end, Address address);

// Returns `trace` with to[i] for each address from[i]. Without ops if one of
// them cannot stand where it should.
Trace WithAddresses(const Trace& trace, const std::vector<Address>& from,
                    const std::vector<Address>& to);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_ADDRESSES_H_

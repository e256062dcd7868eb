// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_TASTE_H_
#define RESTREE_PROPERTIES_TASTE_H_

#include <array>
#include <cstdint>

#include "model/trace.h"
#include "properties/any_range.h"
#include "properties/choices.h"

namespace restree {

// What the ops of one trace have in common. Traces with different tastes find
// different bugs: some verbs often and others never, at different addresses.
struct Taste {
  // How often each verb is drawn, against the others that make sense in a
  // state. At least one of request and insert is not 0.
  std::array<uint8_t, kVerbs> weights;
  Universe universe;

  // Whether many requests ask for one small piece of System RAM after the
  // other: enough siblings for code that counts to sixteen.
  bool crowd = false;
};

// Returns the taste that AnyOp() has by itself: every verb, from address 0.
const Taste& DefaultTaste();

// Returns some taste; the default one if all choices are 0.
Taste AnyTaste(Choices& choices);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_TASTE_H_

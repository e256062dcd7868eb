// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_RC_CHOICES_H_
#define RESTREE_PROPERTIES_RC_CHOICES_H_

#include <rapidcheck.h>

#include <cstdint>

#include "properties/choices.h"

namespace restree {

// Choices that RapidCheck makes, remembers and shrinks, each towards 0.
// REQUIRES: used inside rc::gen::exec() or a property, where a generator can be
// dereferenced.
class RcChoices final : public Choices {
 public:
  uint64_t Below(uint64_t n) override {
    if (n == 1) return 0;
    // All of the range whatever the size of the run: RapidCheck would draw
    // from a part that grows, and early runs would know one verb only.
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<uint64_t>(0, n));
  }
};

}  // namespace restree

#endif  // RESTREE_PROPERTIES_RC_CHOICES_H_

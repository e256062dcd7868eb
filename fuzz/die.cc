// SPDX-License-Identifier: Apache-2.0
#include "fuzz/die.h"

#include <cstdint>
#include <cstdlib>

// Crashes are compared by the spelling of their frames too, so these names must
// not look alike, and stand in no namespace that would make them so.
namespace {

using Frame = void(uint64_t hash, int depth);

extern Frame* const kFrames[16];

// What each function writes keeps equal functions from being folded into one,
// and a call that is not the last thing a function does from becoming a jump.
volatile int last_frame;

#define RESTREE_FRAME(name)                               \
  [[gnu::noinline]] void name(uint64_t hash, int depth) { \
    if (depth == 0) std::abort();                         \
    kFrames[hash & 15](hash >> 4, depth - 1);             \
    last_frame = __COUNTER__;                             \
  }

RESTREE_FRAME(Amber)
RESTREE_FRAME(Birch)
RESTREE_FRAME(Copper)
RESTREE_FRAME(Dune)
RESTREE_FRAME(Ebony)
RESTREE_FRAME(Flint)
RESTREE_FRAME(Granite)
RESTREE_FRAME(Hazel)
RESTREE_FRAME(Indigo)
RESTREE_FRAME(Juniper)
RESTREE_FRAME(Kelp)
RESTREE_FRAME(Lagoon)
RESTREE_FRAME(Moss)
RESTREE_FRAME(Nectar)
RESTREE_FRAME(Opal)
RESTREE_FRAME(Pumice)

Frame* const kFrames[16] = {Amber,   Birch,  Copper, Dune,    Ebony, Flint,
                            Granite, Hazel,  Indigo, Juniper, Kelp,  Lagoon,
                            Moss,    Nectar, Opal,   Pumice};

}  // namespace

namespace restree {

void DieAs(uint64_t hash) {
  kFrames[hash & 15](hash >> 4, 2);
  std::abort();
}

}  // namespace restree

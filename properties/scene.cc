// SPDX-License-Identifier: Apache-2.0
#include "properties/scene.h"

#include <cstddef>
#include <cstdint>

#include "model/state.h"
#include "model/trace.h"

namespace restree {

Scene::Scene(const State& of) : state(of) {
  for (size_t i = 0; i < state.rows.size(); ++i) {
    const Row& it = row(i);
    const bool children = HasChildren(i);
    if (children) families.Add(i);
    if (it.slot < kFirstSlot) continue;
    if (it.slot < R(64)) used |= uint64_t{1} << (it.slot - kFirstSlot);
    if (it.depth > 0) {
      placed.Add(i);
      if (it.region && !children) regions.Add(i);
    } else {
      loose.Add(i);
      if (!children) loose_leaves.Add(i);
    }
  }
}

// Rows are in pre-order: what lies below a row follows it, deeper.
bool Scene::IsWithin(size_t i, size_t root) const {
  if (i < root) return false;
  for (size_t at = root + 1; at <= i; ++at) {
    if (row(at).depth <= row(root).depth) return false;
  }
  return true;
}

bool Scene::Allows(Verb verb) const {
  switch (verb) {
    case Verb::kRequestAgain:
      return !loose.empty();
    case Verb::kInsertAgain:
      return !loose_leaves.empty();
    case Verb::kInsertExpandAgain:
    case Verb::kAllocateAgain:
      return !loose_leaves.empty() || !placed.empty();
    case Verb::kRelease:
    case Verb::kRemove:
      return !placed.empty();
    case Verb::kReleaseChildren:
      return !families.empty();
    default:
      return true;
  }
}

}  // namespace restree

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
  if (loose.empty()) denied |= SetOf(Verb::kRequestAgain);
  if (families.empty()) denied |= SetOf(Verb::kReleaseChildren);
  if (placed.empty()) denied |= SetOf(Verb::kRelease) | SetOf(Verb::kRemove);
  if (!loose_leaves.empty()) return;
  denied |= SetOf(Verb::kInsertAgain);
  if (!placed.empty()) return;
  denied |= SetOf(Verb::kInsertExpandAgain) | SetOf(Verb::kAllocateAgain);
}

// Rows are in pre-order: what lies below a row follows it, deeper.
bool Scene::IsWithin(size_t i, size_t root) const {
  if (i < root) return false;
  for (size_t at = root + 1; at <= i; ++at) {
    if (row(at).depth <= row(root).depth) return false;
  }
  return true;
}

}  // namespace restree

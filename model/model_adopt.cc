// SPDX-License-Identifier: Apache-2.0
// How a model becomes one that shows a given state, which it may never have
// come to by itself.
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

void Model::Adopt(const State& state) {
  Reset();
  AdoptRows(state.rows);
  Edit() = state.ledger;
  AdoptHolds();
}

// A row's parent is the last one before it that is one level up.
void Model::AdoptRows(absl::Span<const Row> rows) {
  std::vector<Resource*> path;
  for (const Row& row : rows) {
    Resource* node = tree_.Find(row.slot);
    if (node == nullptr) {
      node = tree_.New(row);
      tree_.Keep(node);
    } else {  // a root
      tree_.Change(node, [&row](Resource& it) {
        it.range = row.range;
        it.flags = row.flags;
        it.desc = row.desc;
      });
    }
    path.resize(row.depth);
    if (row.depth > 0) tree_.Link(path.back(), node);
    path.push_back(node);
  }
}

// Whatever points at a resource keeps it from being forgotten.
void Model::AdoptHolds() {
  for (const Devres& it : ledger_.devres) {
    if (!it.pagemap) Hold(it.slot);
  }
  for (const Listed& it : ledger_.listed) Hold(it.slot);
  for (const Waiter& it : ledger_.waiters) Hold(it.parent);
  for (const Pagemap& it : ledger_.pagemaps) {
    const Slot slot = VmemmapSlot(it.number);
    if (altmap_ == AltmapVariant::kSound && tree_.Find(slot) != nullptr) {
      Hold(slot);
    }
    if (it.phase == Pagemap::Phase::kIdle) continue;
    mapping_objects_ += it.releasing ? 2 : 1;
    if (NamesParent(it)) Hold(it.altmap.parent);
  }
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/example_states.h"

#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "model/flags.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

Row Root(Slot slot, Range range, uint64_t flags) {
  Row row = At(0, slot, range);
  row.flags = flags;
  return row;
}

void FillParents(State* state) {
  std::vector<Slot> path;
  for (Row& row : state->rows) {
    assert(row.depth <= path.size());
    path.resize(row.depth);
    row.parent = path.empty() ? kNoSlot : path.back();
    path.push_back(row.slot);
  }
}

}  // namespace

Row At(uint32_t depth, Slot slot, Range range) {
  Row row;
  row.depth = depth;
  row.slot = slot;
  row.range = range;
  row.flags = kResourceMem;
  return row;
}

State StateOf(std::initializer_list<Row> rows) {
  const Row ioport = Root(kIoport, {0, 0xffff}, kResourceIo);
  State state;
  state.rows.push_back(Root(kIomem, {0, UINT64_MAX}, kResourceMem));
  bool in_iomem = true;
  for (const Row& row : rows) {
    if (in_iomem && row.depth == 0) {
      state.rows.push_back(ioport);
      in_iomem = false;
    }
    state.rows.push_back(row);
  }
  if (in_iomem) state.rows.push_back(ioport);
  FillParents(&state);
  return state;
}

Row& RowOf(State& state, Slot slot) {
  for (Row& row : state.rows) {
    if (row.slot == slot) return row;
  }
  assert(false);
  return state.rows.front();
}

}  // namespace restree

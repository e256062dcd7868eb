// SPDX-License-Identifier: Apache-2.0
#include "properties/any_range.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "model/range.h"
#include "model/state.h"
#include "properties/choices.h"

namespace restree {
namespace {

constexpr uint64_t kPage = 0x1000;
constexpr uint64_t kCells = 16;

constexpr uint64_t kAnchors[] = {0,
                                 UINT64_MAX,
                                 kPage,
                                 kPage - 1,
                                 0xffff,
                                 0x10000,
                                 0x100000,
                                 0xffffffff,
                                 0x100000000,
                                 uint64_t{1} << 63,
                                 UINT64_MAX - kPage + 1,
                                 UINT64_MAX - 1};

const Row& AnyRow(Choices& choices, const State& state) {
  return state.rows[choices.Below(state.rows.size())];
}

// The size of a cell below `within`: a page where pages fit, else a quarter.
uint64_t CellOf(const Range& within) {
  const uint64_t size = within.size();
  if (size == 0 || size >= 4 * kPage) return kPage;
  return std::max<uint64_t>(1, size / 4);
}

// A few cells of the universe, or of `within` if that lies elsewhere.
Range Fresh(Choices& choices, const Range& within, const Universe& universe) {
  const uint64_t cell = CellOf(within);
  const uint64_t base =
      within.Contains(universe.base) ? universe.base : within.start;
  const uint64_t size = within.size();
  const uint64_t cells =
      size == 0 ? kCells : std::clamp<uint64_t>(size / cell, 1, kCells);
  const uint64_t start = base + cell * choices.Below(cells);
  const Range range = Range::OfSize(start, cell * (1 + choices.Below(4)));
  return range.inverted() ? Range{start, UINT64_MAX} : range;
}

Range Sorted(uint64_t a, uint64_t b) {
  return {std::min(a, b), std::max(a, b)};
}

// A range of a few cells that touches `row` from above or below, or shares its
// outermost byte.
Range Touching(Choices& choices, const Row& row) {
  const uint64_t size = CellOf(row.range) * (1 + choices.Below(4));
  const bool below = choices.Below(2) == 1 && row.range.start != 0;
  const bool shares = choices.Below(3) == 2;
  if (below) {
    const uint64_t end = shares ? row.range.start : row.range.start - 1;
    return {end - std::min(size - 1, end), end};
  }
  const bool is_last = row.range.end == UINT64_MAX;
  const uint64_t start = shares || is_last ? row.range.end : row.range.end + 1;
  return {start, start + std::min(size - 1, UINT64_MAX - start)};
}

// A range that shares one edge with `row` and ends a few cells on, inside.
Range AtAnEdge(Choices& choices, const Row& row) {
  const uint64_t size = CellOf(row.range) * (1 + choices.Below(3));
  const uint64_t last = row.range.end - row.range.start;
  const uint64_t span = std::min(size - 1, last);
  if (choices.Below(2) == 0) return {row.range.start, row.range.start + span};
  return {row.range.end - span, row.range.end};
}

// `range` with each end moved by -1, 0 or 1.
Range Nudged(Choices& choices, Range range) {
  uint64_t by = choices.Below(8);
  if (by >= 4) ++by;  // 4 would be the range itself
  range.start += (by % 3) - 1;
  range.end += (by / 3) - 1;
  return range;
}

// What lies between two rows, touching both, or across both.
Range Between(Choices& choices, const State& state) {
  const Row& a = AnyRow(choices, state);
  const Row& b = AnyRow(choices, state);
  if (a.range.end < b.range.start && b.range.start - a.range.end > 1) {
    return {a.range.end + 1, b.range.start - 1};
  }
  return Sorted(std::min(a.range.start, b.range.start),
                std::max(a.range.end, b.range.end));
}

// Any two addresses in any order, or just nothing: end right before start.
Range Wild(Choices& choices, const State& state, const Universe& universe) {
  const uint64_t start = AnyAddress(choices, state, universe);
  if (choices.Below(4) == 0) return {start, start - 1};
  return {start, AnyAddress(choices, state, universe)};
}

Range Clipped(const Range& range, const Range& within) {
  if (range.inverted() || within.inverted()) return range;
  if (!range.Overlaps(within)) return range;
  return range.Intersection(within);
}

}  // namespace

uint64_t AnyAddress(Choices& choices, const State& state,
                    const Universe& universe) {
  switch (choices.Below(8)) {
    case 0:
    case 1:
      return universe.base + kPage * choices.Below(kCells);
    case 2:
      return kAnchors[choices.Below(std::size(kAnchors))];
    case 3: {
      const Range& range = AnyRow(choices, state).range;
      return range.start + (range.end - range.start) / 2;
    }
    default: {
      const Range& range = AnyRow(choices, state).range;
      const uint64_t kind = choices.Below(6);
      return (kind < 3 ? range.start : range.end) + kind % 3 - 1;
    }
  }
}

Range AnyRange(Choices& choices, const State& state, const Range& within,
               const Universe& universe) {
  Range range;
  const uint64_t kind = choices.Below(32);
  switch (kind) {
    default:  // 0 to 11
      range = Fresh(choices, within, universe);
      break;
    case 12:
    case 13:
    case 14:
    case 15:
      range = AnyRow(choices, state).range;
      break;
    case 16:
    case 17:
      return within;
    case 18:
    case 19:
    case 20:
      range = Touching(choices, AnyRow(choices, state));
      break;
    case 21:
    case 22:
    case 23:
      range = AtAnEdge(choices, AnyRow(choices, state));
      break;
    case 24:
      range = Nudged(choices, AnyRow(choices, state).range);
      break;
    case 25:
      return Nudged(choices, within);
    case 26:
    case 27:
      range = Between(choices, state);
      break;
    case 28:
    case 29:
      range.start = AnyAddress(choices, state, universe);
      range = Sorted(range.start, AnyAddress(choices, state, universe));
      break;
    case 30:
      range.start = AnyAddress(choices, state, universe);
      range.end = range.start;  // one byte
      break;
    case 31:
      return Wild(choices, state, universe);
  }
  return choices.Below(8) == 7 ? range : Clipped(range, within);
}

uint64_t AnySize(Choices& choices, const State& state) {
  switch (choices.Below(8)) {
    case 5:
      return 1 + choices.Below(3);
    case 6:
      return AnyRow(choices, state).range.size() + choices.Below(3) - 1;
    case 7: {
      constexpr uint64_t kOdd[] = {0,       kPage - 1,         kPage + 1,
                                   0x10000, uint64_t{1} << 63, UINT64_MAX};
      return kOdd[choices.Below(std::size(kOdd))];
    }
    default:
      return kPage * (1 + choices.Below(4));
  }
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_ORACLE_H_
#define RESTREE_MODEL_ORACLE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// An Oracle is the second opinion about every op: a flat list of rows, one a
// resource, in no order. There is no tree. A row names its parent, and what the
// kernel reads off its links is a question to all rows:
//
//   the children of X        the rows whose parent is X, by start
//   what is in the way       the first child that overlaps, or X itself
//   the neighbours of X      the other rows with X's parent
//   what a walk meets next   the lowest row below iomem that matches
//
// Every question costs the whole list, which is right for the few dozen
// resources of a fuzzed trace and wrong for a million.
//
// What it relies on, and keeps: a row that has a parent is not inverted, lies
// inside its parent and overlaps no other row of that parent. A row without a
// parent may have any range, but one with children contains them.
//
// Copyable. A copy is the same machine in the same state.
class Oracle final : public Machine {
 public:
  Oracle() { Reset(); }

  absl::string_view name() const override { return "oracle"; }
  Observation Apply(const Op& op) override;
  void Snapshot(State* state) const override;
  uint64_t Digest() const override;
  void Reset() override;

 private:
  // Returns the resource of `slot`, or nullptr if it does not exist. Put() and
  // ReleaseRegion() move rows about in memory.
  const Row* Find(Slot slot) const;
  Row* Find(Slot slot);

  // Returns the child of `parent` with the lowest start among those for which
  // `holds(row)`, or nullptr.
  template <typename Predicate>
  const Row* FirstChild(Slot parent, Predicate holds) const {
    const Row* first = nullptr;
    for (const Row& row : rows_) {
      if (row.parent != parent || !holds(row)) continue;
      if (first == nullptr || row.range.start < first->range.start) {
        first = &row;
      }
    }
    return first;
  }

  bool HasChildren(Slot slot) const;

  // Returns whether `slot` lies below `ancestor`, at any depth.
  bool IsBelow(Slot slot, Slot ancestor) const;

  // Returns what keeps `range` from being a child of `parent`: `parent` itself
  // if the range is inverted or does not fit, else the first child that
  // overlaps it, else kNoSlot.
  Slot InTheWay(Slot parent, const Range& range) const;

  // Returns the precondition of model/preconditions.md that `op` breaks, or "".
  absl::string_view Misuse(const Op& op) const;
  absl::string_view MisuseOfDefinition(const Op& op) const;
  absl::string_view MisuseOfPlacement(const Op& op) const;

  // Returns the resource that `op` places: a new one if the op defines it.
  Row Subject(const Op& op) const;

  // Appends `top` and what lies below it, in pre-order.
  void AppendTree(const Row& top, uint32_t depth, State* state) const;

  // Makes `row` the resource of its slot, in place of what was there.
  void Put(const Row& row);

  // Places `row` as __insert_resource() does and returns kNoSlot, or returns
  // what is in the way and changes nothing.
  Slot InsertBelow(Slot parent, Row row);

  // Returns the range that `op` gives `row`: the lowest in the gaps between
  // the other children of its parent.
  std::optional<Range> FindSpace(const Row& row, const Op& op) const;

  // Takes everything below `slot` apart.
  void Scatter(Slot slot);

  // Returns the busy region that release_region(parent, range) frees.
  const Row* ReleaseTarget(Slot parent, const Range& range) const;

  Observation Request(const Op& op);
  Observation Insert(const Op& op);
  Observation InsertExpand(const Op& op);
  Observation Allocate(const Op& op);
  Observation Release(const Op& op);
  Observation Remove(const Op& op);
  Observation Adjust(const Op& op);
  Observation RequestRegion(const Op& op);
  Observation ReleaseRegion(const Op& op);
  Observation Lookup(const Op& op) const;
  Observation Alignment(const Op& op) const;

  // Questions about iomem: model/oracle_walk.cc.
  Observation RegionIntersects(const Op& op) const;
  bool IsCovered(Slot top, const Range& part, const Op& op) const;
  bool Precedes(const Row& a, const Row& b) const;
  const Row* NextMatch(const Range& range, uint64_t flags, uint64_t desc) const;
  Observation Matches(const Range& range, uint64_t flags, uint64_t desc) const;
  Observation Walk(const Op& op) const;

  std::vector<Row> rows_;  // their `depth` is not kept: Snapshot() counts it
};

}  // namespace restree

#endif  // RESTREE_MODEL_ORACLE_H_

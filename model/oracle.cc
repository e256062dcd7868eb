// SPDX-License-Identifier: Apache-2.0
#include "model/oracle.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

Observation Oracle::Apply(const Op& op) {
  const absl::string_view why = Misuse(op);
  if (!why.empty()) return {.outcome = Outcome::kMisuse, .why = why};
  Observation seen = Perform(op);
  Settle(&seen);
  Recount();
  return seen;
}

absl::string_view Oracle::name() const {
  switch (shown_variant_) {
    case AltmapVariant::kNone:
      return "oracle";
    case AltmapVariant::kPatch:
      return "oracle:altmap=patch";
    case AltmapVariant::kSound:
      return "oracle:altmap=sound";
    case AltmapVariant::kTree:
      return "oracle:altmap=tree";
  }
  return "";
}

Observation Oracle::Perform(const Op& op) {
  switch (op.verb) {
    case Verb::kRoot:
      return Root(op);
    case Verb::kRequest:
    case Verb::kRequestAgain:
      return Request(op);
    case Verb::kInsert:
    case Verb::kInsertAgain:
      return Insert(op);
    case Verb::kInsertExpand:
    case Verb::kInsertExpandAgain:
      return InsertExpand(op);
    case Verb::kAllocate:
    case Verb::kAllocateAgain:
      return Allocate(op);
    case Verb::kFindSpace:
      return FindSpace(op);
    case Verb::kRelease:
      return Release(op);
    case Verb::kRemove:
      return Remove(op);
    case Verb::kAdjust:
      return Adjust(op);
    case Verb::kReleaseChildren:
      Scatter(op.slot);
      return {};
    case Verb::kRequestRegion:
      return RequestRegion(op);
    case Verb::kReleaseRegion:
      return ReleaseRegion(op.parent, op.range);
    case Verb::kReserve:
      return Reserve(op);
    case Verb::kReleaseAdjustable:
      return ReleaseAdjustable(op);
    case Verb::kMerge:
      return Merge(op);
    case Verb::kAllocFree:
      return AllocFree(op);
    case Verb::kRequestFree:
    case Verb::kDevmRequestFree:
      return RequestFree(op);
    case Verb::kWalkSystemRamRev:
      return WalkReversed(op);
    default:
      return op.verb < Verb::kPagemap ? PerformOnLedger(op)
                                      : PerformOnMemory(op);
  }
}

void Oracle::Snapshot(State* state) const {
  state->rows.clear();
  state->ledger = ledger_;
  // The roots are the detached resources with the lowest slots.
  const Row* last = nullptr;
  for (;;) {
    const Row* next = nullptr;
    for (const Row& row : rows_) {
      if (row.parent != kNoSlot) continue;
      if (last != nullptr && row.slot <= last->slot) continue;
      if (next == nullptr || row.slot < next->slot) next = &row;
    }
    if (next == nullptr) return;
    AppendTree(*next, 0, state);
    last = next;
  }
}

void Oracle::AppendTree(const Row& top, uint32_t depth, State* state) const {
  state->rows.push_back(top);
  state->rows.back().depth = depth;
  const Row* child = FirstChild(top.slot, [](const Row&) { return true; });
  while (child != nullptr) {
    AppendTree(*child, depth + 1, state);
    const uint64_t start = child->range.start;
    child = FirstChild(
        top.slot, [start](const Row& row) { return row.range.start > start; });
  }
}

uint64_t Oracle::Digest() const {
  uint64_t digest = LedgerDigest(ledger_);
  for (const Row& row : rows_) digest += RowDigest(row);
  return digest;
}

void Oracle::Reset() {
  rows_.clear();
  Row iomem;
  iomem.slot = kIomem;
  iomem.range = {0, UINT64_MAX};
  iomem.flags = kResourceMem;
  rows_.push_back(iomem);
  Row ioport;
  ioport.slot = kIoport;
  ioport.range = {0, 0xffff};
  ioport.flags = kResourceIo;
  rows_.push_back(ioport);
  ledger_ = Ledger();
}

const Row* Oracle::Find(Slot slot) const {
  for (const Row& row : rows_) {
    if (row.slot == slot) return &row;
  }
  return nullptr;
}

Row* Oracle::Find(Slot slot) {
  return const_cast<Row*>(std::as_const(*this).Find(slot));
}

bool Oracle::HasChildren(Slot slot) const {
  return std::any_of(rows_.begin(), rows_.end(),
                     [slot](const Row& row) { return row.parent == slot; });
}

bool Oracle::IsBelow(Slot slot, Slot ancestor) const {
  for (Slot above = Find(slot)->parent; above != kNoSlot;
       above = Find(above)->parent) {
    if (above == ancestor) return true;
  }
  return false;
}

Slot Oracle::InTheWay(Slot parent, const Range& range) const {
  const Range& bounds = Find(parent)->range;
  if (range.inverted()) return parent;
  if (range.start < bounds.start || range.end > bounds.end) return parent;
  const Row* child = FirstChild(
      parent, [&range](const Row& row) { return row.range.Overlaps(range); });
  return child == nullptr ? kNoSlot : child->slot;
}

Row Oracle::Subject(const Op& op) const {
  if (!InfoOf(op.verb).Has(Field::kDefines)) return *Find(op.slot);
  Row row;
  row.slot = op.slot;
  row.name = op.name;
  row.range = op.range;
  row.flags = op.flags;
  row.desc = op.desc;
  return row;
}

void Oracle::Put(const Row& row) {
  Row* old = Find(row.slot);
  if (old == nullptr) {
    rows_.push_back(row);
  } else {
    *old = row;
  }
}

void Oracle::Forget(Slot slot) {
  rows_.erase(rows_.begin() + (Find(slot) - rows_.data()));
}

}  // namespace restree

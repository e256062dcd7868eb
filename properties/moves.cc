// SPDX-License-Identifier: Apache-2.0
#include "properties/moves.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/device_memory.h"
#include "model/flags.h"
#include "model/trace.h"
#include "properties/trace_order.h"

namespace restree {
namespace {

bool OfPagemap(const VerbInfo& info) {
  return info.Has(Field::kPagemap) || info.Has(Field::kDefinesPagemap);
}

// Gives numbers in the order in which they are asked for.
class Numbers {
 public:
  explicit Numbers(uint32_t first) : next_(first) {}

  uint32_t Of(uint32_t old) {
    const auto [it, is_new] = numbers_.emplace(old, next_);
    if (is_new) ++next_;
    return it->second;
  }

 private:
  std::map<uint32_t, uint32_t> numbers_;
  uint32_t next_;
};

class Renumberer {
 public:
  void Renumber(Op* op) {
    const VerbInfo& info = InfoOf(op->verb);
    if (info.Has(Field::kParent) || info.Has(Field::kNamedParent)) {
      op->parent = SlotOf(op->parent);
    }
    if (info.Has(Field::kSlot) || info.Has(Field::kDefines)) {
      op->slot = SlotOf(op->slot);
    } else if (OfPagemap(info)) {
      op->slot = pagemaps_.Of(op->slot);
    } else if (info.Has(Field::kCached) && op->slot > 0) {
      op->slot = pagemaps_.Of(op->slot - 1) + 1;
    }
    if (info.Has(Field::kDevice)) op->number = devices_.Of(op->number);
    if (info.Has(Field::kList)) op->number = lists_.Of(op->number);
  }

 private:
  Slot SlotOf(Slot slot) {
    if (slot < kFirstSlot || slot >= kNoSlot) return slot;
    if (IsVmemmapSlot(slot)) {
      return VmemmapSlot(pagemaps_.Of(slot - kFirstVmemmap));
    }
    return slots_.Of(slot);
  }

  Numbers slots_{kFirstSlot};
  Numbers pagemaps_{0};
  Numbers devices_{0};
  Numbers lists_{0};
};

// The names a, b, ... for those that ops have.
void Rename(Trace* trace) {
  std::map<std::string, NameId> ids;
  std::vector<std::string> names;
  for (Op& op : trace->ops) {
    if (op.name == 0) continue;
    if (op.name > trace->names.size()) {
      op.name = 0;
      continue;
    }
    const auto [it, is_new] = ids.emplace(
        trace->names[op.name - 1], static_cast<NameId>(names.size() + 1));
    if (is_new) {
      names.push_back(std::string(1, static_cast<char>('a' + names.size())));
    }
    op.name = it->second;
  }
  if (names.size() <= 26) trace->names = std::move(names);
}

// Only the names that ops have, as they are.
void DropNames(Trace* trace) {
  std::vector<std::string> names;
  for (Op& op : trace->ops) {
    if (op.name == 0 || op.name > trace->names.size()) continue;
    const std::string& name = trace->names[op.name - 1];
    auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) it = names.insert(names.end(), name);
    op.name = static_cast<NameId>(it - names.begin() + 1);
  }
  trace->names = std::move(names);
}

Trace WithoutIoport(Trace trace) {
  for (Op& op : trace.ops) {
    const VerbInfo& info = InfoOf(op.verb);
    if (info.Has(Field::kParent) && op.parent == kIoport) op.parent = kIomem;
    if (info.Has(Field::kSlot) && op.slot == kIoport) op.slot = kIomem;
    if ((op.flags & kResourceTypeBits) == kResourceIo) {
      op.flags ^= kResourceIo | kResourceMem;
    }
  }
  return trace;
}

// The same about all of iomem where it is about all of ioport.
Trace WithoutIoportPorts(Trace trace) {
  constexpr uint64_t kLastPort = 0xffff;
  for (Op& op : trace.ops) {
    if (op.range.end == kLastPort) op.range.end = UINT64_MAX;
  }
  return WithoutIoport(std::move(trace));
}

// What an unbind at `at` undoes, by hand: what its device did last.
Op UndoneByHand(const Trace& trace, size_t at) {
  Op op = trace.ops[at];
  for (size_t i = at; i-- > 0;) {
    const Op& old = trace.ops[i];
    if (!InfoOf(old.verb).Has(Field::kDevice) || old.number != op.number) {
      continue;
    }
    switch (old.verb) {
      case Verb::kDevmMemremap:
        return WithVerb(old, Verb::kMemunmap);
      case Verb::kDevmRequest:
        return WithVerb(old, Verb::kRelease);
      case Verb::kDevmRequestRegion:
        return WithVerb(old, Verb::kReleaseRegion);
      default:
        return op;
    }
  }
  return op;
}

// What devices do for their drivers, done by hand.
Trace WithoutDevices(const Trace& trace) {
  Trace by_hand = trace;
  for (size_t i = 0; i < trace.ops.size(); ++i) {
    Op& op = by_hand.ops[i];
    if (!InfoOf(op.verb).Has(Field::kDevice)) continue;
    const std::vector<Verb> verbs = WrappedBy(op.verb);
    if (op.verb == Verb::kUnbind) {
      op = UndoneByHand(trace, i);
    } else if (!verbs.empty()) {
      op = WithVerb(op, verbs[0]);
    }
  }
  return by_hand;
}

// With a request first for the insert at `at` that covers what is there. Empty
// if it covers nothing.
Trace WithoutInsert(const Trace& trace, size_t at) {
  const Op& insert = trace.ops[at];
  if (insert.verb != Verb::kInsert) return {};
  Trace first = trace;
  size_t begin = at;
  for (size_t i = at; i-- > 0;) {
    Op& op = first.ops[i];
    const VerbInfo& info = InfoOf(op.verb);
    if (!info.Has(Field::kDefines) || !info.Has(Field::kParent)) continue;
    if (op.parent != insert.parent || !insert.range.Contains(op.range)) {
      continue;
    }
    op.parent = insert.slot;
    begin = i;
  }
  if (begin == at) return {};
  const auto ops = first.ops.begin();
  std::rotate(ops + static_cast<ptrdiff_t>(begin),
              ops + static_cast<ptrdiff_t>(at),
              ops + static_cast<ptrdiff_t>(at) + 1);
  first.ops[begin].verb = Verb::kRequest;
  return Renumbered(first);
}

// With a request of its own for what the split at `at` leaves behind the hole.
// Empty if the op splits nothing.
Trace WithPieces(const Trace& trace, size_t at) {
  const Op& split = trace.ops[at];
  if (split.verb != Verb::kReleaseAdjustable) return {};
  for (size_t i = at; i-- > 0;) {
    const Op& old = trace.ops[i];
    const VerbInfo& info = InfoOf(old.verb);
    if (!info.Has(Field::kDefines) || !info.Has(Field::kRange)) continue;
    if (old.range.start >= split.range.start) continue;
    if (old.range.end <= split.range.end) continue;
    Trace pieces = trace;
    pieces.ops[i].range.end = split.range.start - 1;
    pieces.ops[at] = old;
    pieces.ops[at].slot = split.slot;
    pieces.ops[at].range.start = split.range.end + 1;
    return pieces;
  }
  return {};
}

Trace WithOneNumber(Trace trace) {
  for (Op& op : trace.ops) {
    const VerbInfo& info = InfoOf(op.verb);
    if (info.Has(Field::kDevice) || info.Has(Field::kList)) op.number = 0;
  }
  return trace;
}

bool IsDefinition(const VerbInfo& info) { return info.Has(Field::kDefines); }

}  // namespace

Trace Renumbered(const Trace& trace) {
  Trace renumbered = trace;
  Renumberer renumberer;
  for (Op& op : renumbered.ops) renumberer.Renumber(&op);
  DropNames(&renumbered);
  return renumbered;
}

std::vector<Trace> WholeMoves(const Trace& trace) {
  std::vector<Trace> traces = {Renumbered(trace)};
  Trace renamed = trace;
  Rename(&renamed);
  traces.push_back(renamed);
  traces.push_back(Renumbered(renamed));
  traces.push_back(WithOneNumber(trace));
  traces.push_back(WithoutIoport(trace));
  traces.push_back(WithoutIoportPorts(trace));
  traces.push_back(WithoutDevices(trace));
  for (size_t i = 0; i < trace.ops.size(); ++i) {
    for (const Trace& other :
         std::array{WithPieces(trace, i), WithoutInsert(trace, i)}) {
      if (!other.ops.empty()) traces.push_back(other);
    }
  }
  for (Op& op : renamed.ops) op.name = 0;
  renamed.names.clear();
  traces.push_back(std::move(renamed));
  return traces;
}

std::vector<Trace> Swaps(const Trace& trace) {
  std::vector<Trace> traces;
  for (size_t i = 0; i + 1 < trace.ops.size(); ++i) {
    Trace swapped = trace;
    std::swap(swapped.ops[i], swapped.ops[i + 1]);
    traces.push_back(Renumbered(swapped));
    traces.push_back(std::move(swapped));
  }
  return traces;
}

std::vector<Verb> WrappedBy(Verb verb) {
  using enum Verb;
  switch (verb) {
    // All that is placed goes through __request_resource().
    case kRequestAgain:
    case kDevmRequest:
    case kInsert:
    case kAllocate:
    case kReserve:
    case kRequestRegion:
      return {kRequest};
    case kInsertAgain:
    case kInsertExpand:
      return {kInsert};
    case kInsertExpandAgain:
      return {kInsertExpand};
    case kAllocateAgain:
    case kFindSpace:
      return {kAllocate};
    case kDevmRelease:
      return {kRelease};
    case kDevmRequestRegion:
      return {kRequestRegion};
    case kDevmReleaseRegion:
      return {kReleaseRegion};
    case kDevmMemremap:
      return {kMemremap};
    case kDevmMemunmap:
      return {kMemunmap};
    case kDevmRequestFree:
      return {kRequestFree, kAllocFree};
    case kRequestFree:
      return {kAllocFree};
    case kIomemIsExclusive:
      return {kIsExclusive};
    // Walks share find_next_iomem_res().
    case kWalkMem:
    case kWalkSystemRam:
    case kWalkSystemRamRev:
    case kWalkSystemRamRange:
      return {kWalkDesc};
    case kPageIsRam:
      return {kWalkSystemRamRange};
    case kDumpable:
      return {kWalkSystemRam, kWalkDesc};
    default:
      return {};
  }
}

Op WithVerb(const Op& op, Verb verb) {
  Op other = op;
  const VerbInfo& from = InfoOf(op.verb);
  const VerbInfo& to = InfoOf(verb);
  const auto in_pages = [](const VerbInfo& info) {
    return info.Has(Field::kPfns) || info.Has(Field::kPfn);
  };
  if (in_pages(from) && !in_pages(to)) {
    other.range = {op.range.start << kPageShift,
                   (op.range.end << kPageShift) | (kPageBytes - 1)};
  } else if (!in_pages(from) && in_pages(to)) {
    other.range = {op.range.start >> kPageShift, op.range.end >> kPageShift};
  }
  if (from.Has(Field::kPfn) && to.Has(Field::kPfns)) other.range = op.range;
  const bool has_range = from.Has(Field::kRange) || in_pages(from);
  if (!has_range && to.Has(Field::kRange)) other.range = {0, ~uint64_t{0}};
  if (!from.Has(Field::kFlags)) other.flags = PlainFlags(to);
  other.verb = verb;
  return Normal(other);
}

std::vector<Trace> OtherVerbs(const Trace& trace) {
  std::vector<Trace> traces;
  const auto offer = [&](size_t at, const Op& op) {
    if (op == trace.ops[at]) return;
    traces.push_back(trace);
    traces.back().ops[at] = op;
  };
  for (size_t i = 0; i < trace.ops.size(); ++i) {
    const Op& op = trace.ops[i];
    const VerbInfo& info = InfoOf(op.verb);
    for (const Verb verb : WrappedBy(op.verb)) offer(i, WithVerb(op, verb));
    for (int v = 0; v < kVerbs && i + 1 < trace.ops.size(); ++v) {
      const Verb verb = static_cast<Verb>(v);
      const VerbInfo& other = InfoOf(verb);
      if (RankOf(verb) >= RankOf(op.verb)) continue;
      if (IsDefinition(info) != IsDefinition(other)) continue;
      if (OfPagemap(info) != OfPagemap(other)) continue;
      Op plainer = WithVerb(op, verb);
      offer(i, plainer);
      if (!other.Has(Field::kFlags)) continue;
      const uint64_t plain = PlainFlags(other);
      for (const uint64_t flags :
           {plain, plain | kResourceBusy, op.flags | plain | kResourceBusy}) {
        plainer.flags = flags;
        offer(i, plainer);
      }
    }
  }
  return traces;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/simpler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/device_memory.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

// What a range costs to read: bits of its ends, then its length. A candidate
// must cost less, or simplifying would go round in circles.
std::pair<int, uint64_t> CostOf(const Range& range) {
  return {std::popcount(range.start) + std::popcount(range.end),
          range.end - range.start};
}

class Collector {
 public:
  explicit Collector(const Op& op) : op_(op) {}

  // Offers `op_` with `field` set to `value`, if its verb reads the field and
  // that is a change.
  template <typename T, typename U>
  void Offer(T Op::* field, U value) {
    Op simpler = op_;
    simpler.*field = static_cast<T>(value);
    OfferOp(simpler);
  }

  void OfferOp(const Op& op) {
    const Op simpler = Normal(op);
    if (simpler != op_) ops_.push_back(simpler);
  }

  void OfferRange(uint64_t start, uint64_t end) {
    const Range range = {start, end};
    if (CostOf(range) < CostOf(op_.range)) Offer(&Op::range, range);
  }

  std::vector<Op> Take() { return std::move(ops_); }

 private:
  const Op& op_;
  std::vector<Op> ops_;
};

void SimplerRanges(const Op& op, Collector* collector) {
  const auto [start, end] = op.range;
  const VerbInfo& info = InfoOf(op.verb);
  if (info.Has(Field::kAddress) || info.Has(Field::kPfn)) {
    collector->OfferRange(start & (start - 1), start & (start - 1));
    return;
  }
  collector->OfferRange(0, 0);
  collector->OfferRange(start, start);
  collector->OfferRange(end, end);
  collector->OfferRange(0, end);
  collector->OfferRange(0, end - start);
  for (uint64_t bits = start; bits != 0; bits &= bits - 1) {
    const uint64_t bit = bits & -bits;
    collector->OfferRange(start - bit, end);
    collector->OfferRange(start - bit, end - bit);
  }
  for (uint64_t bits = end; bits != 0; bits &= bits - 1) {
    collector->OfferRange(start, end - (bits & -bits));
  }
}

// Flags and desc: nothing, `mem` alone, or one bit less.
void SimplerFlags(const Op& op, Collector* collector) {
  if (op.flags == 0) return;
  if (op.flags != kResourceMem) collector->Offer(&Op::flags, 0);
  if ((op.flags & kResourceMem) != 0) {
    collector->Offer(&Op::flags, kResourceMem);
  }
  for (uint64_t bits = op.flags; bits != 0; bits &= bits - 1) {
    collector->Offer(&Op::flags, op.flags & ~(bits & -bits));
  }
}

// A root instead of what places its resource; where the kernel says what flags
// that has, one with the flags that it may have got.
void SimplerVerbs(const Op& op, Collector* collector) {
  if (op.verb == Verb::kRoot) return;
  Op root = op;
  root.verb = Verb::kRoot;
  collector->OfferOp(root);
  if (InfoOf(op.verb).Has(Field::kDesc)) return;
  for (const uint64_t flags : {kResourceMem, kResourceIo}) {
    root.flags = flags;
    collector->OfferOp(root);
  }
}

// The numbers of an op that names no range to fit them to.
void SimplerSizes(const Op& op, Collector* collector) {
  for (uint64_t Op::* const field : {&Op::size, &Op::align}) {
    const uint64_t value = op.*field;
    for (const uint64_t simpler : {uint64_t{1}, kSectionBytes, value / 2}) {
      if (simpler < value && simpler > 0) collector->Offer(field, simpler);
    }
  }
}

// Returns the range of an allocation below `gone` as it should be without it.
Range Clipped(const Op& op, const Op& gone) {
  const VerbInfo& info = InfoOf(op.verb);
  const bool looks = info.Has(Field::kSize) && info.Has(Field::kRange);
  const bool clips = looks && InfoOf(gone.verb).Has(Field::kRange) &&
                     op.range.Overlaps(gone.range);
  return clips ? op.range.Intersection(gone.range) : op.range;
}

// Without op `at`; and what it defined, replaced as a parent by its parent.
Trace WithoutLevel(const Trace& trace, size_t at) {
  const Op gone = trace.ops[at];
  Trace simpler = trace;
  simpler.ops.erase(simpler.ops.begin() + static_cast<ptrdiff_t>(at));
  for (size_t i = at; i < simpler.ops.size(); ++i) {
    Op& op = simpler.ops[i];
    const bool defines = InfoOf(op.verb).Has(Field::kDefines);
    if (op.parent == gone.slot && InfoOf(op.verb).Has(Field::kParent)) {
      op.parent = gone.parent;
      op.range = Clipped(op, gone);
    }
    if (defines && op.slot == gone.slot) break;  // another one from here on
  }
  return simpler;
}

// Without the adjust at `at`: what it changes is defined with that range. Empty
// if the op is no adjust, or nothing before it defines its resource.
Trace WithoutAdjust(const Trace& trace, size_t at) {
  const Op& adjust = trace.ops[at];
  if (adjust.verb != Verb::kAdjust) return {};
  for (size_t i = at; i-- > 0;) {
    const VerbInfo& info = InfoOf(trace.ops[i].verb);
    if (!info.Has(Field::kDefines) || trace.ops[i].slot != adjust.slot) {
      continue;
    }
    Trace simpler = trace;
    simpler.ops[i].range = adjust.range;
    simpler.ops.erase(simpler.ops.begin() + static_cast<ptrdiff_t>(at));
    return simpler;
  }
  return {};
}

bool HasPagemap(const Op& op) {
  const VerbInfo& info = InfoOf(op.verb);
  return info.Has(Field::kPagemap) || info.Has(Field::kDefinesPagemap);
}

// With p0, p1, ... for the pagemaps, in the order in which they come.
Trace WithFirstPagemaps(const Trace& trace) {
  std::array<uint32_t, kPagemaps> number;
  number.fill(kNoPagemap);
  uint32_t next = 0;
  Trace simpler = trace;
  for (Op& op : simpler.ops) {
    const bool cached = InfoOf(op.verb).Has(Field::kCached) && op.slot > 0;
    if (!cached && !HasPagemap(op)) continue;
    uint32_t& its = number[cached ? op.slot - 1 : op.slot];
    if (its == kNoPagemap) its = next++;
    op.slot = cached ? its + 1 : its;
  }
  return simpler;
}

// Without the fail_step at `at` and the op that it makes fail. Empty if there
// are none.
Trace WithoutFailedMap(const Trace& trace, size_t at) {
  if (trace.ops[at].verb != Verb::kFailStep) return {};
  for (size_t i = at + 1; i < trace.ops.size(); ++i) {
    const Verb verb = trace.ops[i].verb;
    if (verb != Verb::kMemremap && verb != Verb::kDevmMemremap) continue;
    Trace simpler = trace;
    simpler.ops.erase(simpler.ops.begin() + static_cast<ptrdiff_t>(i));
    simpler.ops.erase(simpler.ops.begin() + static_cast<ptrdiff_t>(at));
    return simpler;
  }
  return {};
}

// With one nvdimm_setup_pfn where the pagemap at `at` gets an altmap. Empty if
// it gets none.
Trace WithInfoBlock(const Trace& trace, size_t at) {
  const Op& old = trace.ops[at];
  if (old.verb != Verb::kPagemap) return {};
  for (size_t i = at + 1; i < trace.ops.size(); ++i) {
    const Op& altmap = trace.ops[i];
    if (altmap.verb != Verb::kAltmap || altmap.slot != old.slot) continue;
    Trace simpler = trace;
    Op& op = simpler.ops[at];
    op.verb = Verb::kSetupPfn;
    op.range = Range::OfSize(old.range.start, 2 * kSubsectionBytes);
    op.align = kSubsectionBytes;
    op.parent = altmap.parent;
    op = Normal(op);
    simpler.ops.erase(simpler.ops.begin() + static_cast<ptrdiff_t>(i));
    return simpler;
  }
  return {};
}

// With all that lies at device memory or above moved down by `bytes`.
Trace MovedDown(const Trace& trace, uint64_t from, uint64_t bytes) {
  Trace simpler = trace;
  for (Op& op : simpler.ops) {
    const VerbInfo& info = InfoOf(op.verb);
    const bool pages = info.Has(Field::kPfns) || info.Has(Field::kPfn);
    const uint64_t unit = pages ? kPageBytes : 1;
    if (op.range.start < from / unit) continue;
    op.range.start -= bytes / unit;
    if (op.range.end >= bytes / unit) op.range.end -= bytes / unit;
    op = Normal(op);
  }
  return simpler;
}

// The traces in which device memory starts at an address with one bit less.
std::vector<Trace> WithLowerMemory(const Trace& trace) {
  uint64_t lowest = UINT64_MAX;
  for (const Op& op : trace.ops) {
    if (HasPagemap(op) && InfoOf(op.verb).Has(Field::kRange)) {
      lowest = std::min(lowest, op.range.start);
    }
  }
  std::vector<Trace> traces;
  if (lowest == UINT64_MAX) return traces;
  for (uint64_t bits = lowest; bits >= kPageBytes; bits &= bits - 1) {
    traces.push_back(MovedDown(trace, lowest, bits & -bits));
  }
  return traces;
}

// With one request where there are a definition at `at` and an op that places
// what it defined. Empty if there are not.
Trace WithoutAgain(const Trace& trace, size_t at) {
  const Op& old = trace.ops[at];
  if (!InfoOf(old.verb).Has(Field::kDefines)) return {};
  for (size_t i = at + 1; i < trace.ops.size(); ++i) {
    const Op& again = trace.ops[i];
    if (again.slot != old.slot || HasPagemap(again)) continue;
    const VerbInfo& info = InfoOf(again.verb);
    if (!info.Has(Field::kSlot) || !info.Has(Field::kParent)) return {};
    Trace simpler = trace;
    Op& op = simpler.ops[i];
    op = old;
    op.verb = Verb::kRequest;
    op.parent = again.parent;
    if (info.Has(Field::kSize)) {
      op.range = Range::OfSize(again.range.start, again.size);
    }
    op = Normal(op);
    simpler.ops.erase(simpler.ops.begin() + static_cast<ptrdiff_t>(at));
    return simpler;
  }
  return {};
}

// With one device and one list where there are others, too.
Trace WithoutOtherNumbers(const Trace& trace) {
  Trace simpler = trace;
  for (Op& op : simpler.ops) {
    const VerbInfo& info = InfoOf(op.verb);
    if (info.Has(Field::kDevice) || info.Has(Field::kList)) op.number = 0;
  }
  return simpler;
}

// Without the definition at `at`: the allocations behind it look above its
// range instead of beside it. Empty if there are none.
Trace WithoutObstacle(const Trace& trace, size_t at) {
  const Op& gone = trace.ops[at];
  const VerbInfo& info = InfoOf(gone.verb);
  if (!info.Has(Field::kDefines) || !info.Has(Field::kRange)) return {};
  Trace simpler = trace;
  bool changes = false;
  for (size_t i = at + 1; i < trace.ops.size(); ++i) {
    Op& op = simpler.ops[i];
    const VerbInfo& its = InfoOf(op.verb);
    if (!its.Has(Field::kSize) || !its.Has(Field::kRange)) continue;
    op.range.start = gone.range.end + 1;
    changes = true;
  }
  if (!changes) return {};
  simpler.ops.erase(simpler.ops.begin() + static_cast<ptrdiff_t>(at));
  return simpler;
}

}  // namespace

std::vector<Op> SimplerOps(const Op& op) {
  Collector collector(op);
  const VerbInfo& info = InfoOf(op.verb);
  if (info.Has(Field::kDefines)) SimplerVerbs(op, &collector);
  if (info.Has(Field::kNamedParent)) {
    collector.Offer(&Op::parent, kNoSlot);
  }
  if (op.parent != kNoSlot) {
    if (op.parent > kIomem) collector.Offer(&Op::parent, kIomem);
    if (op.parent > kIoport) collector.Offer(&Op::parent, kIoport);
  }
  if (!info.Has(Field::kDefines)) {
    collector.Offer(&Op::slot, kIomem);
    if (op.slot > kIoport) collector.Offer(&Op::slot, kIoport);
  }
  for (Slot slot = kFirstSlot; slot < op.slot && slot < R(4); ++slot) {
    collector.Offer(&Op::slot, slot);
  }
  if (op.name != 0) collector.Offer(&Op::name, 0);
  if (op.number > 1) collector.Offer(&Op::number, 1);
  if (op.number != 0) collector.Offer(&Op::number, 0);
  if (!info.Has(Field::kRange)) SimplerSizes(op, &collector);
  if (info.Has(Field::kShift)) collector.Offer(&Op::align, 0);
  if (info.Has(Field::kRange) && info.Has(Field::kSize)) {
    // A size that just does not fit is worth a try: it needs no neighbours.
    if (op.align != 1) collector.Offer(&Op::align, 1);
    const uint64_t too_large = op.range.size() + 1;
    if (op.size != too_large) {
      if (too_large > 1) collector.Offer(&Op::size, too_large);
      if (op.size > 1) collector.Offer(&Op::size, 1);
    }
  }
  SimplerRanges(op, &collector);
  SimplerFlags(op, &collector);
  if (info.Has(Field::kType)) {
    collector.Offer(&Op::desc, kMemoryGeneric);  // of which nobody warns
  } else if (op.desc != 0) {
    collector.Offer(&Op::desc, 0);
  }
  return collector.Take();
}

std::vector<Trace> SimplerTraces(const Trace& trace) {
  std::vector<Trace> traces;
  for (size_t i = trace.ops.size(); i-- > 0;) {
    traces.push_back(trace);
    traces.back().ops.erase(traces.back().ops.begin() +
                            static_cast<ptrdiff_t>(i));
  }
  for (size_t i = trace.ops.size(); i-- > 0;) {
    if (!InfoOf(trace.ops[i].verb).Has(Field::kDefines)) continue;
    Trace simpler = WithoutLevel(trace, i);
    if (simpler.ops != traces[trace.ops.size() - 1 - i].ops) {
      traces.push_back(std::move(simpler));
    }
  }
  for (size_t i = 0; i < trace.ops.size(); ++i) {
    for (Trace simpler : {WithoutAdjust(trace, i), WithoutObstacle(trace, i),
                          WithoutAgain(trace, i), WithoutFailedMap(trace, i),
                          WithInfoBlock(trace, i)}) {
      if (!simpler.ops.empty()) traces.push_back(std::move(simpler));
    }
  }
  Trace alike = WithoutOtherNumbers(trace);
  if (alike != trace) traces.push_back(std::move(alike));
  Trace first = WithFirstPagemaps(trace);
  if (first != trace) traces.push_back(std::move(first));
  for (Trace& lower : WithLowerMemory(trace)) {
    if (lower != trace) traces.push_back(std::move(lower));
  }
  for (size_t i = 0; i < trace.ops.size(); ++i) {
    for (const Op& op : SimplerOps(trace.ops[i])) {
      traces.push_back(trace);
      traces.back().ops[i] = op;
    }
  }
  return traces;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// Ops that ask and change nothing.
#include <cstdint>
#include <utility>

#include "kernel/api.h"
#include "kernel/linux_machine.h"
#include "kernel/outcome.h"
#include "kernel/runtime.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

// What a walk's callback is to do, and what it was given so far.
struct Walker {
  Runtime* runtime;
  const Observation* seen;
  uint32_t stop;

  int Visited(const Visit& visit) {
    runtime->Visited(visit);
    return stop != 0 && seen->visits.size() == stop ? 1 : 0;
  }
};

extern "C" int VisitResource(resource* it, void* walker) {
  return static_cast<Walker*>(walker)->Visited(
      {.range = {it->start, it->end}, .flags = it->flags, .desc = it->desc});
}

extern "C" int VisitPfns(unsigned long pfn, unsigned long pages, void* walker) {
  return static_cast<Walker*>(walker)->Visited(
      {.range = Range::OfSize(pfn, pages)});
}

Outcome OutcomeOfWalk(int result) {
  return result == 1 ? Outcome::kStopped : OutcomeOfErrno(result);
}

// REGION_INTERSECTS, REGION_DISJOINT, REGION_MIXED (include/linux/mm.h).
Outcome OutcomeOfRegion(int result) {
  constexpr Outcome kOutcomes[] = {Outcome::kIntersects, Outcome::kDisjoint,
                                   Outcome::kMixed};
  return result < 0 || result > 2 ? Outcome::kInval : kOutcomes[result];
}

}  // namespace

void LinuxMachine::Walk(const Op& op, Observation* seen) {
  Walker walker = {&runtime_, seen, op.number};
  const auto [start, end] = std::pair(op.range.start, op.range.end);
  int result = 0;
  switch (op.verb) {
    case Verb::kWalkDesc:
      result = api_.walk_iomem_res_desc(op.desc, op.flags, start, end, &walker,
                                        &VisitResource);
      break;
    case Verb::kWalkMem:
      result = api_.walk_mem_res(start, end, &walker, &VisitResource);
      break;
    case Verb::kWalkSystemRam:
      result = api_.walk_system_ram_res(start, end, &walker, &VisitResource);
      break;
    case Verb::kWalkSystemRamRev:
      result =
          api_.walk_system_ram_res_rev(start, end, &walker, &VisitResource);
      break;
    default:
      result = api_.walk_system_ram_range(start, op.range.size(), &walker,
                                          &VisitPfns);
      break;
  }
  seen->outcome = OutcomeOfWalk(result);
}

void LinuxMachine::Ask(const Op& op, Observation* seen) {
  const uint64_t start = op.range.start;
  const uint64_t size = op.range.size();
  switch (op.verb) {
    case Verb::kLookup: {
      const resource* const it = api_.lookup_resource(At(op.parent), start);
      if (it == nullptr) seen->outcome = Outcome::kNull;
      seen->found = resources_.SlotOf(it);
      break;
    }
    case Verb::kAlignment:
      seen->value = api_.resource_alignment(At(op.slot));
      break;
    case Verb::kRegionIntersects:
      seen->outcome = OutcomeOfRegion(
          api_.region_intersects(start, size, op.flags, op.desc));
      break;
    case Verb::kSanityCheck:
      seen->outcome = OutcomeOfErrno(api_.iomem_map_sanity_check(start, size));
      break;
    case Verb::kIsExclusive:
      seen->value = api_.resource_is_exclusive(At(op.parent), start, size);
      break;
    case Verb::kIomemIsExclusive:
      seen->value = api_.iomem_is_exclusive(start);
      break;
    case Verb::kPageIsRam:
      seen->value = api_.page_is_ram(start) != 0;
      break;
    case Verb::kSize:
      seen->value = api_.resource_size(At(op.slot));
      break;
    default:  // kProc
      runtime_.text.clear();
      runtime_.rows.clear();
      api_.proc_read(At(op.parent), op.number == 0);
      seen->text = runtime_.text;
      break;
  }
}

void LinuxMachine::Compare(const Op& op, Observation* seen) {
  resource* const a = At(op.parent);
  resource* const b = At(op.slot);
  unsigned long long start = 0, end = 0;
  switch (op.verb) {
    case Verb::kContains:
      seen->value = api_.resource_contains(a, b);
      return;
    case Verb::kOverlaps:
      seen->value = api_.resource_overlaps(a, b);
      return;
    case Verb::kIntersection:
      seen->value = api_.resource_intersection(a, b, &start, &end);
      break;
    default:
      seen->value = api_.resource_union(a, b, &start, &end);
      break;
  }
  if (seen->value != 0) seen->visits.push_back({.range = {start, end}});
}

}  // namespace restree

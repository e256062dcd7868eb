// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "model/flags.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/generator.h"
#include "properties/scene.h"

namespace restree {
namespace {

// `range`, and rarely one that is not quite it.
Range Almost(Choices& choices, Range range) {
  const uint64_t nudge = choices.Below(32);
  if (nudge == 31) ++range.start;
  if (nudge == 30) --range.end;
  if (nudge == 29) ++range.end;
  return range;
}

}  // namespace

void Generator::TakeOut(Op* op) {
  op->slot = row(scene_.placed.Any(choices_)).slot;
}

// A root that moves makes a dull rest of a trace.
void Generator::Adjust(Op* op) {
  const bool any = scene_.placed.empty() || OneIn(16);
  const Row& it = any ? AnyRow() : row(scene_.placed.Any(choices_));
  op->slot = it.slot;
  op->range = RangeWithin(it.range);
}

// So does a root that loses all children.
void Generator::ReleaseChildren(Op* op) {
  op->slot = row(scene_.families.Any(choices_)).slot;
  if (op->slot >= kFirstSlot || Below(8) == 0) return;
  op->slot = row(scene_.families.Any(choices_)).slot;
}

// A region that exists, from its parent or from further up; one that somebody
// waits for most often.
void Generator::ReleaseRegion(Op* op) {
  if (scene_.regions.empty() || OneIn(16)) {
    const size_t parent = ParentRow();
    op->parent = row(parent).slot;
    op->range = RangeWithin(row(parent).range);
    return;
  }
  const bool wakes = !scene_.state.ledger.waiters.empty() &&
                     !scene_.muxed.empty() && !OneIn(4);
  const Row& it = row((wakes ? scene_.muxed : scene_.regions).Any(choices_));
  op->parent = Below(2) == 0 ? it.parent : row(ParentRow()).slot;
  op->range = Almost(choices_, it.range);
}

// Some entry of that kind; null if there is none.
const Devres* Generator::AnyDevres(Kind kind) {
  const auto& devres = scene_.state.ledger.devres;
  if (devres.empty()) return nullptr;
  const size_t first = Below(devres.size());
  for (size_t i = 0; i < devres.size(); ++i) {
    const Devres& it = devres[(first + i) % devres.size()];
    const Kind its = it.region    ? Kind::kRegion
                     : it.pagemap ? Kind::kPagemap
                                  : Kind::kResource;
    if (its == kind) return &it;
  }
  return nullptr;
}

void Generator::DevmRelease(Op* op) {
  const Devres* const it = AnyDevres(Kind::kResource);
  op->number = static_cast<uint32_t>(Below(4));
  op->slot = AnyRow().slot;
  if (it == nullptr || OneIn(8)) return;
  op->number = it->device;
  op->slot = it->slot;
}

void Generator::DevmReleaseRegion(Op* op) {
  const Devres* const it = AnyDevres(Kind::kRegion);
  if (it == nullptr || OneIn(8)) {
    ReleaseRegion(op);
    op->number = static_cast<uint32_t>(Below(4));
    return;
  }
  op->number = it->device;
  op->parent = it->slot;
  op->range = Almost(choices_, it->range);
}

void Generator::Unbind(Op* op) {
  constexpr Kind kKinds[] = {Kind::kRegion, Kind::kResource, Kind::kPagemap};
  const Devres* const it = AnyDevres(kKinds[Below(3)]);
  op->number = it == nullptr ? static_cast<uint32_t>(Below(4)) : it->device;
}

void Generator::ListAdd(Op* op) {
  op->number = static_cast<uint32_t>(Below(4));
  op->slot = AnyRow().slot;
}

void Generator::ListDestroy(Op* op) {
  const auto& listed = scene_.state.ledger.listed;
  if (listed.empty() || OneIn(4)) return ListAdd(op);
  const Listed& it = listed[Below(listed.size())];
  op->number = it.list;
  op->slot = it.slot;
}

void Generator::ListFirst(Op* op) {
  const auto& listed = scene_.state.ledger.listed;
  const uint64_t types[] = {kResourceMem, kResourceIo, 0, kResourceMem};
  op->number = listed.empty() ? static_cast<uint32_t>(Below(4))
                              : listed[Below(listed.size())].list;
  op->flags = types[Below(4)];
  if (OneIn(16)) op->flags |= kResourceBusy;
}

// Each entry holds on to its resource, so lists must be emptied now and then.
void Generator::ListFree(Op* op) { ListFirst(op); }

void Generator::FailAlloc(Op* op) {
  op->number = OneIn(16) ? 0 : 1 + static_cast<uint32_t>(Below(3));
  op->size = OneIn(16) ? 0 : 1 + Below(3);
}

void Generator::StrictIomem(Op* op) {
  op->number = static_cast<uint32_t>(Below(2));
}

}  // namespace restree

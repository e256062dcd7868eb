// SPDX-License-Identifier: Apache-2.0

// What an Oracle keeps besides its resources: what devices own, lists, and what
// else decides how ops end.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/flags.h"
#include "model/observation.h"
#include "model/oracle.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr uint8_t kReservedMax = 4;
constexpr uint64_t kMemoryFrom = 0x10000;  // reserve= takes less for ports

Observation Null() { return {.outcome = Outcome::kNull}; }

Devres ResourceOf(const Op& op) { return {op.number, false, op.slot, {}}; }

Devres RegionOf(const Op& op) { return {op.number, true, op.parent, op.range}; }

}  // namespace

Observation Oracle::PerformOnLedger(const Op& op) {
  switch (op.verb) {
    case Verb::kDevmRequest:
      return DevmRequest(op);
    case Verb::kDevmRelease:
      return DevmRelease(op);
    case Verb::kDevmRequestRegion:
      return DevmRequestRegion(op);
    case Verb::kDevmReleaseRegion:
      return DevmReleaseRegion(op);
    case Verb::kUnbind:
      return Unbind(op);
    case Verb::kListAdd:
    case Verb::kListAddTail:
      return ListAdd(op);
    case Verb::kListDestroy:
      return ListDestroy(op);
    case Verb::kListFree:
      return ListFree(op);
    case Verb::kFailAlloc:
      return FailAlloc(op);
    case Verb::kReserveSetup:
      return ReserveSetup(op);
    case Verb::kStrictIomem:
      ledger_.relaxed = op.number != 0;
      return {};
    case Verb::kInitInode:
      return InitInode();
    default:
      return Answer(op);
  }
}

bool Oracle::Fails() {
  if (ledger_.fail_times == 0) return false;
  if (ledger_.fail_nth > 1) {
    --ledger_.fail_nth;
    return false;
  }
  if (--ledger_.fail_times == 0) ledger_.fail_nth = 0;
  return true;
}

uint64_t Oracle::LiveObjects() const {
  const auto made = std::count_if(rows_.begin(), rows_.end(),
                                  [](const Row& row) { return row.region; });
  uint64_t mapped = 0;
  for (const Pagemap& map : ledger_.pagemaps) {
    if (map.phase != Pagemap::Phase::kIdle) ++mapped;
    if (map.releasing) ++mapped;
  }
  return static_cast<uint64_t>(made) + mapped + ledger_.devres.size() +
         ledger_.listed.size() + ledger_.waiters.size() +
         (ledger_.inode ? kInodeObjects : 0);
}

bool Oracle::IsReferredTo(Slot slot) const {
  for (const Devres& entry : ledger_.devres) {
    if (!entry.pagemap && entry.slot == slot) return true;
  }
  for (const Listed& entry : ledger_.listed) {
    if (entry.slot == slot) return true;
  }
  for (const Waiter& waiter : ledger_.waiters) {
    if (waiter.parent == slot) return true;
  }
  if (variant_ == AltmapVariant::kNone) return false;
  for (const Pagemap& map : ledger_.pagemaps) {
    if (map.phase == Pagemap::Phase::kIdle) continue;
    if (map.altmap.parent == slot) return true;
  }
  return false;
}

// A separate resource that lies in the driver's memory goes with the mapping.
bool Oracle::IsHeld(Slot slot) const {
  if (variant_ == AltmapVariant::kSound && IsVmemmapSlot(slot)) return true;
  return IsReferredTo(slot);
}

bool Oracle::IsSpokenFor(Slot slot) const {
  for (const Waiter& waiter : ledger_.waiters) {
    if (waiter.slot == slot) return true;
  }
  return false;
}

void Oracle::AddDevres(const Devres& entry) {
  auto it = ledger_.devres.begin();
  while (it != ledger_.devres.end() && it->device <= entry.device) ++it;
  ledger_.devres.insert(it, entry);
}

std::optional<size_t> Oracle::NewestDevres(uint32_t device) const {
  for (size_t i = ledger_.devres.size(); i > 0; --i) {
    if (ledger_.devres[i - 1].device == device) return i - 1;
  }
  return std::nullopt;
}

std::optional<size_t> Oracle::NewestDevres(const Devres& entry) const {
  for (size_t i = ledger_.devres.size(); i > 0; --i) {
    if (ledger_.devres[i - 1] == entry) return i - 1;
  }
  return std::nullopt;
}

void Oracle::DropDevres(size_t index) {
  ledger_.devres.erase(ledger_.devres.begin() + static_cast<ptrdiff_t>(index));
}

Observation Oracle::DevmRequest(const Op& op) {
  if (Fails()) return {.outcome = Outcome::kNoMem};
  Observation seen = Request(op);
  seen.found = kNoSlot;
  if (seen.outcome == Outcome::kOk) {
    AddDevres(ResourceOf(op));
  }
  return seen;
}

Observation Oracle::DevmRelease(const Op& op) {
  const auto entry = NewestDevres(ResourceOf(op));
  if (!entry.has_value()) return {.warnings = kWarnOn};
  DropDevres(*entry);
  Find(op.slot)->parent = kNoSlot;
  return {};
}

Observation Oracle::DevmRequestRegion(const Op& op) {
  if (Fails()) return Null();
  const Observation seen = RequestRegion(op);
  if (seen.outcome == Outcome::kOk) {
    AddDevres(RegionOf(op));
  }
  return seen;
}

Observation Oracle::DevmReleaseRegion(const Op& op) {
  Observation seen = ReleaseRegion(op.parent, op.range);
  const auto entry = NewestDevres(RegionOf(op));
  if (entry.has_value()) {
    DropDevres(*entry);
  } else {
    seen.warnings |= kWarnOn;
  }
  return seen;
}

Observation Oracle::Unbind(const Op& op) {
  const auto newest = NewestDevres(op.number);
  if (!newest.has_value()) return Null();
  const Devres entry = ledger_.devres[*newest];
  DropDevres(*newest);
  if (entry.pagemap) return ReleaseMapping(entry);
  if (entry.region) return ReleaseRegion(entry.slot, entry.range);
  Find(entry.slot)->parent = kNoSlot;
  return {};
}

Observation Oracle::ListAdd(const Op& op) {
  if (Fails()) return Null();
  auto it = ledger_.listed.begin();
  while (it != ledger_.listed.end() && it->list < op.number) ++it;
  if (op.verb == Verb::kListAddTail) {
    while (it != ledger_.listed.end() && it->list == op.number) ++it;
  }
  ledger_.listed.insert(it, {op.number, op.slot});
  return {};
}

Observation Oracle::ListDestroy(const Op& op) {
  const Listed entry = {op.number, op.slot};
  const auto it =
      std::find(ledger_.listed.begin(), ledger_.listed.end(), entry);
  if (it == ledger_.listed.end()) return Null();
  ledger_.listed.erase(it);
  return {};
}

Observation Oracle::ListFirst(const Op& op) const {
  for (const Listed& entry : ledger_.listed) {
    if (entry.list != op.number) continue;
    const uint64_t type = Find(entry.slot)->flags & kResourceTypeBits;
    if (type == op.flags) return {.found = entry.slot};
  }
  return Null();
}

Observation Oracle::ListFree(const Op& op) {
  std::erase_if(ledger_.listed,
                [&op](const Listed& it) { return it.list == op.number; });
  return {};
}

Observation Oracle::FailAlloc(const Op& op) {
  const bool none = op.number == 0 || op.size == 0;
  ledger_.fail_nth = none ? 0 : op.number;
  ledger_.fail_times = none ? 0 : op.size;
  return {};
}

Observation Oracle::ReserveSetup(const Op& op) {
  if (ledger_.reserved == kReservedMax) return Null();
  const bool memory = op.range.start >= kMemoryFrom;
  Op request = op;
  request.verb = Verb::kRequest;
  request.parent = memory ? kIomem : kIoport;
  request.name = kNameReserved;
  request.flags = (memory ? kResourceMem : kResourceIo) | kResourceBusy;
  if (Request(request).outcome != Outcome::kOk) return Null();
  ++ledger_.reserved;
  return {};
}

// The mount, the super block's context and the inode.
Observation Oracle::InitInode() {
  for (uint64_t i = 0; i < kInodeObjects; ++i) {
    if (Fails()) return {.outcome = Outcome::kNoMem};
  }
  ledger_.inode = true;
  return {};
}

}  // namespace restree

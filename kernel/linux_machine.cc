// SPDX-License-Identifier: Apache-2.0
#include "kernel/linux_machine.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/fibers.h"
#include "kernel/runtime.h"
#include "kernel/sanitizer.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// The kernel's variables have red zones between them.
RESTREE_NO_ASAN void Copy(const char* from, const char* end, char* to) {
  while (from != end) {
    // The compiler would make it a memcpy(), which ASan looks at.
    *const_cast<volatile char*>(to++) = *from++;
  }
}

Object* FindStatic(void* resources, const void* memory) {
  return static_cast<Resources*>(resources)->FindStatic(
      static_cast<const resource*>(memory));
}

// A loose resource counts for nothing, so that one that is made does not show.
uint64_t LinksOf(void* owner) {
  const Resources& resources = *static_cast<Resources*>(owner);
  uint64_t sum = 0;
  const auto add = [&sum](const Object* object) {
    const resource& it = *object->memory;
    uint64_t links = reinterpret_cast<uint64_t>(it.parent) * 3 +
                     reinterpret_cast<uint64_t>(it.sibling) * 5 +
                     reinterpret_cast<uint64_t>(it.child) * 7;
    sum += links * (reinterpret_cast<uint64_t>(object) | 1);
  };
  add(resources.At(kIomem));
  add(resources.At(kIoport));
  for (const Object* object : resources.all()) {
    if (object->is_live) add(object);
  }
  return sum;
}

// Which versions have a machine now.
std::vector<const kernel_api*>& Taken() {
  static auto* const taken = new std::vector<const kernel_api*>();
  return *taken;
}

}  // namespace

LinuxMachine::LinuxMachine(const kernel_api& api, AltmapVariant altmap)
    : api_(api),
      memory_(*api.memory),
      altmap_(altmap),
      name_(absl::StrCat(api.name, AltmapSuffix(altmap))),
      resources_(api, &runtime_.arena) {
  map_.altmap = static_cast<kernel_altmap>(altmap);
  std::vector<const kernel_api*>& taken = Taken();
  assert(std::find(taken.begin(), taken.end(), &api) == taken.end());
  taken.push_back(&api);
  runtime_.find_static = &FindStatic;
  runtime_.find_static_owner = &resources_;
  runtime_.links = &LinksOf;
  runtime_.links_owner = &resources_;
  for (kernel_list& list : lists_) api_.list_init(&list);
  SaveVariables();
  Reset();
}

LinuxMachine::~LinuxMachine() {
  Reset();
  std::vector<const kernel_api*>& taken = Taken();
  taken.erase(std::find(taken.begin(), taken.end(), &api_));
}

void LinuxMachine::SaveVariables() {
  const bool is_whole = runtime_.Call([this] { api_.boot(); });
  assert(is_whole);
  saved_[0].resize(api_.data.end - api_.data.begin);
  saved_[1].resize(api_.bss.end - api_.bss.begin);
  Copy(api_.data.begin, api_.data.end, saved_[0].data());
  Copy(api_.bss.begin, api_.bss.end, saved_[1].data());
}

void LinuxMachine::RestoreVariables() {
  Copy(saved_[0].data(), saved_[0].data() + saved_[0].size(), api_.data.begin);
  Copy(saved_[1].data(), saved_[1].data() + saved_[1].size(), api_.bss.begin);
}

void LinuxMachine::Reset() {
  runtime_.Reset();
  resources_.Reset();
  RestoreVariables();
  while (lists_used_ > 0) api_.list_init(&lists_[--lists_used_]);
  list_changes_ = 0;
  reserved_ = 0;
  pagemaps_.fill({});
  pagemaps_used_ = 0;
  memory_changed_ = false;
  live_elsewhere_ = 0;
  ledger_ = Ledger();
  ledger_changes_ = 0;
  ledger_digest_ = 0;
  ComputeRowsDigest();
}

bool LinuxMachine::Plays(Verb verb) const {
  // What a device has may be a pagemap.
  if (verb == Verb::kUnbind ||
      (verb >= Verb::kPagemap && verb != Verb::kDumpable)) {
    return memory_.is_available;
  }
  switch (verb) {
    case Verb::kWalkSystemRamRev:
      return api_.walk_system_ram_res_rev != nullptr;
    case Verb::kFindSpace:
      return api_.has_find_resource_space != nullptr;
    default:
      return true;
  }
}

Observation LinuxMachine::Apply(const Op& op) {
  Observation seen;
  runtime_.Begin(&seen);
  runtime_.Call([&] { Play(op, &seen); });
  FinishGone();
  ResumeWoken(&seen);
  memory_changed_ |= op.verb >= Verb::kPagemap;
  RefreshLedger();
  RefreshRows();
  runtime_.End();
  return seen;
}

// The last verbs come family by family; the others are told apart one by one.
void LinuxMachine::Play(const Op& op, Observation* seen) {
  if (op.verb >= Verb::kPagemap) return Memory(op, seen);
  if (op.verb >= Verb::kFailAlloc) return Boot(op, seen);
  if (op.verb >= Verb::kListAdd) return List(op, seen);
  if (op.verb >= Verb::kDevmRequest) return Device(op, seen);
  switch (op.verb) {
    case Verb::kRequest:
    case Verb::kRequestAgain:
    case Verb::kInsert:
    case Verb::kInsertAgain:
    case Verb::kInsertExpand:
    case Verb::kInsertExpandAgain:
    case Verb::kAllocate:
    case Verb::kAllocateAgain:
    case Verb::kRoot:
      return Place(op, seen);
    case Verb::kRelease:
    case Verb::kRemove:
    case Verb::kAdjust:
    case Verb::kReleaseChildren:
    case Verb::kMerge:
      return ReleaseOrMove(op, seen);
    case Verb::kFindSpace:
      return FindSpace(op, seen);
    case Verb::kRequestRegion:
      return RequestRegion(op, seen);
    case Verb::kReleaseRegion:
      return api_.release_region(At(op.parent), op.range.start,
                                 op.range.size());
    case Verb::kReserve:
      return Reserve(op);
    case Verb::kReleaseAdjustable:
      return ReleaseAdjustable(op);
    case Verb::kRequestFree:
    case Verb::kAllocFree:
    case Verb::kDevmRequestFree:
      return FreeRegion(op, seen);
    case Verb::kWalkDesc:
    case Verb::kWalkMem:
    case Verb::kWalkSystemRam:
    case Verb::kWalkSystemRamRev:
    case Verb::kWalkSystemRamRange:
      return Walk(op, seen);
    case Verb::kContains:
    case Verb::kOverlaps:
    case Verb::kIntersection:
    case Verb::kUnion:
      return Compare(op, seen);
    default:
      return Ask(op, seen);
  }
}

resource* LinuxMachine::At(Slot slot) const {
  const Object* const object = resources_.At(slot);
  assert(object != nullptr);
  return object->memory;
}

Object* LinuxMachine::NewOwn(const Op& op) {
  Object* const object =
      runtime_.arena.New(sizeof(resource), /*is_kernel=*/false);
  resource& it = *object->memory;
  it.name = NamePointer(FullName(op.name, op.slot));
  it.start = op.range.start;
  it.end = op.range.end;
  it.flags = op.flags;
  it.desc = op.desc;
  return object;
}

void LinuxMachine::Define(Slot slot, Object* object) {
  runtime_.CheckLinks();
  resources_.Define(slot, object);
}

void LinuxMachine::Drop(Slot slot) {
  runtime_.CheckLinks();
  resources_.Drop(slot);
}

// What the op has freed or left behind is in no slot any more.
void LinuxMachine::FinishGone() {
  for (Object* object : runtime_.gone) resources_.Forget(object);
  runtime_.gone.clear();
}

// Who waited is warned of a conflict, too, but not who woke it.
void LinuxMachine::ResumeWoken(Observation* seen) {
  const uint16_t warned = seen->warnings & kWarnUnaddressable;
  while (Fiber* const fiber = runtime_.ResumeNext()) {
    FinishGone();
    if (fiber->is_done || fiber->is_dead) {
      if (fiber->op.verb == Verb::kRequestRegion) {
        EndFiber(fiber);
      } else {
        EndMapFiber(fiber);
      }
    }
    seen->warnings &= static_cast<uint16_t>(~kWarnUnaddressable);
    seen->warnings |= warned;
  }
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "kernel/runtime.h"

#include <setjmp.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/functional/function_ref.h"
#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/devices.h"
#include "kernel/fibers.h"
#include "kernel/hooks.h"
#include "model/observation.h"
#include "model/trace.h"

namespace restree {
namespace {

// What no op of a real trace comes near. Beyond it the kernel's code runs on
// for ever.
constexpr uint64_t kLockOpsMax = 1000000;
constexpr uint64_t kVisitsMax = 100000;
constexpr uint64_t kBytesMax = uint64_t{64} << 20;

// Not an address of x86-64 or arm64, so whoever reads a name faults.
constexpr uint64_t kNameTag = uint64_t{0x4e41} << 48;

Runtime* current = nullptr;

}  // namespace

Runtime* CurrentRuntime() { return current; }

const char* NamePointer(NameId name) {
  return reinterpret_cast<const char*>(kNameTag | name);
}

bool IsNamePointer(const char* pointer, NameId* name) {
  const uint64_t bits = reinterpret_cast<uint64_t>(pointer);
  if (bits >> 32 != kNameTag >> 32) return false;
  *name = static_cast<NameId>(bits);
  return true;
}

Runtime::Runtime() { seen_ = &nobody_; }

void Runtime::Reset() {
  Runtime* const before = current;
  current = this;
  fibers.Reset();
  current = before;
  devices.Reset();
  arena.Reset();
  fail_nth = 0;
  fail_times = 0;
  device_memory.Reset();
  ForgetLocks();
  made.clear();
  gone.clear();
}

void Runtime::Begin(Observation* seen) {
  seen_ = seen;
  lock_ops_ = 0;
  visits_ = 0;
  bytes_ = 0;
  has_links_ = false;
  took_write_lock_ = false;
  made.clear();
  gone.clear();
}

void Runtime::End() {
  MustNotHold();
  if (is_hotplug_) Warn(kWarnLock);
  ForgetLocks();
  seen_ = &nobody_;
}

bool Runtime::Call(absl::FunctionRef<void()> body) {
  assert(!in_call_);
  Runtime* const before = current;
  current = this;
  in_call_ = true;
  const bool is_whole = _setjmp(bottom_) == 0;
  if (is_whole) {
    body();
    CheckLinks();
  } else {
    has_links_ = false;
    ForgetLocks();
  }
  in_call_ = false;
  current = before;
  return is_whole;
}

Fiber* Runtime::CallAndMaySleep(const Op& op, void (*body)(Fiber*),
                                void* owner) {
  Runtime* const before = current;
  current = this;
  Fiber* const fiber = fibers.Start(op, body, owner);
  current = before;
  return fiber;
}

Fiber* Runtime::ResumeNext() {
  Runtime* const before = current;
  current = this;
  Fiber* const fiber = fibers.ResumeNext();
  current = before;
  return fiber;
}

void Runtime::Bug() {
  Warn(kWarnBug);
  ForgetLocks();
  if (fibers.running() != nullptr) fibers.Leave();
  assert(in_call_);
  _longjmp(bottom_, 1);
}

void Runtime::Lock(bool write) {
  if (++lock_ops_ > kLockOpsMax) Bug();
  // Nobody else runs who could give it back.
  if (writers_ != 0 || (write && readers_ != 0)) Warn(kWarnLock);
  ++(write ? writers_ : readers_);
  CheckLinks();
  if (write) took_write_lock_ = true;
}

void Runtime::Unlock(bool write) {
  uint32_t* const holders = write ? &writers_ : &readers_;
  if (*holders == 0) {
    Warn(kWarnLock);
  } else {
    --*holders;
  }
  if (write) TakeLinks();
}

void Runtime::TakeLinks() {
  if (links == nullptr) return;
  links_ = links(links_owner);
  has_links_ = true;
}

void Runtime::CheckLinks() {
  if (has_links_ && links(links_owner) != links_) Warn(kWarnLock);
  has_links_ = false;
}

void Runtime::MustNotHold() {
  if (readers_ + writers_ + atomic_ != 0) Warn(kWarnLock);
}

void Runtime::ForgetLocks() {
  readers_ = writers_ = atomic_ = 0;
  is_hotplug_ = false;
}

// The locks that are not resource_lock. That of memory hotplug is a mutex, so
// that its holder may sleep, though not until somebody else wakes it.
void Runtime::LockEvent(kernel_event_kind what) {
  switch (what) {
    case KERNEL_ATOMIC_BEGIN:
      ++atomic_;
      break;
    case KERNEL_ATOMIC_END:
      if (atomic_ == 0) return Warn(kWarnLock);
      --atomic_;
      break;
    default:
      if (is_hotplug_ == (what == KERNEL_HOTPLUG_BEGIN)) Warn(kWarnLock);
      is_hotplug_ = what == KERNEL_HOTPLUG_BEGIN;
      break;
  }
}

void Runtime::Event(kernel_event_kind what, const void* object) {
  switch (what) {
    case KERNEL_READ_LOCK:
      return Lock(/*write=*/false);
    case KERNEL_READ_UNLOCK:
      return Unlock(/*write=*/false);
    case KERNEL_WRITE_LOCK:
      return Lock(/*write=*/true);
    case KERNEL_WRITE_UNLOCK:
      return Unlock(/*write=*/true);
    case KERNEL_WAIT:
      if (fibers.running() == nullptr) Bug();
      return fibers.Enqueue(object);
    case KERNEL_WAIT_END:
      if (fibers.running() == nullptr) Bug();
      return fibers.Dequeue(object);
    case KERNEL_WAKE:
      return fibers.WakeAll();
    case KERNEL_SCHEDULE:
      MustNotHold();
      // Only who waits for a muxed region sleeps so.
      if (fibers.running() == nullptr) Bug();
      return fibers.Sleep();
    case KERNEL_SLEEP:
    case KERNEL_CALLBACK:
      return MustNotHold();
    case KERNEL_ATOMIC_BEGIN:
    case KERNEL_ATOMIC_END:
    case KERNEL_HOTPLUG_BEGIN:
    case KERNEL_HOTPLUG_DONE:
      return LockEvent(what);
    case KERNEL_WAIT_FOR_COMPLETION:
      MustNotHold();
      if (is_hotplug_) Warn(kWarnLock);
      if (fibers.running() == nullptr) Bug();
      return fibers.SleepFor(object);
    case KERNEL_COMPLETE:
      return fibers.Wake(object);
    case KERNEL_ALLOC:
    case KERNEL_FREE:
      return;
  }
}

Object* Runtime::Find(const void* memory) const {
  Object* const object = arena.Find(memory);
  if (object != nullptr || find_static == nullptr) return object;
  return find_static(find_static_owner, memory);
}

bool Runtime::Fails(unsigned int gfp) {
  if (fail_times == 0) return false;
  if (fail_nth > 1) {
    --fail_nth;
    return false;
  }
  if (--fail_times == 0) fail_nth = 0;
  return (gfp & KERNEL_GFP_NOFAIL) == 0;
}

void* Runtime::Alloc(size_t bytes, unsigned int gfp) {
  if ((gfp & KERNEL_GFP_SLEEP) != 0) Event(KERNEL_SLEEP, nullptr);
  if (Fails(gfp)) return nullptr;
  bytes_ += bytes;
  if (bytes_ > kBytesMax) Bug();
  Object* const object = arena.New(bytes, /*is_kernel=*/true);
  made.push_back(object);
  Event(KERNEL_ALLOC, object->memory);
  return object->memory;
}

void* Runtime::Realloc(void* memory, size_t bytes, unsigned int gfp) {
  void* const grown = Alloc(bytes, gfp);
  if (grown == nullptr || memory == nullptr) return grown;
  const Object* const object = arena.Find(memory);
  if (object == nullptr || !object->is_live) Bug();
  std::memcpy(grown, memory, std::min<size_t>(bytes, object->bytes));
  FreeMemory(memory);
  return grown;
}

void Runtime::FreeMemory(const void* memory) {
  if (memory == nullptr) return;
  Event(KERNEL_FREE, memory);
  Object* const object = arena.Find(memory);
  if (object == nullptr || !object->is_live || !object->is_kernel) {
    Warn(kWarnBug);
    return;
  }
  const bool had_links = has_links_;
  CheckLinks();
  const Slot slot = object->slot;
  arena.Free(object);
  if (slot != kNoSlot) {
    gone.push_back(object);
    object->slot = slot;  // until the machine has seen that it is gone
  }
  if (had_links) TakeLinks();
}

// free_resource() asks before it frees. The answer for a resource that is the
// caller's own is no, and then nobody has a handle to it any more.
bool Runtime::IsSlab(const void* memory) {
  Object* const object = Find(memory);
  if (object == nullptr) {
    Warn(kWarnBug);
    return false;
  }
  if (!object->is_kernel) gone.push_back(object);
  return object->is_kernel;
}

// A node costs nobody else's allocation: `fail_alloc` does not count it.
void* Runtime::AllocNode(size_t bytes, unsigned int gfp) {
  if ((gfp & KERNEL_GFP_SLEEP) != 0) Event(KERNEL_SLEEP, nullptr);
  bytes_ += bytes;
  if (bytes_ > kBytesMax) Bug();
  return device_memory.AllocNode(bytes);
}

void Runtime::FreeNode(void* node) {
  if (!device_memory.FreeNode(node)) Warn(kWarnBug);
}

void* Runtime::AllocDevres(kernel_dr_release release, size_t bytes,
                           unsigned int gfp) {
  if ((gfp & KERNEL_GFP_SLEEP) != 0) Event(KERNEL_SLEEP, nullptr);
  if (Fails(gfp)) return nullptr;
  void* const data = devices.Make(release, bytes);
  Event(KERNEL_ALLOC, data);
  return data;
}

void Runtime::FreeDevres(void* data) {
  if (data == nullptr) return;
  Object* const object = devices.ObjectOf(data);
  if (object == nullptr || !object->is_live || Devices::IsAdded(data)) {
    Warn(kWarnBug);
    return;
  }
  Event(KERNEL_FREE, data);
  arena.Free(object);
}

void Runtime::Visited(const Visit& visit) {
  Event(KERNEL_CALLBACK, nullptr);
  if (++visits_ > kVisitsMax) Bug();
  seen_->visits.push_back(visit);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_RUNTIME_H_
#define RESTREE_KERNEL_RUNTIME_H_

#include <setjmp.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/device_memory.h"
#include "kernel/devices.h"
#include "kernel/fibers.h"
#include "kernel/hooks.h"
#include "model/observation.h"
#include "model/trace.h"

namespace restree {

// A Runtime is the rest of the kernel, as one version of kernel/resource.c
// meets it: it answers the hooks (kernel/hooks.h) and judges how they are
// called. What goes against the rules is not an abort but a warning of the
// observation: a finding is worth more than a crash.
//
// Rules: never sleep (allocate with GFP_KERNEL, schedule) or call back with
// resource_lock, a spin lock or RCU's read lock held; never unlock what is not
// held, nor as a reader what a writer holds; hold nothing at the end; link no
// resource without the lock; free only what kmalloc gave, once.
//
// One runtime answers at a time: the one whose Call() runs.
class Runtime {
 public:
  Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // Returns to an empty arena, no entries, nobody waiting, the lock free.
  void Reset();

  // Begins an op, whose warnings and visits are the observation's.
  void Begin(Observation* seen);

  // Ends it: the lock must be free.
  void End();

  // Runs `body`, which calls the kernel. Returns false if the kernel's code
  // was left in the middle, by BUG() or for running on and on. Objects with
  // destructors must not be alive in `body` while the kernel runs.
  bool Call(absl::FunctionRef<void()> body);

  // Ditto on a stack of its own, such that it may sleep.
  Fiber* CallAndMaySleep(const Op& op, void (*body)(Fiber*), void* owner);

  // As Fibers::ResumeNext().
  Fiber* ResumeNext();

  // The answers to hooks.
  void Event(kernel_event_kind what, const void* object);
  void* Alloc(size_t bytes, unsigned int gfp);
  void* Realloc(void* memory, size_t bytes, unsigned int gfp);
  void FreeMemory(const void* memory);
  bool IsSlab(const void* memory);
  void* AllocNode(size_t bytes, unsigned int gfp);
  void FreeNode(void* node);
  void* AllocDevres(kernel_dr_release release, size_t bytes, unsigned int gfp);
  void FreeDevres(void* data);
  void Warn(uint16_t warnings) { seen_->warnings |= warnings; }

  // Warns in the name of a function of the kernel's.
  void Complain(uint16_t warning, const char* function) {
    if (seen_->raised_in.empty()) seen_->raised_in = function;
    Warn(warning);
  }
  [[noreturn]] void Bug();
  void Visited(const Visit& visit);

  // Allocations number nth to nth + times - 1 from now fail.
  uint32_t fail_nth = 0;
  uint64_t fail_times = 0;

  // What `proc` shows: the lines so far, the resource of the next, and those of
  // all so far.
  std::string text;
  const resource* row = nullptr;
  std::vector<const resource*> rows;

  // Since Begin(): objects that the kernel allocated, and resources that it
  // freed, or left to a caller who has no use for them any more.
  std::vector<Object*> made;
  std::vector<Object*> gone;

  // Where to look for resources that are not in the arena, if anywhere.
  Object* (*find_static)(void* owner, const void* memory) = nullptr;
  void* find_static_owner = nullptr;

  Arena arena;
  Devices devices{&arena};
  DeviceMemory device_memory{&arena};
  Fibers fibers;

  // Returns a number that depends on the links of all resources, to notice who
  // changes them without the lock; nullptr: nobody looks.
  uint64_t (*links)(void* owner) = nullptr;
  void* links_owner = nullptr;

  // Nobody must have changed links since the lock was last given back. From now
  // on, and when Call() returns, that is forgotten: resources may come and go.
  void CheckLinks();

  // Returns the object that memory of the kernel's code is, or nullptr.
  Object* Find(const void* memory) const;

  bool took_write_lock() const { return took_write_lock_; }

 private:
  void LockEvent(kernel_event_kind what);
  bool Fails(unsigned int gfp);
  void Lock(bool write);
  void Unlock(bool write);
  void MustNotHold();
  void ForgetLocks();
  void TakeLinks();

  Observation* seen_ = nullptr;
  Observation nobody_;  // seen_ when no op is played
  jmp_buf bottom_ = {};
  bool in_call_ = false;

  uint32_t readers_ = 0;
  uint32_t writers_ = 0;
  uint32_t atomic_ = 0;      // spin locks, and readers under RCU
  bool is_hotplug_ = false;  // the lock of memory hotplug is held
  bool took_write_lock_ = false;
  uint64_t lock_ops_ = 0;  // since Begin()
  uint64_t links_ = 0;     // when the lock was last given back
  bool has_links_ = false;
  uint64_t visits_ = 0;
  uint64_t bytes_ = 0;
};

// The runtime that answers, nullptr outside of any Call().
Runtime* CurrentRuntime();

// How a NameId looks to the kernel's code, which compares names and hands them
// around and never reads them.
const char* NamePointer(NameId name);

// Returns false if `pointer` did not come from NamePointer().
bool IsNamePointer(const char* pointer, NameId* name);

}  // namespace restree

#endif  // RESTREE_KERNEL_RUNTIME_H_

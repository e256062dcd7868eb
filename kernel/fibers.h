// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_FIBERS_H_
#define RESTREE_KERNEL_FIBERS_H_

#include <setjmp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "model/trace.h"

namespace restree {

// A Fiber is a call into the kernel on a stack of its own, so that schedule()
// can leave it where it is and go on with other ops.
struct Fiber {
  Op op;                             // whose call it is
  void (*body)(Fiber*) = nullptr;    // what it runs
  void* owner = nullptr;             // for body
  void* result = nullptr;            // of the kernel's function, once is_done
  bool is_done = false;              // body has returned
  bool is_dead = false;              // left for good without returning
  const void* wait_entry = nullptr;  // while it is in the wait queue
  const void* event = nullptr;       // while it sleeps for one

  void* stack_pointer = nullptr;  // while it does not run
  jmp_buf bottom = {};            // where a killed fiber goes
  bool is_killed = false;
  char* stack = nullptr;
  void* fake_stack = nullptr;
};

// Fibers runs fibers, one at a time, and keeps the wait queue: one, for
// kernel/resource.c has one. Who waits for a completion is in no queue.
//
//   Fiber* fiber = fibers.Start(op, Body, this);  // runs until it sleeps
//   if (!fiber->is_done) ...                      // it waits
//   fibers.WakeAll();
//   for (Fiber* f; (f = fibers.ResumeNext());) ...
class Fibers {
 public:
  Fibers();
  ~Fibers();
  Fibers(const Fibers&) = delete;
  Fibers& operator=(const Fibers&) = delete;

  // Ends all fibers that sleep.
  void Reset();

  // Runs body(fiber) until it returns or sleeps.
  // REQUIRES: no fiber runs.
  Fiber* Start(const Op& op, void (*body)(Fiber*), void* owner);

  // Lets the next fiber that was woken run on until it returns or sleeps
  // again. Returns nullptr if there is none.
  Fiber* ResumeNext();

  // Takes back a fiber that is done or dead.
  void Finish(Fiber* fiber);

  // The fiber that runs, nullptr outside of any.
  Fiber* running() const { return running_; }

  // These are for the running fiber. Leave() never returns.
  void Sleep();
  void Leave();
  void Enqueue(const void* wait_entry);  // at the head, as add_wait_queue()
  void Dequeue(const void* wait_entry);
  void SleepFor(const void* event);  // until Wake(event)

  void WakeAll();
  void Wake(const void* event);

  // Counts what changed the queue.
  uint64_t changes() const { return changes_; }

  // Those that wait, the newest first.
  absl::Span<Fiber* const> queue() const { return queue_; }

  // Those that sleep for an event, in the order in which they began to.
  absl::Span<Fiber* const> sleepers() const { return sleepers_; }

 private:
  static void Entry();
  void SwitchTo(Fiber* fiber);
  void SwitchBack(Fiber* fiber, bool for_good);

  std::vector<std::unique_ptr<Fiber>> all_;
  std::vector<Fiber*> free_;
  std::vector<Fiber*> queue_;
  std::vector<Fiber*> sleepers_;
  std::vector<Fiber*> woken_;  // to be resumed, in this order
  Fiber* running_ = nullptr;
  uint64_t changes_ = 0;
  void* main_stack_pointer_ = nullptr;
  const void* main_stack_ = nullptr;
  size_t main_stack_bytes_ = 0;
};

}  // namespace restree

#endif  // RESTREE_KERNEL_FIBERS_H_

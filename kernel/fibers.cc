// SPDX-License-Identifier: Apache-2.0
#include "kernel/fibers.h"

#include <setjmp.h>
#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernel/sanitizer.h"
#include "kernel/switch_stack.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr size_t kStackBytes = size_t{256} << 10;

char* NewStack() {
  void* stack = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  assert(stack != MAP_FAILED);
  return static_cast<char*>(stack);
}

void Erase(std::vector<Fiber*>* fibers, const Fiber* fiber) {
  fibers->erase(std::remove(fibers->begin(), fibers->end(), fiber),
                fibers->end());
}

// What Entry() is to run, for it has no parameters.
Fibers* entry_owner = nullptr;
Fiber* entry_fiber = nullptr;

}  // namespace

Fibers::Fibers() = default;

Fibers::~Fibers() {
  Reset();
  for (const auto& fiber : all_) munmap(fiber->stack, kStackBytes);
}

void Fibers::Reset() {
  assert(running_ == nullptr);
  for (const auto& fiber : all_) {
    if (std::find(free_.begin(), free_.end(), fiber.get()) != free_.end()) {
      continue;
    }
    if (!fiber->is_done && !fiber->is_dead) {
      fiber->is_killed = true;
      SwitchTo(fiber.get());
    }
    free_.push_back(fiber.get());
  }
  queue_.clear();
  sleepers_.clear();
  woken_.clear();
  changes_ = 0;
}

Fiber* Fibers::Start(const Op& op, void (*body)(Fiber*), void* owner) {
  assert(running_ == nullptr);
  if (free_.empty()) {
    all_.push_back(std::make_unique<Fiber>());
    all_.back()->stack = NewStack();
    free_.push_back(all_.back().get());
  }
  Fiber* const fiber = free_.back();
  free_.pop_back();
  fiber->op = op;
  fiber->body = body;
  fiber->owner = owner;
  fiber->result = nullptr;
  fiber->is_done = fiber->is_dead = fiber->is_killed = false;
  fiber->wait_entry = fiber->event = nullptr;
  fiber->fake_stack = nullptr;
  UnpoisonMemory(fiber->stack, kStackBytes);  // from frames left for good
  fiber->stack_pointer =
      NewStackPointer(fiber->stack, kStackBytes, &Fibers::Entry);
  entry_owner = this;
  entry_fiber = fiber;
  SwitchTo(fiber);
  return fiber;
}

// Runs on the fiber's stack, which it never leaves by returning.
void Fibers::Entry() {
  Fibers* const owner = entry_owner;
  Fiber* const fiber = entry_fiber;
  AfterSwitch(nullptr, &owner->main_stack_, &owner->main_stack_bytes_);
  if (_setjmp(fiber->bottom) == 0) {
    fiber->body(fiber);
    fiber->is_done = true;
  } else {
    fiber->is_dead = true;
  }
  owner->SwitchBack(fiber, /*for_good=*/true);
}

void Fibers::SwitchTo(Fiber* fiber) {
  running_ = fiber;
  void* fake_stack = nullptr;
  BeforeSwitch(&fake_stack, fiber->stack, kStackBytes);
  restree_switch_stack(&main_stack_pointer_, fiber->stack_pointer);
  AfterSwitch(fake_stack, nullptr, nullptr);
  running_ = nullptr;
}

void Fibers::SwitchBack(Fiber* fiber, bool for_good) {
  BeforeSwitch(for_good ? nullptr : &fiber->fake_stack, main_stack_,
               main_stack_bytes_);
  restree_switch_stack(&fiber->stack_pointer, main_stack_pointer_);
  AfterSwitch(fiber->fake_stack, &main_stack_, &main_stack_bytes_);
}

void Fibers::Sleep() {
  Fiber* const fiber = running_;
  SwitchBack(fiber, /*for_good=*/false);
  if (fiber->is_killed) Leave();
}

void Fibers::Leave() { _longjmp(running_->bottom, 1); }

Fiber* Fibers::ResumeNext() {
  if (woken_.empty()) return nullptr;
  Fiber* const fiber = woken_.front();
  woken_.erase(woken_.begin());
  SwitchTo(fiber);
  return fiber;
}

void Fibers::Finish(Fiber* fiber) {
  assert(fiber->is_done || fiber->is_dead);
  ++changes_;
  Erase(&queue_, fiber);
  free_.push_back(fiber);
}

void Fibers::Enqueue(const void* wait_entry) {
  ++changes_;
  running_->wait_entry = wait_entry;
  queue_.insert(queue_.begin(), running_);
}

void Fibers::Dequeue(const void* wait_entry) {
  ++changes_;
  if (running_->wait_entry == wait_entry) running_->wait_entry = nullptr;
  Erase(&queue_, running_);
}

void Fibers::SleepFor(const void* event) {
  ++changes_;
  running_->event = event;
  sleepers_.push_back(running_);
  Sleep();
}

void Fibers::Wake(const void* event) {
  for (Fiber* fiber : std::vector<Fiber*>(sleepers_)) {
    if (fiber->event != event) continue;
    ++changes_;
    fiber->event = nullptr;
    Erase(&sleepers_, fiber);
    woken_.push_back(fiber);
  }
}

void Fibers::WakeAll() {
  for (Fiber* fiber : queue_) {
    if (fiber == running_) continue;
    if (std::find(woken_.begin(), woken_.end(), fiber) == woken_.end()) {
      woken_.push_back(fiber);
    }
  }
}

}  // namespace restree

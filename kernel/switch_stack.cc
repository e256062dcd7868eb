// SPDX-License-Identifier: Apache-2.0
#include "kernel/switch_stack.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

// Each saves the registers that a call must preserve on the stack that is left,
// stores its pointer in *left, and undoes the same on the next.
#if defined(__x86_64__)
asm(R"(
  .text
  .globl restree_switch_stack
  .type restree_switch_stack, @function
restree_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  retq
  .size restree_switch_stack, . - restree_switch_stack
)");
#elif defined(__aarch64__)
asm(R"(
  .text
  .globl restree_switch_stack
  .type restree_switch_stack, %function
restree_switch_stack:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
  .size restree_switch_stack, . - restree_switch_stack
)");
#else
#error "say how this machine switches stacks"
#endif

namespace restree {
namespace {

// Words that a switch pops, and which of them is where it then goes.
#if defined(__x86_64__)
constexpr size_t kWords = 7;
constexpr size_t kEntryWord = 6;
constexpr size_t kWordsAbove = 1;  // as if `entry` had been called
#else
constexpr size_t kWords = 20;
constexpr size_t kEntryWord = 11;
constexpr size_t kWordsAbove = 0;
#endif

}  // namespace

void* NewStackPointer(char* stack, size_t bytes, void (*entry)()) {
  const uintptr_t top = (reinterpret_cast<uintptr_t>(stack) + bytes) & ~15UL;
  const size_t words = kWords + kWordsAbove;
  auto* const pointer = reinterpret_cast<uint64_t*>(top) - words;
  std::memset(pointer, 0, words * sizeof(*pointer));
  pointer[kEntryWord] = reinterpret_cast<uint64_t>(entry);
  return pointer;
}

}  // namespace restree

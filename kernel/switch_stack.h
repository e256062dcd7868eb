// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_SWITCH_STACK_H_
#define RESTREE_KERNEL_SWITCH_STACK_H_

#include <cstddef>

namespace restree {

// Goes on where another stack was left. swapcontext() would do, but it makes
// two system calls each time, and ASan says of it that it cannot follow.
extern "C" void restree_switch_stack(void** left, void* next);

// Returns what to give to restree_switch_stack() so that `entry` begins to run
// on a new stack. It must never return.
void* NewStackPointer(char* stack, size_t bytes, void (*entry)());

}  // namespace restree

#endif  // RESTREE_KERNEL_SWITCH_STACK_H_

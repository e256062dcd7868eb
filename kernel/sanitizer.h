// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_SANITIZER_H_
#define RESTREE_KERNEL_SANITIZER_H_

// What AddressSanitizer wants to know about memory and stacks that we manage
// ourselves; nothing at all in other builds.

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RESTREE_ASAN 1
#endif
#endif

#ifdef RESTREE_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace restree {

// For functions that look at memory which may be poisoned.
#define RESTREE_NO_ASAN __attribute__((no_sanitize("address")))

inline void PoisonMemory([[maybe_unused]] const void* memory,
                         [[maybe_unused]] size_t bytes) {
#ifdef RESTREE_ASAN
  __asan_poison_memory_region(memory, bytes);
#endif
}

inline void UnpoisonMemory([[maybe_unused]] const void* memory,
                           [[maybe_unused]] size_t bytes) {
#ifdef RESTREE_ASAN
  __asan_unpoison_memory_region(memory, bytes);
#endif
}

// Call before and after a switch to another stack. `*fake` keeps what belongs
// to the stack that is left; fake == nullptr says that it is left for good.
inline void BeforeSwitch([[maybe_unused]] void** fake,
                         [[maybe_unused]] const void* stack,
                         [[maybe_unused]] size_t bytes) {
#ifdef RESTREE_ASAN
  __sanitizer_start_switch_fiber(fake, stack, bytes);
#endif
}

// `fake` is what BeforeSwitch() kept for the stack that now runs, nullptr if it
// runs for the first time. Says which stack was left.
inline void AfterSwitch([[maybe_unused]] void* fake,
                        [[maybe_unused]] const void** stack,
                        [[maybe_unused]] size_t* bytes) {
#ifdef RESTREE_ASAN
  __sanitizer_finish_switch_fiber(fake, stack, bytes);
#endif
}

}  // namespace restree

#endif  // RESTREE_KERNEL_SANITIZER_H_

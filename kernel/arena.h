// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_ARENA_H_
#define RESTREE_KERNEL_ARENA_H_

#include <cstddef>
#include <cstdint>

#include "kernel/api.h"
#include "kernel/sanitizer.h"
#include "model/trace.h"

namespace restree {

// An Object is one piece of memory that the kernel's code may see, and what is
// known about it. Its header lies right before the memory, so that a pointer
// leads to it in no time. Resources that the trace owns are objects too, for
// the kernel's lists mix them with its own.
//
// `shown` is a resource as it was when its digest was last computed; `met` is
// when the machine last met it on its way through the trees.
struct Object {
  uint64_t magic = 0;
  uint32_t bytes = 0;
  bool is_live = false;    // not freed
  bool is_kernel = false;  // came from kmalloc, or belongs to the trace
  Slot slot = kNoSlot;     // of a resource
  uint32_t index = 0;      // where the machine keeps it
  resource* memory = nullptr;

  resource shown = {};
  uint64_t digest = 0;  // 0: not computed
  Slot shown_parent = kNoSlot;
  uint32_t met = 0;
};

// An Arena gives out objects and takes them all back at once. It never gives
// the same memory twice between two Reset()s: a freed object is filled with
// 0x6b, as SLUB does, and under ASan poisoned, so that whoever still uses it
// is found.
//
//   Arena arena;
//   Object* object = arena.New(sizeof(resource), /*is_kernel=*/true);
//   arena.Find(object->memory);  // object
//   arena.Free(object);
//   arena.Find(object->memory);  // object, no longer live
//   arena.Reset();
//
// Takes address space for 4 GiB and memory for what was ever in use at once.
class Arena {
 public:
  Arena();
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void Reset();

  // Returns a live object with zeroed memory.
  Object* New(size_t bytes, bool is_kernel);

  // REQUIRES: object is live.
  void Free(Object* object);

  // Returns the object whose memory begins at `memory`, live or not; nullptr
  // for any other pointer, also a wild one.
  RESTREE_NO_ASAN Object* Find(const void* memory) const {
    const uintptr_t offset = reinterpret_cast<uintptr_t>(memory) -
                             reinterpret_cast<uintptr_t>(base_);
    if (offset >= used_ || offset < kHeaderBytes || offset % kAlign != 0) {
      return nullptr;
    }
    // Wild pointers lead anywhere, into red zones too.
    Object* const object =
        reinterpret_cast<Object*>(base_ + (offset - kHeaderBytes));
    if (object->magic != kMagic || object->memory != memory) return nullptr;
    return object;
  }

  // Objects that came from kmalloc and were not freed.
  uint64_t kernel_live() const { return kernel_live_; }

 private:
  static constexpr uint64_t kMagic = 0x7265736f75726365;
  static constexpr size_t kAlign = 64;

  // The header, then at least kRedBytes, then the memory, then kTailBytes.
  static constexpr size_t kRedBytes = 16;
  static constexpr size_t kHeaderBytes =
      (sizeof(Object) + kRedBytes + kAlign - 1) / kAlign * kAlign;
#ifdef RESTREE_ASAN
  static constexpr size_t kTailBytes = kAlign;
#else
  static constexpr size_t kTailBytes = 0;
#endif

  char* base_;
  size_t used_ = 0;
  uint64_t kernel_live_ = 0;
};

}  // namespace restree

#endif  // RESTREE_KERNEL_ARENA_H_

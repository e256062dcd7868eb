// SPDX-License-Identifier: Apache-2.0
#include "kernel/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "kernel/sanitizer.h"

namespace restree {
namespace {

constexpr size_t kArenaBytes = size_t{4} << 30;
constexpr int kFreed = 0x6b;  // POISON_FREE

// A reset arena gives memory beyond this back, so that one huge trace does not
// weigh on all that follow.
constexpr size_t kKeepBytes = size_t{16} << 20;

}  // namespace

Arena::Arena() {
  void* memory = mmap(nullptr, kArenaBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  base_ = static_cast<char*>(memory);
}

Arena::~Arena() {
  UnpoisonMemory(base_, used_);
  munmap(base_, kArenaBytes);
}

void Arena::Reset() {
  UnpoisonMemory(base_, used_);
  if (used_ > kKeepBytes) {
    madvise(base_ + kKeepBytes, kArenaBytes - kKeepBytes, MADV_DONTNEED);
  }
  used_ = 0;
  kernel_live_ = 0;
}

Object* Arena::New(size_t bytes, bool is_kernel) {
  const size_t rounded = (bytes + kAlign - 1) / kAlign * kAlign;
  const size_t total = kHeaderBytes + rounded + kTailBytes;
  assert(bytes < kArenaBytes);
  assert(total <= kArenaBytes - used_);
  char* const header = base_ + used_;
  used_ += total;
  char* const memory = header + kHeaderBytes;
  std::memset(memory, 0, bytes);
  PoisonMemory(header + sizeof(Object), kHeaderBytes - sizeof(Object));
  PoisonMemory(memory + bytes, rounded + kTailBytes - bytes);
  Object* const object = new (header) Object();
  object->magic = kMagic;
  object->bytes = static_cast<uint32_t>(bytes);
  object->is_live = true;
  object->is_kernel = is_kernel;
  object->memory = reinterpret_cast<resource*>(memory);
  if (is_kernel) ++kernel_live_;
  return object;
}

void Arena::Free(Object* object) {
  assert(object->is_live);
  object->is_live = false;
  object->slot = kNoSlot;
  std::memset(object->memory, kFreed, object->bytes);
  PoisonMemory(object->memory, object->bytes);
  if (object->is_kernel) --kernel_live_;
}

}  // namespace restree

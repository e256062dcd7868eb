// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_RESOURCES_H_
#define RESTREE_KERNEL_RESOURCES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "kernel/api.h"
#include "kernel/arena.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

// Resources says which slot of the trace is which `struct resource` of the
// kernel, in both directions and in no time.
class Resources {
 public:
  Resources(const kernel_api& api, Arena* arena);
  Resources(const Resources&) = delete;
  Resources& operator=(const Resources&) = delete;

  // Only the roots are left. The arena is reset by its owner.
  void Reset();

  // Returns the resource in `slot`, nullptr if there is none.
  Object* At(Slot slot) const {
    if (slot < kNear) return near_[slot];
    const auto it = far_.find(slot);
    return it == far_.end() ? nullptr : it->second;
  }

  // Returns what a pointer of the kernel's leads to, live or not; nullptr for
  // NULL and for a wild pointer.
  Object* ObjectOf(const resource* pointer) const {
    Object* const object = arena_->Find(pointer);
    return object != nullptr ? object : FindStatic(pointer);
  }

  // Returns the slot of what a pointer leads to, or kNoSlot.
  Slot SlotOf(const resource* pointer) const {
    const Object* const object = ObjectOf(pointer);
    return object == nullptr || !object->is_live ? kNoSlot : object->slot;
  }

  // Returns an object for a resource in the kernel's own variables that was
  // not known before. REQUIRES: IsVariable(pointer).
  Object* AddStatic(resource* pointer);
  bool IsVariable(const resource* pointer) const;
  Object* FindStatic(const resource* pointer) const;

  // Puts an object into a slot, in place of what was there.
  void Define(Slot slot, Object* object);

  // Empties the slot of an object, which may be freed already.
  void Forget(Object* object);

  // Empties a slot and takes back what was there, if anything was.
  void Drop(Slot slot);

  // Takes back an object in no slot that the kernel does not know.
  void Discard(Object* object) { arena_->Free(object); }

  // Counts what has changed the slots.
  uint64_t changes() const { return changes_; }

  // Those in slots above the roots, in no order.
  absl::Span<Object* const> all() const { return all_; }

  // What a resource says of itself; depth is the caller's to know.
  Row RowOf(const Object& object) const;

 private:
  static constexpr Slot kNear = 66;  // the roots and r0 to r63

  const kernel_api* api_;
  Arena* arena_;
  std::array<Object*, kNear> near_ = {};
  absl::flat_hash_map<Slot, Object*> far_;
  std::vector<Object*> all_;
  uint64_t changes_ = 0;
  Object iomem_, ioport_;
  std::vector<std::unique_ptr<Object>> statics_;
};

}  // namespace restree

#endif  // RESTREE_KERNEL_RESOURCES_H_

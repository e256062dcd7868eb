// SPDX-License-Identifier: Apache-2.0
#include "kernel/resources.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/runtime.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// A name that no trace gave and no slot has: the kernel's code made it up.
constexpr NameId kNameUnknown = UINT32_MAX;

void MakeRoot(Slot slot, resource* root, Object* object) {
  object->is_live = true;
  object->slot = slot;
  object->memory = root;
}

}  // namespace

Resources::Resources(const kernel_api& api, Arena* arena)
    : api_(&api), arena_(arena) {
  MakeRoot(kIomem, api.iomem, &iomem_);
  MakeRoot(kIoport, api.ioport, &ioport_);
  near_[kIomem] = &iomem_;
  near_[kIoport] = &ioport_;
}

void Resources::Reset() {
  for (const Object* object : all_) {
    if (object->slot < kNear) near_[object->slot] = nullptr;
  }
  far_.clear();
  all_.clear();
  statics_.clear();
  ++changes_;
}

bool Resources::IsVariable(const resource* pointer) const {
  const char* const at = reinterpret_cast<const char*>(pointer);
  return (api_->data.begin <= at && at < api_->data.end) ||
         (api_->bss.begin <= at && at < api_->bss.end);
}

Object* Resources::FindStatic(const resource* pointer) const {
  if (pointer == api_->iomem) return near_[kIomem];
  if (pointer == api_->ioport) return near_[kIoport];
  for (const auto& object : statics_) {
    if (object->memory == pointer) return object.get();
  }
  return nullptr;
}

Object* Resources::AddStatic(resource* pointer) {
  assert(FindStatic(pointer) == nullptr);
  Object* const object =
      statics_.emplace_back(std::make_unique<Object>()).get();
  object->is_live = true;
  object->memory = pointer;
  return object;
}

void Resources::Define(Slot slot, Object* object) {
  Drop(slot);
  ++changes_;
  object->slot = slot;
  object->index = static_cast<uint32_t>(all_.size());
  object->digest = 0;
  all_.push_back(object);
  if (slot < kNear) {
    near_[slot] = object;
  } else {
    far_[slot] = object;
  }
}

void Resources::Drop(Slot slot) {
  Object* const object = At(slot);
  if (object == nullptr) return;
  Forget(object);
  if (arena_->Find(object->memory) == object) Discard(object);
}

void Resources::Forget(Object* object) {
  const Slot slot = object->slot;
  if (slot < kFirstSlot || slot >= kSlots) return;
  assert(all_[object->index] == object);
  ++changes_;
  all_[object->index] = all_.back();
  all_[object->index]->index = object->index;
  all_.pop_back();
  if (slot < kNear) {
    near_[slot] = nullptr;
  } else {
    far_.erase(slot);
  }
  object->slot = kNoSlot;
  object->digest = 0;
}

Row Resources::RowOf(const Object& object) const {
  const resource& it = *object.memory;
  Row row;
  row.slot = object.slot;
  row.parent = SlotOf(it.parent);
  row.region = object.is_kernel;
  row.range = {it.start, it.end};
  row.flags = it.flags;
  row.desc = it.desc;
  // The roots have names of their own, and no NameId.
  if (!IsNamePointer(it.name, &row.name) && object.slot >= kFirstSlot) {
    row.name = kNameUnknown;
  }
  row.name = OwnName(row.name, row.slot);
  return row;
}

}  // namespace restree

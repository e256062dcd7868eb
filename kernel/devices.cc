// SPDX-License-Identifier: Apache-2.0
#include "kernel/devices.h"

#include <cstddef>
#include <cstdint>
#include <new>

#include "kernel/arena.h"
#include "kernel/hooks.h"
#include "model/trace.h"

namespace restree {
namespace {

device::Entry* EntryOf(void* data) {
  return static_cast<device::Entry*>(data) - 1;
}

}  // namespace

Devices::Devices(Arena* arena) : arena_(arena), devices_(kDevices) {
  for (uint32_t i = 0; i < kDevices; ++i) devices_[i].number = i;
}

void Devices::Reset() {
  if (changes_ == 0) return;
  for (device& it : devices_) it.entries.clear();
  changes_ = 0;
}

void* Devices::Make(kernel_dr_release release, size_t bytes) {
  Object* const object =
      arena_->New(sizeof(device::Entry) + bytes, /*is_kernel=*/true);
  auto* const entry = new (object->memory) device::Entry{release, false};
  return entry->data();
}

bool Devices::Add(device* device, void* data) {
  device::Entry* const entry = EntryOf(data);
  if (entry->is_added) return false;
  entry->is_added = true;
  device->entries.push_back(entry);
  ++changes_;
  return true;
}

void* Devices::Remove(device* device, kernel_dr_release release,
                      kernel_dr_match match, void* match_data) {
  for (size_t i = device->entries.size(); i-- > 0;) {
    device::Entry* const entry = device->entries[i];
    if (entry->release != release) continue;
    if (match != nullptr && !match(device, entry->data(), match_data)) continue;
    device->entries.erase(device->entries.begin() + i);
    entry->is_added = false;
    ++changes_;
    return entry->data();
  }
  return nullptr;
}

device::Entry* Devices::RemoveNewest(device* device) {
  if (device->entries.empty()) return nullptr;
  device::Entry* const entry = device->entries.back();
  device->entries.pop_back();
  entry->is_added = false;
  ++changes_;
  return entry;
}

bool Devices::IsAdded(void* data) { return EntryOf(data)->is_added; }

Object* Devices::ObjectOf(void* data) const {
  return arena_->Find(EntryOf(data));
}

}  // namespace restree

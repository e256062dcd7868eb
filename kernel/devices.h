// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_DEVICES_H_
#define RESTREE_KERNEL_DEVICES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "kernel/arena.h"
#include "kernel/hooks.h"
#include "model/trace.h"

// What the kernel's code holds a pointer to and never looks into.
struct device {
  // One devres entry; its data, which the kernel's code sees, follows.
  struct Entry {
    kernel_dr_release release;
    bool is_added;
    void* data() { return this + 1; }
  };

  uint32_t number = 0;
  std::vector<Entry*> entries;  // the newest last
};

namespace restree {

// Devices are d0, d1, ... and their devres entries: drivers/base/devres.c as
// far as kernel/resource.c can tell.
class Devices {
 public:
  explicit Devices(Arena* arena);
  Devices(const Devices&) = delete;
  Devices& operator=(const Devices&) = delete;

  void Reset();  // the arena has taken back the entries

  // REQUIRES: number < kDevices.
  device* At(uint32_t number) { return &devices_[number]; }
  absl::Span<const device> all() const { return devices_; }

  // Counts what changed the entries of any device.
  uint64_t changes() const { return changes_; }

  // Returns the data of a new entry, which no device has yet.
  void* Make(kernel_dr_release release, size_t bytes);

  // Gives an entry to a device. Returns false if one has it already.
  bool Add(device* device, void* data);

  // Takes away the newest entry that matches and returns its data; nullptr if
  // there is none. `match` may be nullptr.
  void* Remove(device* device, kernel_dr_release release, kernel_dr_match match,
               void* match_data);

  // Takes away the newest entry of all; nullptr if there is none.
  device::Entry* RemoveNewest(device* device);

  // Returns whether an entry is some device's. REQUIRES: it is not freed.
  static bool IsAdded(void* data);

  // Returns the arena's object of an entry, nullptr for a wild pointer.
  Object* ObjectOf(void* data) const;

 private:
  Arena* arena_;
  std::vector<device> devices_;
  uint64_t changes_ = 0;
};

}  // namespace restree

#endif  // RESTREE_KERNEL_DEVICES_H_

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_DEVICE_MEMORY_H_
#define RESTREE_KERNEL_DEVICE_MEMORY_H_

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/types/span.h"
#include "kernel/arena.h"
#include "kernel/hooks.h"

namespace restree {

inline constexpr int kKernelCounters = KERNEL_MANAGED + 1;

// DeviceMemory is the memory that pagemaps bring: which pages there are, whose
// they are, and what was counted on the way. It has no contents.
class DeviceMemory {
 public:
  // Pages that are there, or that are a pagemap's. The end is included.
  struct Span {
    uint64_t first = 0, last = 0;
    uint64_t altmap_pages = 0;  // that their struct pages take, of an altmap
    void* pagemap = nullptr;    // once its pages are initialised
  };

  explicit DeviceMemory(Arena* arena) : arena_(arena) {}
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  void Reset();  // the arena has taken back the pages and the nodes

  // The fail_nth-th of a step from now fails, once; 0: none does.
  kernel_step fail_step = KERNEL_STEP_XA_STORE;
  uint32_t fail_nth = 0;
  bool StepFails(kernel_step step);

  // The fail_node-th allocation of a node from now fails, and so do the
  // fail_nodes - 1 after it.
  uint32_t fail_node = 0;
  uint32_t fail_nodes = 0;
  void* AllocNode(size_t bytes);
  bool FreeNode(void* node);  // false: it is none, or freed
  uint64_t nodes() const { return nodes_; }

  // Uncount() returns false if the counter would fall below 0.
  void Count(kernel_counter counter, uint64_t by) { counters_[counter] += by; }
  bool Uncount(kernel_counter counter, uint64_t by);
  uint64_t counter(kernel_counter counter) const {
    return static_cast<uint64_t>(counters_[counter]);
  }

  bool Overlaps(uint64_t first, uint64_t pages) const;
  void Add(const Span& span);
  bool Remove(uint64_t first, uint64_t pages, uint64_t* altmap_pages);
  void InitPages(uint64_t first, uint64_t pages, void* pagemap);
  absl::Span<const Span> spans() const { return spans_; }

  // Returns a page, made now if it was not. A page of no pagemap is nobody's,
  // and forgotten.
  page* PageAt(uint64_t pfn, void** pagemap);

  // Those that were ever asked for, by number.
  const std::map<uint64_t, Object*>& pages() const { return pages_; }

  // Blocks that altmaps gave out since the last call of TakeBlocks(), one that
  // begins right behind another joined to it.
  void AddBlock(uint64_t first, uint64_t pages);
  std::vector<Span> TakeBlocks();

 private:
  Arena* arena_;
  // Wide, for a range that wraps is counted for a while as well.
  std::array<unsigned __int128, kKernelCounters> counters_ = {};
  std::vector<Span> spans_;
  std::map<uint64_t, Object*> pages_;
  std::vector<Span> blocks_;
  uint64_t nodes_ = 0;
};

}  // namespace restree

#endif  // RESTREE_KERNEL_DEVICE_MEMORY_H_

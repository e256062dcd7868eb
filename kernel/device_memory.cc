// SPDX-License-Identifier: Apache-2.0
#include "kernel/device_memory.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "kernel/arena.h"
#include "kernel/hooks.h"

namespace restree {
namespace {

// sizeof(struct page); memory.h of the shims asserts it.
constexpr size_t kPageBytes = 64;

}  // namespace

void DeviceMemory::Reset() {
  fail_nth = fail_node = fail_nodes = 0;
  fail_step = KERNEL_STEP_XA_STORE;
  counters_ = {};
  spans_.clear();
  pages_.clear();
  blocks_.clear();
  nodes_ = 0;
}

bool DeviceMemory::StepFails(kernel_step step) {
  if (fail_nth == 0 || step != fail_step) return false;
  if (--fail_nth > 0) return false;
  fail_step = KERNEL_STEP_XA_STORE;
  return true;
}

void* DeviceMemory::AllocNode(size_t bytes) {
  if (fail_node > 1) {
    --fail_node;
  } else if (fail_nodes > 0) {
    --fail_nodes;
    return nullptr;
  }
  ++nodes_;
  return arena_->New(bytes, /*is_kernel=*/false)->memory;
}

bool DeviceMemory::FreeNode(void* node) {
  Object* const object = arena_->Find(node);
  if (object == nullptr || !object->is_live) return false;
  arena_->Free(object);
  --nodes_;
  return true;
}

bool DeviceMemory::Uncount(kernel_counter counter, uint64_t by) {
  unsigned __int128& count = counters_[counter];
  const bool is_enough = by <= count;
  count = is_enough ? count - by : 0;
  return is_enough;
}

bool DeviceMemory::Overlaps(uint64_t first, uint64_t pages) const {
  const uint64_t last = first + pages - 1;
  return std::any_of(spans_.begin(), spans_.end(), [&](const Span& span) {
    return span.first <= last && first <= span.last;
  });
}

void DeviceMemory::Add(const Span& span) { spans_.push_back(span); }

bool DeviceMemory::Remove(uint64_t first, uint64_t pages,
                          uint64_t* altmap_pages) {
  const uint64_t last = first + pages - 1;
  const auto it =
      std::find_if(spans_.begin(), spans_.end(), [&](const Span& span) {
        return span.first == first && span.last == last;
      });
  if (it == spans_.end()) return false;
  *altmap_pages = it->altmap_pages;
  spans_.erase(it);
  const auto begin = pages_.lower_bound(first), end = pages_.upper_bound(last);
  for (auto page = begin; page != end; ++page) arena_->Free(page->second);
  pages_.erase(begin, end);
  return true;
}

void DeviceMemory::InitPages(uint64_t first, uint64_t pages, void* pagemap) {
  for (Span& span : spans_) {
    if (span.first == first && span.last == first + pages - 1) {
      span.pagemap = pagemap;
    }
  }
}

page* DeviceMemory::PageAt(uint64_t pfn, void** pagemap) {
  const auto span = std::find_if(
      spans_.begin(), spans_.end(),
      [pfn](const Span& it) { return it.first <= pfn && pfn <= it.last; });
  *pagemap = span == spans_.end() ? nullptr : span->pagemap;
  if (*pagemap == nullptr) {
    alignas(uint64_t) static char nobodys[kPageBytes];
    std::fill(std::begin(nobodys), std::end(nobodys), 0);
    return reinterpret_cast<page*>(nobodys);
  }
  Object*& object = pages_[pfn];
  if (object == nullptr) {
    object = arena_->New(kPageBytes, /*is_kernel=*/false);
  }
  return reinterpret_cast<page*>(object->memory);
}

void DeviceMemory::AddBlock(uint64_t first, uint64_t pages) {
  if (!blocks_.empty() && blocks_.back().last + 1 == first) {
    blocks_.back().last += pages;
  } else {
    blocks_.push_back({.first = first, .last = first + pages - 1});
  }
}

std::vector<DeviceMemory::Span> DeviceMemory::TakeBlocks() {
  return std::exchange(blocks_, {});
}

}  // namespace restree

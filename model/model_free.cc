// SPDX-License-Identifier: Apache-2.0
// get_free_mem_region(): a region wherever there is room. The kernel tries one
// place after the other; here each step leads past a resource.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "model/flags.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// Returns the highest address that is looked at below `base`.
uint64_t LimitOf(const Resource& base) {
  return std::min(base.range.end, kPhysmemEnd);
}

// The kernel's ALIGN(), modulo 2^64.
constexpr uint64_t AlignUp(uint64_t x, uint64_t align) {
  return (x + align - 1) & ~(align - 1);
}

// Returns the place that request_free_mem_region() would try to take: the
// highest that no child of `base` overlaps.
std::optional<Range> HighestPlace(const Resource& base, uint64_t size) {
  const uint64_t limit = LimitOf(base);
  if (size == 0 || size > limit + 1) return std::nullopt;
  const uint64_t first = std::max(base.range.start, kSectionBytes + 1);
  return ResourceTree::FindSpaceFromTop(base, first, limit + 1 - size, size,
                                        kSectionBytes);
}

// Returns the place that alloc_free_mem_region() takes: the lowest.
std::optional<Range> LowestPlace(const Resource& base, uint64_t size,
                                 uint64_t align) {
  if (size == 0) return std::nullopt;
  const uint64_t first = AlignUp(std::max(base.range.start, align), align);
  if (first == 0) return std::nullopt;  // wrapped
  return ResourceTree::FindSpace(base, nullptr, {first, LimitOf(base)}, size,
                                 align);
}

}  // namespace

Observation Model::RequestFree(const Op& op) {
  const bool is_devm = op.verb == Verb::kDevmRequestFree;
  const Resource* const base = tree_.Find(op.parent);
  const absl::string_view why = WhyNotDefine(op.slot, base);
  if (!why.empty()) return Misuse(why);
  if (Fails()) return Is(Outcome::kNoMem);
  if (is_devm && Fails()) return Is(Outcome::kNoMem);  // the entry
  const auto place = HighestPlace(*base, AlignUp(op.size, kSectionBytes));
  if (!place.has_value()) return Is(Outcome::kRange);

  const NameId name = is_devm ? kNameOfDevice | op.number : op.name;
  Observation seen;
  Resource* const node =
      TryRegion({op.slot, name, kIomem, *place, /*flags=*/0}, &seen);
  if (node == nullptr) {
    seen.outcome = Outcome::kRange;
    return seen;
  }
  tree_.Change(node, [](Resource& r) { r.desc = kDescDevicePrivateMemory; });
  if (is_devm) AddDevres({op.number, true, kIomem, *place});
  Revoke(*node, &seen);
  return seen;
}

Observation Model::AllocFree(const Op& op) {
  Resource* const base = tree_.Find(op.parent);
  const absl::string_view why = WhyNotDefine(op.slot, base);
  if (!why.empty()) return Misuse(why);
  if (!std::has_single_bit(op.align)) return Misuse("align is no power of 2");
  if (Fails()) return Is(Outcome::kNoMem);
  const auto place = LowestPlace(*base, AlignUp(op.size, op.align), op.align);
  if (!place.has_value()) return Is(Outcome::kRange);

  Row row;
  row.slot = op.slot;
  row.name = op.name;
  row.region = true;
  row.range = *place;
  row.flags = kResourceMem;
  Resource* const node = tree_.New(row);
  tree_.Link(base, node);
  tree_.Keep(node);
  return Is(Outcome::kOk);
}

}  // namespace restree

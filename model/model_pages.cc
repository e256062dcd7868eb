// SPDX-License-Identifier: Apache-2.0
// References of mappings, and the pages of device memory that are in use.
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/device_memory.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/pagemap.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// More references of one page than any caller has.
constexpr uint64_t kPageCountMax = 1000;

constexpr uint64_t kPfnMask = ~uint64_t{0} >> kPageShift;

bool ByPfn(const PageUse& page, uint64_t pfn) { return page.pfn < pfn; }

}  // namespace

// get_dev_pagemap(). It takes over the reference of the pagemap that the caller
// has from before.
Observation Model::GetPagemap(const Op& op) {
  const uint64_t pfn = op.range.start & kPfnMask;
  Observation seen;
  if (op.slot != 0) {
    const Pagemap* const cached = FindPagemap(op.slot - 1);
    if (cached == nullptr) return Misuse(kNoSuchPagemap);
    if (cached->gets == 0) return Misuse("nobody has got it");
    if (cached->ranges[0].Contains(pfn << kPageShift)) {
      return {.pagemap = cached->number};
    }
    const absl::string_view why = WhyNotPut(*cached, 1);
    if (!why.empty()) return Misuse(why);
    PutGet(cached->number, &seen);
  }
  const Pagemap* const found = LivePagemapAt(pfn);
  if (found == nullptr) {
    seen.outcome = Outcome::kNull;
    return seen;
  }
  Pagemap& map = *EditPagemap(found->number);
  ++map.refs;
  ++map.gets;
  seen.pagemap = map.number;
  return seen;
}

Observation Model::PutPagemap(const Op& op) {
  const Pagemap* const map = FindPagemap(op.slot);
  if (map == nullptr) return Misuse(kNoSuchPagemap);
  if (map->gets == 0) return Misuse("nobody has got it");
  const absl::string_view why = WhyNotPut(*map, 1);
  if (!why.empty()) return Misuse(why);
  Observation seen;
  PutGet(op.slot, &seen);
  return seen;
}

// Puts a reference that get_dev_pagemap() took.
void Model::PutGet(uint32_t number, Observation* seen) {
  Pagemap& map = *EditPagemap(number);
  --map.gets;
  PutRefs(&map, 1, seen);
}

// Returns the mapping, which may be dying, that has a struct page for `pfn`
// and does not keep it for the altmap; or null.
const Pagemap* Model::PagemapOfPage(uint64_t pfn) const {
  for (const Lookup& it : ledger_.lookup) {
    if (!it.pfns.Contains(pfn)) continue;
    const Pagemap* const map = FindPagemap(it.pagemap);
    return IsValidPfn(*map, pfn) ? map : nullptr;
  }
  return nullptr;
}

Observation Model::UsePage(const Op& op) {
  const uint64_t pfn = op.range.start;
  const Pagemap* const map = PagemapOfPage(pfn);
  if (map == nullptr) return Misuse("no mapping has that page");
  const std::vector<PageUse>& pages = ledger_.pages;
  auto place = std::lower_bound(pages.begin(), pages.end(), pfn, ByPfn);
  const bool used = place != pages.end() && place->pfn == pfn;
  const PageUse page = used ? *place : PageUse{.pfn = pfn, .count = 1};
  switch (op.verb) {
    case Verb::kPageInit:
      if (used) return Misuse("the page is in use");
      return InitPage(*map, pfn);
    case Verb::kPageFree:
      return FreePage(*map, page);
    case Verb::kPageGet:
      if (map->type != kMemoryFsDax) return Misuse("it is not of fsdax");
      if (page.count >= kPageCountMax) return Misuse("nobody has so many");
      KeepPage({.pfn = pfn, .count = page.count + 1});
      return Is(Outcome::kOk);
    case Verb::kPagePut:
      return PutPage(*map, page, op.size);
    default:
      assert(false);
      return {};
  }
}

// Makes `page` what its mapping has of it; a count of 0 is none.
void Model::KeepPage(const PageUse& page) {
  std::vector<PageUse>& pages = Edit().pages;
  const auto place =
      std::lower_bound(pages.begin(), pages.end(), page.pfn, ByPfn);
  const bool used = place != pages.end() && place->pfn == page.pfn;
  if (page.count == 0) {
    if (used) pages.erase(place);
  } else if (used) {
    *place = page;
  } else {
    pages.insert(place, page);
  }
}

// zone_device_page_init(): the page holds a reference until it is freed. One of
// a dying mapping has come too late for that.
Observation Model::InitPage(const Pagemap& map, uint64_t pfn) {
  if (!PagesStartFree(map)) return Misuse("its pages are never free");
  const bool live = map.phase == Pagemap::Phase::kMapped;
  if (live) ++EditPagemap(map.number)->refs;
  KeepPage({.pfn = pfn, .count = 1, .holds_ref = live});
  return {.warnings = live ? uint16_t{0} : uint16_t{kWarnOn}};
}

// free_zone_device_page(), for a page that nobody uses any more.
Observation Model::FreePage(const Pagemap& map, const PageUse& page) {
  if (map.type == kMemoryFsDax) return Misuse("fsdax frees its pages itself");
  if (PagesStartFree(map)) {
    if (!page.holds_ref) return Misuse("the page holds no reference");
    const absl::string_view why = WhyNotPut(map, 1);
    if (!why.empty()) return Misuse(why);
  }
  if ((map.lacks & (kLacksOps | kLacksPageFree)) != 0) {
    return {.warnings = kWarnOn};
  }
  Observation seen;
  seen.visits.push_back({.range = {page.pfn, page.pfn}});
  if (PagesStartFree(map)) {
    KeepPage({.pfn = page.pfn, .count = 0});
    PutRefs(EditPagemap(map.number), 1, &seen);
  }
  return seen;
}

// __put_devmap_managed_page_refs(): a page of fsdax that only the mapping has
// is idle, and who waits for that wakes up.
Observation Model::PutPage(const Pagemap& map, const PageUse& page,
                           uint64_t refs) {
  if (map.type != kMemoryFsDax) return {.value = 0};
  if (refs == 0 || refs >= page.count) return Misuse("nobody has so many");
  const uint64_t count = page.count - refs;
  KeepPage({.pfn = page.pfn, .count = count == 1 ? 0 : count});
  Observation seen{.value = 1};
  if (count == 1) seen.visits.push_back({.range = {page.pfn, page.pfn}});
  return seen;
}

}  // namespace restree

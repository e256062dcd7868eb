// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/device_memory.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/law_functions.h"
#include "properties/laws.h"
#include "properties/pagemaps.h"
#include "properties/row_text.h"

namespace restree {
namespace {

using enum Verb;

// A physical address, and what it is a page of: the kernel shifts up and down.
uint64_t Shifted(uint64_t pfn) { return pfn << kPageShift >> kPageShift; }

// What get_dev_pagemap() is to find, and whose reference it gives back first.
struct Lookedup {
  const Pagemap* found = nullptr;
  const Pagemap* put = nullptr;
  bool cached = false;  // it is the one that the caller came with
};

Lookedup LookedUp(const Played& played) {
  Lookedup result;
  const Op& op = played.op;
  if (op.slot != 0) {
    const Pagemap* const it = FindPagemap(played.before, op.slot - 1);
    if (it == nullptr) return result;
    if (it->ranges[0].Contains(op.range.start << kPageShift)) {
      return {.found = it, .cached = true};
    }
    result.put = it;
  }
  for (const Pagemap& it : played.before.ledger.pagemaps) {
    if (!IsMapped(it)) continue;
    for (const Range& range : RangesOf(it)) {
      if (PagesOf(range).Contains(Shifted(op.range.start))) result.found = &it;
    }
  }
  return result;
}

uint64_t CountOf(const State& state, uint64_t pfn) {
  for (const PageUse& page : state.ledger.pages) {
    if (page.pfn == pfn) return page.count;
  }
  return 0;
}

// By how much the op changes the references of a pagemap: those that were got,
// and those of its pages.
struct Change {
  int64_t gets = 0;
  int64_t pages = 0;
};

bool CanFree(const Pagemap& it) {
  return (it.lacks & (kLacksOps | kLacksPageFree)) == 0;
}

Change ChangeOf(const Played& played, const Pagemap& it) {
  const Op& op = played.op;
  Change change;
  if (op.verb == kPutPagemap && op.slot == it.number) change.gets = -1;
  if (op.verb == kGetPagemap) {
    const Lookedup due = LookedUp(played);
    if (due.put == &it) --change.gets;
    if (due.found == &it && !due.cached) ++change.gets;
  }
  if (!IsMigrated(it) || OwnerOf(played.before, op.range.start) != &it) {
    return change;
  }
  if (op.verb == kPageInit && IsMapped(it)) change.pages = 1;
  if (op.verb == kPageFree && CanFree(it)) change.pages = -1;
  return change;
}

}  // namespace

Verdict FindsAnotherPagemap(const Played& played) {
  if (played.seen.outcome == Outcome::kMisuse) return std::nullopt;
  const Lookedup due = LookedUp(played);
  const uint32_t number = due.found == nullptr ? kNoPagemap : due.found->number;
  const bool ok = played.seen.outcome == Outcome::kOk;
  if (ok == (due.found != nullptr) && played.seen.pagemap == number) {
    return std::nullopt;
  }
  return absl::StrCat(
      Says(played), " of 0x", absl::Hex(played.op.range.start), ", which is ",
      due.found == nullptr ? "nobody's" : PagemapText(number) + "'s");
}

Verdict ReferencesChangeAmiss(const Played& played) {
  if (played.seen.outcome == Outcome::kMisuse) return std::nullopt;
  for (const Pagemap& was : played.before.ledger.pagemaps) {
    const Pagemap* const is = FindPagemap(played.after, was.number);
    if (is == nullptr) {
      return absl::StrCat(Says(played), ", and ", PagemapText(was.number),
                          " is gone");
    }
    const Change change = ChangeOf(played, was);
    Pagemap due = was;
    due.gets += change.gets;
    due.refs += change.gets + change.pages;
    if (IsDying(was) && due.refs == 0) due = Unmapped(was, *is);
    if (due == *is) continue;
    return absl::StrCat(Says(played), ", and ", PagemapText(was.number),
                        " has ", is->refs, " references, of which ", is->gets,
                        " were got, not ", due.refs, " and ", due.gets,
                        IsIdle(*is) == IsIdle(due) ? ""
                        : IsIdle(due)              ? ", and sleeps on"
                                                   : ", and sleeps no more");
  }
  return std::nullopt;
}

Verdict PagesChangeAmiss(const Played& played) {
  const Op& op = played.op;
  if (played.seen.outcome == Outcome::kMisuse) return std::nullopt;
  const uint64_t pfn = op.range.start;
  const Pagemap* const it = OwnerOf(played.before, pfn);
  if (it == nullptr) return std::nullopt;
  const bool counted = it->type == kMemoryFsDax;
  const bool frees = op.verb == kPageFree && CanFree(*it);
  const uint64_t was = CountOf(played.before, pfn);
  uint64_t due = was;
  if (op.verb == kPageInit || (frees && IsMigrated(*it))) {
    due = op.verb == kPageInit ? 1 : 0;
  }
  if (op.verb == kPageGet) due = std::max<uint64_t>(was, 1) + 1;
  if (op.verb == kPagePut && counted) due = was - op.size;
  const bool wakes = op.verb == kPagePut && counted && due == 1;
  if (counted && due == 1) due = 0;  // as every other that nobody uses
  const uint64_t is = CountOf(played.after, pfn);
  if (is != due) {
    return absl::StrCat(Says(played), ", and page 0x", absl::Hex(pfn), " has ",
                        is, " references, not ", due);
  }
  const uint64_t value = op.verb == kPagePut && counted ? 1 : 0;
  const bool calls = frees || wakes;
  const auto& visits = played.seen.visits;
  if (played.seen.value != value || calls != (visits.size() == 1) ||
      (calls && visits[0].range != Range{pfn, pfn})) {
    return absl::StrCat(Says(played), " ", played.seen.value, " and calls ",
                        visits.size(), " times; it should be ", value, " and ",
                        calls ? 1 : 0);
  }
  const bool warns = (op.verb == kPageInit && IsDying(*it)) ||
                     (op.verb == kPageFree && !frees);
  if (!warns || (played.seen.warnings & kWarnOn) != 0) return std::nullopt;
  return absl::StrCat(Says(played), ", and there is something to warn of");
}

Verdict PfnIsWrong(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Pagemap* const it = FindPagemap(played.before, played.op.slot);
  if (it == nullptr) return std::nullopt;
  uint64_t due = AltmapPages(it->altmap);
  if (played.op.verb == kPfnValid) {
    due = IsPageOf(*it, played.op.range.start) ? 1 : 0;
  }
  if (played.seen.value == due) return std::nullopt;
  return absl::StrCat(Says(played), " ", played.seen.value, ", not ", due);
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
//
// What a state has besides its rows: its digest and its text.
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

// Returns both halves of the 128-bit product, folded: every bit of the result
// depends on every bit of both factors.
inline uint64_t Mix(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// A digest that depends on the order of what is added. 0 for nothing.
struct Chain {
  void Add(uint64_t kind, uint64_t a, uint64_t b, uint64_t c) {
    const uint64_t first = Mix(a ^ 0x243f6a8885a308d3, b ^ 0x13198a2e03707344);
    const uint64_t second =
        Mix(c ^ 0xa4093822299f31d0, kind ^ 0x082efa98ec4e6c89);
    digest =
        Mix(digest ^ 0x452821e638d01377, first ^ std::rotl(second, 29)) + kind;
  }
  uint64_t digest = 0;
};

std::string RangeText(const Range& range) {
  return absl::StrCat("0x", absl::Hex(range.start), "-0x",
                      absl::Hex(range.end));
}

// The entries of one device, or of one list, stand side by side.
void AppendDevres(const Ledger& ledger, std::string* text) {
  const Devres* before = nullptr;
  for (const Devres& it : ledger.devres) {
    if (before == nullptr || before->device != it.device) {
      absl::StrAppend(text, before == nullptr ? "" : "\n", "d", it.device,
                      ": ");
    } else {
      absl::StrAppend(text, ", ");
    }
    if (it.pagemap) {
      absl::StrAppend(text, "pagemap ", PagemapText(it.slot));
    } else {
      absl::StrAppend(text, it.region ? "region " : "resource ",
                      SlotText(it.slot));
    }
    if (it.region) absl::StrAppend(text, " ", RangeText(it.range));
    before = &it;
  }
  if (before != nullptr) absl::StrAppend(text, "\n");
}

void AppendLists(const Ledger& ledger, std::string* text) {
  const Listed* before = nullptr;
  for (const Listed& it : ledger.listed) {
    if (before == nullptr || before->list != it.list) {
      absl::StrAppend(text, before == nullptr ? "" : "\n", "l", it.list, ":");
    }
    absl::StrAppend(text, " ", SlotText(it.slot));
    before = &it;
  }
  if (before != nullptr) absl::StrAppend(text, "\n");
}

void AppendWaiters(const Ledger& ledger, absl::Span<const std::string> names,
                   std::string* text) {
  for (const Waiter& it : ledger.waiters) {
    absl::StrAppend(text, "waiting: ", SlotText(it.slot), " in ",
                    SlotText(it.parent), " ", RangeText(it.range));
    if (it.flags != 0) absl::StrAppend(text, " ", FlagsText(it.flags));
    if (it.name != 0) {
      absl::StrAppend(text, " : ", NameOf(names, it.name, it.slot));
    }
    absl::StrAppend(text, "\n");
  }
}

absl::string_view PhaseText(Pagemap::Phase phase) {
  switch (phase) {
    case Pagemap::Phase::kIdle:
      return "";
    case Pagemap::Phase::kMapped:
      return " mapped";
    case Pagemap::Phase::kDying:
      return " dying";
  }
  return "";
}

void AppendAltmap(const Altmap& it, std::string* text) {
  if (it.valid) {
    absl::StrAppend(text, " altmap 0x", absl::Hex(it.base_pfn), "-0x",
                    absl::Hex(it.end_pfn), " reserve=", it.reserve,
                    " free=", it.free);
  }
  if (it.align != 0) absl::StrAppend(text, " align=", it.align);
  if (it.alloc != 0) absl::StrAppend(text, " alloc=", it.alloc);
  if (it.parent != kNoSlot) {
    absl::StrAppend(text, " parent=", SlotText(it.parent));
  }
  if (it.res != kNoSlot) {
    absl::StrAppend(text, " res=", SlotText(it.res),
                    it.res_gone ? " (freed)" : "");
  }
}

void AppendPagemaps(const Ledger& ledger, std::string* text) {
  for (const Pagemap& it : ledger.pagemaps) {
    absl::StrAppend(text, PagemapText(it.number), ": ",
                    MemoryTypeText(it.type));
    for (uint32_t i = 0; i < std::min(it.nr_range, kPagemapRanges); ++i) {
      absl::StrAppend(text, " ", RangeText(it.ranges[i]));
    }
    if (it.shift != 0) absl::StrAppend(text, " shift=", it.shift);
    if (it.lacks != 0) absl::StrAppend(text, " lacks=", LacksText(it.lacks));
    absl::StrAppend(text, PhaseText(it.phase));
    if (it.releasing) absl::StrAppend(text, " releasing from d", it.device);
    if (it.refs != 0) absl::StrAppend(text, " refs=", it.refs);
    if (it.gets != 0) absl::StrAppend(text, " gets=", it.gets);
    AppendAltmap(it.altmap, text);
    absl::StrAppend(text, "\n");
  }
}

void AppendMemory(const Ledger& ledger, std::string* text) {
  for (const Lookup& it : ledger.lookup) {
    absl::StrAppend(text, "lookup: ", RangeText(it.pfns), " ",
                    PagemapText(it.pagemap), "\n");
  }
  for (const PageUse& it : ledger.pages) {
    absl::StrAppend(text, "page 0x", absl::Hex(it.pfn), ": count=", it.count,
                    it.holds_ref ? " ref\n" : "\n");
  }
  const MemoryUse& use = ledger.memory;
  if (use != MemoryUse()) {
    absl::StrAppend(
        text, "memory: zone=", use.zone_pages, " memory=", use.memory_pages,
        " shadow=0x", absl::Hex(use.shadow_bytes), " tracked=0x",
        absl::Hex(use.tracked_bytes), " managed=", use.managed, "\n");
  }
  if (ledger.fail_step_nth != 0) {
    absl::StrAppend(text, "fail_step ", MapStepText(ledger.fail_step),
                    " nth=", ledger.fail_step_nth, "\n");
  }
}

void AddPagemap(const Pagemap& it, Chain* chain) {
  const uint64_t bits = static_cast<uint64_t>(it.phase) << 3 |
                        (it.releasing ? 4 : 0) | (it.altmap.valid ? 2 : 0) |
                        (it.altmap.res_gone ? 1 : 0);
  chain->Add(8, it.number, bits, uint64_t{it.type} << 32 | it.device);
  chain->Add(9, it.shift, it.lacks, it.nr_range);
  for (const Range& range : it.ranges) {
    chain->Add(10, range.start, range.end, 0);
  }
  const Altmap& altmap = it.altmap;
  chain->Add(11, it.refs, it.gets, altmap.parent);
  chain->Add(12, altmap.base_pfn, altmap.end_pfn, altmap.res);
  chain->Add(13, altmap.reserve, altmap.free, altmap.align);
  chain->Add(14, altmap.alloc, 0, 0);
}

void AddMemory(const Ledger& ledger, Chain* chain) {
  for (const Pagemap& it : ledger.pagemaps) AddPagemap(it, chain);
  for (const Lookup& it : ledger.lookup) {
    chain->Add(15, it.pfns.start, it.pfns.end, it.pagemap);
  }
  for (const PageUse& it : ledger.pages) {
    chain->Add(16, it.pfn, it.count, it.holds_ref ? 1 : 0);
  }
  const MemoryUse& use = ledger.memory;
  if (use != MemoryUse()) {
    chain->Add(17, use.zone_pages, use.memory_pages, use.managed);
    chain->Add(18, use.shadow_bytes, use.tracked_bytes, 0);
  }
  if (ledger.fail_step_nth != 0) {
    chain->Add(19, static_cast<uint64_t>(ledger.fail_step),
               ledger.fail_step_nth, 0);
  }
}

}  // namespace

uint64_t LedgerDigest(const Ledger& ledger) {
  Chain chain;
  for (const Devres& it : ledger.devres) {
    const uint64_t kind = it.pagemap ? 2 : it.region ? 1 : 0;
    chain.Add(1, it.device, kind, it.slot);
    chain.Add(2, it.range.start, it.range.end, 0);
  }
  for (const Listed& it : ledger.listed) chain.Add(3, it.list, it.slot, 0);
  for (const Waiter& it : ledger.waiters) {
    chain.Add(4, it.slot, it.name, it.parent);
    chain.Add(5, it.range.start, it.range.end, it.flags);
  }
  if (ledger.fail_times != 0) {
    chain.Add(6, ledger.fail_nth, ledger.fail_times, 0);
  }
  const uint64_t bits = uint64_t{ledger.reserved} << 2 |
                        (ledger.relaxed ? 2 : 0) | (ledger.inode ? 1 : 0);
  if (bits != 0) chain.Add(7, bits, 0, 0);
  AddMemory(ledger, &chain);
  return chain.digest + ledger.live * kLiveDigest;
}

uint64_t LiveObjects(const State& state) {
  const Ledger& ledger = state.ledger;
  const auto made = std::count_if(state.rows.begin(), state.rows.end(),
                                  [](const Row& row) { return row.region; });
  uint64_t mapped = 0;
  for (const Pagemap& it : ledger.pagemaps) {
    if (it.phase != Pagemap::Phase::kIdle) mapped += it.releasing ? 2 : 1;
  }
  return static_cast<uint64_t>(made) + mapped + ledger.devres.size() +
         ledger.listed.size() + ledger.waiters.size() +
         (ledger.inode ? kInodeObjects : 0);
}

std::string LedgerText(const State& state,
                       absl::Span<const std::string> names) {
  const Ledger& ledger = state.ledger;
  std::string text;
  AppendDevres(ledger, &text);
  AppendLists(ledger, &text);
  AppendWaiters(ledger, names, &text);
  AppendPagemaps(ledger, &text);
  AppendMemory(ledger, &text);
  const uint64_t objects = LiveObjects(state);
  if (ledger.live != objects) {
    absl::StrAppend(&text, "live objects: ", ledger.live,
                    ", accounted for: ", objects, "\n");
  }
  if (ledger.fail_nth != 0 || ledger.fail_times != 0) {
    absl::StrAppend(&text, "fail_alloc nth=", ledger.fail_nth,
                    " times=", ledger.fail_times, "\n");
  }
  if (ledger.reserved != 0) {
    absl::StrAppend(&text, "reserved: ", ledger.reserved, "\n");
  }
  if (ledger.relaxed) absl::StrAppend(&text, "iomem=relaxed\n");
  if (ledger.inode) absl::StrAppend(&text, "iomem inode\n");
  return text;
}

}  // namespace restree

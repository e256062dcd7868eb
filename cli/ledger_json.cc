// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger_json.h"

#include <algorithm>
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
#include "nlohmann/json.hpp"

namespace restree {
namespace {

using Json = nlohmann::ordered_json;

std::string KindText(const Devres& entry) {
  if (entry.pagemap) return "pagemap";
  return entry.region ? "region" : "resource";
}

std::string PhaseText(Pagemap::Phase phase) {
  switch (phase) {
    case Pagemap::Phase::kIdle:
      return "idle";
    case Pagemap::Phase::kMapped:
      return "mapped";
    case Pagemap::Phase::kDying:
      return "dying";
  }
  return "";
}

Json SlotJson(Slot slot) {
  return slot == kNoSlot ? Json() : Json(SlotText(slot));
}

Json AltmapJson(const Altmap& it) {
  return {{"valid", it.valid},
          {"base_pfn", HexText(it.base_pfn)},
          {"end_pfn", HexText(it.end_pfn)},
          {"reserve", it.reserve},
          {"free", it.free},
          {"align", it.align},
          {"alloc", it.alloc},
          {"parent", SlotJson(it.parent)},
          {"res", SlotJson(it.res)},
          {"res_gone", it.res_gone}};
}

Json PagemapsJson(const Ledger& ledger) {
  Json pagemaps = Json::array();
  for (const Pagemap& it : ledger.pagemaps) {
    Json ranges = Json::array();
    for (uint32_t i = 0; i < std::min(it.nr_range, kPagemapRanges); ++i) {
      ranges.push_back({{"start", HexText(it.ranges[i].start)},
                        {"end", HexText(it.ranges[i].end)}});
    }
    pagemaps.push_back(
        {{"pagemap", PagemapText(it.number)},
         {"type", MemoryTypeText(it.type)},
         {"phase", PhaseText(it.phase)},
         {"releasing",
          it.releasing ? Json(absl::StrCat("d", it.device)) : Json()},
         {"vmemmap_shift", it.shift},
         {"lacks", LacksText(it.lacks)},
         {"ranges", ranges},
         {"refs", it.refs},
         {"gets", it.gets},
         {"altmap", AltmapJson(it.altmap)}});
  }
  return pagemaps;
}

Json LookupJson(const Ledger& ledger) {
  Json lookup = Json::array();
  for (const Lookup& it : ledger.lookup) {
    lookup.push_back({{"start", HexText(it.pfns.start)},
                      {"end", HexText(it.pfns.end)},
                      {"pagemap", PagemapText(it.pagemap)}});
  }
  return lookup;
}

Json PagesJson(const Ledger& ledger) {
  Json pages = Json::array();
  for (const PageUse& it : ledger.pages) {
    pages.push_back({{"pfn", HexText(it.pfn)},
                     {"count", it.count},
                     {"holds_ref", it.holds_ref}});
  }
  return pages;
}

}  // namespace

std::string HexText(uint64_t number) {
  return absl::StrCat("0x", absl::Hex(number));
}

nlohmann::ordered_json LedgerJson(const Ledger& ledger,
                                  absl::Span<const std::string> names) {
  Json devres = Json::array();
  for (const Devres& it : ledger.devres) {
    devres.push_back(
        {{"device", absl::StrCat("d", it.device)},
         {"kind", KindText(it)},
         {"slot", it.pagemap ? PagemapText(it.slot) : SlotText(it.slot)}});
    if (!it.region) continue;
    devres.back()["start"] = HexText(it.range.start);
    devres.back()["end"] = HexText(it.range.end);
  }
  Json listed = Json::array();
  for (const Listed& it : ledger.listed) {
    listed.push_back(
        {{"list", absl::StrCat("l", it.list)}, {"slot", SlotText(it.slot)}});
  }
  Json waiters = Json::array();
  for (const Waiter& it : ledger.waiters) {
    waiters.push_back({{"slot", SlotText(it.slot)},
                       {"parent", SlotText(it.parent)},
                       {"name", NameOf(names, it.name, it.slot)},
                       {"start", HexText(it.range.start)},
                       {"end", HexText(it.range.end)},
                       {"flags", FlagsText(it.flags)}});
  }
  return {{"devres", devres},
          {"listed", listed},
          {"waiters", waiters},
          {"live", ledger.live},
          {"fail_nth", ledger.fail_nth},
          {"fail_times", ledger.fail_times},
          {"reserved", ledger.reserved},
          {"relaxed", ledger.relaxed},
          {"inode", ledger.inode},
          {"pagemaps", PagemapsJson(ledger)},
          {"lookup", LookupJson(ledger)},
          {"pages", PagesJson(ledger)},
          {"memory",
           {{"zone_pages", ledger.memory.zone_pages},
            {"memory_pages", ledger.memory.memory_pages},
            {"shadow_bytes", ledger.memory.shadow_bytes},
            {"tracked_bytes", ledger.memory.tracked_bytes},
            {"managed", ledger.memory.managed}}},
          {"fail_step", ledger.fail_step_nth == 0
                            ? Json()
                            : Json(std::string(MapStepText(ledger.fail_step)))},
          {"fail_step_nth", ledger.fail_step_nth}};
}

}  // namespace restree

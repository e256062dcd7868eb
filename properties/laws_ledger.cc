// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/law_functions.h"
#include "properties/laws.h"

namespace restree {
namespace {

using enum Verb;

constexpr VerbSet kOfDevices =
    SetOf(kDevmRequest, kDevmRelease, kDevmRequestRegion, kDevmReleaseRegion,
          kDevmRequestFree, kUnbind, kDevmMemremap, kDevmMemunmap);
constexpr VerbSet kOfLists =
    SetOf(kListAdd, kListAddTail, kListDestroy, kListFree);
constexpr VerbSet kAsksForMemory =
    SetOf(kRequestRegion, kWalkSystemRamRev, kReserve, kReleaseAdjustable,
          kAllocFree, kDevmRequest, kDevmRequestRegion, kListAdd, kListAddTail,
          kInitInode) |
    kFreePlaces | kMaps;
constexpr VerbSet kOfMappings = kMaps | kUnmaps | kPuts;

// What is left of a pagemap without its word for the separate resource, which
// may be freed by whoever frees regions.
bool SamePagemaps(const Ledger& a, const Ledger& b) {
  return std::equal(a.pagemaps.begin(), a.pagemaps.end(), b.pagemaps.begin(),
                    b.pagemaps.end(), [](const Pagemap& one, Pagemap other) {
                      other.altmap.res_gone = one.altmap.res_gone;
                      return one == other;
                    });
}

std::string DeviceText(uint32_t device) { return absl::StrCat("d", device); }
std::string ListText(uint32_t list) { return absl::StrCat("l", list); }

bool SameCountdown(const Ledger& a, const Ledger& b) {
  return a.fail_nth == b.fail_nth && a.fail_times == b.fail_times;
}

// Returns whether allocations can lead from one countdown to the other.
bool MayCountTo(const Ledger& was, const Ledger& is) {
  if (is.fail_times == was.fail_times) {
    return is.fail_nth <= was.fail_nth &&
           (is.fail_nth == 0) == (was.fail_nth == 0);
  }
  return is.fail_times < was.fail_times &&
         is.fail_nth == (is.fail_times == 0 ? 0 : 1);
}

std::string CountdownText(const Ledger& ledger) {
  return absl::StrCat("nth=", ledger.fail_nth, " times=", ledger.fail_times);
}

// Returns whether `after` is `before` without its entry `gone`, and with
// `added` at the place `at`, each if not null; `at` counts in `before`.
template <typename Entry>
bool IsEdited(const std::vector<Entry>& before, const std::vector<Entry>& after,
              const Entry* gone, const Entry* added, size_t at) {
  size_t next = 0;
  const auto is_next = [&](const Entry& entry) {
    return next < after.size() && after[next++] == entry;
  };
  for (size_t i = 0; i <= before.size(); ++i) {
    if (added != nullptr && i == at && !is_next(*added)) return false;
    if (i < before.size() && &before[i] != gone && !is_next(before[i])) {
      return false;
    }
  }
  return next == after.size();
}

}  // namespace

Verdict LedgerChangesAmiss(const Played& played) {
  const Ledger& was = played.before.ledger;
  const Ledger& is = played.after.ledger;
  struct Part {
    absl::string_view name;
    bool same;
    VerbSet verbs;  // that may change it
  };
  const Part parts[] = {
      {"what devices have", was.devres == is.devres, kOfDevices},
      {"lists", was.listed == is.listed, kOfLists},
      {"who waits", was.waiters == is.waiters,
       SetOf(kRequestRegion, kDevmMemremap, kDevmMemunmap) | kTakesRegion},
      {"which allocations fail", SameCountdown(was, is),
       kAsksForMemory | SetOf(kFailAlloc)},
      {"how many regions are reserved", was.reserved == is.reserved,
       SetOf(kReserveSetup)},
      {"how strict iomem is", was.relaxed == is.relaxed, SetOf(kStrictIomem)},
      {"whether iomem has an inode", was.inode == is.inode, SetOf(kInitInode)},
      {"a pagemap", SamePagemaps(was, is),
       kOfMappings | kDescribes | SetOf(kPageInit, kAltmapAlloc, kAltmapFree)},
      {"whom pfns lead to", was.lookup == is.lookup, kOfMappings},
      {"whose pages are in use", was.pages == is.pages,
       kOfMappings | kPageVerbs},
      {"what mappings take", was.memory == is.memory, kOfMappings},
      {"which step fails",
       was.fail_step == is.fail_step && was.fail_step_nth == is.fail_step_nth,
       kMaps | SetOf(kFailStep)},
  };
  for (const Part& part : parts) {
    if (part.same || IsIn(played.op.verb, part.verbs)) continue;
    return absl::StrCat(InfoOf(played.op.verb).name, " changes ", part.name);
  }
  return std::nullopt;
}

Verdict CountsDownAmiss(const Played& played) {
  const Op& op = played.op;
  const Ledger& was = played.before.ledger;
  const Ledger& is = played.after.ledger;
  if (op.verb == kFailAlloc) {
    const bool none = op.number == 0 || op.size == 0;
    Ledger asked;
    asked.fail_nth = none ? 0 : op.number;
    asked.fail_times = none ? 0 : op.size;
    if (SameCountdown(asked, is)) return std::nullopt;
    return absl::StrCat("fail_alloc was asked for ", CountdownText(asked),
                        " and sets ", CountdownText(is));
  }
  if (!MayCountTo(was, is)) {
    return absl::StrCat("no allocation leads from ", CountdownText(was), " to ",
                        CountdownText(is));
  }
  if (IsIn(op.verb, kMaps)) return std::nullopt;  // RefusedMapsHaveAReason
  const bool is_list = IsIn(op.verb, SetOf(kListAdd, kListAddTail));
  const bool failed = played.seen.outcome == Outcome::kNoMem ||
                      (is_list && played.seen.outcome == Outcome::kNull);
  if (!failed || is.fail_times < was.fail_times) return std::nullopt;
  return absl::StrCat(Says(played), ", and no allocation has failed");
}

Verdict SwitchesAmiss(const Played& played) {
  const Ledger& was = played.before.ledger;
  const Ledger& is = played.after.ledger;
  const bool ok = played.seen.outcome == Outcome::kOk;
  bool right = true;
  switch (played.op.verb) {
    case kStrictIomem:
      right = is.relaxed == (played.op.number == 1);
      break;
    case kInitInode:
      right = is.inode == (was.inode || ok);
      break;
    case kReserveSetup:
      right = is.reserved == was.reserved + (ok ? 1 : 0) && is.reserved <= 4;
      break;
    default:
      break;
  }
  if (right) return std::nullopt;
  return absl::StrCat(Says(played), ", and leaves relaxed=", is.relaxed,
                      " inode=", is.inode, " reserved=", is.reserved);
}

Verdict DevicesRememberAmiss(const Played& played) {
  const Op& op = played.op;
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  Devres entry;
  entry.device = op.number;
  entry.pagemap = op.verb == kDevmMemremap;
  entry.region = op.verb != kDevmRequest && !entry.pagemap;
  entry.slot = op.slot;
  if (op.verb == kDevmRequestRegion) {
    entry.slot = op.parent;
    entry.range = op.range;
  } else if (op.verb == kDevmRequestFree) {
    const Row* const got = FindRow(played.after, op.slot);
    if (got == nullptr) return std::nullopt;
    entry.slot = kIomem;
    entry.range = got->range;
  }
  const auto& before = played.before.ledger.devres;
  const auto behind =
      std::find_if(before.begin(), before.end(),
                   [&](const Devres& it) { return it.device > entry.device; });
  const size_t at = static_cast<size_t>(behind - before.begin());
  if (IsEdited<Devres>(before, played.after.ledger.devres, nullptr, &entry,
                       at)) {
    return std::nullopt;
  }
  return absl::StrCat(Says(played), ", and it is not the newest that ",
                      DeviceText(op.number), " has");
}

Verdict DevicesForgetAmiss(const Played& played) {
  const Op& op = played.op;
  if (played.seen.outcome == Outcome::kMisuse) return std::nullopt;
  const auto& before = played.before.ledger.devres;
  const std::optional<Devres> undone = UndoneBy(played);
  const bool says_none = op.verb == kUnbind
                             ? played.seen.outcome == Outcome::kNull
                             : (played.seen.warnings & kWarnOn) != 0;
  // A mapping may have to warn of its own.
  const bool silent = op.verb == kDevmMemunmap && says_none;
  if (says_none == undone.has_value() && !silent) {
    return absl::StrCat(Says(played), says_none ? " that there is none" : "",
                        ", and ", DeviceText(op.number), " has ",
                        undone ? "one" : "none");
  }
  const Devres* gone = nullptr;
  for (const Devres& it : before) {
    if (undone && it == *undone) gone = &it;  // the newest of equal ones
  }
  if (IsEdited<Devres>(before, played.after.ledger.devres, gone, nullptr, 0)) {
    return std::nullopt;
  }
  return absl::StrCat(Says(played), ", and what ", DeviceText(op.number),
                      " has now is not what it had before but for ",
                      gone == nullptr ? "nothing" : "the newest");
}

Verdict ListsAmiss(const Played& played) {
  const Op& op = played.op;
  const bool ok = played.seen.outcome == Outcome::kOk;
  const auto& before = played.before.ledger.listed;
  const auto& after = played.after.ledger.listed;
  const Listed entry = {op.number, op.slot};
  const auto is_first = [&](const Listed& it) { return it.list >= entry.list; };
  const auto is_behind = [&](const Listed& it) { return it.list > entry.list; };
  const auto first = std::find_if(before.begin(), before.end(), is_first);
  const auto behind = std::find_if(before.begin(), before.end(), is_behind);
  const auto old = std::find(first, behind, entry);
  bool right = true;
  if (op.verb == kListAdd || op.verb == kListAddTail) {
    const auto at = op.verb == kListAdd ? first : behind;
    right = !ok || IsEdited<Listed>(before, after, nullptr, &entry,
                                    static_cast<size_t>(at - before.begin()));
  } else if (op.verb == kListDestroy) {
    if (played.seen.outcome == Outcome::kMisuse) return std::nullopt;
    const Listed* const gone = old == behind ? nullptr : &*old;
    right = ok == (gone != nullptr) &&
            IsEdited<Listed>(before, after, gone, nullptr, 0);
  } else {
    right =
        after.size() + static_cast<size_t>(behind - first) == before.size() &&
        std::equal(before.begin(), first, after.begin()) &&
        std::equal(behind, before.end(),
                   after.begin() + (first - before.begin()));
  }
  if (right) return std::nullopt;
  return absl::StrCat(Says(played), ", and ", ListText(op.number),
                      " is not what it should be, or another list is not");
}

}  // namespace restree

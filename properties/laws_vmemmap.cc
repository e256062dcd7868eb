// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/flags.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/law_functions.h"
#include "properties/laws.h"
#include "properties/pagemaps.h"
#include "properties/row_text.h"

namespace restree {
namespace {

using enum Verb;

// Returns whether a separate resource is to cover the pagemap's altmap.
bool IsLive(const Pagemap* it) {
  return it != nullptr && !IsIdle(*it) && it->altmap.valid &&
         it->altmap.parent != kNoSlot;
}

bool IsLive(const State& state, Slot slot) {
  return IsLive(FindPagemap(state, slot - kFirstVmemmap));
}

// Returns the pagemap's resource, where it is in a tree; else null.
const Row* PlacedVmemmap(const State& state, uint32_t number) {
  const Row* const row = FindRow(state, VmemmapSlot(number));
  return row != nullptr && row->parent != kNoSlot ? row : nullptr;
}

// Returns the pagemap that the op has mapped and whose altmap has to have a
// resource; null for none.
const Pagemap* MappedLive(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return nullptr;
  const Pagemap* const it = FindPagemap(played.after, played.op.slot);
  return IsLive(it) ? it : nullptr;
}

// Returns whether the op is the mapping's own business, and was done.
bool IsItsOwn(const Played& played) {
  return played.seen.outcome != Outcome::kMisuse &&
         (played.op.verb != kUnbind || UnmappedBy(played));
}

// Returns the next row from i on that is not a separate resource which came or
// went, nor below one, as it would be without it: its children move up.
class Others {
 public:
  Others(const State& state, const State& other)
      : state_(state), other_(other) {}

  std::optional<Row> Next() {
    while (i_ < state_.rows.size()) {
      const Row& row = state_.rows[i_++];
      if (row.depth <= gone_depth_) gone_depth_ = UINT32_MAX;
      if (IsLeftOut(row)) {
        gone_ = row;
        gone_depth_ = row.depth;
        continue;
      }
      Row moved = row;
      if (gone_depth_ == UINT32_MAX) return moved;
      --moved.depth;
      if (moved.parent == gone_.slot) moved.parent = gone_.parent;
      return moved;
    }
    return std::nullopt;
  }

 private:
  // Those that are in one state alone, and those whose mapping has ended.
  bool IsLeftOut(const Row& row) const {
    if (!IsVmemmapSlot(row.slot)) return false;
    return FindRow(other_, row.slot) == nullptr || !IsLive(state_, row.slot) ||
           !IsLive(other_, row.slot);
  }

  const State& state_;
  const State& other_;
  size_t i_ = 0;
  Row gone_;
  uint32_t gone_depth_ = UINT32_MAX;
};

// Returns whether somebody else has taken the resource of a mapping that now
// ends out of its tree, and put something below it: that is let go, too.
bool LooseHasChildren(const Played& played) {
  const auto& rows = played.before.rows;
  for (size_t i = 0; i + 1 < rows.size(); ++i) {
    if (IsVmemmapSlot(rows[i].slot) && rows[i].depth == 0 &&
        rows[i + 1].depth > 0 && !IsLive(played.after, rows[i].slot)) {
      return true;
    }
  }
  return false;
}

// Returns whether a device's mapping cannot end, as proposed, because of what
// release_region() would free: one that sleeps has released its own already.
bool ReleaseIsMisuse(const Played& played) {
  if (played.variant != AltmapVariant::kPatch ||
      played.seen.outcome != Outcome::kMisuse) {
    return false;
  }
  const std::optional<Devres> undone = UndoneBy(played);
  if (!undone || !undone->pagemap) return false;
  const auto& pagemaps = played.before.ledger.pagemaps;
  return std::none_of(pagemaps.begin(), pagemaps.end(),
                      [&undone](const Pagemap& it) {
                        return it.releasing && it.device == undone->device;
                      });
}

}  // namespace

Verdict VmemmapIsAbsent(const Played& played) {
  const Pagemap* const it = MappedLive(played);
  if (it == nullptr || PlacedVmemmap(played.after, it->number) != nullptr) {
    return std::nullopt;
  }
  const bool asked = played.op.verb == kDevmMemremap ||
                     played.variant == AltmapVariant::kSound;
  if (asked && it->altmap.res == kNoSlot) {
    return std::nullopt;  // VmemmapRequestFailsLoudly
  }
  return absl::StrCat(Says(played), ", and no resource covers the altmap of ",
                      PagemapText(it->number), " ",
                      RangeText(AltmapBytes(it->altmap)));
}

Verdict VmemmapFailsSilently(const Played& played) {
  const Pagemap* const it = MappedLive(played);
  const bool asked = played.op.verb == kDevmMemremap ||
                     played.variant == AltmapVariant::kSound;
  if (it == nullptr || !asked || it->altmap.res != kNoSlot) return std::nullopt;
  return absl::StrCat(Says(played), ", and the request of ",
                      RangeText(AltmapBytes(it->altmap)), " below ",
                      SlotText(it->altmap.parent), " has failed");
}

Verdict VmemmapLooksOdd(const Played& played) {
  const Pagemap* const it = MappedLive(played);
  if (it == nullptr) return std::nullopt;
  const Row* const row = PlacedVmemmap(played.after, it->number);
  if (row == nullptr) return std::nullopt;
  const VmemmapMarker marker = VmemmapMarkerOf(played.variant);
  if (row->range != AltmapBytes(it->altmap) || row->name != kNameVmemmap) {
    return absl::StrCat(RowText(*row), " is not the altmap of ",
                        PagemapText(it->number), " ",
                        RangeText(AltmapBytes(it->altmap)));
  }
  const bool busy = (row->flags & kResourceBusy) != 0;
  if (!busy || (row->flags & marker.flags) != marker.flags ||
      row->flags > UINT32_MAX ||
      (marker.desc != kDescNone && row->desc != marker.desc)) {
    return absl::StrCat(RowText(*row), " has flags 0x", absl::Hex(row->flags),
                        " and desc 0x", absl::Hex(row->desc),
                        ", and dumpers look for 0x", absl::Hex(marker.flags),
                        " and 0x", absl::Hex(marker.desc));
  }
  const Subtree below = SubtreeOf(played.after, it->altmap.parent);
  const size_t at = static_cast<size_t>(row - played.after.rows.data());
  if (below.first < at && at < below.last) return std::nullopt;
  return absl::StrCat(RowText(*row), " stands not below ",
                      SlotText(it->altmap.parent));
}

Verdict VmemmapReleasesAmiss(const Played& played) {
  if (ReleaseIsMisuse(played)) {
    return absl::StrCat(
        Says(played), " (", played.seen.why,
        "): what it would release is not its own, or not empty");
  }
  if (!IsItsOwn(played)) return std::nullopt;
  if ((played.seen.warnings & kWarnBug) != 0) {
    return absl::StrCat(Says(played), ", and has touched freed memory");
  }
  for (const Pagemap& it : played.before.ledger.pagemaps) {
    if (!IsLive(&it) || IsLive(played.after, VmemmapSlot(it.number))) continue;
    const Row* const row = PlacedVmemmap(played.after, it.number);
    if (row == nullptr) continue;
    return absl::StrCat(Says(played), ", ", PagemapText(it.number),
                        " is mapped no more, and ", RowText(*row), " stays");
  }
  if (LooseHasChildren(played)) return std::nullopt;
  Others before(played.before, played.after);
  Others after(played.after, played.before);
  for (;;) {
    const std::optional<Row> was = before.Next();
    const std::optional<Row> is = after.Next();
    if (!was && !is) return std::nullopt;
    if (was == is) continue;
    return absl::StrCat(Says(played), ", and ",
                        was ? RowText(*was) : RowText(*is),
                        was ? " is not as it was" : " appears");
  }
}

Verdict VmemmapIsRemembered(const Played& played) {
  if (!IsItsOwn(played)) return std::nullopt;
  for (const Pagemap& it : played.after.ledger.pagemaps) {
    if (!IsIdle(it) || it.altmap.res == kNoSlot) continue;
    const Pagemap* const was = FindPagemap(played.before, it.number);
    const bool ends = was != nullptr && !IsIdle(*was);
    const bool fails = IsIn(played.op.verb, kMaps) &&
                       played.op.slot == it.number &&
                       (was == nullptr || was->altmap.res == kNoSlot);
    if (!ends && !fails) continue;
    return absl::StrCat(Says(played), ", and ", PagemapText(it.number),
                        " remembers ", SlotText(it.altmap.res),
                        it.altmap.res_gone ? ", which is freed" : "");
  }
  return std::nullopt;
}

Verdict VmemmapGoesTooEarly(const Played& played) {
  if (!IsItsOwn(played)) return std::nullopt;
  for (const Pagemap& it : played.before.ledger.pagemaps) {
    const Row* const was = PlacedVmemmap(played.before, it.number);
    if (!IsLive(&it) || was == nullptr) continue;
    if (!IsLive(played.after, VmemmapSlot(it.number))) continue;
    if (PlacedVmemmap(played.after, it.number) != nullptr) continue;
    return absl::StrCat(Says(played), ", and ", RowText(*was),
                        " is gone, with ", PagemapText(it.number),
                        " still in use");
  }
  return std::nullopt;
}

Verdict VmemmapIsOrphaned(const Played& played) {
  for (const Pagemap& it : played.after.ledger.pagemaps) {
    if (!IsLive(&it)) continue;
    if (FindRow(played.after, it.altmap.parent) != nullptr) continue;
    return absl::StrCat(Says(played), ", and ", SlotText(it.altmap.parent),
                        " is gone, which the altmap of ",
                        PagemapText(it.number), " names");
  }
  return std::nullopt;
}

}  // namespace restree

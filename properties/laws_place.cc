// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/law_functions.h"
#include "properties/laws.h"
#include "properties/row_text.h"

namespace restree {
namespace {

bool IsAgain(Verb verb) {
  return verb == Verb::kRequestAgain || verb == Verb::kInsertAgain ||
         verb == Verb::kInsertExpandAgain || verb == Verb::kAllocateAgain;
}

bool IsExpand(Verb verb) {
  return verb == Verb::kInsertExpand || verb == Verb::kInsertExpandAgain;
}

bool IsAllocate(Verb verb) {
  return verb == Verb::kAllocate || verb == Verb::kAllocateAgain;
}

// Those that place directly below their parent, or not at all.
bool IsAtOnce(Verb verb) {
  return IsIn(verb, SetOf(Verb::kRequest, Verb::kRequestAgain, Verb::kAllocate,
                          Verb::kAllocateAgain, Verb::kDevmRequest,
                          Verb::kAllocFree, Verb::kReserveSetup));
}

bool Adopts(Verb verb) {
  return verb == Verb::kInsert || verb == Verb::kInsertAgain || IsExpand(verb);
}

// Where the placed resource is before and after, with the children that it
// brought along; `is` is empty if it is nowhere. What an insert adopts does not
// count: only a resource without children can adopt, and so `was` tells.
struct Newcomer {
  Subtree was;
  Subtree is;
};

Newcomer NewcomerOf(const Played& played) {
  Newcomer newcomer{SubtreeOf(played.before, played.op.slot),
                    SubtreeOf(played.after, played.op.slot)};
  if (newcomer.is.empty()) return newcomer;
  const size_t size = std::max<size_t>(newcomer.was.size(), 1);
  newcomer.is.last =
      std::min(newcomer.is.first + size, played.after.rows.size());
  return newcomer;
}

// Calls `broken(was, is)` for each resource of before and after but the placed
// one and its children, until one does not match or `broken` says something.
template <typename Broken>
Verdict AskOthers(const Played& played, const Newcomer& newcomer,
                  Broken broken) {
  size_t i = 0;
  size_t j = 0;
  for (;; ++i, ++j) {
    if (i == newcomer.was.first) i = newcomer.was.last;
    if (j == newcomer.is.first) j = newcomer.is.last;
    if (i >= played.before.rows.size() || j >= played.after.rows.size()) break;
    const Row& was = played.before.rows[i];
    const Row& is = played.after.rows[j];
    if (was.slot != is.slot) break;
    if (Verdict verdict = broken(was, is)) return verdict;
  }
  return std::nullopt;
}

// The same for the children that the placed one brought along.
template <typename Broken>
Verdict AskItsOwn(const Played& played, const Newcomer& newcomer,
                  Broken broken) {
  for (size_t i = 1; i < newcomer.was.size() && i < newcomer.is.size(); ++i) {
    const Row& was = played.before.rows[newcomer.was.first + i];
    const Row& is = played.after.rows[newcomer.is.first + i];
    if (was.slot != is.slot) break;
    if (Verdict verdict = broken(was, is)) return verdict;
  }
  return std::nullopt;
}

// Returns what the op asks for, as far as NewcomersAreWhatWasAskedFor says: of
// what others say more, it returns what there `is`.
Row AskedFor(const Op& op, const Row& is) {
  Row asked = is;
  asked.slot = op.slot;
  asked.name = op.name;
  asked.range = op.range;
  asked.region = IsIn(op.verb, kMakesRegion | SetOf(Verb::kAllocFree));
  if (IsIn(op.verb, kFreePlaces | SetOf(Verb::kAllocFree))) {
    asked.range = is.range;  // FreeRegionIsFree
  }
  if (IsIn(op.verb, kMakesRegion)) {  // RegionsInheritFromTheirParent
    if (op.verb == Verb::kDevmRequestFree) {
      asked.name = kNameOfDevice | op.number;
    }
    return asked;
  }
  asked.flags = op.flags;
  asked.desc = op.desc;
  if (op.verb == Verb::kAllocFree) asked.flags = kResourceMem;
  if (op.verb == Verb::kReserveSetup) {
    asked.name = kNameReserved;
    asked.flags =
        kResourceBusy | (PlaceOf(op) == kIoport ? kResourceIo : kResourceMem);
  }
  return asked;
}

// Everything but where it stands.
bool IsTheSame(const Row& a, const Row& b) {
  return a.slot == b.slot && a.name == b.name && a.region == b.region &&
         a.range == b.range && a.flags == b.flags && a.desc == b.desc;
}

}  // namespace

Verdict SomebodyElseComesOrGoes(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Newcomer newcomer = NewcomerOf(played);
  if (newcomer.is.empty() || played.after.rows[newcomer.is.first].depth == 0) {
    return absl::StrCat(Says(played), " and ", SlotText(played.op.slot),
                        " is in no tree");
  }
  size_t others = 0;
  size_t own = 1;
  const auto count = [](size_t* n) {
    return [n](const Row&, const Row&) { return ++*n, Verdict(); };
  };
  AskOthers(played, newcomer, count(&others));
  AskItsOwn(played, newcomer, count(&own));
  const size_t others_was = played.before.rows.size() - newcomer.was.size();
  const size_t others_is = played.after.rows.size() - newcomer.is.size();
  if (others != others_was || others != others_is) {
    return absl::StrCat("beside ", SlotText(played.op.slot), " there were ",
                        others_was, " resources and are ", others_is,
                        ", of which the first ", others, " are the same");
  }
  if (own >= newcomer.was.size()) return std::nullopt;
  return absl::StrCat(SlotText(played.op.slot), " came with ",
                      newcomer.was.size() - 1, " resources below it, of which ",
                      own - 1, " are the same");
}

Verdict SomebodyElseChanges(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const auto broken = [&](const Row& was, const Row& is) -> Verdict {
    if (IsTheSame(was, is)) return std::nullopt;
    return absl::StrCat(
        "placing ", SlotText(played.op.slot), " makes ", RowText(is), " of ",
        RowText(was),
        was.range == is.range ? ", with another name or flags" : "");
  };
  const Newcomer newcomer = NewcomerOf(played);
  if (Verdict verdict = AskOthers(played, newcomer, broken)) return verdict;
  return AskItsOwn(played, newcomer, broken);
}

Verdict StrangerIsAdopted(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Newcomer newcomer = NewcomerOf(played);
  if (newcomer.is.empty()) return std::nullopt;
  const Row& placed = played.after.rows[newcomer.is.first];
  const auto broken = [&](const Row& was, const Row& is) -> Verdict {
    if (was.parent == is.parent) return std::nullopt;
    if (!Adopts(played.op.verb) || is.parent != placed.slot ||
        was.parent != placed.parent) {
      return absl::StrCat("placing ", RowText(placed), " moves ", RowText(is),
                          " from ", SlotText(was.parent), " to ",
                          SlotText(is.parent));
    }
    if (placed.range.Contains(is.range)) return std::nullopt;
    return absl::StrCat(RowText(placed), " adopts ", RowText(is),
                        ", which does not lie inside it");
  };
  if (Verdict verdict = AskOthers(played, newcomer, broken)) return verdict;
  return AskItsOwn(played, newcomer, broken);
}

Verdict NewcomerIsOtherThanAsked(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Op& op = played.op;
  const Row* is = FindRow(played.after, op.slot);
  if (is == nullptr) return std::nullopt;
  Row asked = AskedFor(op, *is);
  if (IsAgain(op.verb)) {
    const Row* was = FindRow(played.before, op.slot);
    if (was == nullptr)
      return absl::StrCat(SlotText(op.slot), " did not exist");
    asked = *was;
  }
  const bool reaches = is->range.Contains(asked.range);
  // Others say more of these: ExpandReachesOnlyToItsChildren,
  // AllocateMeetsItsConstraints.
  if (IsAllocate(op.verb) || (IsExpand(op.verb) && reaches)) {
    asked.range = is->range;
  }
  if (IsTheSame(asked, *is)) return std::nullopt;
  return absl::StrCat(
      "asked for ", RowText(asked), " and got ", RowText(*is),
      asked.range == is->range ? ", with another name, flags or desc" : "");
}

Verdict NewcomerStandsElsewhere(const Played& played) {
  const Op& op = played.op;
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Subtree is = SubtreeOf(played.after, op.slot);
  if (is.empty() || played.after.rows[is.first].depth == 0) return std::nullopt;
  const Row& placed = played.after.rows[is.first];
  if (op.verb == Verb::kInsertExpandAgain) {
    const Row* was = FindRow(played.before, op.slot);
    if (was != nullptr && was->depth != 0) {  // in a tree already
      if (was->parent == placed.parent) return std::nullopt;
      return absl::StrCat(RowText(placed), " was in a tree, and moves from ",
                          SlotText(was->parent), " to ",
                          SlotText(placed.parent));
    }
  }
  const bool at_once = IsAtOnce(op.verb);
  const Slot place = PlaceOf(op);
  const Row* above = ParentOf(played.after, is.first);
  while (above != nullptr && above->slot != place) {
    if (at_once) break;
    if (IsIn(op.verb, kMakesRegion) && (above->flags & kResourceBusy)) {
      return absl::StrCat(SlotText(op.slot), " stands below ", RowText(*above),
                          ", which is busy");
    }
    above = ParentOf(played.after, above - played.after.rows.data());
  }
  if (above != nullptr && above->slot == place) return std::nullopt;
  return absl::StrCat(RowText(placed), " stands ",
                      at_once ? "not directly" : "not", " below ",
                      SlotText(place));
}

Verdict ExpandsTooFar(const Played& played) {
  const Op& op = played.op;
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  Range asked = op.range;
  if (op.verb == Verb::kInsertExpandAgain) {
    const Row* was = FindRow(played.before, op.slot);
    if (was == nullptr) return std::nullopt;
    asked = was->range;
  }
  const Subtree is = SubtreeOf(played.after, op.slot);
  if (is.empty()) return std::nullopt;
  const Row& placed = played.after.rows[is.first];
  Range reason = asked;
  for (size_t i = is.first + 1; i < is.last; ++i) {
    reason.start = std::min(reason.start, played.after.rows[i].range.start);
    reason.end = std::max(reason.end, played.after.rows[i].range.end);
  }
  if (reason.Contains(placed.range)) return std::nullopt;
  return absl::StrCat(RowText(placed), " was asked for as ", RangeText(asked),
                      " and covers no more than ", RangeText(reason));
}

Verdict AllocatesAmiss(const Played& played) {
  const Op& op = played.op;
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Row* placed = FindRow(played.after, op.slot);
  if (placed == nullptr) return std::nullopt;
  const Row* parent = FindRow(played.before, op.parent);
  const Range got = placed->range;
  std::string wrong;
  if (got.size() != op.size) {
    wrong = absl::StrCat("has 0x", absl::Hex(got.size()), " bytes, not 0x",
                         absl::Hex(op.size));
  } else if (!op.range.Contains(got)) {
    wrong = absl::StrCat("lies not in ", RangeText(op.range));
  } else if (parent != nullptr && !parent->range.Contains(got)) {
    wrong = absl::StrCat("lies not in ", RowText(*parent));
  } else if (std::has_single_bit(op.align) && got.start % op.align != 0) {
    wrong = absl::StrCat("starts at no multiple of 0x", absl::Hex(op.align));
  } else if (op.number != 0 && (got.start & 0x300) != 0) {
    wrong = "starts where ISA cards have aliases";
  }
  if (wrong.empty()) return std::nullopt;
  return absl::StrCat(RowText(*placed), " was allocated and ", wrong);
}

Verdict RegionInheritsAmiss(const Played& played) {
  if (played.seen.outcome != Outcome::kOk) return std::nullopt;
  const Subtree is = SubtreeOf(played.after, played.op.slot);
  if (is.empty()) return std::nullopt;
  const Row& region = played.after.rows[is.first];
  const Row* parent = ParentOf(played.after, is.first);
  if (parent == nullptr) return std::nullopt;
  const uint64_t inherited =
      parent->flags & (kResourceTypeBits | kResourceExtTypeBits);
  const uint64_t flags = inherited | kResourceBusy | played.op.flags;
  const uint64_t desc = IsIn(played.op.verb, kFreePlaces)
                            ? kDescDevicePrivateMemory
                            : parent->desc;
  if (region.flags == flags && region.desc == desc) return std::nullopt;
  return absl::StrCat(RowText(region), " has flags 0x", absl::Hex(region.flags),
                      " and desc 0x", absl::Hex(region.desc), "; from ",
                      RowText(*parent), " it gets 0x", absl::Hex(flags),
                      " and 0x", absl::Hex(desc));
}

Verdict NothingStandsInTheWay(const Played& played) {
  const Op& op = played.op;
  if (played.seen.outcome != Outcome::kBusy) return std::nullopt;
  Range range = op.range;
  if (IsAgain(op.verb)) {
    const Row* was = FindRow(played.before, op.slot);
    if (was == nullptr) return std::nullopt;
    range = was->range;
  }
  const Row* found = FindRow(played.before, played.seen.found);
  if (found == nullptr) {
    return absl::StrCat(RangeText(range), " is refused because of ",
                        SlotText(played.seen.found), ", which is not there");
  }
  if (found->slot == op.parent) {
    const bool fits = !range.inverted() && found->range.Contains(range);
    if (!fits) return std::nullopt;
    return absl::StrCat(RangeText(range), " is refused by its parent ",
                        RowText(*found), ", and fits into it");
  }
  const bool adopts = Adopts(op.verb);
  if (found->range.Overlaps(range) &&
      !(adopts && range.Contains(found->range))) {
    return std::nullopt;
  }
  return absl::StrCat(RangeText(range), " is refused because of ",
                      RowText(*found), ", which ",
                      adopts ? "it does not straddle" : "it does not touch");
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "properties/generate.h"

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

#include "absl/types/span.h"
#include "model/flags.h"
#include "model/model.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/choices.h"
#include "properties/generator.h"
#include "properties/taste.h"

namespace restree {
namespace {

using enum Verb;

constexpr uint64_t kMemBusy = kResourceMem | kResourceBusy;
constexpr uint64_t kRamBusy = kResourceSystemRam | kResourceBusy;

// Enough of each for walks, regions and inheritance to have something to tell.
constexpr uint64_t kPlacedFlags[] = {
    kResourceMem,
    kMemBusy,
    kRamBusy,
    kRamBusy,
    kRamBusy | kResourceSysramMergeable,
    kResourceSystemRam,
    kMemBusy | kResourceMuxed,
    kMemBusy | kResourceExclusive,
    kResourceIo,
    kResourceIo | kResourceBusy | kResourceMuxed,
    kResourceMem | kResourceSizeAlign,
    kResourceMem | kResourceStartAlign,
    kResourceMem | kResourceUnset,
    0,
    kMemBusy | kResourceSizeAlign | kResourceStartAlign,
    kResourceSystemRam | kResourceExclusive,
};

constexpr VerbSet kAllocating =
    SetOf(kRequestRegion) | SetOf(kWalkSystemRamRev) | SetOf(kReserve) |
    SetOf(kReleaseAdjustable) | SetOf(kRequestFree) | SetOf(kAllocFree) |
    SetOf(kDevmRequestFree) | SetOf(kDevmRequest) | SetOf(kDevmRequestRegion) |
    SetOf(kListAdd) | SetOf(kListAddTail) | SetOf(kInitInode) |
    SetOf(kMemremap) | SetOf(kDevmMemremap);
constexpr VerbSet kMapping = SetOf(kMemremap) | SetOf(kDevmMemremap);
constexpr VerbSet kLettingGo = SetOf(kPutPagemap) | SetOf(kPageFree);
constexpr VerbSet kWaking =
    SetOf(kReleaseRegion) | SetOf(kDevmReleaseRegion) | SetOf(kUnbind);

}  // namespace

const Generator::VerbFiller Generator::kFillers[kVerbs] = {
    {kRequest, &Generator::Define},
    {kRequestAgain, &Generator::RequestAgain},
    {kInsert, &Generator::Define},
    {kInsertAgain, &Generator::InsertAgain},
    {kInsertExpand, &Generator::Define},
    {kInsertExpandAgain, &Generator::InsertExpandAgain},
    {kAllocate, &Generator::Define},
    {kAllocateAgain, &Generator::AllocateAgain},
    {kRelease, &Generator::TakeOut},
    {kRemove, &Generator::TakeOut},
    {kAdjust, &Generator::Adjust},
    {kReleaseChildren, &Generator::ReleaseChildren},
    {kRequestRegion, &Generator::DefineRegion},
    {kReleaseRegion, &Generator::ReleaseRegion},
    {kLookup, &Generator::Lookup},
    {kAlignment, &Generator::One},
    {kRegionIntersects, &Generator::Match},
    {kWalkDesc, &Generator::Match},
    {kWalkMem, &Generator::Match},
    {kWalkSystemRam, &Generator::Match},
    {kWalkSystemRamRev, &Generator::Match},
    {kWalkSystemRamRange, &Generator::Match},

    {kRoot, &Generator::Root},
    {kReserve, &Generator::Reserve},
    {kReleaseAdjustable, &Generator::ReleaseAdjustable},
    {kMerge, &Generator::Merge},
    {kRequestFree, &Generator::Free},
    {kAllocFree, &Generator::AllocFree},
    {kDevmRequestFree, &Generator::Free},

    {kFindSpace, &Generator::FindSpace},
    {kSanityCheck, &Generator::SomeRange},
    {kIsExclusive, &Generator::SomeRange},
    {kIomemIsExclusive, &Generator::Address},
    {kPageIsRam, &Generator::Pfn},
    {kContains, &Generator::Two},
    {kOverlaps, &Generator::Two},
    {kIntersection, &Generator::Two},
    {kUnion, &Generator::Two},
    {kSize, &Generator::One},
    {kProc, &Generator::Proc},

    {kDevmRequest, &Generator::Define},
    {kDevmRelease, &Generator::DevmRelease},
    {kDevmRequestRegion, &Generator::DefineRegion},
    {kDevmReleaseRegion, &Generator::DevmReleaseRegion},
    {kUnbind, &Generator::Unbind},

    {kListAdd, &Generator::ListAdd},
    {kListAddTail, &Generator::ListAdd},
    {kListDestroy, &Generator::ListDestroy},
    {kListFirst, &Generator::ListFirst},
    {kListFree, &Generator::ListFree},

    {kFailAlloc, &Generator::FailAlloc},
    {kReserveSetup, &Generator::ReserveSetup},
    {kStrictIomem, &Generator::StrictIomem},
    {kInitInode, &Generator::FillNothing},
    {kGetMapping, &Generator::FillNothing},

    {kPagemap, &Generator::DevPagemap},
    {kAddRange, &Generator::AddRange},
    {kAltmap, &Generator::GiveAltmap},
    {kSetupPfn, &Generator::SetupPfn},
    {kMemremap, &Generator::Memremap},
    {kMemunmap, &Generator::Memunmap},
    {kDevmMemremap, &Generator::Memremap},
    {kDevmMemunmap, &Generator::DevmMemunmap},
    {kGetPagemap, &Generator::GetPagemap},
    {kPutPagemap, &Generator::PutPagemap},
    {kPfnValid, &Generator::PfnValid},
    {kPageInit, &Generator::PageInit},
    {kPageFree, &Generator::PageFree},
    {kPageGet, &Generator::PageGet},
    {kPagePut, &Generator::PagePut},
    {kAltmapOffset, &Generator::AltmapOffset},
    {kAltmapAlloc, &Generator::AltmapAlloc},
    {kAltmapFree, &Generator::AltmapFree},
    {kFailStep, &Generator::FailStep},
    {kDumpable, &Generator::Dumpable},
};

// What is about to fail, sleeps, touches or dies makes some verbs worth more
// than others.
Verb Generator::AnyVerb() {
  const Ledger& ledger = scene_.state.ledger;
  VerbSet some = ~VerbSet{0};
  if (ledger.fail_times > 0 && OneIn(2)) some = kAllocating;
  if (!ledger.waiters.empty() && OneIn(8)) some = kWaking;
  if (!scene_.touching.empty() && OneIn(8)) some = SetOf(kMerge);
  if (ledger.fail_step_nth > 0 && OneIn(4)) some = kMapping;
  if (scene_.memory.dying != 0 && OneIn(4)) some = kLettingGo;
  return AnyVerbOf(some & ~scene_.denied);
}

Verb Generator::AnyVerbOf(VerbSet some) {
  std::array<unsigned, kVerbs> weights;
  unsigned sum = 0;
  for (size_t i = 0; i < kVerbs; ++i) {
    weights[i] = taste_.weights[i] * static_cast<unsigned>(some >> i & 1);
    sum += weights[i];
  }
  if (sum == 0) return AnyVerbOf(~scene_.denied);  // the taste has none of them
  uint64_t left = Below(sum);
  size_t i = 0;
  while (left >= weights[i]) left -= weights[i++];
  return static_cast<Verb>(i);
}

// One of r0 to r15 that is empty, the lowest most often; rarely another.
Slot Generator::EmptySlot() {
  uint64_t empty = ~scene_.used & 0xffff;
  if (empty == 0 || OneIn(32)) empty = ~scene_.used;
  if (empty == 0) return R(64 + static_cast<uint32_t>(Below(64)));
  uint64_t skip = OneIn(2) ? Below(std::popcount(empty)) : 0;
  while (skip-- > 0) empty &= empty - 1;
  return R(static_cast<uint32_t>(std::countr_zero(empty)));
}

// The same, or a loose leaf, which may be defined anew.
Slot Generator::FreeSlot() {
  const bool full = (~scene_.used & 0xffff) == 0;
  if (!scene_.loose_leaves.empty() && (full || OneIn(4))) {
    const Slot slot = row(scene_.loose_leaves.Any(choices_)).slot;
    if (!scene_.IsHeld(slot)) return slot;
  }
  return EmptySlot();
}

// Any slot, one that exists or not.
Slot Generator::WildSlot() {
  if (Below(2) == 0) return AnyRow().slot;
  return static_cast<Slot>(Below(R(18)));
}

// The roots get half of all, so that trees grow wide too.
size_t Generator::ParentRow() {
  if (Below(8) < 3) return 0;
  return Below(scene_.state.rows.size());
}

// One with children, if there is one.
size_t Generator::FamilyRow() {
  if (scene_.families.empty() || OneIn(8)) return ParentRow();
  return scene_.families.Any(choices_);
}

uint64_t Generator::PlacedFlags() {
  const uint64_t flags = kPlacedFlags[Below(std::size(kPlacedFlags))];
  if (!OneIn(32)) return flags;
  return flags ^ (uint64_t{1} << Below(64));
}

NameId Generator::AnyName(uint64_t flags) {
  const uint64_t names = NamesOfAnyOp().size();
  if ((flags & kRamBusy) == kRamBusy && !OneIn(4)) return 1;
  return OneIn(8) ? static_cast<NameId>(1 + Below(names)) : 0;
}

// Fills every field without a look at what makes sense.
void Generator::FillWild(Op* op) {
  op->verb = static_cast<Verb>(Below(kVerbs));
  op->slot = WildSlot();
  op->parent = WildSlot();
  Space(op, AnyRow().range);
  op->flags = PlacedFlags();
  if (OneIn(4)) op->flags |= uint64_t{1} << (32 + Below(32));
  op->desc = OneIn(8) ? Below(UINT64_MAX) : kDescNone;
  op->number = static_cast<uint32_t>(Below(4));
}

Op Generator::Make() {
  Op op;
  if (OneIn(16)) {
    FillWild(&op);
  } else {
    op.verb = AnyVerb();
    const VerbFiller& filler = kFillers[static_cast<size_t>(op.verb)];
    assert(filler.verb == op.verb);
    (this->*filler.fill)(&op);
  }
  return Normal(op);
}

absl::Span<const std::string> NamesOfAnyOp() {
  static const auto* const kNames =
      new std::array<std::string, 2>{"System RAM", "Bus"};
  return *kNames;
}

Op AnyOp(Choices& choices, const State& state) {
  return AnyOp(choices, state, DefaultTaste());
}

Op AnyOp(Choices& choices, const State& state, const Taste& taste) {
  assert(!state.rows.empty());
  return Generator(choices, state, taste).Make();
}

Trace AnyTrace(Choices& choices, size_t ops_max) {
  Trace trace;
  const size_t ops = choices.Below(ops_max + 1);
  const Taste taste = AnyTaste(choices);
  Model model;
  State state;
  trace.ops.reserve(ops);
  for (size_t i = 0; i < ops; ++i) {
    model.Snapshot(&state);
    trace.ops.push_back(AnyOp(choices, state, taste));
    model.Apply(trace.ops.back());
  }
  const auto names = NamesOfAnyOp();
  trace.names.assign(names.begin(), names.end());
  return trace;
}

}  // namespace restree

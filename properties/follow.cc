// SPDX-License-Identifier: Apache-2.0
//
// How Lockstep judges a tree that registers the resources of altmaps by itself:
// nobody can say beforehand when and how it does, but what is true of it
// however it is done, the laws say.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/string_view.h"
#include "model/device_memory.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/broken.h"
#include "properties/check.h"
#include "properties/divergence.h"
#include "properties/divergence_functions.h"
#include "properties/laws.h"
#include "properties/pagemaps.h"

namespace restree {
namespace {

using enum Verb;

// What maps, ends a mapping or may put its last reference; and who looks for
// the resource.
constexpr VerbSet kVmemmapVerbs =
    SetOf(kMemremap, kMemunmap, kDevmMemremap, kDevmMemunmap, kUnbind,
          kGetPagemap, kPutPagemap, kPageFree, kPagePut, kDumpable);

bool IsMap(Verb verb) { return verb == kMemremap || verb == kDevmMemremap; }

size_t IndexOf(absl::string_view divergence) {
  size_t i = 0;
  while (kDivergences[i].name != divergence) ++i;
  return i;
}

bool HasVmemmap(const State& state) {
  return std::any_of(state.rows.begin(), state.rows.end(),
                     [](const Row& row) { return IsVmemmapSlot(row.slot); });
}

}  // namespace

bool Lockstep::IsAboutVmemmap(const State& before) const {
  return (kVmemmapVerbs & SetOf(op_.verb)) != 0 || HasVmemmap(before) ||
         HasVmemmap(after_) || HasVmemmap(real_);
}

// Where the tree is where the reference is, all else was asked already.
std::optional<Failure> Lockstep::AskTree(const Machine& machine,
                                         const State& before) {
  if (!vmemmap_laws_) return std::nullopt;
  auto broken = BrokenVmemmapLaw(PlayedBy(machine, before, after_), true);
  if (!broken) return std::nullopt;
  return Failed(broken->kind, broken->name, std::move(broken->sentence),
                machine, &before);
}

// Takes out of what the tree saw and shows what every kernel is known to do
// wrong, whatever it makes of the resource. Returns which it was.
std::optional<size_t> Lockstep::Mend(const State& before) {
  const Played played = {before, op_, got_, real_};
  std::optional<size_t> known;
  const bool unmaps = UnmapsPrivateAltmap(played);
  if (IsMap(op_.verb) && FailsToMapOverAnother(played) &&
      real_.ledger.lookup != before.ledger.lookup &&
      LosesLookup(before, op_.slot, real_)) {
    real_.ledger.lookup = before.ledger.lookup;
    known = IndexOf("FailedMapForgetsAnother");
  }
  bool kept = false;
  for (Pagemap& it : real_.ledger.pagemaps) {
    const Pagemap* const was = FindPagemap(before, it.number);
    const bool is_mapped = was != nullptr && !IsIdle(*was);
    const bool fails = IsMap(op_.verb) && op_.slot == it.number;
    if (!unmaps || !(is_mapped || fails)) continue;
    if (it.type != kMemoryPrivate || !IsIdle(it)) continue;
    kept |= it.altmap.alloc != 0;
    it.altmap.alloc = 0;
  }
  if (!kept) return known;
  got_.warnings &= static_cast<uint16_t>(~kWarnOn);
  return IndexOf("PrivateAltmapIsNotGivenBack");
}

std::optional<Broken> Lockstep::BrokenByTree(const Machine& machine,
                                             const State& before) const {
  const Played played = {before, op_, got_, real_, machine.altmap()};
  std::optional<Broken> broken = BrokenInvariant(real_);
  if (!broken && vmemmap_laws_) broken = BrokenVmemmapLaw(played, true);
  if (!broken) broken = BrokenLaw(played, true);
  return broken;
}

std::optional<Failure> Lockstep::Follow(Machine& machine, const State& before) {
  if (auto broken = BrokenByTree(machine, before)) {
    Failure failure = Failed(broken->kind, broken->name,
                             std::move(broken->sentence), machine, &before);
    failure.got = got_;
    const std::optional<size_t> known = Mend(before);
    if (!known || BrokenByTree(machine, before)) return failure;
    after_ = real_;
    observation_ = got_;
    if (auto divergence = Meet(*known, machine, &before)) return divergence;
  }
  machines_[0]->Adopt(real_);
  if (machines_[0]->Digest() != machine.Digest()) {
    return Difference(machine, &before);
  }
  digest_ = machines_[0]->Digest();
  observation_ = got_;
  after_ = real_;
  return std::nullopt;
}

}  // namespace restree

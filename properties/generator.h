// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_GENERATOR_H_
#define RESTREE_PROPERTIES_GENERATOR_H_

#include <cstddef>
#include <cstdint>

#include "model/flags.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/any_range.h"
#include "properties/choices.h"
#include "properties/scene.h"
#include "properties/taste.h"

// What stands behind AnyOp(). Include generate.h instead.
namespace restree {

// Draws one op in one state. Each verb has a filler, which draws the fields
// that the verb reads.
class Generator {
 public:
  // All must outlive this.
  Generator(Choices& choices, const State& state, const Taste& taste)
      : choices_(choices), scene_(state), taste_(taste) {}

  Op Make();

 private:
  using Filler = void (Generator::*)(Op* op);
  struct VerbFiller {
    Verb verb;
    Filler fill;
  };
  static const VerbFiller kFillers[kVerbs];

  uint64_t Below(uint64_t n) { return choices_.Below(n); }
  bool OneIn(uint64_t n) { return Below(n) == n - 1; }
  const Row& row(size_t i) const { return scene_.row(i); }
  const Row& AnyRow() { return row(Below(scene_.state.rows.size())); }
  Range RangeWithin(const Range& within) {
    return AnyRange(choices_, scene_.state, within, taste_.universe);
  }

  // generate.cc: which verb, and what all have in common.
  Verb AnyVerb();
  Verb AnyVerbOf(VerbSet some);
  void FillWild(Op* op);
  void FillNothing(Op*) {}
  Slot EmptySlot();
  Slot FreeSlot();
  Slot WildSlot();
  size_t ParentRow();
  size_t FamilyRow();
  uint64_t PlacedFlags();
  NameId AnyName(uint64_t flags);

  // generator_place.cc: what puts a resource into a tree.
  void Define(Op* op);
  bool DefineANeighbour(Op* op);
  void DefineOneOfACrowd(Op* op);
  void DefineRegion(Op* op);
  void PlaceAgain(Op* op, const RowSet& candidates);
  void RequestAgain(Op* op);
  void InsertAgain(Op* op);
  void InsertExpandAgain(Op* op);
  void AllocateAgain(Op* op);
  void FindSpace(Op* op);
  void Space(Op* op, const Range& within);

  // generator_own.cc: the caller's own resources, and those of the kernel.
  void Root(Op* op);
  void Reserve(Op* op);
  void ReleaseAdjustable(Op* op);
  void Merge(Op* op);
  void Free(Op* op);
  void AllocFree(Op* op);
  bool TakesTooLong(size_t base) const;
  uint64_t EndOfChildren(size_t base) const;
  void ReserveSetup(Op* op);

  // generator_leave.cc: what takes resources away or changes one, and devices
  // and lists.
  void TakeOut(Op* op);
  void Adjust(Op* op);
  void ReleaseChildren(Op* op);
  void ReleaseRegion(Op* op);
  enum class Kind { kResource, kRegion, kPagemap };
  const Devres* AnyDevres(Kind kind);
  void DevmRelease(Op* op);
  void DevmReleaseRegion(Op* op);
  void Unbind(Op* op);
  void ListAdd(Op* op);
  void ListDestroy(Op* op);
  void ListFirst(Op* op);
  void ListFree(Op* op);
  void FailAlloc(Op* op);
  void StrictIomem(Op* op);

  // generator_memory.cc: pagemaps and their mappings.
  uint32_t AnyPagemap(uint64_t some);
  const Pagemap* PagemapAt(uint32_t number) const;
  void PlaceAtAMapping(Op* op);
  Range MappableRange();
  Range UnmappableRange();
  Range MemoryRange();
  uint64_t AroundFlags();
  Slot NamedParent(const Range& altmap);
  void NewPagemap(Op* op);
  void DevPagemap(Op* op);
  void AddRange(Op* op);
  void GiveAltmap(Op* op);
  void SetupPfn(Op* op);
  void Memremap(Op* op);
  void Memunmap(Op* op);
  void DevmMemunmap(Op* op);
  void FailStep(Op* op);
  void Dumpable(Op* op);

  // generator_pages.cc: references, pages, and the altmap's own.
  uint64_t PfnNear(uint64_t pagemaps);
  uint64_t PageOf(uint64_t pagemaps);
  const PageUse* AnyPage(uint64_t pagemaps);
  void GetPagemap(Op* op);
  void PutPagemap(Op* op);
  void PfnValid(Op* op);
  void PageInit(Op* op);
  void PageFree(Op* op);
  void PageGet(Op* op);
  void PagePut(Op* op);
  void AltmapOffset(Op* op);
  void AltmapAlloc(Op* op);
  void AltmapFree(Op* op);

  // generator_ask.cc: questions.
  void Lookup(Op* op);
  void One(Op* op);
  void Two(Op* op);
  void Match(Op* op);
  void SomeRange(Op* op);
  void Address(Op* op);
  void Pfn(Op* op);
  void Proc(Op* op);

  Choices& choices_;
  const Scene scene_;
  const Taste& taste_;
};

}  // namespace restree

#endif  // RESTREE_PROPERTIES_GENERATOR_H_

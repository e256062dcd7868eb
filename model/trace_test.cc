// SPDX-License-Identifier: Apache-2.0
#include "model/trace.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "model/device_memory.h"
#include "model/range.h"

namespace restree {
namespace {

Verb VerbAt(int i) { return static_cast<Verb>(i); }

TEST(VerbTableTest, HasEveryVerbInOrder) {
  for (int i = 0; i < kVerbs; ++i) EXPECT_EQ(InfoOf(VerbAt(i)).verb, VerbAt(i));
  EXPECT_EQ(VerbAt(kVerbs - 1), Verb::kDumpable);
}

TEST(VerbTableTest, NamesAreUniquePerForm) {
  std::set<std::pair<std::string, bool>> forms;
  for (int i = 0; i < kVerbs; ++i) {
    const VerbInfo& info = InfoOf(VerbAt(i));
    const std::string name(info.name);
    EXPECT_FALSE(name.empty());
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"),
              std::string::npos)
        << name;
    EXPECT_TRUE(forms.emplace(name, info.Has(Field::kDefines)).second) << name;
    EXPECT_FALSE(info.kernel.empty()) << name;
  }
}

TEST(VerbTableTest, FormsOfANameCallTheSameFunction) {
  for (int i = 1; i < kVerbs; ++i) {
    const VerbInfo& before = InfoOf(VerbAt(i - 1));
    const VerbInfo& info = InfoOf(VerbAt(i));
    if (before.name != info.name) continue;
    EXPECT_EQ(before.kernel, info.kernel) << info.name;
    EXPECT_TRUE(before.Has(Field::kDefines)) << info.name;
    EXPECT_TRUE(info.Has(Field::kSlot)) << info.name;
  }
}

// The fields that stand in one and the same place of an Op.
const std::vector<std::vector<Field>> kPlaces = {
    {Field::kDefines, Field::kSlot, Field::kDefinesPagemap, Field::kPagemap,
     Field::kCached},
    {Field::kParent, Field::kNamedParent},
    {Field::kRange, Field::kPfns, Field::kAddress, Field::kPfn},
    {Field::kSize, Field::kTimes, Field::kFree, Field::kPages, Field::kRefs},
    {Field::kAlign, Field::kShift, Field::kReserve},
    {Field::kFlags, Field::kLacks},
    {Field::kDesc, Field::kType, Field::kStep},
    {Field::kStop, Field::kNth, Field::kDevice, Field::kList, Field::kIsaAlign,
     Field::kUnprivileged, Field::kRelaxed, Field::kAnon, Field::kView},
};

TEST(VerbTableTest, FieldsAreListedOnceAndDoNotShareTheirPlaceInOp) {
  for (int i = 0; i < kVerbs; ++i) {
    const VerbInfo& info = InfoOf(VerbAt(i));
    const std::set<Field> fields(info.fields.begin(), info.fields.end());
    EXPECT_EQ(fields.size(), info.fields.size()) << info.name;
    for (const std::vector<Field>& place : kPlaces) {
      EXPECT_LE(std::count_if(place.begin(), place.end(),
                              [&](Field it) { return info.Has(it); }),
                1)
          << info.name;
    }
    // Trace text has `rN =` before the verb, wherever the table has it.
    for (const Field defines : {Field::kDefines, Field::kDefinesPagemap}) {
      if (info.Has(defines)) {
        EXPECT_EQ(info.fields[0], defines);
      }
    }
  }
}

TEST(VerbTableTest, HasAnswersForListedFieldsAlone) {
  const VerbInfo& info = InfoOf(Verb::kLookup);
  EXPECT_TRUE(info.Has(Field::kParent));
  EXPECT_TRUE(info.Has(Field::kAddress));
  EXPECT_FALSE(info.Has(Field::kRange));
  EXPECT_FALSE(info.Has(Field::kDefines));
}

// An op with no field 0.
Op FullOp(Verb verb) {
  return {.verb = verb,
          .slot = R(1),
          .parent = R(2),
          .name = 3,
          .number = 0x405,
          .range = {5, 6},
          .size = 7,
          .align = 8,
          .flags = 9,
          .desc = 10};
}

TEST(NormalTest, KeepsWhatTheVerbReadsAndNothingElse) {
  for (int i = 0; i < kVerbs; ++i) {
    const VerbInfo& info = InfoOf(VerbAt(i));
    const Op full = FullOp(VerbAt(i));
    Op want;
    want.verb = full.verb;
    if (info.Has(Field::kDefines) || info.Has(Field::kSlot)) want.slot = R(1);
    if (info.Has(Field::kParent)) want.parent = R(2);
    if (info.Has(Field::kName)) want.name = 3;
    if (info.Has(Field::kStop) || info.Has(Field::kNth)) want.number = 0x405;
    if (info.Has(Field::kDevice) || info.Has(Field::kList)) want.number = 5;
    for (const Field yes_or_no : {Field::kIsaAlign, Field::kUnprivileged,
                                  Field::kRelaxed, Field::kAnon}) {
      if (info.Has(yes_or_no)) want.number = 1;
    }
    if (info.Has(Field::kRange) || info.Has(Field::kPfns)) want.range = {5, 6};
    if (info.Has(Field::kAddress) || info.Has(Field::kPfn)) want.range = {5, 5};
    if (info.Has(Field::kSize) || info.Has(Field::kTimes)) want.size = 7;
    if (info.Has(Field::kAlign)) want.align = 8;
    if (info.Has(Field::kFlags)) want.flags = 9;
    if (info.Has(Field::kDesc) || info.Has(Field::kType)) want.desc = 10;
    if (info.Has(Field::kStep)) want.desc = 10 % kMapSteps;
    if (info.Has(Field::kView)) want.number = 0x405 % kDumpViews;
    for (const Field pagemap :
         {Field::kDefinesPagemap, Field::kPagemap, Field::kCached}) {
      if (info.Has(pagemap)) want.slot = R(1);
    }
    for (const Field pages : {Field::kFree, Field::kPages, Field::kRefs}) {
      if (info.Has(pages)) want.size = 7;
    }
    if (info.Has(Field::kShift) || info.Has(Field::kReserve)) want.align = 8;
    if (info.Has(Field::kLacks)) want.flags = 9;
    if (info.Has(Field::kNamedParent)) want.parent = R(2);
    EXPECT_EQ(Normal(full), want) << info.name;
  }
}

TEST(NormalTest, IsIdempotentAndKeepsSlotsInRange) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    Op op = FullOp(VerbAt(static_cast<int>(random() % kVerbs)));
    op.slot = static_cast<Slot>(random() >> (random() % 64));
    op.parent = static_cast<Slot>(random() >> (random() % 64));
    op.range = {random(), random()};
    const Op normal = Normal(op);
    ASSERT_EQ(Normal(normal), normal);
    ASSERT_LT(normal.slot, kSlots);
    ASSERT_LT(normal.parent, kSlots);
    if (InfoOf(op.verb).Has(Field::kDefines)) {
      ASSERT_GE(normal.slot, kFirstSlot);
    }
  }
}

// A machine that met one would take it for a name that it gave itself.
TEST(NormalTest, NoTraceGivesTheNamesThatMachinesGive) {
  Op op;
  op.verb = Verb::kRoot;
  op.slot = R(1);
  for (const NameId name : {kNameOfSlot, kNameOfSlot | R(1), kNameOfDevice,
                            kNameReserved, UINT32_MAX}) {
    op.name = name;
    EXPECT_EQ(Normal(op).name, 0u) << name;
  }
  op.name = kNameOfSlot - 1;
  EXPECT_EQ(Normal(op).name, kNameOfSlot - 1);
}

TEST(NormalTest, OnlyRNumbersCanBeDefined) {
  Op op;
  op.verb = Verb::kRequest;
  for (const Slot slot : {kIomem, kIoport, kNoSlot, kNoSlot + 1}) {
    op.slot = slot;
    EXPECT_GE(Normal(op).slot, kFirstSlot) << slot;
  }
  op.slot = VmemmapSlot(3);
  EXPECT_FALSE(IsVmemmapSlot(Normal(op).slot));
  op.verb = Verb::kRelease;
  op.slot = kIoport;
  EXPECT_EQ(Normal(op).slot, kIoport);
}

TEST(NormalTest, AParentThatMayBeLeftOutStaysSo) {
  Op op = FullOp(Verb::kAltmap);
  op.parent = kNoSlot;
  EXPECT_EQ(Normal(op).parent, kNoSlot);
}

TEST(SlotTextTest, NamesRootsNumbersAndNothing) {
  EXPECT_EQ(SlotText(kIomem), "iomem");
  EXPECT_EQ(SlotText(kIoport), "ioport");
  EXPECT_EQ(SlotText(kFirstSlot), "r0");
  EXPECT_EQ(SlotText(R(7)), "r7");
  EXPECT_EQ(SlotText(kFirstVmemmap - 1), "r16777149");
  EXPECT_EQ(SlotText(VmemmapSlot(0)), "v0");
  EXPECT_EQ(SlotText(kSlots - 1), "v63");
  EXPECT_EQ(SlotText(kNoSlot), "NULL");
  EXPECT_EQ(PagemapText(7), "p7");
}

TEST(NameOfTest, FallsBackToTheSlot) {
  const std::vector<std::string> names = {"low", ""};
  EXPECT_EQ(NameOf(names, 1, R(5)), "low");
  EXPECT_EQ(NameOf(names, 2, R(5)), "");
  EXPECT_EQ(NameOf(names, 0, R(5)), "r5");
  EXPECT_EQ(NameOf(names, kNameVmemmap, R(5)), "Device Backed Vmemmap");
  EXPECT_EQ(FullName(0, R(5)), kNameOfSlot | R(5));
  EXPECT_EQ(FullName(2, R(5)), 2u);
  EXPECT_EQ(OwnName(FullName(0, R(5)), R(5)), 0u);
  EXPECT_EQ(OwnName(FullName(0, R(5)), R(6)), kNameOfSlot | R(5));
  EXPECT_EQ(NameOf(names, 3, kIomem), "iomem");
  EXPECT_EQ(NameOf({}, UINT32_MAX, R(0)), "r0");
}

TEST(NameOfTest, KnowsTheNamesThatNoTraceGives) {
  EXPECT_EQ(NameOf({}, kNameOfSlot | R(7), R(0)), "r7");
  EXPECT_EQ(NameOf({}, kNameOfSlot | kIomem, R(0)), "iomem");
  EXPECT_EQ(NameOf({}, kNameOfDevice | 3, R(0)), "d3");
  EXPECT_EQ(NameOf({}, kNameReserved, R(0)), "reserved");
}

}  // namespace
}  // namespace restree

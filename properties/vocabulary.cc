// SPDX-License-Identifier: Apache-2.0
#include "properties/vocabulary.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"
#include "properties/addresses.h"
#include "properties/field_value.h"
#include "properties/trace_order.h"

namespace restree {
namespace {

constexpr size_t kAddressesMax = 6;
constexpr Verb kPlainVerbs[] = {Verb::kRoot, Verb::kRequest, Verb::kInsert,
                                Verb::kRequestRegion};

template <typename T>
void AddNew(const T& value, std::vector<T>* values) {
  if (std::find(values->begin(), values->end(), value) == values->end()) {
    values->push_back(value);
  }
}

bool ReadsPages(const VerbInfo& info) {
  return info.Has(Field::kPfns) || info.Has(Field::kPfn);
}

}  // namespace

Vocabulary::Vocabulary(const Trace& trace, Size size)
    : size_(size), names_(trace.names.size()) {
  const bool plain = size >= Size::kPlain;
  for (const Op& op : trace.ops) Learn(op);
  if (plain) {
    for (const Verb verb : kPlainVerbs) AddNew(verb, &verbs_);
    AddNew(kResourceMem, &flags_);
  }
  if (size >= Size::kRich) {
    AddNew(kResourceMem | kResourceBusy, &flags_);
    AddNew(kResourceSystemRam | kResourceBusy, &flags_);
    const bool maps = std::any_of(verbs_.begin(), verbs_.end(), [](Verb verb) {
      return InfoOf(verb).Has(Field::kDefinesPagemap);
    });
    if (maps) AddNew(Verb::kPagemap, &verbs_);
  }
  LearnRanges(trace, plain);
  std::sort(verbs_.begin(), verbs_.end(),
            [](Verb a, Verb b) { return RankOf(a) < RankOf(b); });
}

void Vocabulary::Learn(const Op& op) {
  const VerbInfo& info = InfoOf(op.verb);
  AddNew(op.verb, &verbs_);
  AddNew(op, &seen_[static_cast<size_t>(op.verb)]);
  const bool names_ioport =
      (info.Has(Field::kParent) && op.parent == kIoport) ||
      (info.Has(Field::kSlot) && op.slot == kIoport);
  if (names_ioport) AddNew(kIoport, &roots_);
  if (info.Has(Field::kDefines) && info.Has(Field::kFlags)) {
    AddNew(op.flags, &flags_);
  }
}

// All ranges between addresses of the trace; the plain ones are its own pages.
void Vocabulary::LearnRanges(const Trace& trace, bool plain) {
  std::vector<Address> addresses = AddressesOf(trace);
  for (size_t i = 1; plain && i <= 4 && addresses.size() < kAddressesMax; ++i) {
    AddNew(Address{kPageBytes} * i, &addresses);
  }
  // One byte, the first of all, and all that there is are where bugs are.
  if (size_ >= Size::kRich) {
    AddNew(uint64_t{0}, &addresses_);
    AddNew(Range{0, UINT64_MAX}, &ranges_);
    if (addresses.size() < kAddressesMax) {
      AddNew(Address{2 * kPageBytes - 1}, &addresses);
    }
  }
  std::sort(addresses.begin(), addresses.end());
  for (const Place& place : PlacesOf(trace)) {
    if (place.is_end) continue;
    const Op& op = trace.ops[place.op];
    if (!ReadsPages(InfoOf(op.verb))) AddNew(op.range, &ranges_);
  }
  const bool all = addresses.size() <= kAddressesMax;
  for (size_t i = 0; i < addresses.size(); ++i) {
    if (addresses[i] <= UINT64_MAX) {
      AddNew(static_cast<uint64_t>(addresses[i]), &addresses_);
    }
    for (size_t j = i + 1; j < addresses.size() && all; ++j) {
      if (addresses[i] > UINT64_MAX || addresses[j] > Address{1} << 64) break;
      AddNew(Range{static_cast<uint64_t>(addresses[i]),
                   static_cast<uint64_t>(addresses[j] - 1)},
             &ranges_);
    }
  }
}

Vocabulary::Slots Vocabulary::SlotsOf(const Trace& trace) {
  Slots slots;
  for (const Op& op : trace.ops) {
    const VerbInfo& info = InfoOf(op.verb);
    if (info.Has(Field::kDefines)) {
      slots.resources = std::max(slots.resources, op.slot - kFirstSlot + 1);
    }
    if (info.Has(Field::kDefinesPagemap)) {
      slots.pagemaps = std::max(slots.pagemaps, op.slot + 1);
    }
  }
  return slots;
}

std::vector<uint64_t> Vocabulary::SlotsFor(const Slots& slots) const {
  std::vector<uint64_t> values(roots_.begin(), roots_.end());
  for (uint32_t i = 0; i < slots.resources; ++i) values.push_back(R(i));
  return values;
}

// The values of a field that is no range: those that ops of the verb have, and
// what is plain.
std::vector<uint64_t> Vocabulary::ValuesOf(const Op& op, Field field,
                                           const Slots& slots) const {
  const VerbInfo& info = InfoOf(op.verb);
  std::vector<uint64_t> values;
  switch (field) {
    case Field::kDefines:
      return {R(slots.resources)};
    case Field::kDefinesPagemap:
      return {slots.pagemaps};
    case Field::kParent:
    case Field::kSlot:
      return SlotsFor(slots);
    case Field::kNamedParent:
      values = SlotsFor(slots);
      values.insert(values.begin(), kNoSlot);
      return values;
    case Field::kPagemap:
    case Field::kCached:
      for (uint32_t i = 0; i < std::max(slots.pagemaps, 1u); ++i) {
        values.push_back(i);
      }
      if (field == Field::kCached) values.push_back(slots.pagemaps);
      return values;
    case Field::kAddress:
      return addresses_;
    case Field::kPfn:
      for (const uint64_t address : addresses_) {
        AddNew(address / kPageBytes, &values);
      }
      return values;
    case Field::kLacks:
      if (size_ >= Size::kRich) values = {0, kLacksRange};
      break;
    case Field::kName:
      for (size_t i = 0; i <= names_; ++i) values.push_back(i);
      return values;
    case Field::kFlags:
      values.push_back(PlainFlags(info));
      if (info.Has(Field::kDefines) && info.Has(Field::kDesc)) {
        for (const uint64_t flags : flags_) AddNew(flags, &values);
      }
      break;
    default:
      break;
  }
  for (const Op& seen : seen_[static_cast<size_t>(op.verb)]) {
    AddNew(ValueOf(seen, field), &values);
  }
  const bool is_special = field == Field::kFlags || field == Field::kType;
  if (field == Field::kType && values.empty()) values = {kMemoryGeneric};
  if (values.empty() || (size_ >= Size::kRich && !is_special)) {
    AddNew(uint64_t{0}, &values);
  }
  return values;
}

void Vocabulary::Vary(Field field, const Slots& slots,
                      std::vector<Op>* ops) const {
  std::vector<Op> varied;
  for (const Op& op : *ops) {
    if (field == Field::kRange || field == Field::kPfns) {
      for (Range range : ranges_) {
        if (field == Field::kPfns) {
          range = {range.start >> kPageShift, range.end >> kPageShift};
        }
        varied.push_back(op);
        varied.back().range = range;
      }
      continue;
    }
    for (const uint64_t value : ValuesOf(op, field, slots)) {
      varied.push_back(op);
      SetValue(field, value, &varied.back());
    }
  }
  *ops = std::move(varied);
}

std::vector<Op> Vocabulary::OpsAfter(const Trace& trace, Verb verb) const {
  const Slots slots = SlotsOf(trace);
  Op op;
  op.verb = verb;
  std::vector<Op> ops = {op};
  for (const Field field : InfoOf(verb).fields) Vary(field, slots, &ops);
  for (Op& it : ops) it = Normal(it);
  return ops;
}

std::vector<Op> Vocabulary::OpsAfter(const Trace& trace) const {
  std::vector<Op> all;
  for (const Verb verb : verbs_) {
    const std::vector<Op> ops = OpsAfter(trace, verb);
    all.insert(all.end(), ops.begin(), ops.end());
  }
  return all;
}

std::vector<Op> Vocabulary::OpsAt(const Trace& trace, size_t at) const {
  const Op& old = trace.ops[at];
  const VerbInfo& info = InfoOf(old.verb);
  std::vector<Op> ops = OpsAfter(trace);
  std::erase_if(ops, [&old](const Op& op) { return op == old; });
  for (Op& op : ops) {
    const VerbInfo& its = InfoOf(op.verb);
    for (const Field field : {Field::kDefines, Field::kDefinesPagemap}) {
      if (info.Has(field) && its.Has(field)) op.slot = old.slot;
    }
  }
  return ops;
}

std::string Vocabulary::Text() const {
  const std::string verbs =
      absl::StrJoin(verbs_, ", ", [](std::string* out, Verb verb) {
        absl::StrAppend(out, InfoOf(verb).name);
      });
  return absl::StrCat(verbs, " over ", ranges_.size(), " ranges");
}

}  // namespace restree

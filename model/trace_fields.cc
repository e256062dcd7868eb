// SPDX-License-Identifier: Apache-2.0
#include "model/trace_fields.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "model/device_memory.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"
#include "model/trace_forms.h"
#include "model/trace_hint.h"
#include "model/trace_token.h"

namespace restree {

bool FieldParser::FailAt(size_t column, std::string message) {
  error_.column = column;
  error_.message = std::move(message);
  return false;
}

// Says that `what` has to stand where the token is.
bool FieldParser::Expected(absl::string_view what) {
  const bool missing =
      !token().IsWord() && token().kind != Token::Kind::kString;
  return Fail(absl::StrCat(missing ? "" : Cited(token().text),
                           missing ? "missing " : " is not ", what, ": write `",
                           UsageOf(*info_), "`"));
}

bool FieldParser::ParseField(Field field) {
  switch (field) {
    case Field::kDefines:
      return true;  // It stood before the verb.
    case Field::kParent:
      return ParseSlot(&op_.parent);
    case Field::kSlot:
      return ParseSlot(&op_.slot);
    case Field::kRange:
      return ParseRange("a range START-END", &op_.range);
    case Field::kPfns:
      return ParseRange("a range START_PFN-END_PFN", &op_.range);
    case Field::kAddress:
    case Field::kPfn:
      if (!ParseNumber("", &op_.range.start)) return false;
      op_.range.end = op_.range.start;
      return true;
    case Field::kSize:
      return ParseNumber("size=", &op_.size);
    case Field::kAlign:
      return ParseNumber("align=", &op_.align);
    case Field::kName:
      return ParseName();
    case Field::kFlags:
      return ParseFlags();
    case Field::kDesc:
      return ParseDesc();
    case Field::kTimes:
      return ParseNumber("times=", &op_.size);
    case Field::kStop:
      return ParseCount("stop=", true);
    case Field::kNth:
      return ParseCount("nth=", false);
    case Field::kDevice:
      return ParseNumbered('d', kDevices);
    case Field::kList:
      return ParseNumbered('l', kLists);
    case Field::kIsaAlign:
      return ParseWord("isa_align");
    case Field::kUnprivileged:
      return ParseWord("unprivileged");
    case Field::kRelaxed:
      return ParseRelaxed();
    default:
      return ParseMemoryField(field);
  }
}

// The fields of device memory.
bool FieldParser::ParseMemoryField(Field field) {
  switch (field) {
    case Field::kDefinesPagemap:
      return true;
    case Field::kPagemap:
      return ParsePagemap("");
    case Field::kCached:
      return ParseCached();
    case Field::kType:
      return ParseType();
    case Field::kShift:
      return ParseShift();
    case Field::kLacks:
      return ParseLacks();
    case Field::kReserve:
      return ParseNumber("reserve=", &op_.align);
    case Field::kFree:
      return ParseNumber("free=", &op_.size);
    case Field::kNamedParent:
      return ParseNamedParent();
    case Field::kPages:
      return ParseNumber("pages=", &op_.size);
    case Field::kRefs:
      return ParseNumber("refs=", &op_.size);
    case Field::kAnon:
      return ParseWord("anon");
    case Field::kStep:
      return ParseStep();
    default:
      return ParseView();
  }
}

bool FieldParser::ParseSlot(Slot* slot) {
  if (!token().IsWord()) return Expected("a slot");
  const std::string wrong = ReadSlot(token().text, slot);
  if (wrong.empty()) return Next();
  const VerbInfo* defining = FormsOf(info_->name)->defining;
  if (defining == nullptr || info_ == defining) return Fail(wrong);
  // The commonest slip: the form that defines, with its `rN =` forgotten.
  return Fail(absl::StrCat(wrong, "; to define a resource write `",
                           UsageOf(*defining), "`"));
}

bool FieldParser::ParseRange(absl::string_view what, Range* range) {
  if (!token().IsWord()) return Expected(what);
  const absl::string_view text = token().text;
  const size_t dash = text.find('-');
  if (dash == absl::string_view::npos) return Expected(what);
  std::string wrong = ReadNumber(text.substr(0, dash), &range->start);
  if (!wrong.empty()) return Fail(wrong);
  wrong = ReadNumber(text.substr(dash + 1), &range->end);
  if (!wrong.empty()) return FailAt(token().column + dash + 1, wrong);
  return Next();
}

// Reads a number behind `prefix`.
bool FieldParser::ParseNumber(absl::string_view prefix, uint64_t* value) {
  if (!token().IsWord() || !absl::StartsWith(token().text, prefix)) {
    return Expected(prefix.empty() ? "a number" : absl::StrCat(prefix, "N"));
  }
  const std::string wrong =
      ReadNumber(token().text.substr(prefix.size()), value);
  if (!wrong.empty()) return FailAt(token().column + prefix.size(), wrong);
  return Next();
}

bool FieldParser::ParseName() {
  if (token().kind != Token::Kind::kString) return true;
  if (!Unquote(token(), &name_, &error_)) return false;
  const auto it = ids_.find(name_);
  if (it != ids_.end()) {
    op_.name = it->second;
    return Next();
  }
  names_.push_back(name_);
  op_.name = static_cast<NameId>(names_.size());
  ids_.emplace(name_, op_.name);
  return Next();
}

bool FieldParser::ParseFlags() {
  while (token().IsWord()) {
    const absl::string_view text = token().text;
    uint64_t bits = 0;
    if (const std::optional<uint64_t> flag = FlagOf(text)) {
      bits = *flag;
    } else if (text[0] >= '0' && text[0] <= '9') {
      const std::string wrong = ReadNumber(text, &bits);
      if (!wrong.empty()) return Fail(wrong);
    } else {
      return true;
    }
    if (op_.flags & bits) {
      return Fail(absl::StrCat(Cited(text), " repeats a flag"));
    }
    op_.flags |= bits;
    if (!Next()) return false;
  }
  return true;
}

bool FieldParser::ParseDesc() {
  constexpr absl::string_view kPrefix = "desc=";
  if (!token().IsWord() || !absl::StartsWith(token().text, kPrefix)) {
    return true;
  }
  const absl::string_view word = token().text.substr(kPrefix.size());
  if (const std::optional<uint64_t> desc = DescOf(word)) {
    op_.desc = *desc;
    return Next();
  }
  if (!word.empty() && word[0] >= '0' && word[0] <= '9') {
    return ParseNumber(kPrefix, &op_.desc);
  }
  return FailAt(
      token().column + kPrefix.size(),
      absl::StrCat("unknown descriptor ", Cited(word), DescHint(word)));
}

// Reads a number of 32 bits behind `prefix` into Op::number.
bool FieldParser::ParseCount(absl::string_view prefix, bool is_optional) {
  if (!token().IsWord() || !absl::StartsWith(token().text, prefix)) {
    return is_optional || Expected(absl::StrCat(prefix, "N"));
  }
  const Token here = token();
  uint64_t number = 0;
  if (!ParseNumber(prefix, &number)) return false;
  if (number > UINT32_MAX) {
    return FailAt(here.column + prefix.size(),
                  absl::StrCat(Cited(here.text.substr(prefix.size())),
                               " does not fit in 32 bits"));
  }
  op_.number = static_cast<uint32_t>(number);
  return true;
}

// Reads d0, d1, ... or l0, l1, ...
bool FieldParser::ParseNumbered(char kind, uint32_t count) {
  const std::string what = absl::StrCat(
      kind == 'd' ? "a device d0 to d" : "a list l0 to l", count - 1);
  if (!token().IsWord() || token().text[0] != kind) return Expected(what);
  uint64_t number = 0;
  const absl::string_view digits = token().text.substr(1);
  if (digits.find_first_not_of("0123456789") != absl::string_view::npos ||
      !ReadNumber(digits, &number).empty() || number >= count) {
    return Expected(what);
  }
  op_.number = static_cast<uint32_t>(number);
  return Next();
}

// Reads `word`, which may be left out.
bool FieldParser::ParseWord(absl::string_view word) {
  if (!token().IsWord(word)) return true;
  op_.number = 1;
  return Next();
}

bool FieldParser::ParseRelaxed() {
  const bool relaxed = token().IsWord("relaxed");
  if (!relaxed && !token().IsWord("strict")) {
    return Expected("`strict` or `relaxed`");
  }
  op_.number = relaxed ? 1 : 0;
  return Next();
}

// Reads pN behind `prefix` into Op::slot.
bool FieldParser::ParsePagemap(absl::string_view prefix) {
  if (!token().IsWord() || !absl::StartsWith(token().text, prefix)) {
    return Expected(absl::StrCat(prefix, "pN"));
  }
  const std::string wrong =
      ReadPagemap(token().text.substr(prefix.size()), &op_.slot);
  if (!wrong.empty()) return FailAt(token().column + prefix.size(), wrong);
  return Next();
}

bool FieldParser::ParseCached() {
  constexpr absl::string_view kPrefix = "cached=";
  if (!token().IsWord() || !absl::StartsWith(token().text, kPrefix)) {
    return true;
  }
  if (!ParsePagemap(kPrefix)) return false;
  ++op_.slot;
  return true;
}

bool FieldParser::ParseType() {
  if (!token().IsWord()) return Expected("a memory type");
  if (const auto type = MemoryTypeOf(token().text)) {
    op_.desc = *type;
    return Next();
  }
  const std::string wrong = ReadNumber(token().text, &op_.desc);
  if (!wrong.empty()) {
    return Fail(absl::StrCat(Cited(token().text),
                             " is not a memory type (private, coherent, fsdax, "
                             "generic, p2pdma, or a number)"));
  }
  if (op_.desc > INT32_MAX) {
    return Fail(absl::StrCat(Cited(token().text), " does not fit in an int"));
  }
  return Next();
}

bool FieldParser::ParseShift() {
  constexpr absl::string_view kPrefix = "shift=";
  if (!token().IsWord() || !absl::StartsWith(token().text, kPrefix)) {
    return true;
  }
  const Token here = token();
  if (!ParseNumber(kPrefix, &op_.align)) return false;
  if (op_.align < 32) return true;
  return FailAt(here.column + kPrefix.size(),
                "the order of a struct page is at most 31");
}

bool FieldParser::ParseLacks() {
  constexpr absl::string_view kPrefix = "lacks=";
  if (!token().IsWord() || !absl::StartsWith(token().text, kPrefix)) {
    return true;
  }
  size_t column = token().column + kPrefix.size();
  for (const absl::string_view word :
       absl::StrSplit(token().text.substr(kPrefix.size()), ',')) {
    const auto bit = LackOf(word);
    if (!bit.has_value()) {
      return FailAt(column, absl::StrCat(Cited(word), " is none of ",
                                         LacksText(kLacksBits)));
    }
    if (op_.flags & *bit) {
      return FailAt(column, absl::StrCat(Cited(word), " is repeated"));
    }
    op_.flags |= *bit;
    column += word.size() + 1;
  }
  return Next();
}

bool FieldParser::ParseNamedParent() {
  constexpr absl::string_view kPrefix = "parent=";
  op_.parent = kNoSlot;
  if (!token().IsWord() || !absl::StartsWith(token().text, kPrefix)) {
    return true;
  }
  const std::string wrong =
      ReadSlot(token().text.substr(kPrefix.size()), &op_.parent);
  if (!wrong.empty()) return FailAt(token().column + kPrefix.size(), wrong);
  return Next();
}

bool FieldParser::ParseStep() {
  const auto step =
      token().IsWord() ? MapStepOf(token().text) : std::optional<MapStep>();
  if (!step.has_value()) {
    return Expected("a step: xa_store, track_pfn, kasan or add_memory");
  }
  op_.desc = static_cast<uint64_t>(*step);
  return Next();
}

bool FieldParser::ParseView() {
  const auto view =
      token().IsWord() ? DumpViewOf(token().text) : std::optional<DumpView>();
  if (!view.has_value()) {
    return Expected("kexec_file, kexec_tools or kexec_file_vmemmap");
  }
  op_.number = static_cast<uint32_t>(*view);
  return Next();
}

}  // namespace restree

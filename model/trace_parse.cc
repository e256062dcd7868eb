// SPDX-License-Identifier: Apache-2.0
//
// The reading half of trace text; trace_text.cc has the grammar.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"
#include "model/trace_expectation.h"
#include "model/trace_forms.h"
#include "model/trace_hint.h"
#include "model/trace_text.h"
#include "model/trace_token.h"

namespace restree {
namespace {

// Reads one document, line after line, and keeps what the lines share.
class Parser {
 public:
  // Returns whether `text` without newline is a line, and appends it.
  bool ParseLine(absl::string_view text);

  const TextError& error() const { return error_; }
  TraceDocument Take() { return std::move(document_); }

 private:
  const Token& token() const { return lexer_.token(); }
  bool Next() { return lexer_.Next(&error_); }

  bool FailAt(size_t column, std::string message);
  bool Fail(std::string message) {
    return FailAt(token().column, std::move(message));
  }
  bool Expected(absl::string_view what);
  bool Unexpected();

  bool ReadExpectation(absl::string_view text, TraceLine* line);
  bool ParseOp();
  bool ChooseForm(const Token& verb, bool defines);
  bool ParseField(Field field);
  bool ParseSlot(Slot* slot);
  bool ParseRange(absl::string_view what, Range* range);
  bool ParseNumber(absl::string_view prefix, uint64_t* value);
  bool ParseName();
  bool ParseFlags();
  bool ParseDesc();
  bool ParseCount(absl::string_view prefix, bool is_optional);
  bool ParseNumbered(char kind, uint32_t count);
  bool ParseWord(absl::string_view word);
  bool ParseRelaxed();

  Lexer lexer_{""};
  TextError error_;
  TraceDocument document_;
  absl::flat_hash_map<std::string, NameId> ids_;
  std::string name_;         // kept for its memory
  std::string expectation_;  // of the line

  const VerbInfo* info_ = nullptr;  // of the line's op
  Op op_;
};

bool Parser::FailAt(size_t column, std::string message) {
  error_.column = column;
  error_.message = std::move(message);
  return false;
}

// Says that `what` has to stand where the token is.
bool Parser::Expected(absl::string_view what) {
  const bool missing =
      !token().IsWord() && token().kind != Token::Kind::kString;
  return Fail(absl::StrCat(missing ? "" : Cited(token().text),
                           missing ? "missing " : " is not ", what, ": write `",
                           UsageOf(*info_), "`"));
}

// Says that nothing more can stand where the token is.
bool Parser::Unexpected() {
  if (token().IsWord() && absl::StartsWith(token().text, "->")) {
    return Fail("a space is missing after `->`");
  }
  if (token().IsWord() && info_->Has(Field::kFlags) && op_.desc == 0 &&
      token().text.find('=') == absl::string_view::npos &&
      !FlagOf(token().text)) {
    return Fail(absl::StrCat("unknown flag ", Cited(token().text),
                             FlagHint(token().text)));
  }
  return Fail(absl::StrCat("unexpected ", Cited(token().text), ": write `",
                           UsageOf(*info_), "`"));
}

bool Parser::ParseLine(absl::string_view text) {
  lexer_ = Lexer(text);
  if (!Next()) return false;
  TraceLine line;
  if (token().IsWord() || token().kind == Token::Kind::kString) {
    if (!ParseOp()) return false;
    if (token().IsWord("->") && !ReadExpectation(text, &line)) {
      return false;
    }
    line.op = document_.trace.ops.size();
    document_.trace.ops.push_back(op_);
  }
  if (token().kind == Token::Kind::kComment) {
    line.comment = token().text;
  } else if (token().kind != Token::Kind::kEnd) {
    return Unexpected();
  }
  document_.lines.Append(line);
  return true;
}

// Reads what stands behind the arrow, at which the lexer is in `text`.
bool Parser::ReadExpectation(absl::string_view text, TraceLine* line) {
  const size_t behind = token().column + 1;
  const size_t first = text.find_first_not_of(' ', behind);
  expectation_.clear();
  if (!ParseExpectation(&lexer_, &expectation_, &error_)) return false;
  line->expectation = expectation_;
  line->expectation_column = first + 1;
  return true;
}

bool Parser::ParseOp() {
  op_ = Op();
  Token verb = token();
  if (verb.IsWord("->")) return Fail("missing an op before `->`");
  if (!verb.IsWord()) return Fail("a line starts with a verb or with `rN =`");
  if (!Next()) return false;
  const bool defines = token().IsWord("=");
  if (defines) {
    const std::string wrong = ReadSlot(verb.text, &op_.slot);
    if (!wrong.empty()) return FailAt(verb.column, wrong);
    if (op_.slot < kFirstSlot) {
      return FailAt(verb.column, absl::StrCat(Cited(verb.text),
                                              " always exists: define r0, r1"));
    }
    if (!Next()) return false;
    verb = token();
    if (!verb.IsWord()) return Fail("missing a verb behind `=`");
    if (!Next()) return false;
  }
  if (!ChooseForm(verb, defines)) return false;
  for (const Field field : info_->fields) {
    if (!ParseField(field)) return false;
  }
  return true;
}

// Sets the op's verb.
bool Parser::ChooseForm(const Token& verb, bool defines) {
  const Forms* forms = FormsOf(verb.text);
  if (forms == nullptr && verb.text.find('=', 1) != absl::string_view::npos) {
    return FailAt(verb.column, "spaces are missing around `=`: write `rN = `");
  }
  if (forms == nullptr) {
    return FailAt(verb.column, absl::StrCat("unknown verb ", Cited(verb.text),
                                            VerbHint(verb.text)));
  }
  info_ = defines ? forms->defining : forms->plain;
  if (info_ == nullptr) {
    info_ = defines ? forms->plain : forms->defining;
    return FailAt(verb.column,
                  absl::StrCat(verb.text,
                               defines ? " defines no resource: write `"
                                       : " defines a resource: write `",
                               UsageOf(*info_), "`"));
  }
  op_.verb = info_->verb;
  return true;
}

bool Parser::ParseField(Field field) {
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
  }
  return true;
}

bool Parser::ParseSlot(Slot* slot) {
  if (!token().IsWord()) return Expected("a slot");
  const std::string wrong = ReadSlot(token().text, slot);
  if (wrong.empty()) return Next();
  const VerbInfo* defining = FormsOf(info_->name)->defining;
  if (defining == nullptr || info_ == defining) return Fail(wrong);
  // The commonest slip: the form that defines, with its `rN =` forgotten.
  return Fail(absl::StrCat(wrong, "; to define a resource write `",
                           UsageOf(*defining), "`"));
}

bool Parser::ParseRange(absl::string_view what, Range* range) {
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
bool Parser::ParseNumber(absl::string_view prefix, uint64_t* value) {
  if (!token().IsWord() || !absl::StartsWith(token().text, prefix)) {
    return Expected(prefix.empty() ? "a number" : absl::StrCat(prefix, "N"));
  }
  const std::string wrong =
      ReadNumber(token().text.substr(prefix.size()), value);
  if (!wrong.empty()) return FailAt(token().column + prefix.size(), wrong);
  return Next();
}

bool Parser::ParseName() {
  if (token().kind != Token::Kind::kString) return true;
  if (!Unquote(token(), &name_, &error_)) return false;
  const auto it = ids_.find(name_);
  if (it != ids_.end()) {
    op_.name = it->second;
    return Next();
  }
  document_.trace.names.push_back(name_);
  op_.name = static_cast<NameId>(document_.trace.names.size());
  ids_.emplace(name_, op_.name);
  return Next();
}

bool Parser::ParseFlags() {
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

bool Parser::ParseDesc() {
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
bool Parser::ParseCount(absl::string_view prefix, bool is_optional) {
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
bool Parser::ParseNumbered(char kind, uint32_t count) {
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
bool Parser::ParseWord(absl::string_view word) {
  if (!token().IsWord(word)) return true;
  op_.number = 1;
  return Next();
}

bool Parser::ParseRelaxed() {
  const bool relaxed = token().IsWord("relaxed");
  if (!relaxed && !token().IsWord("strict")) {
    return Expected("`strict` or `relaxed`");
  }
  op_.number = relaxed ? 1 : 0;
  return Next();
}

}  // namespace

absl::StatusOr<TraceDocument> ParseTrace(absl::string_view text,
                                         absl::string_view file) {
  if (text.size() > kTraceTextMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ":1:1: the text is larger than 1 GiB"));
  }
  Parser parser;
  for (size_t line = 1; !text.empty(); ++line) {
    const size_t length = std::min(text.find('\n'), text.size());
    if (!parser.ParseLine(text.substr(0, length))) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ":", line, ":", parser.error().column, ": ",
                       parser.error().message));
    }
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return parser.Take();
}

}  // namespace restree

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
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"
#include "model/trace_expectation.h"
#include "model/trace_fields.h"
#include "model/trace_forms.h"
#include "model/trace_hint.h"
#include "model/trace_text.h"
#include "model/trace_token.h"

namespace restree {
namespace {

// Whether a word before `=` is meant for a pagemap.
bool IsPagemap(const Token& word) {
  return word.text.size() > 1 && word.text[0] == 'p' &&
         absl::ascii_isdigit(static_cast<unsigned char>(word.text[1]));
}

// Reads one document, line after line, and keeps what the lines share.
class Parser : private FieldParser {
 public:
  // Returns whether `text` without newline is a line, and appends it.
  bool ParseLine(absl::string_view text);

  const TextError& error() const { return error_; }
  TraceDocument Take() {
    document_.trace.names = std::move(names_);
    return std::move(document_);
  }

 private:
  bool Unexpected();

  bool ReadExpectation(absl::string_view text, TraceLine* line);
  bool ParseOp();
  bool ReadDefined(const Token& word);
  bool ChooseForm(const Token& verb, bool defines);

  TraceDocument document_;
  std::string expectation_;  // of the line
};

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
  const Token defined = verb;
  if (defines) {
    if (!ReadDefined(defined) || !Next()) return false;
    verb = token();
    if (!verb.IsWord()) return Fail("missing a verb behind `=`");
    if (!Next()) return false;
  }
  if (!ChooseForm(verb, defines)) return false;
  if (defines && IsPagemap(defined) != info_->Has(Field::kDefinesPagemap)) {
    return FailAt(defined.column, absl::StrCat(verb.text, " does not define ",
                                               Cited(defined.text), ": write `",
                                               UsageOf(*info_), "`"));
  }
  for (const Field field : info_->fields) {
    if (!ParseField(field)) return false;
  }
  return true;
}

// Reads the rN or pN that stands before `=`.
bool Parser::ReadDefined(const Token& word) {
  const std::string wrong = IsPagemap(word) ? ReadPagemap(word.text, &op_.slot)
                                            : ReadSlot(word.text, &op_.slot);
  if (!wrong.empty()) return FailAt(word.column, wrong);
  if (IsPagemap(word)) return true;
  if (op_.slot < kFirstSlot) {
    return FailAt(word.column, absl::StrCat(Cited(word.text),
                                            " always exists: define r0, r1"));
  }
  if (IsVmemmapSlot(op_.slot)) {
    return FailAt(word.column,
                  absl::StrCat(Cited(word.text),
                               " is for mm/memremap.c to define: define r0"));
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
                               defines ? " defines nothing: write `"
                                       : " defines something: write `",
                               UsageOf(*info_), "`"));
  }
  op_.verb = info_->verb;
  return true;
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

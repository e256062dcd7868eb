// SPDX-License-Identifier: Apache-2.0
#include "model/trace_expectation.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/observation.h"
#include "model/trace.h"
#include "model/trace_hint.h"
#include "model/trace_token.h"

namespace restree {
namespace {

bool IsOutcome(absl::string_view word) {
  for (int i = 0; i < kOutcomes; ++i) {
    if (OutcomeText(static_cast<Outcome>(i)) == word) return true;
  }
  return false;
}

bool Fail(const Token& token, std::string message, TextError* error) {
  error->column = token.column;
  error->message = std::move(message);
  return false;
}

// Reads START-END or a number and appends it in hexadecimal.
std::string ReadNumbers(absl::string_view text, std::string* expectation) {
  const size_t dash = text.find('-');
  uint64_t number = 0;
  std::string wrong = ReadNumber(text.substr(0, dash), &number);
  absl::StrAppend(expectation, " 0x", absl::Hex(number));
  if (!wrong.empty() || dash == absl::string_view::npos) return wrong;
  wrong = ReadNumber(text.substr(dash + 1), &number);
  absl::StrAppend(expectation, "-0x", absl::Hex(number));
  return wrong;
}

// Reads one word behind the outcome. Returns what is wrong, or "" and appends
// the word.
std::string ReadResult(absl::string_view text, std::string* expectation) {
  constexpr absl::string_view kWarn = "warn=";
  if (text == "..." || (absl::StartsWith(text, kWarn) &&
                        IsWarningWord(text.substr(kWarn.size())))) {
    absl::StrAppend(expectation, " ", text);
    return "";
  }
  for (const absl::string_view kind : {"visits=", "lines="}) {
    if (!absl::StartsWith(text, kind)) continue;
    uint64_t count = 0;
    const std::string wrong = ReadNumber(text.substr(kind.size()), &count);
    absl::StrAppend(expectation, " ", kind, count);
    return wrong;
  }
  if (text[0] >= '0' && text[0] <= '9') return ReadNumbers(text, expectation);
  uint32_t pagemap = 0;
  if (ReadPagemap(text, &pagemap).empty()) {
    absl::StrAppend(expectation, " ", PagemapText(pagemap));
    return "";
  }
  Slot slot = kNoSlot;
  if (!ReadSlot(text, &slot).empty()) {
    return absl::StrCat(Cited(text), " is not part of a result");
  }
  absl::StrAppend(expectation, " ", SlotText(slot));
  return "";
}

}  // namespace

bool ParseExpectation(Lexer* lexer, std::string* expectation,
                      TextError* error) {
  if (!lexer->Next(error)) return false;
  const Token outcome = lexer->token();
  if (!outcome.IsWord()) {
    return Fail(outcome, "missing an outcome behind `->`", error);
  }
  if (!IsOutcome(outcome.text)) {
    return Fail(outcome,
                absl::StrCat("unknown outcome ", Cited(outcome.text),
                             OutcomeHint(outcome.text)),
                error);
  }
  *expectation = std::string(outcome.text);
  if (!lexer->Next(error)) return false;
  bool is_why = false;  // The words for people go on to the end.
  while (lexer->token().IsWord()) {
    const absl::string_view text = lexer->token().text;
    is_why = is_why || text[0] == '(';
    if (is_why) {
      absl::StrAppend(expectation, " ", text);
    } else {
      const std::string wrong = ReadResult(text, expectation);
      if (!wrong.empty()) return Fail(lexer->token(), wrong, error);
    }
    if (!lexer->Next(error)) return false;
  }
  if (lexer->token().kind == Token::Kind::kString) {
    return Fail(lexer->token(), "an expectation has no name in it", error);
  }
  return true;
}

}  // namespace restree

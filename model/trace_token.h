// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_TRACE_TOKEN_H_
#define RESTREE_MODEL_TRACE_TOKEN_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "model/trace.h"

namespace restree {

// What is wrong in a line of trace text, and where.
struct TextError {
  size_t column = 0;  // in bytes, from 1
  std::string message;
};

// One token of a line: a run of printable ASCII, a quoted string, or a comment
// that goes on to the end of the line.
struct Token {
  enum class Kind : uint8_t { kEnd, kWord, kString, kComment };

  Kind kind = Kind::kEnd;
  size_t column = 1;       // of its first byte; for kEnd, behind the last token
  absl::string_view text;  // as it stands in the line, quotes included

  bool IsWord() const { return kind == Kind::kWord; }
  bool IsWord(absl::string_view word) const { return IsWord() && text == word; }
};

// Splits one line into tokens. Spaces separate them, and nothing else does: a
// tab looks like spaces and is not, and neither is a carriage return.
//
//   Lexer lexer(line);
//   while (lexer.Next(&error) && lexer.token().kind != Token::Kind::kEnd) ...
class Lexer {
 public:
  // REQUIRES: `line` has no newline and outlives the lexer.
  explicit Lexer(absl::string_view line) : line_(line) {}

  // The token that the last Next() found.
  const Token& token() const { return token_; }

  // Moves to the next token. Returns false and sets `error` where there is
  // none. After the comment or the last word there is kEnd, for ever.
  bool Next(TextError* error);

 private:
  bool NextWord(size_t begin, TextError* error);
  bool NextString(size_t begin, TextError* error);
  bool NextComment(size_t begin, TextError* error);
  bool Take(Token::Kind kind, size_t begin, size_t end);

  absl::string_view line_;
  size_t at_ = 0;  // first byte that is not in a token yet
  Token token_;
};

// Writes to `name` what a kString token stands for, its escapes resolved.
// Returns false and sets `error` if there is an unknown escape.
bool Unquote(const Token& token, std::string* name, TextError* error);

// Appends `name` in quotes, in ASCII, as Unquote() reads it.
void AppendQuoted(absl::string_view name, std::string* text);

// Reads a decimal number, or a hexadecimal one with 0x. Returns what is wrong,
// or "" and sets `value`.
std::string ReadNumber(absl::string_view text, uint64_t* value);

// Reads `iomem`, `ioport`, rN or vN, without leading zeros. Returns what is
// wrong, or "" and sets `slot`.
std::string ReadSlot(absl::string_view text, Slot* slot);

// Reads pN in the same way.
std::string ReadPagemap(absl::string_view text, uint32_t* number);

// Returns `text` in backquotes for a message, cut if it is long.
std::string Cited(absl::string_view text);

}  // namespace restree

#endif  // RESTREE_MODEL_TRACE_TOKEN_H_

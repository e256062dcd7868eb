// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_TRACE_FIELDS_H_
#define RESTREE_MODEL_TRACE_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "model/range.h"
#include "model/trace.h"
#include "model/trace_token.h"

namespace restree {

// The part of trace text's parser that reads the fields of an op: each member
// reads what stands at the lexer's token, moves behind it, and returns whether
// it could, with error_ set if not.
class FieldParser {
 protected:
  const Token& token() const { return lexer_.token(); }
  bool Next() { return lexer_.Next(&error_); }

  bool FailAt(size_t column, std::string message);
  bool Fail(std::string message) {
    return FailAt(token().column, std::move(message));
  }

  // Reads a field of info_'s into op_.
  bool ParseField(Field field);

  Lexer lexer_{""};
  TextError error_;
  const VerbInfo* info_ = nullptr;  // of the line's op
  Op op_;
  std::vector<std::string> names_;  // of the trace

 private:
  bool Expected(absl::string_view what);

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

  bool ParseMemoryField(Field field);
  bool ParsePagemap(absl::string_view prefix);
  bool ParseCached();
  bool ParseType();
  bool ParseShift();
  bool ParseLacks();
  bool ParseNamedParent();
  bool ParseStep();
  bool ParseView();

  absl::flat_hash_map<std::string, NameId> ids_;  // into names_
  std::string name_;                              // kept for its memory
};

}  // namespace restree

#endif  // RESTREE_MODEL_TRACE_FIELDS_H_

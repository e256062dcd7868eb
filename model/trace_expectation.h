// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_TRACE_EXPECTATION_H_
#define RESTREE_MODEL_TRACE_EXPECTATION_H_

#include <string>

#include "model/trace_token.h"

namespace restree {

// Reads what follows `->`, up to a comment or the end of the line, and writes
// it to `expectation` as ObservationText() would: Meets() compares words, and
// `ok 4096` is to be the same as `ok 0x1000`. Whether the verb can end so is
// not asked. Returns false and sets `error` if it is no expectation.
// REQUIRES: the lexer's token is `->`.
bool ParseExpectation(Lexer* lexer, std::string* expectation, TextError* error);

}  // namespace restree

#endif  // RESTREE_MODEL_TRACE_EXPECTATION_H_

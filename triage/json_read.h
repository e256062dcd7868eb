// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_JSON_READ_H_
#define RESTREE_TRIAGE_JSON_READ_H_

#include <cstdint>
#include <string>

#include "nlohmann/json.hpp"

namespace restree {

// Reads a document without ever throwing: what is absent, or of another type
// than the reader expects, reads as null, "", 0 or false.
using Json = nlohmann::ordered_json;

const Json& At(const Json& object, const char* key);
std::string TextAt(const Json& object, const char* key);
uint64_t NumberAt(const Json& object, const char* key);
bool BoolAt(const Json& object, const char* key);

// Returns the array under `key`, or an empty one.
const Json& ListAt(const Json& object, const char* key);

// Returns a string's text; of anything else, "".
std::string TextOf(const Json& value);

}  // namespace restree

#endif  // RESTREE_TRIAGE_JSON_READ_H_

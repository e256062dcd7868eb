// SPDX-License-Identifier: Apache-2.0
#include "triage/json_read.h"

#include <cstdint>
#include <string>

#include "nlohmann/json.hpp"

namespace restree {

const Json& At(const Json& object, const char* key) {
  static const Json* const kNull = new Json;
  if (!object.is_object()) return *kNull;
  const auto found = object.find(key);
  return found == object.end() ? *kNull : *found;
}

std::string TextAt(const Json& object, const char* key) {
  return TextOf(At(object, key));
}

uint64_t NumberAt(const Json& object, const char* key) {
  const Json& value = At(object, key);
  if (value.is_number_unsigned()) return value.get<uint64_t>();
  if (!value.is_number_integer()) return 0;
  const auto number = value.get<int64_t>();
  return number < 0 ? 0 : static_cast<uint64_t>(number);
}

bool BoolAt(const Json& object, const char* key) {
  const Json& value = At(object, key);
  return value.is_boolean() && value.get<bool>();
}

const Json& ListAt(const Json& object, const char* key) {
  static const Json* const kEmpty = new Json(Json::array());
  const Json& value = At(object, key);
  return value.is_array() ? value : *kEmpty;
}

std::string TextOf(const Json& value) {
  return value.is_string() ? value.get<std::string>() : "";
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_LEDGER_JSON_H_
#define RESTREE_CLI_LEDGER_JSON_H_

#include <cstdint>
#include <string>

#include "absl/types/span.h"
#include "model/state.h"
#include "nlohmann/json.hpp"

namespace restree {

// Returns what a state has besides its resources, for a program: every field of
// Ledger by its name. Addresses and pfns are hexadecimal text, as they do not
// fit in a JSON number; what counts something is a number.
nlohmann::ordered_json LedgerJson(const Ledger& ledger,
                                  absl::Span<const std::string> names);

// "0x1000"
std::string HexText(uint64_t number);

}  // namespace restree

#endif  // RESTREE_CLI_LEDGER_JSON_H_

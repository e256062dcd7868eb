// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_C_TEXT_H_
#define RESTREE_TRIAGE_C_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace restree {

// Values as a kernel developer writes them.
std::string CFlags(uint64_t flags);  // "IORESOURCE_MEM | IORESOURCE_BUSY", "0"
std::string CDesc(uint64_t desc);    // "IORES_DESC_CXL"
std::string CNumber(uint64_t number);  // "0x1000", "3"
std::string CString(absl::string_view text);

// Returns one statement, indented by a tab and broken where it passes 80
// columns: behind a comma or before an operator, aligned with the parenthesis
// that is open there, in the kernel's style.
std::string CStatement(absl::string_view statement);

}  // namespace restree

#endif  // RESTREE_TRIAGE_C_TEXT_H_

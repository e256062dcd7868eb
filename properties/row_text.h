// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_ROW_TEXT_H_
#define RESTREE_PROPERTIES_ROW_TEXT_H_

#include <string>

#include "model/range.h"
#include "model/state.h"

namespace restree {

// How sentences spell ranges and rows: "0x1000-0x1fff", "r1 0x1000-0x1fff".
std::string RangeText(const Range& range);
std::string RowText(const Row& row);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_ROW_TEXT_H_

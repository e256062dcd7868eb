// SPDX-License-Identifier: Apache-2.0
#include "properties/row_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "model/range.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {

std::string RangeText(const Range& range) {
  return absl::StrCat("0x", absl::Hex(range.start), "-0x",
                      absl::Hex(range.end));
}

std::string RowText(const Row& row) {
  return absl::StrCat(SlotText(row.slot), " ", RangeText(row.range));
}

}  // namespace restree

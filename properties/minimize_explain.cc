// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "properties/minimize.h"
#include "properties/minimize_search.h"

namespace restree {

std::vector<std::string> Explain(Search*, Player) { return {}; }

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/group.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace restree {
namespace {

// What says that two findings are of one bug.
std::vector<std::string> TiesOf(const Clue& clue) {
  std::vector<std::string> ties = {absl::StrCat("form ", clue.form)};
  for (const absl::string_view part : absl::StrSplit(clue.effect, '+')) {
    ties.push_back(absl::StrCat(clue.verb, " ", part));
  }
  return ties;
}

}  // namespace

std::vector<size_t> FirstOfSameBug(absl::Span<const Clue> clues) {
  std::vector<size_t> firsts;
  std::map<std::string, size_t> by_tie;
  for (size_t i = 0; i < clues.size(); ++i) {
    firsts.push_back(i);
    for (const std::string& tie : TiesOf(clues[i])) {
      const size_t other = firsts[by_tie.emplace(tie, i).first->second];
      const size_t first = std::min(other, firsts[i]);
      const size_t last = std::max(other, firsts[i]);
      std::replace(firsts.begin(), firsts.end(), last, first);
    }
  }
  return firsts;
}

}  // namespace restree

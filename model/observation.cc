// SPDX-License-Identifier: Apache-2.0
#include "model/observation.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/flags.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr absl::string_view kOutcomeTexts[kOutcomes] = {
    "ok",           "EBUSY",       "EINVAL",          "EPERM",
    "NULL",         "stopped",     "REGION_DISJOINT", "REGION_INTERSECTS",
    "REGION_MIXED", "would-block", "misuse",          "ERANGE",
    "ENOMEM",       "EEXIST",      "ENXIO",
};

// In the order of the bits of Warning.
constexpr absl::string_view kWarningWords[] = {
    "nonexistent", "unaddressable", "spans", "outside",
    "WARN_ON",     "BUG",           "lock",  "other",
};

// A walk may visit a million resources; the first few tell what happened.
constexpr size_t kVisitsShown = 8;

void AppendVisit(const Visit& visit, std::string* text) {
  absl::StrAppend(text, " 0x", absl::Hex(visit.range.start), "-0x",
                  absl::Hex(visit.range.end));
}

// Counts a last line without newline too.
size_t LinesIn(absl::string_view text) {
  const auto newlines = std::count(text.begin(), text.end(), '\n');
  return static_cast<size_t>(newlines) + (text.back() == '\n' ? 0 : 1);
}

// Everything that comes before the visits themselves.
std::string Head(const Observation& observation) {
  std::string text(OutcomeText(observation.outcome));
  if (observation.found != kNoSlot) {
    absl::StrAppend(&text, " ", SlotText(observation.found));
  }
  if (observation.pagemap != kNoPagemap) {
    absl::StrAppend(&text, " ", PagemapText(observation.pagemap));
  }
  if (observation.value != 0) {
    absl::StrAppend(&text, " 0x", absl::Hex(observation.value));
  }
  if (!observation.text.empty()) {
    absl::StrAppend(&text, " lines=", LinesIn(observation.text));
  }
  for (size_t i = 0; i < std::size(kWarningWords); ++i) {
    if ((observation.warnings >> i & 1) == 0) continue;
    absl::StrAppend(&text, " warn=", kWarningWords[i]);
  }
  if (!observation.why.empty())
    absl::StrAppend(&text, " (", observation.why, ")");
  if (!observation.visits.empty()) {
    absl::StrAppend(&text, " visits=", observation.visits.size());
  }
  return text;
}

// Returns what a word that says that something is 0 starts with; "" for any
// other word.
absl::string_view KindOfZero(absl::string_view word) {
  for (const absl::string_view kind : {"0x", "lines=", "visits="}) {
    if (absl::StripPrefix(word, kind) == "0") return kind;
  }
  return "";
}

// Removes the first word of `*text` and returns it; "" if there is none.
absl::string_view NextWord(absl::string_view* text) {
  const size_t begin = std::min(text->find_first_not_of(' '), text->size());
  const size_t end = std::min(text->find(' ', begin), text->size());
  const absl::string_view word = text->substr(begin, end - begin);
  text->remove_prefix(end);
  return word;
}

// A range starts as a number does, and is none.
bool HasWordOfKind(absl::string_view text, absl::string_view kind) {
  for (;;) {
    const absl::string_view word = NextWord(&text);
    if (word.empty()) return false;
    if (absl::StartsWith(word, kind) && !absl::StrContains(word, '-')) {
      return true;
    }
  }
}

}  // namespace

absl::string_view OutcomeText(Outcome outcome) {
  const size_t index = static_cast<size_t>(outcome);
  assert(index < kOutcomes);
  return kOutcomeTexts[index];
}

bool IsWarningWord(absl::string_view word) {
  return std::find(std::begin(kWarningWords), std::end(kWarningWords), word) !=
         std::end(kWarningWords);
}

std::string ObservationText(const Observation& observation) {
  std::string text = Head(observation);
  const size_t shown = std::min(observation.visits.size(), kVisitsShown);
  for (size_t i = 0; i < shown; ++i) AppendVisit(observation.visits[i], &text);
  if (shown < observation.visits.size()) text += " ...";
  return text;
}

std::string ObservationDetails(const Observation& observation) {
  std::string text = Head(observation);
  if (!observation.text.empty()) {
    absl::StrAppend(&text, " \"", absl::CHexEscape(observation.text), "\"");
  }
  for (const Visit& visit : observation.visits) {
    AppendVisit(visit, &text);
    absl::StrAppend(&text, " [", FlagsText(visit.flags),
                    visit.flags == 0 ? "desc=" : " desc=", DescText(visit.desc),
                    "]");
  }
  return text;
}

bool Meets(absl::string_view text, absl::string_view expectation) {
  for (;;) {
    const absl::string_view want = NextWord(&expectation);
    if (want.empty()) return true;
    const absl::string_view zero = KindOfZero(want);
    if (!zero.empty()) {
      if (HasWordOfKind(text, zero)) return false;
    } else if (NextWord(&text) != want) {
      return false;
    }
  }
}

}  // namespace restree

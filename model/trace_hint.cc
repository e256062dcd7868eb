// SPDX-License-Identifier: Apache-2.0
#include "model/trace_hint.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/flags.h"
#include "model/observation.h"
#include "model/trace.h"

namespace restree {
namespace {

// What people type who know the kernel's callers better than its functions.
struct Known {
  absl::string_view text;
  absl::string_view means;
};

constexpr Known kKnown[] = {
    {"request_mem_region", "request_region iomem"},
    {"request_mem_region_exclusive", "request_region iomem ... exclusive"},
    {"request_muxed_region", "request_region ioport ... muxed"},
    {"release_mem_region", "release_region iomem"},
    {"devm_request_mem_region", "devm_request_region"},
    {"devm_release_mem_region", "devm_release_region"},
    {"get_free_mem_region", "request_free_mem_region"},
    {"resource_list_create_entry", "resource_list_add"},
    {"resource_list_del", "resource_list_destroy_entry"},
    {"resource_list_free_entry", "resource_list_destroy_entry"},
    {"reallocate_resource", "allocate"},
    {"r_show", "proc"},
    {"kzalloc", "fail_alloc"},
    {"alloc_resource", "fail_alloc"},
    {"free_zone_device_folio", "free_zone_device_page"},
    {"put_devmap_managed_page_refs", "put_devmap_page"},
    {"put_devmap_managed_folio_refs", "put_devmap_page"},
    {"altmap_alloc_block_buf", "vmemmap_alloc_block_buf"},
};

// Longer words than any that exist are like none of them.
constexpr size_t kWordMax = 64;

// Returns how many letters to add, drop or change to make b of a.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// Returns whether one or two slips make `word` of `text`; in a short word, one.
bool IsNear(absl::string_view text, absl::string_view word) {
  const size_t slips = word.size() < 5 ? 1 : 2;
  // Most words need no closer look, and a fuzzer asks a lot.
  if (text.empty() || text.size() > word.size() + slips) return false;
  if (word.size() > text.size() + slips) return false;
  return EditDistance(text, word) <= slips;
}

std::string DidYouMean(const std::vector<std::string>& words) {
  if (words.empty()) return "";
  return absl::StrCat(": did you mean `", absl::StrJoin(words, "` or `"), "`?");
}

std::vector<std::string> Near(absl::string_view text,
                              const std::vector<std::string>& words) {
  std::vector<std::string> near;
  for (const std::string& word : words) {
    if (IsNear(text, word)) near.push_back(word);
  }
  return near;
}

std::vector<std::string> AllVerbs() {
  std::vector<std::string> names;
  for (int i = 0; i < kVerbs; ++i) {
    const std::string name(InfoOf(static_cast<Verb>(i)).name);
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

std::vector<std::string> AllFlags() {
  std::vector<std::string> words = {FlagsText(kResourceIo | kResourceMem)};
  for (int bit = 0; bit < 64; ++bit) {
    const std::string word = FlagsText(uint64_t{1} << bit);
    if (FlagOf(word)) words.push_back(word);
  }
  return words;
}

std::vector<std::string> AllDescs() {
  std::vector<std::string> words;
  while (DescOf(DescText(words.size())))
    words.push_back(DescText(words.size()));
  return words;
}

std::string MemoryFieldUsage(Field field) {
  switch (field) {
    case Field::kPagemap:
      return "pN";
    case Field::kCached:
      return "[cached=pN]";
    case Field::kType:
      return "TYPE";
    case Field::kShift:
      return "[shift=ORDER]";
    case Field::kLacks:
      return "[lacks=WORD,...]";
    case Field::kReserve:
      return "reserve=PAGES";
    case Field::kFree:
      return "free=PAGES";
    case Field::kNamedParent:
      return "[parent=SLOT]";
    case Field::kPages:
      return "pages=N";
    case Field::kRefs:
      return "refs=N";
    case Field::kAnon:
      return "[anon]";
    case Field::kStep:
      return "STEP";
    default:
      return "VIEW";
  }
}

std::string FieldUsage(Field field) {
  switch (field) {
    case Field::kParent:
      return "PARENT";
    case Field::kSlot:
      return "SLOT";
    case Field::kRange:
      return "START-END";
    case Field::kPfns:
      return "START_PFN-END_PFN";
    case Field::kAddress:
      return "ADDRESS";
    case Field::kPfn:
      return "PFN";
    case Field::kSize:
      return "size=BYTES";
    case Field::kAlign:
      return "align=BYTES";
    case Field::kName:
      return "[\"NAME\"]";
    case Field::kFlags:
      return "[FLAG]...";
    case Field::kDesc:
      return "[desc=WORD]";
    case Field::kTimes:
      return "times=N";
    case Field::kStop:
      return "[stop=CALL]";
    case Field::kNth:
      return "nth=N";
    case Field::kDevice:
      return "dN";
    case Field::kList:
      return "lN";
    case Field::kIsaAlign:
      return "[isa_align]";
    case Field::kUnprivileged:
      return "[unprivileged]";
    case Field::kRelaxed:
      return "strict|relaxed";
    default:
      return MemoryFieldUsage(field);
  }
}

}  // namespace

std::string VerbHint(absl::string_view text) {
  for (const Known& known : kKnown) {
    if (known.text == text) return DidYouMean({std::string(known.means)});
  }
  std::vector<std::string> near = Near(text, AllVerbs());
  absl::string_view function = text;  // __insert_resource, insert_resource
  while (absl::ConsumePrefix(&function, "_")) {
  }
  // People know the kernel's functions: request_resource() is the start of
  // request_resource_conflict().
  constexpr size_t kTelling = 6;
  for (int i = 0; i < kVerbs && function.size() >= kTelling; ++i) {
    const VerbInfo& info = InfoOf(static_cast<Verb>(i));
    absl::string_view kernel = info.kernel;
    while (absl::ConsumePrefix(&kernel, "_")) {
    }
    if (absl::StartsWith(kernel, function)) near.emplace_back(info.name);
  }
  near.erase(std::unique(near.begin(), near.end()), near.end());
  if (!near.empty()) return DidYouMean(near);
  return absl::StrCat(": the verbs are ", absl::StrJoin(AllVerbs(), ", "));
}

std::string FlagHint(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text.substr(0, kWordMax));
  const absl::string_view word = absl::StripPrefix(lower, "ioresource_");
  if (word == "system_ram") return DidYouMean({FlagsText(kResourceSystemRam)});
  if (FlagOf(word)) return DidYouMean({std::string(word)});
  if (DescOf(word)) return DidYouMean({absl::StrCat("desc=", word)});
  return DidYouMean(Near(word, AllFlags()));
}

std::string DescHint(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text.substr(0, kWordMax));
  const absl::string_view word = absl::StripPrefix(lower, "iores_desc_");
  if (DescOf(word)) return DidYouMean({std::string(word)});
  return DidYouMean(Near(word, AllDescs()));
}

std::string OutcomeHint(absl::string_view text) {
  std::vector<std::string> words;
  for (int i = 0; i < kOutcomes; ++i) {
    const absl::string_view word = OutcomeText(static_cast<Outcome>(i));
    if (absl::EqualsIgnoreCase(text, word)) {
      return DidYouMean({std::string(word)});
    }
    words.emplace_back(word);
  }
  const std::vector<std::string> near = Near(text, words);
  if (!near.empty()) return DidYouMean(near);
  return absl::StrCat(": the outcomes are ", absl::StrJoin(words, ", "));
}

std::string UsageOf(const VerbInfo& info) {
  std::string text;
  if (info.Has(Field::kDefines)) text = "rN = ";
  if (info.Has(Field::kDefinesPagemap)) text = "pN = ";
  absl::StrAppend(&text, info.name);
  for (const Field field : info.fields) {
    if (field == Field::kDefines || field == Field::kDefinesPagemap) continue;
    absl::StrAppend(&text, " ", FieldUsage(field));
  }
  return text;
}

}  // namespace restree

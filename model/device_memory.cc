// SPDX-License-Identifier: Apache-2.0
#include "model/device_memory.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace restree {
namespace {

constexpr absl::string_view kTypes[] = {"private", "coherent", "fsdax",
                                        "generic", "p2pdma"};
constexpr absl::string_view kLacks[] = {"ops", "page_free", "migrate_to_ram",
                                        "owner", "range"};
constexpr absl::string_view kSteps[] = {"xa_store", "track_pfn", "kasan",
                                        "add_memory"};
constexpr absl::string_view kViews[] = {"kexec_file", "kexec_tools",
                                        "kexec_file_vmemmap"};
static_assert(std::size(kSteps) == kMapSteps);
static_assert(std::size(kViews) == kDumpViews);
static_assert((1 << std::size(kLacks)) - 1 == kLacksBits);

template <size_t n>
std::optional<uint64_t> IndexOf(const absl::string_view (&words)[n],
                                absl::string_view word) {
  const auto it = std::find(std::begin(words), std::end(words), word);
  if (it == std::end(words)) return std::nullopt;
  return it - std::begin(words);
}

}  // namespace

std::string MemoryTypeText(uint64_t type) {
  if (type >= kMemoryPrivate && type <= kMemoryP2pdma) {
    return std::string(kTypes[type - kMemoryPrivate]);
  }
  return absl::StrCat(type);
}

std::optional<uint64_t> MemoryTypeOf(absl::string_view word) {
  const auto index = IndexOf(kTypes, word);
  if (!index.has_value()) return std::nullopt;
  return *index + kMemoryPrivate;
}

std::string LacksText(uint64_t bits) {
  std::string text;
  for (size_t i = 0; i < std::size(kLacks); ++i) {
    if ((bits >> i & 1) == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : ",", kLacks[i]);
  }
  return text;
}

std::optional<uint64_t> LackOf(absl::string_view word) {
  const auto index = IndexOf(kLacks, word);
  if (!index.has_value()) return std::nullopt;
  return uint64_t{1} << *index;
}

absl::string_view MapStepText(MapStep step) {
  return kSteps[static_cast<size_t>(step)];
}

std::optional<MapStep> MapStepOf(absl::string_view word) {
  const auto index = IndexOf(kSteps, word);
  if (!index.has_value()) return std::nullopt;
  return static_cast<MapStep>(*index);
}

absl::string_view DumpViewText(DumpView view) {
  return kViews[static_cast<size_t>(view)];
}

std::optional<DumpView> DumpViewOf(absl::string_view word) {
  const auto index = IndexOf(kViews, word);
  if (!index.has_value()) return std::nullopt;
  return static_cast<DumpView>(*index);
}

}  // namespace restree

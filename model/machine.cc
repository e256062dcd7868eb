// SPDX-License-Identifier: Apache-2.0
#include "model/machine.h"

#include <array>
#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/flags.h"

namespace restree {
namespace {

// In the order of AltmapVariant.
constexpr std::array<absl::string_view, 4> kSuffixes = {
    ":altmap=none", ":altmap=patch", ":altmap=sound", ":altmap=tree"};

}  // namespace

absl::string_view AltmapSuffix(AltmapVariant variant) {
  if (variant == AltmapVariant::kNone) return "";
  return kSuffixes[static_cast<size_t>(variant)];
}

std::optional<AltmapVariant> TakeAltmapSuffix(absl::string_view* name) {
  for (size_t i = 0; i < kSuffixes.size(); ++i) {
    if (absl::ConsumeSuffix(name, kSuffixes[i])) {
      return static_cast<AltmapVariant>(i);
    }
  }
  if (name->find(':') != absl::string_view::npos) return std::nullopt;
  return AltmapVariant::kNone;
}

VmemmapMarker VmemmapMarkerOf(AltmapVariant variant) {
  switch (variant) {
    case AltmapVariant::kPatch:
      return {kResourcePatchVmemmap, kDescNone};
    case AltmapVariant::kSound:
      return {kResourceVmemmap | kResourceBusy, kDescVmemmap};
    case AltmapVariant::kTree:
      return {kResourceBusy, kDescNone};
    case AltmapVariant::kNone:
      break;
  }
  return {};
}

}  // namespace restree

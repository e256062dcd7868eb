// SPDX-License-Identifier: Apache-2.0
#include "cli/machines.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "kernel/kernels.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/oracle.h"

namespace restree {
namespace {

template <typename T>
std::unique_ptr<Machine> Make(AltmapVariant altmap) {
  return std::make_unique<T>(altmap);
}

constexpr int kJudges = 2;

std::vector<MachineInfo> AllMachines() {
  std::vector<MachineInfo> machines = {
      {"oracle", "", "model/oracle.cc",
       "judge: the resource tree as a flat list, answers by definition",
       Make<Oracle>},
      {"model", "", "model/model.cc",
       "judge: the resource tree, every verb, a million resources",
       Make<Model>},
  };
  for (const KernelInfo& kernel : Kernels()) {
    machines.push_back({kernel.name, kernel.version, kernel.source,
                        "kernel/resource.c and mm/memremap.c, unmodified",
                        kernel.make, kernel.why, kernel.has_altmap_resource});
  }
  return machines;
}

// "machine linux-9.9 is not available in this build; available: oracle, model"
absl::Status NotAvailable(absl::string_view name, absl::string_view why,
                          absl::Span<const MachineInfo> machines) {
  std::vector<absl::string_view> available;
  for (const MachineInfo& info : machines) {
    if (info.make != nullptr) available.push_back(info.name);
  }
  return absl::NotFoundError(
      absl::StrCat("machine ", name, " is not available", why,
                   "; available: ", absl::StrJoin(available, ", ")));
}

// Returns what cannot be told of `info` in a line-up of that variant; "" for
// nothing.
absl::string_view WhyNotOf(const MachineInfo& info, AltmapVariant altmap) {
  if (info.make == nullptr) return info.why_not;
  const bool is_judge = info.name == "oracle" || info.name == "model";
  if (altmap != AltmapVariant::kTree || info.has_altmap_resource || is_judge) {
    return "";
  }
  return "its struct vmem_altmap has no `parent` and `res`";
}

// Lets a tree that registers altmaps do so, if it is named and alone.
void LetTreePlay(bool is_named, Selection* selection) {
  const std::vector<const MachineInfo*>& chosen = selection->under_test;
  const auto tree = std::find_if(
      chosen.begin(), chosen.end(),
      [](const MachineInfo* it) { return it->has_altmap_resource; });
  if (tree == chosen.end()) return;
  if (is_named && chosen.size() == 1) {
    selection->altmap = AltmapVariant::kTree;
    return;
  }
  const absl::string_view name = (*tree)->name;
  selection->note =
      absl::StrCat(name,
                   " registers altmaps as resources, which the others do "
                   "not: it is not told to; --machine=",
                   name, " alone tries it");
}

}  // namespace

absl::Span<const MachineInfo> Machines() {
  static const auto* const kMachines =
      new std::vector<MachineInfo>(AllMachines());
  return *kMachines;
}

absl::Span<const MachineInfo> Judges() {
  return Machines().subspan(0, kJudges);
}

absl::StatusOr<Selection> Select(absl::string_view list,
                                 absl::Span<const MachineInfo> machines) {
  Selection selection;
  if (list.empty()) {
    for (const MachineInfo& info : machines.subspan(kJudges)) {
      if (info.make != nullptr) selection.under_test.push_back(&info);
    }
    LetTreePlay(/*is_named=*/false, &selection);
    return selection;
  }
  bool is_first = true;
  bool has_suffix = false;
  for (absl::string_view name : absl::StrSplit(list, ',')) {
    if (name.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--machine=", list, " has a name missing"));
    }
    const size_t length = name.size();
    const auto altmap = TakeAltmapSuffix(&name);
    if (!altmap.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name,
                       " ends in none of :altmap=none, :altmap=patch, "
                       ":altmap=sound and :altmap=tree"));
    }
    if (!is_first && *altmap != selection.altmap) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--machine=", list,
          " mixes variants, which cannot be compared: end all names in the "
          "same :altmap=..."));
    }
    selection.altmap = *altmap;
    has_suffix |= name.size() != length;
    is_first = false;
    const MachineInfo* const info =
        std::find_if(machines.begin(), machines.end(),
                     [&](const MachineInfo& it) { return it.name == name; });
    if (info == machines.end()) {
      return NotAvailable(name, " in this build", machines);
    }
    if (const auto why = WhyNotOf(*info, *altmap); !why.empty()) {
      return NotAvailable(absl::StrCat(name, AltmapSuffix(*altmap)),
                          absl::StrCat(": ", why), machines);
    }
    if (info < machines.begin() + kJudges) continue;  // plays along anyway
    std::vector<const MachineInfo*>& chosen = selection.under_test;
    if (std::find(chosen.begin(), chosen.end(), info) == chosen.end()) {
      chosen.push_back(info);
    }
  }
  if (!has_suffix) LetTreePlay(/*is_named=*/true, &selection);
  return selection;
}

std::string NamesOf(const Selection& selection) {
  const absl::string_view suffix = AltmapSuffix(selection.altmap);
  if (selection.under_test.empty()) return absl::StrCat("model", suffix);
  return absl::StrJoin(selection.under_test, ",",
                       [&](std::string* out, const MachineInfo* info) {
                         absl::StrAppend(out, info->name, suffix);
                       });
}

}  // namespace restree

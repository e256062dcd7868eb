// SPDX-License-Identifier: Apache-2.0
// Devices, whose resources go when they do, and lists of resources.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/resource_tree.h"
#include "model/state.h"
#include "model/trace.h"

namespace restree {
namespace {

constexpr absl::string_view kInNoTree = "it is in no tree";

}  // namespace

void Model::AddDevres(const Devres& entry) {
  std::vector<Devres>& all = Edit().devres;
  const auto behind = std::upper_bound(
      all.begin(), all.end(), entry.device,
      [](uint32_t device, const Devres& it) { return device < it.device; });
  all.insert(behind, entry);
  if (!entry.pagemap) Hold(entry.slot);
}

void Model::RemoveDevres(size_t index) {
  std::vector<Devres>& all = Edit().devres;
  if (!all[index].pagemap) LetGo(all[index].slot);
  all.erase(all.begin() + index);
}

// Returns where the newest entry is that equals `entry`.
std::optional<size_t> Model::NewestDevres(const Devres& entry) const {
  const std::vector<Devres>& all = ledger_.devres;
  const auto it = std::find(all.rbegin(), all.rend(), entry);
  if (it == all.rend()) return std::nullopt;
  return all.rend() - it - 1;
}

Observation Model::DevmRequest(const Op& op) {
  const absl::string_view why = WhyNotDefine(op.slot, tree_.Find(op.parent));
  if (!why.empty()) return Misuse(why);
  if (Fails()) return Is(Outcome::kNoMem);
  Op request = op;
  request.verb = Verb::kRequest;
  Observation seen = Define(request);
  seen.found = kNoSlot;
  if (seen.outcome == Outcome::kOk) {
    AddDevres({op.number, false, op.slot, {}});
  }
  return seen;
}

Observation Model::DevmRelease(const Op& op) {
  Resource* const node = tree_.Find(op.slot);
  if (node == nullptr) return Misuse(kNoResource);
  if (IsVmemmapSlot(op.slot)) return Misuse(kNoHandle);
  const auto index = NewestDevres({op.number, false, op.slot, {}});
  if (!index.has_value()) return {.warnings = kWarnOn};
  if (node->parent == nullptr) return Misuse(kInNoTree);
  RemoveDevres(*index);
  tree_.Release(node);
  return Is(Outcome::kOk);
}

Observation Model::DevmRequestRegion(const Op& op) {
  const absl::string_view why = WhyNotDefine(op.slot, tree_.Find(op.parent));
  if (!why.empty()) return Misuse(why);
  if (Fails()) return Is(Outcome::kNull);  // the entry
  const Observation seen = RequestRegion(op);
  if (seen.outcome == Outcome::kOk) {
    AddDevres({op.number, true, op.parent, op.range});
  }
  return seen;
}

Observation Model::DevmReleaseRegion(const Op& op) {
  Observation seen = ReleaseRegion(op);
  if (seen.outcome == Outcome::kMisuse) return seen;
  const auto index = NewestDevres({op.number, true, op.parent, op.range});
  if (index.has_value()) {
    RemoveDevres(*index);
  } else {
    seen.warnings |= kWarnOn;
  }
  return seen;
}

// One step of devres_release_all(): the newest entry goes first.
Observation Model::Unbind(const Op& op) {
  if (mapping_objects_ != 0 && IsReleasing(op.number)) {
    return Misuse("an unmap of the device sleeps");
  }
  const std::vector<Devres>& all = ledger_.devres;
  const auto newest =
      std::find_if(all.rbegin(), all.rend(),
                   [&op](const Devres& it) { return it.device == op.number; });
  if (newest == all.rend()) return Is(Outcome::kNull);
  const Devres entry = *newest;
  const size_t index = all.rend() - newest - 1;
  if (entry.pagemap) return ReleaseMapping(index);
  if (entry.region) {
    const Op release = {.parent = entry.slot, .range = entry.range};
    const Observation seen = ReleaseRegion(release);
    if (seen.outcome != Outcome::kMisuse) RemoveDevres(index);
    return seen;
  }
  Resource* const node = tree_.Find(entry.slot);
  if (node->parent == nullptr) return Misuse(kInNoTree);
  RemoveDevres(index);
  tree_.Release(node);
  return Is(Outcome::kOk);
}

Observation Model::ListAdd(const Op& op) {
  if (tree_.Find(op.slot) == nullptr) return Misuse(kNoResource);
  if (IsVmemmapSlot(op.slot)) return Misuse(kNoHandle);
  if (Fails()) return Is(Outcome::kNull);
  std::vector<Listed>& all = Edit().listed;
  const bool at_head = op.verb == Verb::kListAdd;
  const auto place =
      std::find_if(all.begin(), all.end(), [&op, at_head](const Listed& it) {
        return at_head ? it.list >= op.number : it.list > op.number;
      });
  all.insert(place, {op.number, op.slot});
  Hold(op.slot);
  return Is(Outcome::kOk);
}

Observation Model::ListDestroy(const Op& op) {
  if (tree_.Find(op.slot) == nullptr) return Misuse(kNoResource);
  const std::vector<Listed>& all = ledger_.listed;
  const auto it = std::find(all.begin(), all.end(), Listed{op.number, op.slot});
  if (it == all.end()) return Is(Outcome::kNull);
  Edit().listed.erase(it);
  LetGo(op.slot);
  return Is(Outcome::kOk);
}

Observation Model::ListFree(const Op& op) {
  std::erase_if(Edit().listed, [this, &op](const Listed& it) {
    if (it.list != op.number) return false;
    LetGo(it.slot);
    return true;
  });
  return Is(Outcome::kOk);
}

}  // namespace restree

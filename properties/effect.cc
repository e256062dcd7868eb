// SPDX-License-Identifier: Apache-2.0
#include "properties/effect.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "model/observation.h"
#include "properties/broken.h"
#include "properties/check.h"
#include "properties/laws.h"
#include "properties/signature.h"

namespace restree {
namespace {

bool IsYes(Outcome outcome) { return outcome == Outcome::kOk; }

bool IsNo(Outcome outcome) {
  switch (outcome) {
    case Outcome::kBusy:
    case Outcome::kInval:
    case Outcome::kPerm:
    case Outcome::kNull:
    case Outcome::kRange:
    case Outcome::kNoMem:
    case Outcome::kExist:
    case Outcome::kNxIo:
      return true;
    default:
      return false;
  }
}

// What the machine breaks by itself, had nobody compared it with another.
std::optional<Broken> BrokenAlone(const Failure& failure) {
  if (failure.got_state.rows.empty()) return std::nullopt;  // not known
  if (auto broken = BrokenInvariant(failure.got_state)) return broken;
  return BrokenLaw({failure.before, failure.op, failure.got, failure.got_state},
                   /*states_are_known=*/!failure.before.rows.empty());
}

}  // namespace

std::string Effect(const Failure& failure) {
  if (failure.kind != Failure::Kind::kDisagreement) return failure.what;
  const std::string signature = Signature(failure);
  const std::vector<absl::string_view> parts = absl::StrSplit(signature, '.');
  if (parts[0] != failure.what) return signature;
  if (const auto broken = BrokenAlone(failure))
    return std::string(broken->name);
  if (failure.what == "observation") {
    const Outcome want = failure.want.outcome;
    const Outcome got = failure.got.outcome;
    if (IsNo(want) && IsYes(got)) return "observation.accepted";
    if (IsYes(want) && IsNo(got)) return "observation.refused";
  }
  return absl::StrCat(failure.what, ".", parts[2]);
}

}  // namespace restree

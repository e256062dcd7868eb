// SPDX-License-Identifier: Apache-2.0
#include "properties/effect.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "model/observation.h"
#include "properties/check.h"
#include "properties/invariants.h"
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

// Laws about different verbs that ask for the same.
constexpr std::pair<absl::string_view, absl::string_view> kAlike[] = {
    {"DumpsHaveAllRam", "WalksLeaveNothingOut"},
    {"FreeRegionIsTheFirst", "FreeRegionIsFree"},
    {"PageIsRamIfAWalkFindsIt", "WalksLeaveNothingOut"},
    {"WalksVisitOnlyWhatMatches", "WalksLeaveNothingOut"},
};

absl::string_view FirstAlike(absl::string_view name) {
  for (const auto& [law, alike] : kAlike) {
    if (name == law) return alike;
  }
  return name;
}

// What the machine breaks by itself, had nobody compared it with another.
std::vector<absl::string_view> BrokenAlone(const Failure& failure) {
  std::vector<absl::string_view> names;
  if (failure.got_state.rows.empty()) return names;  // not known
  for (const Invariant& invariant : kInvariants) {
    if (invariant.broken(failure.got_state)) names.push_back(invariant.name);
  }
  const Played played = {failure.before, failure.op, failure.got,
                         failure.got_state};
  for (const Law& law : kLaws) {
    if (!law.IsAbout(failure.op.verb)) continue;
    if (law.reads_the_state && failure.before.rows.empty()) continue;
    if (law.broken(played)) names.push_back(FirstAlike(law.name));
  }
  return names;
}

}  // namespace

std::string Effect(const Failure& failure) {
  const std::string signature = Signature(failure);
  const std::vector<absl::string_view> parts = absl::StrSplit(signature, '.');
  if (parts[0] != failure.what) return signature;
  std::vector<absl::string_view> broken = BrokenAlone(failure);
  if (failure.kind != Failure::Kind::kDisagreement) {
    broken.push_back(FirstAlike(failure.what));
  }
  std::sort(broken.begin(), broken.end());
  broken.erase(std::unique(broken.begin(), broken.end()), broken.end());
  if (!broken.empty()) return absl::StrJoin(broken, "+");
  if (failure.what == "observation") {
    const Outcome want = failure.want.outcome;
    const Outcome got = failure.got.outcome;
    if (IsNo(want) && IsYes(got)) return "observation.accepted";
    if (IsYes(want) && IsNo(got)) return "observation.refused";
  }
  return absl::StrCat(failure.what, ".", parts[2]);
}

bool IsPartOf(absl::string_view effect, absl::string_view whole) {
  const std::vector<absl::string_view> parts = absl::StrSplit(effect, '+');
  const std::vector<absl::string_view> all = absl::StrSplit(whole, '+');
  return std::all_of(parts.begin(), parts.end(), [&](absl::string_view part) {
    return std::find(all.begin(), all.end(), part) != all.end();
  });
}

}  // namespace restree

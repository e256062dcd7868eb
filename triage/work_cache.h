// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_WORK_CACHE_H_
#define RESTREE_TRIAGE_WORK_CACHE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "triage/json_read.h"

namespace restree {

// What a triage has worked out so far: a file for each result, so that one that
// was killed goes on. A result is found again under all that it depends on: the
// program that worked it out, `salt`, and a key.
class WorkCache {
 public:
  // Uses the directory, which exists.
  WorkCache(std::string directory, absl::string_view salt);

  std::optional<Json> Get(absl::string_view kind, absl::string_view key) const;
  absl::Status Put(absl::string_view kind, absl::string_view key,
                   const Json& result) const;

 private:
  std::string PathOf(absl::string_view kind, absl::string_view key) const;

  std::string directory_;
  std::string salt_;
};

}  // namespace restree

#endif  // RESTREE_TRIAGE_WORK_CACHE_H_

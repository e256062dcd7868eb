// SPDX-License-Identifier: Apache-2.0
#include "triage/work_cache.h"

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "fuzz/atomic_file.h"
#include "fuzz/stats.h"
#include "triage/json_read.h"

namespace restree {
namespace {

// Another build may come to other results.
std::string Program() {
  struct stat self = {};
  if (stat("/proc/self/exe", &self) != 0) return "";
  return absl::StrCat(self.st_size, " ", self.st_mtim.tv_sec, " ",
                      self.st_mtim.tv_nsec);
}

}  // namespace

WorkCache::WorkCache(std::string directory, absl::string_view salt)
    : directory_(std::move(directory)),
      salt_(absl::StrCat(Program(), "\n", salt, "\n")) {}

std::string WorkCache::PathOf(absl::string_view kind,
                              absl::string_view key) const {
  // Two hashes of 64 bits, for a collision would tell of the wrong trace.
  const std::string all = absl::StrCat(salt_, kind, "\n", key);
  return absl::StrCat(
      directory_, "/", kind, "-", absl::Hex(StableHash(all), absl::kZeroPad16),
      absl::Hex(StableHash(all + "2"), absl::kZeroPad16), ".json");
}

std::optional<Json> WorkCache::Get(absl::string_view kind,
                                   absl::string_view key) const {
  std::ifstream file(PathOf(kind, key), std::ios::binary);
  if (!file) return std::nullopt;
  const std::string text(std::istreambuf_iterator<char>(file), {});
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

absl::Status WorkCache::Put(absl::string_view kind, absl::string_view key,
                            const Json& result) const {
  return WriteAtomically(
      PathOf(kind, key),
      result.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace restree

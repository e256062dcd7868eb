// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_CLI_ARGUMENTS_H_
#define RESTREE_CLI_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace restree {

// A flag that a command knows, and where its value goes: `--name` sets a bool,
// `--name=value` a string or a number. What is not given stays as it is; what
// is given twice counts the last time.
struct Flag {
  const char* name;  // without the dashes
  std::variant<bool*, std::string*, uint64_t*> value;
};

// Sets the flags that `arguments` give and returns the other words, in order.
// Flags and words may be mixed; behind `--` there are only words, and `-` is a
// word. An unknown flag, a value that is missing or too much, and a number that
// is none are InvalidArgument, in words for the user.
//
//   bool strict = false;
//   uint64_t seconds = 60;
//   ParseArguments(arguments, {{"strict", &strict}, {"seconds", &seconds}});
absl::StatusOr<std::vector<std::string>> ParseArguments(
    absl::Span<char*> arguments, absl::Span<const Flag> flags);

// The same for a command that takes at most `words_max` words.
absl::StatusOr<std::vector<std::string>> ParseArguments(
    absl::Span<char*> arguments, absl::Span<const Flag> flags,
    size_t words_max);

// Prints `problem` and where to find help, and returns kExitUsage.
int BadUsage(absl::string_view command, const absl::Status& problem);

}  // namespace restree

#endif  // RESTREE_CLI_ARGUMENTS_H_

// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <getopt.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/exit_code.h"

namespace restree {
namespace {

bool IsSwitch(const Flag& flag) {
  return std::holds_alternative<bool*>(flag.value);
}

// getopt_long() returns this plus the flag's index, clear of every character.
constexpr int kFirstFlag = 256;

std::vector<option> LongOptions(absl::Span<const Flag> flags) {
  std::vector<option> options;
  for (size_t i = 0; i < flags.size(); ++i) {
    options.push_back({flags[i].name,
                       IsSwitch(flags[i]) ? no_argument : required_argument,
                       nullptr, kFirstFlag + static_cast<int>(i)});
  }
  options.push_back({nullptr, 0, nullptr, 0});
  return options;
}

absl::Status SetFlag(const Flag& flag, const char* text) {
  if (IsSwitch(flag)) {
    *std::get<bool*>(flag.value) = true;
  } else if (std::holds_alternative<std::string*>(flag.value)) {
    *std::get<std::string*>(flag.value) = text;
  } else if (!absl::SimpleAtoi(text, std::get<uint64_t*>(flag.value))) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag.name, " needs a number, not \"", text, "\""));
  }
  return absl::OkStatus();
}

// Says in words why getopt_long() returned `result`, '?' or ':', at `word`.
absl::Status Refusal(int result, absl::string_view word,
                     absl::Span<const Flag> flags) {
  const absl::string_view flag = word.substr(0, word.find('='));
  std::string what;
  if (result == ':') {
    what = absl::StrCat(flag, " needs a value: ", flag, "=...");
  } else if (optopt >= kFirstFlag) {
    what =
        absl::StrCat("--", flags[optopt - kFirstFlag].name, " takes no value");
  } else if (optopt != 0) {  // one dash; the word may hold more letters
    what = absl::StrCat("unknown flag -", std::string(1, optopt));
  } else {
    what = absl::StrCat("unknown flag ", flag);
  }
  return absl::InvalidArgumentError(what);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ParseArguments(
    absl::Span<char*> arguments, absl::Span<const Flag> flags) {
  std::string program = "restree";  // where getopt_long() expects it
  std::vector<char*> argv = {program.data()};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  argv.push_back(nullptr);
  const int argc = static_cast<int>(argv.size()) - 1;
  const std::vector<option> options = LongOptions(flags);

  optind = 0;  // glibc: start afresh
  opterr = 0;  // the messages are ours
  for (;;) {
    const int result =
        getopt_long(argc, argv.data(), ":", options.data(), nullptr);
    if (result == -1) break;
    absl::Status status = result >= kFirstFlag
                              ? SetFlag(flags[result - kFirstFlag], optarg)
                              : Refusal(result, argv[optind - 1], flags);
    if (!status.ok()) return status;
  }
  return std::vector<std::string>(argv.begin() + optind, argv.begin() + argc);
}

absl::StatusOr<std::vector<std::string>> ParseArguments(
    absl::Span<char*> arguments, absl::Span<const Flag> flags,
    size_t words_max) {
  absl::StatusOr<std::vector<std::string>> words =
      ParseArguments(arguments, flags);
  if (words.ok() && words->size() > words_max) {
    return absl::InvalidArgumentError(
        absl::StrCat("one argument too many: ", (*words)[words_max]));
  }
  return words;
}

int BadUsage(absl::string_view command, const absl::Status& problem) {
  absl::FPrintF(stderr, "restree %s: %s\nTry: restree %s --help\n", command,
                problem.message(), command);
  return kExitUsage;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"

namespace restree {
namespace {

// One command's flags, and what a command line made of them.
struct Parsed {
  bool quiet = false;
  std::string out = "unset";
  uint64_t jobs = 7;
  absl::StatusOr<std::vector<std::string>> words;
};

Parsed Parse(std::vector<std::string> line) {
  std::vector<char*> arguments;
  for (std::string& word : line) arguments.push_back(word.data());
  Parsed parsed;
  parsed.words = ParseArguments(
      absl::MakeSpan(arguments),
      {{"quiet", &parsed.quiet}, {"out", &parsed.out}, {"jobs", &parsed.jobs}},
      2);
  return parsed;
}

std::vector<std::string> WordsOf(const Parsed& parsed) {
  return parsed.words.ok() ? *parsed.words
                           : std::vector<std::string>{
                                 std::string(parsed.words.status().message())};
}

using Words = std::vector<std::string>;

TEST(Arguments, FlagsAndWordsMayBeMixed) {
  const Parsed parsed = Parse({"a", "--quiet", "-", "--out=x=y", "--jobs=3"});
  EXPECT_EQ(WordsOf(parsed), (Words{"a", "-"}));
  EXPECT_TRUE(parsed.quiet);
  EXPECT_EQ(parsed.out, "x=y");
  EXPECT_EQ(parsed.jobs, 3u);
}

TEST(Arguments, WhatIsNotGivenStaysAsItIs) {
  const Parsed parsed = Parse({});
  EXPECT_EQ(WordsOf(parsed), Words{});
  EXPECT_FALSE(parsed.quiet);
  EXPECT_EQ(parsed.out, "unset");
  EXPECT_EQ(parsed.jobs, 7u);
}

TEST(Arguments, TheLastOfTwoCounts) {
  EXPECT_EQ(Parse({"--out=a", "--out="}).out, "");
}

TEST(Arguments, TwoDashesEndTheFlags) {
  const Parsed parsed = Parse({"--", "--quiet"});
  EXPECT_EQ(WordsOf(parsed), Words{"--quiet"});
  EXPECT_FALSE(parsed.quiet);
}

TEST(Arguments, BadOnesAreRefusedInWords) {
  struct {
    Words line;
    const char* message;
  } const cases[] = {
      {{"--bogus"}, "unknown flag --bogus"},
      {{"--bogus=1"}, "unknown flag --bogus"},
      {{"a", "-x", "b"}, "unknown flag -x"},
      {{"-xyz"}, "unknown flag -x"},
      {{"a", "-q=1"}, "unknown flag -q"},
      {{"--out"}, "--out needs a value: --out=..."},
      {{"--quiet=yes"}, "--quiet takes no value"},
      {{"--jobs=many"}, "--jobs needs a number, not \"many\""},
      {{"--jobs=-1"}, "--jobs needs a number, not \"-1\""},
      {{"--jobs="}, "--jobs needs a number, not \"\""},
      {{"--jobs=18446744073709551616"},
       "--jobs needs a number, not \"18446744073709551616\""},
      {{"a", "b", "c"}, "one argument too many: c"},
  };
  for (const auto& it : cases) {
    const Parsed parsed = Parse(it.line);
    EXPECT_FALSE(parsed.words.ok()) << it.message;
    EXPECT_EQ(WordsOf(parsed), Words{it.message});
  }
}

}  // namespace
}  // namespace restree

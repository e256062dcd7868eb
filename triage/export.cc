// SPDX-License-Identifier: Apache-2.0
#include "triage/export.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "model/state.h"
#include "model/trace_binary.h"
#include "triage/export_parts.h"
#include "triage/recording.h"

namespace restree {
namespace {

constexpr std::pair<absl::string_view, ExportAs> kWords[] = {
    {"kunit", ExportAs::kKunit}, {"gtest", ExportAs::kGtest},
    {"iomem", ExportAs::kIomem}, {"dot", ExportAs::kDot},
    {"bytes", ExportAs::kBytes},
};

std::string Bytes(const Recording& sound) {
  const std::vector<uint8_t> bytes = EncodeTrace(sound.trace);
  return std::string(bytes.begin(), bytes.end());
}

// Breaks `text` into lines of at most `width` columns, where it can.
void Wrap(absl::string_view text, size_t width,
          std::vector<std::string>* lines) {
  for (const absl::string_view paragraph : absl::StrSplit(text, '\n')) {
    std::string line;
    for (const absl::string_view word :
         absl::StrSplit(paragraph, ' ', absl::SkipEmpty())) {
      if (!line.empty() && line.size() + 1 + word.size() > width) {
        lines->push_back(std::move(line));
        line.clear();
      }
      absl::StrAppend(&line, line.empty() ? "" : " ", word);
    }
    lines->push_back(line);
  }
}

}  // namespace

size_t StepOf(const Recording& sound, const ExportInfo& info) {
  return std::min(info.step, sound.steps.size() - 1);
}

std::vector<std::string> StoryLines(const ExportInfo& info, size_t width) {
  std::vector<std::string> lines;
  const auto say = [&lines, width](absl::string_view text) {
    if (!lines.empty()) lines.emplace_back();
    Wrap(text, width, &lines);
  };
  if (!info.sentence.empty()) say(info.sentence);
  if (!info.signature.empty()) {
    say(absl::StrCat("Found by restree: ", info.signature));
  }
  if (!info.verdict.empty()) say(absl::StrCat("This test ", info.verdict, "."));
  // Nothing in it may end a comment of C.
  for (std::string& line : lines) {
    for (char& c : line) {
      if (c == '*' || !absl::ascii_isprint(static_cast<unsigned char>(c))) {
        c = '?';
      }
    }
  }
  return lines;
}

std::optional<ExportAs> ExportAsOf(absl::string_view word) {
  for (const auto& [name, as] : kWords) {
    if (name == word) return as;
  }
  return std::nullopt;
}

absl::StatusOr<std::string> Export(ExportAs as, const Recording& sound,
                                   const ExportInfo& info) {
  if (as == ExportAs::kBytes) return Bytes(sound);
  if (sound.steps.empty()) {
    if (as == ExportAs::kIomem) return std::string();
    return absl::UnimplementedError("the trace has no ops");
  }
  switch (as) {
    case ExportAs::kKunit:
      return ExportKunit(sound, info);
    case ExportAs::kGtest:
      return ExportGtest(sound, info);
    case ExportAs::kDot:
      return ExportDot(sound, info);
    default:
      return IomemText(sound.steps[StepOf(sound, info)].after,
                       sound.trace.names);
  }
}

// A word begins behind what is none, at a capital behind a small letter, and at
// the last of several capitals: "FindsAHole" has three, "EBUSY" is one.
std::string TestName(absl::string_view signature) {
  const auto is = [signature](size_t i, bool (*kind)(unsigned char)) {
    return i < signature.size() &&
           kind(static_cast<unsigned char>(signature[i]));
  };
  std::string name;
  for (size_t i = 0; i < signature.size(); ++i) {
    if (!is(i, absl::ascii_isalnum)) continue;
    const bool begins =
        !is(i - 1, absl::ascii_isalnum) ||
        (is(i, absl::ascii_isupper) &&
         (is(i - 1, absl::ascii_islower) || is(i + 1, absl::ascii_islower)));
    if (begins && !name.empty()) name += '_';
    name += absl::ascii_tolower(static_cast<unsigned char>(signature[i]));
  }
  return name.empty() ? "restree" : name;
}

std::string CamelName(absl::string_view name) {
  std::string camel;
  for (const absl::string_view word :
       absl::StrSplit(name, '_', absl::SkipEmpty())) {
    camel += absl::ascii_toupper(static_cast<unsigned char>(word[0]));
    absl::StrAppend(&camel, word.substr(1));
  }
  return camel;
}

}  // namespace restree

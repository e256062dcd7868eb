// SPDX-License-Identifier: Apache-2.0
#include "fuzz/crash_log.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "fuzz/stats.h"
#include "properties/signature.h"

namespace restree {
namespace {

constexpr size_t kFrames = 3;
constexpr size_t kKindBytesMax = 40;
constexpr size_t kFrameBytesMax = 60;

// What stands above the code that is to blame, if it does not say restree: the
// sanitizers, libc, whose sources have relative paths too, and libFuzzer
// itself.
constexpr absl::string_view kNotToBlame[] = {
    "__",      "_IO_",     "abort",    "raise",  "gsignal", "pthread",
    "std::",   "fuzzer::", "operator", "malloc", "calloc",  "free",
    "realloc", "mem",      "str",      "absl::", "gnu_cxx", "start_thread"};

std::vector<absl::string_view> Lines(absl::string_view text) {
  return absl::StrSplit(text, '\n');
}

// Returns `text` up to the first character behind `from` that is in `any`.
absl::string_view UpTo(absl::string_view text, absl::string_view any) {
  return text.substr(0, text.find_first_of(any));
}

std::string Slug(absl::string_view text, size_t bytes_max) {
  std::string slug;
  for (const char c : text) {
    if (absl::ascii_isalnum(c) || c == '_') {
      slug += c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  if (slug.size() > bytes_max) slug.resize(bytes_max);
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug;
}

// A line of libFuzzer's progress begins with the number of inputs run.
bool IsProgress(absl::string_view line) {
  return absl::StartsWith(line, "#") || absl::StartsWith(line, "INFO: ") ||
         absl::StartsWith(line, "=== ") || absl::StartsWith(line, "Running: ");
}

// libFuzzer's own lines below a report describe the input in bytes.
bool IsAboutBytes(absl::string_view line) {
  return absl::StartsWith(line, "MS: ") ||
         absl::StartsWith(line, "artifact_prefix=");
}

using Report = std::vector<absl::string_view>;

// Returns the lines before `end` back to libFuzzer's last line of progress.
Report LinesBefore(const std::vector<absl::string_view>& lines, size_t end) {
  size_t first = end;
  while (first > 0 && !IsProgress(lines[first - 1])) --first;
  Report report;
  for (size_t i = first; i < end && !IsAboutBytes(lines[i]); ++i) {
    if (!absl::StartsWith(lines[i], "NOTE: libFuzzer")) {
      report.push_back(lines[i]);
    }
  }
  return report;
}

// Returns the lines between libFuzzer's last line of progress and the line that
// names the artifact; nothing if none does.
std::optional<Report> ReportLines(absl::string_view log,
                                  absl::string_view artifact) {
  const std::vector<absl::string_view> lines = Lines(log);
  for (size_t end = lines.size(); end-- > 0;) {
    const size_t at = lines[end].find("Test unit written to ");
    if (at == absl::string_view::npos) continue;
    if (!absl::EndsWith(lines[end], artifact)) continue;
    return LinesBefore(lines, end);
  }
  return std::nullopt;
}

// A line of a stack: "    #1 0x5 in restree::Foo::Bar(int) foo.cc:1:2".
bool IsFrame(absl::string_view line) {
  return absl::StartsWith(absl::StripLeadingAsciiWhitespace(line), "#");
}

struct Frame {
  std::string function;  // "restree::Foo::Bar"; "" if the line names none
  std::string file;      // "foo.cc"; "" if it is not known
};

// Returns the last word of `text` that stands in no template's brackets, and
// what is behind it.
absl::string_view LastWord(absl::string_view text) {
  int depth = 0;
  for (size_t i = text.size(); i-- > 0;) {
    if (text[i] == '>') ++depth;
    if (text[i] == '<') --depth;
    if (text[i] == ' ' && depth <= 0) return text.substr(i + 1);
  }
  return text;
}

Frame FrameIn(absl::string_view line) {
  Frame frame;
  const size_t in = line.find(" in ");
  if (in == absl::string_view::npos) return frame;
  line = line.substr(in + 4);
  line = line.substr(0, line.find(" (BuildId: "));
  const size_t space = line.rfind(' ');
  if (space != absl::string_view::npos) {
    const absl::string_view place = line.substr(space + 1);
    const absl::string_view file = UpTo(place, ":");
    if (place[0] == '(') {
      line = line.substr(0, space);  // only the binary
    } else if (file.size() < place.size() &&
               absl::ascii_isdigit(place.back())) {
      frame.file = std::string(file);
      line = line.substr(0, space);
    }
  }
  std::string function =
      absl::StrReplaceAll(line, {{"(anonymous namespace)::", ""}});
  function = std::string(UpTo(function, "("));
  // A template's name has its return type in front.
  frame.function = absl::StartsWith(function, "operator")
                       ? function
                       : std::string(LastWord(function));
  return frame;
}

// Frames below the fuzz target say nothing about the bug.
bool IsOfTheEngine(absl::string_view line) {
  if (!IsFrame(line)) return false;
  const std::string function = FrameIn(line).function;
  return absl::StartsWith(function, "fuzzer::") || function == "main" ||
         absl::StartsWith(function, "__libc_start") || function == "_start";
}

// The sources of kernels are repositories of Bazel: external/linux_6_12/. What
// their headers have is inlined everywhere and says nothing.
bool IsOfKernel(const Frame& frame) {
  return absl::StrContains(frame.file, "external/linux_") &&
         absl::EndsWith(frame.file, ".c");
}

bool IsInWorkspace(absl::string_view file) {
  if (file.empty() || absl::StartsWith(file, "/usr/")) return false;
  for (const char* foreign : {"/c++/", "/llvm", "/absl/", "external/"}) {
    if (absl::StrContains(file, foreign)) return false;
  }
  return true;
}

// What is inlined has a name without namespace, so that the file has to tell
// whose it is.
bool IsToBlame(const Frame& frame) {
  if (absl::StartsWith(frame.function, "restree::")) return true;
  return !frame.function.empty() && IsInWorkspace(frame.file) &&
         std::none_of(std::begin(kNotToBlame), std::end(kNotToBlame),
                      [&](absl::string_view prefix) {
                        return absl::StartsWith(frame.function, prefix);
                      });
}

// Returns the first stack of the report; those that tell who allocated and who
// freed come later.
std::vector<Frame> FirstStack(const Report& report) {
  std::vector<Frame> frames;
  for (const absl::string_view line : report) {
    if (IsFrame(line)) {
      frames.push_back(FrameIn(line));
    } else if (!frames.empty()) {
      break;
    }
  }
  return frames;
}

// Returns the functions of the stack that are to blame, at most kFrames. Where
// the kernel's code runs, what it calls of ours is only its environment.
std::vector<std::string> Blamed(const std::vector<Frame>& stack,
                                bool is_kernel) {
  std::vector<std::string> functions;
  for (const Frame& frame : stack) {
    if (is_kernel ? !IsOfKernel(frame) : !IsToBlame(frame)) continue;
    functions.push_back(
        is_kernel ? std::string(KernelFunction(frame.function))
                  : absl::StrReplaceAll(frame.function, {{"restree::", ""}}));
  }
  return functions;
}

// Returns what follows `key` in the first line that has it.
absl::string_view Behind(absl::string_view key, const Report& report) {
  for (const absl::string_view line : report) {
    const size_t at = line.find(key);
    if (at != absl::string_view::npos) return line.substr(at + key.size());
  }
  return "";
}

std::string KindOf(const Report& report) {
  const absl::string_view undefined = Behind("runtime error: ", report);
  // Two sanitizers, and the processor, notice the same.
  if (absl::StrContains(undefined, "null pointer") ||
      !Behind("Hint: address points to the zero", report).empty()) {
    return "null-dereference";
  }
  // Numbers and types differ from one occurrence to the next.
  if (!undefined.empty()) {
    return Slug(UpTo(undefined, "0123456789'`:"), kKindBytesMax);
  }
  if (!Behind(": Assertion `", report).empty()) return "assertion";
  absl::string_view summary = Behind("SUMMARY: ", report);
  const size_t colon = summary.find(": ");
  if (colon != absl::string_view::npos) summary.remove_prefix(colon + 2);
  if (absl::StartsWith(summary, "deadly signal")) return "deadly-signal";
  const std::string kind = Slug(UpTo(summary, " ("), kKindBytesMax);
  return kind.empty() ? "crash" : kind;
}

// Takes what differs from run to run out of a line of a sanitizer.
std::string WithoutAddresses(absl::string_view line) {
  line = line.substr(0, line.find(" (BuildId: "));
  if (absl::ConsumePrefix(&line, "==")) {
    line.remove_prefix(std::min(line.size(), line.find("==") + 2));
    line = absl::StripLeadingAsciiWhitespace(line);
    line = line.substr(0, line.find(" (pc 0x"));
  }
  std::string stable;
  for (;;) {
    const size_t at = line.find("0x");
    absl::StrAppend(&stable, line.substr(0, at));
    if (at == absl::string_view::npos) break;
    line.remove_prefix(at + 2);
    const absl::string_view digits =
        line.substr(0, line.find_first_not_of("0123456789abcdef"));
    absl::StrAppend(&stable, "0x", digits.size() > 6 ? "..." : digits);
    line.remove_prefix(digits.size());
  }
  return absl::StrReplaceAll(stable, {{"/proc/self/cwd/", ""}});
}

// Takes out the address: "    #1 restree::F() a.cc:1:1".
std::string StableFrame(absl::string_view line) {
  std::string frame = WithoutAddresses(line);
  const size_t address = frame.find(" 0x");
  const size_t in = frame.find(" in ");
  if (address < in && in != std::string::npos) {
    frame.erase(address, in + 3 - address);
  }
  return frame;
}

// Whether the line is one of a sanitizer's that has addresses.
bool HasAddresses(absl::string_view line) {
  for (const char* begin : {"==", "0x", "Address ", "READ ", "WRITE "}) {
    if (absl::StartsWith(line, begin)) return true;
  }
  return absl::StrContains(line, "runtime error: ");
}

// Returns the lines of a report that say something, the same in each run.
std::string StableText(const Report& report) {
  std::string text;
  for (const absl::string_view line : report) {
    if (absl::StartsWith(line, "Shadow bytes around") ||
        absl::StrContains(line, "Register values:")) {
      break;
    }
    if (IsOfTheEngine(line) || absl::StartsWith(line, "=====")) continue;
    absl::StrAppend(&text,
                    IsFrame(line)        ? StableFrame(line)
                    : HasAddresses(line) ? WithoutAddresses(line)
                                         : std::string(line),
                    "\n");
  }
  return text;
}

Crash CrashOf(const Report& report) {
  Crash crash;
  crash.kind = KindOf(report);
  for (absl::string_view line : report) {
    if (absl::ConsumePrefix(&line, "signature: ")) {
      crash.signature = std::string(line);
    }
  }
  crash.report = StableText(report);
  const std::vector<Frame> stack = FirstStack(report);
  crash.is_kernel = std::any_of(stack.begin(), stack.end(), IsOfKernel);
  const std::vector<std::string> functions = Blamed(stack, crash.is_kernel);
  std::string key = crash.kind;
  for (size_t i = 0; i < std::min(functions.size(), kFrames); ++i) {
    absl::StrAppend(&key, " ", functions[i]);
  }
  crash.hash = StableHash(key);
  if (functions.empty()) return crash;
  const bool is_anywhere =
      crash.kind == "timeout" || crash.kind == "out-of-memory";
  crash.function = Slug(
      crash.is_kernel && is_anywhere ? functions.back() : functions.front(),
      kFrameBytesMax);
  return crash;
}

}  // namespace

std::string Crash::Name() const {
  if (!signature.empty()) return signature;
  const std::string blamed =
      function.empty() ? kind : absl::StrCat(kind, ".", function);
  if (is_kernel) return blamed;
  return absl::StrCat(blamed, "-",
                      absl::Hex(hash & 0xffffffff, absl::kZeroPad8));
}

std::optional<Crash> CrashIn(absl::string_view log,
                             absl::string_view artifact) {
  const auto report = ReportLines(log, artifact);
  if (!report.has_value()) return std::nullopt;
  return CrashOf(*report);
}

std::optional<Crash> CrashInReplay(absl::string_view log) {
  const std::vector<absl::string_view> lines = Lines(log);
  const Report report = LinesBefore(lines, lines.size());
  for (const absl::string_view key :
       {"SUMMARY: ", "runtime error: ", ": Assertion `", "ERROR: "}) {
    if (!Behind(key, report).empty()) return CrashOf(report);
  }
  return std::nullopt;
}

std::optional<uint64_t> LastCoverage(absl::string_view log) {
  constexpr absl::string_view kKey = " cov: ";
  const size_t at = log.rfind(kKey);
  if (at == absl::string_view::npos) return std::nullopt;
  uint64_t coverage = 0;
  if (!absl::SimpleAtoi(UpTo(log.substr(at + kKey.size()), " \n"), &coverage)) {
    return std::nullopt;
  }
  return coverage;
}

}  // namespace restree

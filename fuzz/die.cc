// SPDX-License-Identifier: Apache-2.0
#include "fuzz/die.h"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "fuzz/stats.h"

// Crashes are compared by the spelling of their frames too, so these functions
// stand in no namespace that would make them look alike.
namespace {

struct Frame {
  absl::string_view name;        // of the function
  absl::string_view stands_for;  // in a signature
  void (*call)(const Frame* const* above);
};

// What each function writes keeps equal functions from being folded into one,
// and a call that is not the last thing a function does from becoming a jump.
volatile int last_frame;

#define RESTREE_FUNCTION(function)                             \
  [[gnu::noinline]] void function(const Frame* const* above) { \
    if (*above == nullptr) std::abort();                       \
    (*above)->call(above + 1);                                 \
    last_frame = __COUNTER__;                                  \
  }
#define RESTREE_WHAT(name, text) RESTREE_FUNCTION(name)
#define RESTREE_RULE(name) RESTREE_WHAT(name, #name)
#define RESTREE_VERB(name) RESTREE_FUNCTION(op_##name)
#define RESTREE_WORD(name) RESTREE_FUNCTION(name)
#include "fuzz/frame_names.inc"
#undef RESTREE_WHAT
#undef RESTREE_VERB
#undef RESTREE_WORD

constexpr Frame kWhats[] = {
#define RESTREE_WHAT(name, text) {#name, text, name},
#define RESTREE_VERB(name)
#define RESTREE_WORD(name)
#include "fuzz/frame_names.inc"
#undef RESTREE_WHAT
#undef RESTREE_VERB
};

constexpr Frame kVerbFrames[] = {
#define RESTREE_WHAT(name, text)
#define RESTREE_VERB(name) {"op_" #name, #name, op_##name},
#include "fuzz/frame_names.inc"
#undef RESTREE_VERB
#undef RESTREE_WORD
};

constexpr Frame kWords[] = {
#define RESTREE_VERB(name)
#define RESTREE_WORD(name) {#name, "", name},
#include "fuzz/frame_names.inc"
};

// Returns the frame that stands for `text`; some word if there is none.
const Frame* FrameOf(absl::string_view text, absl::Span<const Frame> frames) {
  for (const Frame& frame : frames) {
    if (frame.stands_for == text) return &frame;
  }
  return &kWords[restree::StableHash(std::string(text)) % std::size(kWords)];
}

std::array<const Frame*, restree::kTellingFrames> FindFrames(
    absl::string_view signature) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(signature, absl::MaxSplits('.', 2));
  const auto part = [&](size_t i) { return i < parts.size() ? parts[i] : ""; };
  return {FrameOf(part(0), kWhats), FrameOf(part(1), kVerbFrames),
          FrameOf(part(2), {})};
}

}  // namespace

namespace restree {

std::array<absl::string_view, kTellingFrames> FramesOf(
    absl::string_view signature) {
  std::array<absl::string_view, kTellingFrames> names;
  const auto frames = FindFrames(signature);
  for (size_t i = 0; i < names.size(); ++i) names[i] = frames[i]->name;
  return names;
}

void DieAs(absl::string_view signature) {
  const auto [what, verb, word] = FindFrames(signature);
  const Frame* const above[] = {verb, what, nullptr};
  word->call(above);
  std::abort();
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_VOCABULARY_H_
#define RESTREE_PROPERTIES_VOCABULARY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/range.h"
#include "model/trace.h"

namespace restree {

// The words of a trace, and a few plain ones: of what traces like it are made.
class Vocabulary {
 public:
  enum class Size {
    kBare,   // the trace's words
    kPlain,  // and the plainest verbs and ranges
    kRich,   // and the flags and numbers that many functions ask for
  };
  Vocabulary(const Trace& trace, Size size);

  // Returns every op of these words that may follow on `trace`, the plainest
  // first. Resources and pagemaps are defined in the order of their numbers.
  std::vector<Op> OpsAfter(const Trace& trace) const;

  // Returns those of `verb` alone.
  std::vector<Op> OpsAfter(const Trace& trace, Verb verb) const;

  // Returns every op that may stand in place of ops[at], and define what that
  // defines.
  std::vector<Op> OpsAt(const Trace& trace, size_t at) const;

  // Returns "request, release over 3 ranges, 2 values of flags".
  std::string Text() const;

 private:
  struct Slots {
    uint32_t resources = 0;  // defined so far
    uint32_t pagemaps = 0;
  };
  static Slots SlotsOf(const Trace& trace);

  void Learn(const Op& op);
  void LearnRanges(const Trace& trace, bool plain);
  std::vector<uint64_t> ValuesOf(const Op& op, Field field,
                                 const Slots& slots) const;
  std::vector<uint64_t> SlotsFor(const Slots& slots) const;
  void Vary(Field field, const Slots& slots, std::vector<Op>* ops) const;

  Size size_;
  std::vector<Verb> verbs_;
  std::vector<Range> ranges_;  // bytes
  std::vector<uint64_t> addresses_;
  std::vector<Slot> roots_ = {kIomem};
  std::vector<uint64_t> flags_;  // of ops that define
  size_t names_ = 0;
  std::array<std::vector<Op>, kVerbs> seen_;  // ops of each verb
};

}  // namespace restree

#endif  // RESTREE_PROPERTIES_VOCABULARY_H_

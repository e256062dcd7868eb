// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_CHOICES_H_
#define RESTREE_PROPERTIES_CHOICES_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "absl/types/span.h"

namespace restree {

// A source of choices. The generator is written once against this interface; a
// PRNG behind it gives random traces, an odometer gives all traces, a byte
// string gives fuzzed ones, RapidCheck gives shrinking ones. Sources shrink
// towards 0, so a generator makes 0 its simplest choice.
class Choices {
 public:
  virtual ~Choices() = default;

  // Returns a number below `n`. REQUIRES: n > 0.
  virtual uint64_t Below(uint64_t n) = 0;
};

// Random choices, the same for the same seed on every platform: the standard
// fixes what std::mt19937_64 returns, and nothing of <random> comes after it.
class RandomChoices final : public Choices {
 public:
  explicit RandomChoices(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t n) override;

 private:
  std::mt19937_64 random_;
};

// The choices that a byte string spells. Total: any bytes are some choices, and
// after the last byte every choice is 0. A choice takes as many bytes, low byte
// first, as n - 1 has.
class ByteChoices final : public Choices {
 public:
  // `bytes` must outlive this.
  explicit ByteChoices(absl::Span<const uint8_t> bytes) : bytes_(bytes) {}

  uint64_t Below(uint64_t n) override;

  // Returns whether the bytes are used up.
  bool done() const { return bytes_.empty(); }

 private:
  absl::Span<const uint8_t> bytes_;
};

// All choices, one run after the other, as an odometer counts: the last choice
// moves fastest.
//
//   EveryChoice every;
//   do {
//     Use(SomeOp(every, state));
//   } while (every.Next());
//
// REQUIRES: what is drawn depends on nothing but the earlier choices of the
// run.
class EveryChoice final : public Choices {
 public:
  uint64_t Below(uint64_t n) override;

  // Turns to the next run. Returns false, and starts over, if that was the
  // last one.
  bool Next();

 private:
  struct Digit {
    uint64_t value;
    uint64_t bound;
  };
  std::vector<Digit> digits_;
  size_t position_ = 0;  // how many digits this run has read
};

}  // namespace restree

#endif  // RESTREE_PROPERTIES_CHOICES_H_

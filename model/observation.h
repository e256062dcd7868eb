// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_MODEL_OBSERVATION_H_
#define RESTREE_MODEL_OBSERVATION_H_

#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "model/range.h"
#include "model/trace.h"

namespace restree {

// How an op ended, in the words of trace text.
enum class Outcome : uint8_t {
  kOk,          // "ok": 0, a pointer that is not NULL, or void
  kBusy,        // "EBUSY"
  kInval,       // "EINVAL"
  kPerm,        // "EPERM": the bare -1 of walk_system_ram_res_rev()
  kNull,        // "NULL": a function that returns a pointer found nothing
  kStopped,     // "stopped": the walk's callback said so
  kDisjoint,    // "REGION_DISJOINT"
  kIntersects,  // "REGION_INTERSECTS"
  kMixed,       // "REGION_MIXED"
  kWouldBlock,  // "would-block": a muxed region; the caller waits for it
  kMisuse,      // "misuse": a precondition did not hold, nothing was done
  kRange,       // "ERANGE"
  kNoMem,       // "ENOMEM"
  kExist,       // "EEXIST"
  kNxIo,        // "ENXIO"
};
inline constexpr int kOutcomes = 15;

absl::string_view OutcomeText(Outcome outcome);

// What the kernel complains about, a bit each, and its word in trace text.
enum Warning : uint16_t {
  // "nonexistent": Trying to free nonexistent resource
  kWarnNonexistent = 1,
  // "unaddressable": Unaddressable device ... conflicts
  kWarnUnaddressable = 2,
  // "spans": resource sanity check: ... spans more than
  kWarnSpans = 4,
  // "outside": requested range ... not in root
  kWarnOutside = 8,
  // "WARN_ON"
  kWarnOn = 16,
  // "BUG": BUG_ON, an endless loop, a double or foreign kfree
  kWarnBug = 32,
  // "lock": sleeping or calling back with resource_lock held, unlocking what is
  // not locked, the tree without the lock
  kWarnLock = 64,
  // "other": any other pr_warn
  kWarnOther = 128,
};

// Returns whether `word` follows `warn=` in trace text, as "nonexistent" does.
bool IsWarningWord(absl::string_view word);

// What a walk's callback was given, once.
struct Visit {
  Range range;  // bytes, or pfns for walk_system_ram_range
  uint64_t flags = 0;
  uint64_t desc = 0;

  friend bool operator==(const Visit&, const Visit&) = default;
};

// What the caller of one op sees.
struct Observation {
  Outcome outcome = Outcome::kOk;
  uint16_t warnings = 0;  // Warning bits

  // The resource in the way of a request or insert, or the one that lookup
  // found; kNoSlot if there is none.
  Slot found = kNoSlot;
  uint64_t value = 0;  // the number that a question was answered with
  uint32_t pagemap = kNoPagemap;  // that get_dev_pagemap() found

  // What a walk's callback was given; the range that resource_union and
  // resource_intersection return; the mappings of /dev/mem that a region
  // revoked; in pfns, what came out of an altmap, blocks that touch as one, and
  // the page that was freed or whose waiters were woken.
  absl::InlinedVector<Visit, 2> visits = {};
  std::string text = {};  // what `proc` shows, with every name the slot's

  // For kMisuse: which precondition did not hold, for people. Not compared.
  absl::string_view why = {};

  // The kernel's function that was the first to WARN or BUG, as the linker
  // calls it, where one did. Not compared.
  absl::string_view raised_in = {};

  friend bool operator==(const Observation& a, const Observation& b) {
    return a.outcome == b.outcome && a.warnings == b.warnings &&
           a.found == b.found && a.value == b.value && a.pagemap == b.pagemap &&
           a.visits == b.visits && a.text == b.text;
  }
};

// Returns the words that follow `->` in a trace, most important first:
//
//   ok                                  EBUSY r1
//   ok r3                               ok 0x1000
//   NULL warn=nonexistent               misuse (r1 is not in a tree)
//   stopped visits=2 0x1000-0x1fff 0x3000-0x3fff
//
// In full, each part left out where there is nothing to say:
//
//   OUTCOME [found] [pagemap] [value] [lines=N] [warn=WORD]... [(why)]
//   [visits=N RANGE...]
//
// `found` is a slot, `pagemap` is pN. `value` is hexadecimal, and left out if
// it is 0: a plain `ok` of `alignment` says 0 bytes. Of a text only its lines
// are counted. At most 8 visits are shown, then `...` for the others. A trace's
// expectation may be any leading words of it.
std::string ObservationText(const Observation& observation);

// Returns the same with every visit, and the flags and desc of each, and with
// the text, escaped: for a report about two observations that differ where
// ObservationText is silent.
//
//   ok visits=1 0x1000-0x1fff [mem busy desc=none]
//   ok lines=1 "00001000-00001fff : r1\n"
std::string ObservationDetails(const Observation& observation);

// Returns whether the words of `expectation` are the first ones of `text`.
// Words are separated by spaces, and no words at all are met by every text. The
// words `0x0`, `lines=0` and `visits=0` are met where the text, which leaves
// out what is 0, has no such word.
//
//   Meets("EBUSY r1", "EBUSY")      true
//   Meets("EBUSY r10", "EBUSY r1")  false
//   Meets("ok 0x1", "ok 0x0")       false
//   Meets("ok", "ok 0x0")           true
bool Meets(absl::string_view text, absl::string_view expectation);

}  // namespace restree

#endif  // RESTREE_MODEL_OBSERVATION_H_

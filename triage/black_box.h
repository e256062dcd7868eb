// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_BLACK_BOX_H_
#define RESTREE_TRIAGE_BLACK_BOX_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/trace.h"

namespace restree {

// A BlackBox is memory that a process shares with its children, in which they
// note what they are about to do. After a crash it says what was played.
//
//   BlackBox box;          // in the parent
//   box.Playing(trace);    // in the child
//   box.At(2, op.verb);
//   box.trace();           // in the parent, when the child is dead
class BlackBox {
 public:
  BlackBox();
  BlackBox(const BlackBox&) = delete;
  BlackBox& operator=(const BlackBox&) = delete;
  ~BlackBox();

  // Back to how it was made.
  void Clear();

  // A play of `trace` begins.
  void Playing(const Trace& trace);

  // Op number `index` of it begins.
  void At(size_t index, Verb verb);

  // It is the turn of the machine with that number.
  void Turn(size_t machine);

  // Something begins that is no op.
  void Beat();

  // Nothing is played any more.
  void Done();

  // What is played now; nothing if nothing is, or if it is too long to note.
  std::optional<Trace> trace() const;

  bool is_playing() const;
  size_t op_index() const;
  Verb verb() const;
  size_t machine() const;

  // Another number whenever something new begins: where it stays the same, the
  // child hangs.
  uint64_t beats() const;

 private:
  struct Shared;

  Shared* shared_;
};

}  // namespace restree

#endif  // RESTREE_TRIAGE_BLACK_BOX_H_

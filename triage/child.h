// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_CHILD_H_
#define RESTREE_TRIAGE_CHILD_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "triage/black_box.h"

namespace restree {

struct ChildLimits {
  // A child that notes nothing new in its black box for so long hangs.
  double seconds = 10;
  uint64_t cpu_seconds = 900;  // in all
  uint64_t memory_bytes = uint64_t{2}
                          << 30;  // LimitMemory(); 0: as much as it likes
};

// How a child ended.
struct ChildEnd {
  enum class Kind {
    kDone,    // with a result
    kCrash,   // by a signal, or by ending in the middle
    kHang,    // it was killed, since it took too long
    kMemory,  // out of memory
  };
  Kind kind = Kind::kDone;
  std::string result;  // what its body returned
  int signal = 0;      // that ended it
  std::string errors;  // what it printed, the first 64 KiB
};

// Lets this process have so much more address space than it has now. Sanitizers
// reserve more than there is, so that there is no limit with them.
void LimitMemory(uint64_t bytes);

// How a process ends that is out of memory, so that its parent can tell.
inline constexpr int kExitNoMemory = 86;

// Returns "SEGV" for SIGSEGV, and so on; "exit" for 0.
std::string SignalText(int signal);

// What children are to do, and what becomes of it.
struct ChildWork {
  size_t count = 0;
  size_t jobs = 1;  // how many at a time
  ChildLimits limits = {};

  // Runs in a child of its own, `number` being below `count`, and returns bytes
  // for the parent. What it does to memory stays in the child.
  absl::FunctionRef<std::string(size_t number, BlackBox& box)> body;

  // Is told, in the parent and in the order in which children end, how each
  // did. The box is as the child left it.
  absl::FunctionRef<void(size_t number, ChildEnd end, const BlackBox& box)>
      on_end;

  // Asked many times a second: whether to kill all children and return.
  absl::FunctionRef<bool()> must_stop;
};

// Runs children until all are done. Each has no standard input, and what it
// prints ends in ChildEnd::errors. It leaves no core, hears no Ctrl-C of the
// terminal, and dies with this process; so it does if they must stop.
// REQUIRES: there is one thread.
void RunChildren(const ChildWork& work);

// Runs one, which cannot be stopped, with a box of the caller's.
ChildEnd RunChild(const ChildLimits& limits, BlackBox& box,
                  absl::FunctionRef<std::string()> body);

}  // namespace restree

#endif  // RESTREE_TRIAGE_CHILD_H_

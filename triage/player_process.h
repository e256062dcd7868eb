// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_TRIAGE_PLAYER_PROCESS_H_
#define RESTREE_TRIAGE_PLAYER_PROCESS_H_

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/machine.h"
#include "model/trace.h"
#include "properties/minimize.h"

namespace restree {

// Plays traces in a child process, one after the other: a kernel machine may
// crash or hang, which is what is looked for. A child that dies or takes too
// long is an attempt like any other, and the next trace gets a new child.
//
//   PlayerProcess process(make_machines, {});
//   Minimize(trace, [&](const Trace& t) { return process.Play(t); });
class PlayerProcess {
 public:
  struct Options {
    bool strict = false;     // as Lockstep::set_strict()
    double seconds_max = 2;  // for a trace, and a second more each 10,000 ops
  };
  using MachineMaker = std::function<std::vector<std::unique_ptr<Machine>>()>;

  // `make` is called in the child, and returns the reference first.
  PlayerProcess(MachineMaker make, Options options);
  PlayerProcess(const PlayerProcess&) = delete;
  PlayerProcess& operator=(const PlayerProcess&) = delete;
  ~PlayerProcess();

  // Returns what the child says of the trace. If it dies in an op, the
  // signature is how and the kernel's function, as in "SEGV.release_resource"
  // or "timeout.lookup_resource".
  Attempt Play(const Trace& trace);

 private:
  bool Start();
  void Stop();
  [[noreturn]] void Serve(int requests, int replies);
  void PlayAll(int requests, int replies) const;
  Attempt AttemptOfDead(const Trace& trace, bool is_late);

  const MachineMaker make_;
  const Options options_;
  pid_t child_ = -1;
  int requests_ = -1;
  int replies_ = -1;
  // Which op the child is at, where both see it.
  volatile size_t* op_index_ = nullptr;
};

// Returns the kernel's function that an op calls, or the verb where that is
// none.
absl::string_view FunctionOf(Verb verb);

// Returns whether `signature` is that of a child that died.
bool IsDeath(const std::string& signature);

}  // namespace restree

#endif  // RESTREE_TRIAGE_PLAYER_PROCESS_H_

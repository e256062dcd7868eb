// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_PROPERTIES_CHECK_H_
#define RESTREE_PROPERTIES_CHECK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/machine.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace.h"
#include "properties/divergence.h"

namespace restree {

// The first thing that went wrong in a trace, with all that a report needs.
struct Failure {
  enum class Kind {
    kDisagreement,  // a machine and the reference saw or show different things
    kInvariant,     // a machine's state breaks a sentence about states
    kLaw,           // an op of a machine breaks a sentence about ops
    kDivergence,    // a real machine does what is known of it, and that is not
                    // to be excused: see Lockstep::set_strict()
  };
  Kind kind = Kind::kDisagreement;
  std::string what;       // "observation", "state", or the name of what does
                          // not hold or of the divergence
  std::string sentence;   // says what is wrong, with the numbers
  std::string reference;  // name of the machine that was taken as right
  std::string machine;    // name of the machine that failed
  size_t op_index = 0;    // into the trace's ops
  Op op;

  // Which of three machines stands alone, where someone has asked a third:
  // "linux-6.12 stands alone: the model and the oracle agree".
  std::string verdict = {};
  Observation want;  // the reference's
  Observation got;   // the machine's
  State before;      // before the op, as all machines showed it; no rows if
                     // that is not known: see Lockstep::kRowsMax and Finish()
  State want_state;  // after the op, as the reference shows it
  State got_state;   // after the op, as the machine shows it
};

struct Broken;

// Plays one op after the other on several machines at once and compares after
// each. machines[0] is the reference; every other machine must see the same
// observations and show the same states, and the invariants and laws are asked
// of each state and op. Nobody else compares machines.
//
//   Lockstep lockstep({&oracle, &model, &linux});
//   for (...) {
//     if (auto failure = lockstep.Play(trace)) Die(Report(trace, *failure,
//     ...));
//   }
//
// While the machines agree, a step costs a digest a machine, and where the
// digest has changed one snapshot, which stands for them all. Buffers are used
// again, so that a step allocates nothing.
//
// Machines that do not judge misuse, real kernels, come after all that do. An
// op that the reference calls misuse is not played on them. Where one cannot
// play an op, or the op is a known divergence (properties/divergence.h), the
// machine adopts what the reference shows, and the step does not fail.
//
// With a machine of AltmapVariant::kTree it is the other way round, where it
// makes something else of the separate resource than the reference: as long as
// no invariant and no law is broken, the reference adopts what the tree shows.
class Lockstep {
 public:
  // Resets the machines. REQUIRES: all outlive this; at least one machine, of
  // which the first judges misuse; none that does stands behind one that does
  // not; one of kTree stands behind a single one, which can adopt.
  explicit Lockstep(absl::Span<Machine* const> machines);

  // Plays `op` on every machine. After a failure the only thing to do is
  // Reset(). REQUIRES: op == Normal(op).
  std::optional<Failure> Step(const Op& op);

  // Compares in full what Step() compared by digest: the end of every trace. A
  // machine whose digest is not that of its state breaks the invariant
  // "DigestMatchesState".
  std::optional<Failure> Finish();

  // Starts over, with the machines reset.
  void Reset();

  // Plays a whole trace, from reset machines to Finish(). The same as Check(),
  // with the memory of the last trace.
  std::optional<Failure> Play(const Trace& trace);

  // With `strict`, known divergences are failures, too. Off at first.
  void set_strict(bool strict) { strict_ = strict; }

  // Without, those of kVmemmapLaws are not asked. On at first.
  void set_vmemmap_laws(bool asked) { vmemmap_laws_ = asked; }

  // How often each of kDivergences was met since this was made, on all machines
  // together.
  using Known = std::array<uint64_t, kDivergenceCount>;
  const Known& known() const { return known_; }

  // What the reference saw in the last Step() and shows now. state() is up to
  // date after each Step() while the tree has at most kRowsMax rows.
  const Observation& observation() const { return observation_; }
  const State& state() const { return after_; }
  uint64_t digest() const { return digest_; }

  // Above so many rows the states are compared in full by Finish() alone:
  // whole walks after each op would make a trace of n ops cost n^2. Laws about
  // states are not asked there. The exception is an op that a real machine may
  // play differently: what is known of it is told by the states.
  static constexpr size_t kRowsMax = 4096;

 private:
  // Plays op_ on the machines that judge, and compares.
  std::optional<Failure> PlayJudges();

  // Asks invariants and laws once observations and digests agree.
  std::optional<Failure> Judge(bool changed);

  // What a machine has made of op_.
  Played PlayedBy(const Machine& machine, const State& before,
                  const State& after) const;

  // Plays op_ on a machine that does not judge. `before` is null where the
  // state before the op or the one after it is not known.
  std::optional<Failure> PlayReal(Machine& machine, const State* before);
  std::optional<Failure> Excuse(Machine& machine, const State* before);
  std::optional<Failure> Meet(size_t divergence, Machine& machine,
                              const State* before);

  // follow.cc: what a tree makes of the separate resource.
  bool IsAboutVmemmap(const State& before) const;
  std::optional<Failure> AskTree(const Machine& machine, const State& before);
  std::optional<size_t> Mend(const State& before);
  std::optional<Broken> BrokenByTree(const Machine& machine,
                                     const State& before) const;
  std::optional<Failure> Follow(Machine& machine, const State& before);

  Failure Disagreement(const Machine& machine, const State* before) const;
  Failure Difference(const Machine& machine, const State* before) const;
  Failure Failed(Failure::Kind kind, absl::string_view what,
                 std::string sentence, const Machine& machine,
                 const State* before) const;

  std::vector<Machine*> machines_;
  size_t judges_ = 0;     // how many of them, from the first on, judge
  bool follows_ = false;  // the reference follows a tree
  bool strict_ = false;
  bool vmemmap_laws_ = true;
  Known known_ = {};
  Op op_;                    // of the last step
  Observation observation_;  // the reference's
  Observation got_;          // that of the machine compared last
  State before_;             // before the last step that changed the digest
  State after_;              // after it: what there is now, if is_known_
  State real_;               // what a machine that differs shows
  uint64_t digest_ = 0;      // of what there is now
  size_t ops_ = 0;           // steps since Reset()
  size_t rest_ops_ = 0;      // changes to come that take no snapshot
  bool is_known_ = true;
  bool must_know_ = false;  // the states around op_, however large
  bool waits_ = false;      // someone has waited since Reset()
  bool is_reset_ = false;   // and nothing was played since
};

// Plays a whole trace; returns the first failure or nothing.
std::optional<Failure> Check(const Trace& trace,
                             absl::Span<Machine* const> machines);

}  // namespace restree

#endif  // RESTREE_PROPERTIES_CHECK_H_

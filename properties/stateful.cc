// SPDX-License-Identifier: Apache-2.0
#include "properties/stateful.h"

#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "model/machine.h"
#include "model/oracle.h"
#include "model/state.h"
#include "model/trace.h"
#include "model/trace_text.h"
#include "properties/check.h"
#include "properties/generate.h"
#include "properties/rc_choices.h"
#include "properties/simpler.h"

namespace restree {

namespace {

using Steps = rc::state::Commands<rc::state::Command<Oracle, Subject>>;

// Returns a trace with the names that Step's ops refer to.
Trace EmptyTrace() {
  Trace trace;
  trace.names.assign(NamesOfAnyOp().begin(), NamesOfAnyOp().end());
  return trace;
}

Trace TraceOf(const Steps& steps) {
  Trace trace = EmptyTrace();
  for (const auto& step : steps) {
    trace.ops.push_back(static_cast<const Step&>(*step).op());
  }
  return trace;
}

// Steps that are a little simpler than `steps`.
rc::Seq<Steps> SimplerSteps(const Steps& steps) {
  std::vector<Steps> simpler;
  for (const Trace& trace : SimplerTraces(TraceOf(steps))) {
    simpler.emplace_back();
    for (const Op& op : trace.ops) {
      simpler.back().push_back(std::make_shared<Step>(op));
    }
  }
  return rc::seq::fromContainer(std::move(simpler));
}

// Lets RapidCheck shrink as it can, and then as we can: it knows nothing of
// what makes a trace simpler than another but choices nearer to 0, and leaves
// levels in that nothing needs.
rc::Shrinkable<Steps> ShrunkFurther(const rc::Shrinkable<Steps>& steps) {
  return rc::shrinkable::lambda(
      [steps] { return steps.value(); },
      [steps] {
        return rc::seq::concat(
            rc::seq::map(steps.shrinks(), &ShrunkFurther),
            rc::seq::mapcat(rc::seq::just(steps), [](const auto& last) {
              return rc::shrinkable::shrinkRecur(last.value(), &SimplerSteps)
                  .shrinks();
            }));
      });
}

rc::Gen<Steps> AnySteps() {
  const auto steps = rc::state::gen::commands(
      Oracle(), rc::state::gen::execOneOfWithArgs<Step>());
  return [steps](const rc::Random& random, int size) {
    return ShrunkFurther(steps(random, size));
  };
}

}  // namespace

Step::Step(const Oracle& oracle) {
  State state;
  oracle.Snapshot(&state);
  RcChoices choices;
  op_ = AnyOp(choices, state);
}

void Step::apply(Oracle& oracle) const { oracle.Apply(op_); }

void Step::run(const Oracle&, Subject& subject) const {
  subject.trace.ops.push_back(op_);
  subject.failure = subject.lockstep.Step(op_);
  if (subject.failure) RC_FAIL(subject.failure->sentence);
}

void Step::show(std::ostream& os) const {
  // An absl::string_view goes to no std::ostream where it is not a std one.
  const std::string line = OpText(op_, EmptyTrace());
  os << line;
}

std::optional<Shrunk> RunStateful(uint64_t seed, int tests, Machine& machine) {
  Oracle oracle;
  Subject subject{Lockstep({&oracle, &machine}), {}, {}};
  Shrunk shrunk;
  bool failed = false;  // once that is so, RapidCheck tries to shrink
  const auto property = [&] {
    const Steps steps = *AnySteps();
    subject.lockstep.Reset();
    subject.trace = EmptyTrace();
    subject.failure.reset();
    try {
      rc::state::runAll(steps, Oracle(), subject);
    } catch (...) {
      // RapidCheck throws; all there is to know is in the subject.
    }
    if (!failed) shrunk.ops += subject.trace.ops.size();
    if (!subject.failure) subject.failure = subject.lockstep.Finish();
    if (!subject.failure) return;
    failed = true;
    shrunk.trace = subject.trace;
    shrunk.failure = *subject.failure;
    RC_FAIL(subject.failure->sentence);
  };
  rc::detail::TestParams params;
  params.seed = seed;
  params.maxSuccess = tests;
  const auto result =
      rc::detail::checkTestable(property, rc::detail::TestMetadata(), params);
  rc::detail::FailureResult failure;
  if (!result.match(failure)) return std::nullopt;
  for (const auto& [name, value] : failure.counterExample) shrunk.text += value;
  return shrunk;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#include "triage/host/machine_under_test.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "model/machine.h"
#include "model/model.h"
#include "model/observation.h"
#include "model/state.h"
#include "model/trace_text.h"
#include "triage/host/named_machine.h"

namespace restree {

// A trace's names come with its text, which is therefore kept.
struct MachineUnderTest::Impl {
  std::unique_ptr<Machine> machine;
  std::unique_ptr<Model> model;  // says what is misuse
  std::string text;
  TraceDocument document;
};

MachineUnderTest::MachineUnderTest() : impl_(std::make_unique<Impl>()) {
  const char* const wanted = std::getenv("RESTREE_MACHINE");
  const std::string name = wanted != nullptr ? wanted : "model";
  impl_->machine = MakeNamedMachine(name);
  if (impl_->machine == nullptr) {
    std::fprintf(stderr, "there is no machine %s\n", name.c_str());
    std::exit(2);
  }
  impl_->machine->Reset();
  impl_->model = std::make_unique<Model>(impl_->machine->altmap());
}

MachineUnderTest::~MachineUnderTest() = default;

std::string MachineUnderTest::Play(const std::string& op) {
  absl::StrAppend(&impl_->text, op, "\n");
  absl::StatusOr<TraceDocument> document = ParseTrace(impl_->text, "op");
  if (!document.ok()) return std::string(document.status().message());
  impl_->document = *std::move(document);
  const Op& last = impl_->document.trace.ops.back();
  const Observation model = impl_->model->Apply(last);
  Machine& machine = *impl_->machine;
  if (!machine.JudgesMisuse() && model.outcome == Outcome::kMisuse) {
    return ObservationDetails(model);
  }
  if (machine.Plays(last.verb)) return ObservationDetails(machine.Apply(last));
  restree::State state;
  impl_->model->Snapshot(&state);
  machine.Adopt(state);
  return ObservationDetails(model);
}

std::string MachineUnderTest::State() const {
  restree::State state;
  impl_->machine->Snapshot(&state);
  return StateText(state, impl_->document.trace.names);
}

}  // namespace restree

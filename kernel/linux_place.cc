// SPDX-License-Identifier: Apache-2.0
//
// Ops that place a resource of the trace's own, move it, or take it away.
#include <cstdint>

#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/linux_machine.h"
#include "kernel/outcome.h"
#include "model/observation.h"
#include "model/trace.h"

namespace restree {
namespace {

kernel_constraint ConstraintOf(const Op& op) {
  kernel_constraint constraint = {};
  constraint.size = op.size;
  constraint.min = op.range.start;
  constraint.max = op.range.end;
  constraint.align = op.align;
  constraint.isa_align = (op.number & 1) != 0;
  return constraint;
}

}  // namespace

// The plain function says whether there is a conflict and its _conflict form
// which. An op that fails changes nothing, so asking twice is no harm; that
// they agree is the kernel's business, and a bug where they do not.
void LinuxMachine::PlaceOrConflict(PlaceFunction place,
                                   ConflictFunction conflict, resource* parent,
                                   resource* it, Observation* seen) {
  const int error = place(parent, it);
  seen->outcome = OutcomeOfErrno(error);
  if (seen->outcome != Outcome::kBusy) return;
  const resource* const in_the_way = conflict(parent, it);
  if (in_the_way == nullptr) return runtime_.Warn(kWarnBug);
  seen->found = resources_.SlotOf(in_the_way);
}

void LinuxMachine::Place(const Op& op, Observation* seen) {
  const bool defines = InfoOf(op.verb).Has(Field::kDefines);
  Object* const object = defines ? NewOwn(op) : resources_.At(op.slot);
  resource* const it = object->memory;
  resource* const parent = op.verb == Verb::kRoot ? nullptr : At(op.parent);
  switch (op.verb) {
    case Verb::kRequest:
    case Verb::kRequestAgain:
      PlaceOrConflict(api_.request_resource, api_.request_resource_conflict,
                      parent, it, seen);
      break;
    case Verb::kInsert:
    case Verb::kInsertAgain:
      PlaceOrConflict(api_.insert_resource, api_.insert_resource_conflict,
                      parent, it, seen);
      break;
    case Verb::kInsertExpand:
    case Verb::kInsertExpandAgain:
      api_.insert_resource_expand_to_fit(parent, it);
      if (it->parent == nullptr) seen->outcome = Outcome::kNull;
      break;
    case Verb::kAllocate:
      it->start = it->end = 0;  // the op's range says where to look
      [[fallthrough]];
    case Verb::kAllocateAgain: {
      const kernel_constraint constraint = ConstraintOf(op);
      seen->outcome =
          OutcomeOfErrno(api_.allocate_resource(parent, it, &constraint));
      break;
    }
    default:
      break;  // kRoot
  }
  if (!defines) return;
  if (seen->outcome == Outcome::kOk) {
    Define(op.slot, object);
  } else {
    resources_.Discard(object);
  }
}

void LinuxMachine::ReleaseOrMove(const Op& op, Observation* seen) {
  resource* const it = At(op.slot);
  switch (op.verb) {
    case Verb::kRelease:
      seen->outcome = OutcomeOfErrno(api_.release_resource(it));
      break;
    case Verb::kRemove:
      seen->outcome = OutcomeOfErrno(api_.remove_resource(it));
      break;
    case Verb::kAdjust:
      seen->outcome = OutcomeOfErrno(
          api_.adjust_resource(it, op.range.start, op.range.size()));
      break;
    case Verb::kReleaseChildren:
      api_.release_child_resources(it);
      break;
    default:
      api_.merge_system_ram_resource(it);
      break;
  }
}

void LinuxMachine::FindSpace(const Op& op, Observation* seen) {
  const kernel_constraint constraint = ConstraintOf(op);
  seen->outcome = OutcomeOfErrno(
      api_.find_resource_space(At(op.parent), At(op.slot), &constraint));
}

}  // namespace restree

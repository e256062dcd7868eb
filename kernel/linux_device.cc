// SPDX-License-Identifier: Apache-2.0
//
// Ops about devices and lists, and what the kernel was booted with.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_format.h"
#include "kernel/api.h"
#include "kernel/arena.h"
#include "kernel/devices.h"
#include "kernel/linux_machine.h"
#include "kernel/outcome.h"
#include "kernel/runtime.h"
#include "model/observation.h"
#include "model/trace.h"

namespace restree {

void LinuxMachine::Device(const Op& op, Observation* seen) {
  device* const owner = runtime_.devices.At(op.number);
  switch (op.verb) {
    case Verb::kDevmRequest: {
      Object* const object = NewOwn(op);
      seen->outcome = OutcomeOfErrno(
          api_.devm_request_resource(owner, At(op.parent), object->memory));
      if (seen->outcome == Outcome::kOk) {
        Define(op.slot, object);
      } else {
        resources_.Discard(object);
      }
      break;
    }
    case Verb::kDevmRelease:
      api_.devm_release_resource(owner, At(op.slot));
      break;
    case Verb::kDevmRequestRegion: {
      const NameId name = FullName(op.name, op.slot);
      resource* const made =
          api_.devm_request_region(owner, At(op.parent), op.range.start,
                                   op.range.size(), NamePointer(name));
      if (made == nullptr) {
        seen->outcome = Outcome::kNull;
      } else {
        DefineMade(op.slot, made);
      }
      break;
    }
    case Verb::kDevmReleaseRegion:
      api_.devm_release_region(owner, At(op.parent), op.range.start,
                               op.range.size());
      break;
    default: {  // kUnbind: what devres_release_all() does, one entry a time
      device::Entry* const entry = runtime_.devices.RemoveNewest(owner);
      if (entry == nullptr) {
        seen->outcome = Outcome::kNull;
        break;
      }
      const kernel_devres view = ViewOf(entry);
      if (view.kind == KERNEL_DEVRES_PAGEMAP) {
        return UnbindPagemap(op, entry, view.pagemap, seen);
      }
      entry->release(owner, entry->data());
      runtime_.FreeDevres(entry->data());
      break;
    }
  }
}

kernel_devres LinuxMachine::ViewOf(device::Entry* entry) const {
  kernel_devres view = {};
  if (!ViewPagemapDevres(entry, &view)) {
    api_.devres_view(entry->release, entry->data(), &view);
  }
  return view;
}

kernel_list* LinuxMachine::ListAt(uint32_t number) {
  ++list_changes_;
  lists_used_ = std::max(lists_used_, number + 1);
  return &lists_[number];
}

void LinuxMachine::List(const Op& op, Observation* seen) {
  kernel_list* const list = ListAt(op.number);
  switch (op.verb) {
    case Verb::kListAdd:
    case Verb::kListAddTail:
      if (!api_.list_add(list, At(op.slot), op.verb == Verb::kListAddTail)) {
        seen->outcome = Outcome::kNull;
      }
      break;
    case Verb::kListDestroy: {
      const resource* const it = At(op.slot);
      void* entry = api_.list_next(list, nullptr);
      while (entry != nullptr && api_.list_resource(entry) != it) {
        entry = api_.list_next(list, entry);
      }
      if (entry == nullptr) {
        seen->outcome = Outcome::kNull;
      } else {
        api_.list_destroy_entry(entry);
      }
      break;
    }
    case Verb::kListFirst: {
      const resource* const it = api_.list_first_type(list, op.flags);
      if (it == nullptr) seen->outcome = Outcome::kNull;
      seen->found = resources_.SlotOf(it);
      break;
    }
    default:
      api_.list_free(list);
      break;
  }
}

void LinuxMachine::Boot(const Op& op, Observation* seen) {
  switch (op.verb) {
    case Verb::kFailAlloc: {
      const bool none = op.number == 0 || op.size == 0;
      runtime_.fail_nth = none ? 0 : op.number;
      runtime_.fail_times = none ? 0 : op.size;
      break;
    }
    case Verb::kReserveSetup:
      ReserveSetup(op, seen);
      break;
    case Verb::kStrictIomem: {
      char relaxed[] = "relaxed", strict[] = "strict";
      api_.strict_iomem(op.number != 0 ? relaxed : strict);
      break;
    }
    case Verb::kInitInode:
      seen->outcome = OutcomeOfErrno(api_.iomem_init_inode());
      break;
    default:  // kGetMapping
      if (!api_.iomem_get_mapping()) seen->outcome = Outcome::kNull;
      break;
  }
}

// "reserve=START,SIZE" puts one of the kernel's own variables into a tree. Its
// address is known once it is there.
void LinuxMachine::ReserveSetup(const Op& op, Observation* seen) {
  char text[64];
  absl::SNPrintF(text, sizeof(text), "%#x,%#x", op.range.start,
                 op.range.size());
  api_.reserve_setup(text);
  for (resource* root : {api_.iomem, api_.ioport}) {
    size_t left = resources_.all().size() + 1;  // in a circle, too
    for (resource* it = root->child; it != nullptr && left-- > 0;
         it = it->sibling) {
      if (!resources_.IsVariable(it) || resources_.ObjectOf(it) != nullptr) {
        continue;
      }
      // One pointer for one name, also where the kernel copies it.
      it->name = NamePointer(kNameReserved);
      ++reserved_;
      return Define(op.slot, resources_.AddStatic(it));
    }
  }
  seen->outcome = Outcome::kNull;
}

}  // namespace restree

// SPDX-License-Identifier: Apache-2.0
#ifndef RESTREE_KERNEL_OUTCOME_H_
#define RESTREE_KERNEL_OUTCOME_H_

#include <cerrno>

#include "model/observation.h"

namespace restree {

// Returns what a function of the kernel's that returns 0 or a negative errno
// has said. The kernel's numbers are those of x86, and so are libc's there;
// -EPERM is the bare -1 that some of resource.c returns.
inline Outcome OutcomeOfErrno(int error) {
  switch (error) {
    case 0:
      return Outcome::kOk;
    case -EPERM:
      return Outcome::kPerm;
    case -ENOMEM:
      return Outcome::kNoMem;
    case -EBUSY:
      return Outcome::kBusy;
    case -ERANGE:
      return Outcome::kRange;
    case -EEXIST:
      return Outcome::kExist;
    case -ENXIO:
      return Outcome::kNxIo;
    default:
      return Outcome::kInval;
  }
}

}  // namespace restree

#endif  // RESTREE_KERNEL_OUTCOME_H_

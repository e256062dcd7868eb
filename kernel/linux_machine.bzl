# SPDX-License-Identifier: Apache-2.0
"""linux_machine: the targets of one kernel version."""

load("//ci:subject.bzl", "SUBJECT")

# As the kernel builds itself, and without libc: glibc has <linux/*.h> too.
KERNEL_COPTS = [
    "-std=gnu11",
    "-nostdinc",
    "-fno-builtin",
    "-fno-strict-aliasing",
    "-fno-strict-overflow",
    "-fms-extensions",
    "-w",
]

def linux_machine(name, repository, headers):
    """Defines <name>_import, the unit of one kernel/resource.c.

    Args:
      name: also what the unit's exported names begin with.
      repository: of the kernel's source. When that is not available the unit
        is built all the same, and says so.
      headers: the shims.
    """
    native.cc_library(
        name = name + "_import",
        srcs = ["import.c"],
        copts = KERNEL_COPTS + SUBJECT + ["-DKERNEL_PREFIX=%s_" % name],
        deps = headers + [repository + "//:headers"],
    )

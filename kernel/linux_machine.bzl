# SPDX-License-Identifier: Apache-2.0
"""linux_machine: the targets of one kernel version."""

load("//ci:subject.bzl", "PROFILED", "PROFILED_LINK", "SUBJECT")

def _copts(name, repository):
    """Returns flags to build a unit of the kernel as the kernel builds it.

    Without libc, that is, since glibc has <linux/*.h> too. Shims come first,
    then what was taken from the tree.
    """
    tree = "external/" + repository[1:]
    return [
        "-std=gnu11",
        "-nostdinc",
        "-fno-builtin",
        "-fno-strict-aliasing",
        "-fno-strict-overflow",
        "-fms-extensions",
        "-w",
        "-DKERNEL_PREFIX=%s_" % name,
        "-Ikernel/shim/include",
        "-isystem" + tree,
        "-isystem" + tree + "/include",
        "-isystem" + tree + "/include/uapi",
    ]

def linux_machine(name, machine, repository, headers):
    """Defines the targets of one kernel/resource.c.

    <name>_import      its units.
    <name>_kunit_test  its own tests, which the kernel has beside it.

    Args:
      name: also what the unit's exported names begin with.
      machine: the name of its LinuxMachine.
      repository: of the kernel's source. When that is not available the unit
        is built all the same, and says so.
      headers: the shims.
    """
    # A profile tells static functions of the same name apart by their file.
    units = []
    for source in ["import.c", "memremap_import.c"]:
        unit = name + "_" + source
        native.genrule(
            name = unit.replace(".", "_"),
            outs = [unit],
            cmd = "echo '#include \"kernel/%s\"' >$@" % source,
        )
        units.append(unit)
    native.cc_library(
        name = name + "_import",
        srcs = units,
        textual_hdrs = [
            "import.c",
            "memory_shim.c",
            "memremap_import.c",
            "vmemmap_resource.c",
        ],
        copts = _copts(name, repository) + SUBJECT + PROFILED + [
            "-DKERNEL_MACHINE=\\\"%s\\\"" % machine,
        ],
        linkopts = PROFILED_LINK,
        visibility = ["//:__subpackages__"],
        deps = headers + [repository + "//:headers"],
    )

    kunit_test(
        name = name + "_kunit_test",
        srcs = ["kunit.c"],
        headers = headers,
        kernel = name,
        repository = repository,
    )

def kunit_test(name, srcs, kernel, repository, headers, tags = []):
    """Defines <name>, a cc_test of the KUnit suites in srcs.

    Args:
      name: the name of the test.
      srcs: C files, built like the kernel's.
      kernel: the linux_machine that they test.
      repository: of that kernel's source.
      headers: the shims.
      tags: of the test.
    """
    native.cc_library(
        name = name + "_suites",
        testonly = True,
        srcs = srcs,
        copts = _copts(kernel, repository),
        deps = headers + [
            ":kunit",
            repository + "//:headers",
        ],
        alwayslink = True,
    )
    native.cc_test(
        name = name,
        size = "small",
        srcs = ["kunit_main.cc"],
        tags = tags,
        deps = [
            ":kunit_runner",
            name + "_suites",
            kernel + "_import",
        ],
    )

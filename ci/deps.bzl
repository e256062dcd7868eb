# SPDX-License-Identifier: Apache-2.0
"""Third-party libraries, taken from the system's own packages.

The labels are the ones that each library's own Bazel build defines, so BUILD
files need not know whether a package or a source checkout stands behind them.
"""

def _require(ctx, headers, package):
    for header in headers:
        if not ctx.path("/usr/include/" + header).exists:
            fail(("@%s needs <%s>, which is not installed. " +
                  "Debian has it in: apt-get install %s (ci/setup does this)") %
                 (ctx.name, header, package))

def _cc_library(name, linkopts):
    return """
cc_library(
    name = "{}",
    linkopts = {},
    visibility = ["//visibility:public"],
)
""".format(name, linkopts)

def _system_library_impl(ctx):
    _require(ctx, ctx.attr.headers, ctx.attr.package)
    ctx.file("BUILD", "".join([
        _cc_library(name, ["-l" + lib for lib in libs])
        for name, libs in ctx.attr.libs.items()
    ]))

# Headers stay in /usr/include, where the compiler looks anyway; a target is
# just the list of what to link.
system_library = repository_rule(
    implementation = _system_library_impl,
    local = True,
    attrs = {
        "headers": attr.string_list(doc = "Files that prove it installed."),
        "libs": attr.string_list_dict(doc = "Target name to -l names."),
        "package": attr.string(doc = "What to apt-get install."),
    },
)

_ABSEIL_TARGETS = {
    "absl/algorithm": ["algorithm", "container"],
    "absl/base": ["base", "config", "core_headers", "dynamic_annotations"],
    "absl/cleanup": ["cleanup"],
    "absl/container": [
        "btree",
        "fixed_array",
        "flat_hash_map",
        "flat_hash_set",
        "inlined_vector",
        "node_hash_map",
        "node_hash_set",
    ],
    "absl/debugging": ["failure_signal_handler", "stacktrace", "symbolize"],
    "absl/flags": [
        "commandlineflag",
        "config",
        "flag",
        "marshalling",
        "parse",
        "reflection",
        "usage",
    ],
    "absl/functional": ["any_invocable", "bind_front", "function_ref"],
    "absl/hash": ["hash"],
    "absl/memory": ["memory"],
    "absl/meta": ["type_traits"],
    "absl/numeric": ["bits", "int128"],
    "absl/random": ["bit_gen_ref", "distributions", "random", "seed_sequences"],
    "absl/status": ["status", "statusor"],
    "absl/strings": ["cord", "str_format", "strings"],
    "absl/synchronization": ["synchronization"],
    "absl/time": ["time"],
    "absl/types": ["compare", "optional", "span", "variant"],
    "absl/utility": ["utility"],
}

def _abseil_archives(ctx):
    """The archives of libabsl-dev. The linker takes only what it needs."""
    for directory in ctx.path("/usr/lib").readdir():
        if directory.get_child("libabsl_base.a").exists:
            return sorted([
                "-l:" + entry.basename
                for entry in directory.readdir()
                if entry.basename.startswith("libabsl_") and
                   entry.basename.endswith(".a")
            ])
    fail("@com_google_absl: libabsl_base.a is not below /usr/lib. " +
         "Debian has it in: apt-get install libabsl-dev (ci/setup does this)")

def _abseil_impl(ctx):
    source = ctx.os.environ.get("ABSEIL_SRC", "")
    if source:
        if not ctx.path(source).get_child("absl").exists:
            fail("ABSEIL_SRC=%s is not a checkout of abseil-cpp" % source)
        for entry in ctx.path(source).readdir():
            if not entry.basename.startswith("bazel-"):
                ctx.symlink(entry, entry.basename)
        return
    _require(ctx, ["absl/base/config.h"], "libabsl-dev")

    # The archives refer to each other in circles, and a linker other than lld
    # wants to be told so.
    archives = _abseil_archives(ctx)
    ctx.file("BUILD", _cc_library(
        "archives",
        ["-Wl,--start-group"] + archives + ["-Wl,--end-group"],
    ))
    for package, names in _ABSEIL_TARGETS.items():
        ctx.file(package + "/BUILD", "".join([
            """
cc_library(
    name = "{}",
    visibility = ["//visibility:public"],
    deps = ["//:archives"],
)
""".format(name)
            for name in names
        ]))

# Where prebuilt libraries cannot be linked, such as with libc++, ABSEIL_SRC
# names a checkout that is built instead.
abseil = repository_rule(
    implementation = _abseil_impl,
    environ = ["ABSEIL_SRC"],
    local = True,
)
